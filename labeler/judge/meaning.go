package judge

import (
	"context"
	"math"
	"slices"
	"strings"
	"sync"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/labeler"
	"sheaf/models/builtin"
)

// A vocabulary is the lexicon as the rules of a label see it.
type vocabulary struct {
	lexicon  Lexicon
	glossary *builtin.Glossary
	names    []bool           // by concept: it holds names of persons or companies, and what such are called
	brands   []bool           // by concept: it holds brands beside common words
	called   map[string][]int // word ▸ concepts in whose names it stands
	heads    map[string]bool  // words of the concepts' own names, and their base forms
	lo       int              // where the concepts' block begins in the lexicon's vectors
	vectors  blas32.General

	known sync.Map // phrase ▸ labeler.Meaning
}

// The concepts of names are all that lie below these.
var nameRoots = []string{"names of people", "companies"}

// brandConcepts hold names of products and companies beside common words. A term
// that is in one of these and in one of names is a name: "netflix".
const brandConcepts = ";tv and streaming;streaming services;office software;creative software;messaging apps;social media platforms;" +
	"social media;web browsers;ai assistants;cloud services;operating systems;game consoles;phones and gadgets;photo and camera gear;" +
	"car models;cars;toys;video games;databases;email;internet;shopping;payments;computing;computer parts;fast food;" +
	"news and media;newspapers;magazines;tv channels;radio stations;drugstores;navigation and directions;sandals and heels;trainers;" +
	"household supplies;phone plans;personal care;soft drinks;chocolate and sweets;"

func newVocabulary(lexicon Lexicon, glossary *builtin.Glossary, lo int) *vocabulary {
	lex := lexicon.Lexicon()
	v := &vocabulary{lexicon: lexicon, glossary: glossary, lo: lo, vectors: lexicon.ConceptVectors(),
		names: make([]bool, len(lex.Concepts)), brands: make([]bool, len(lex.Concepts)), heads: make(map[string]bool), called: make(map[string][]int)}
	for i, c := range lex.Concepts {
		v.brands[i] = strings.Contains(brandConcepts, ";"+strings.ToLower(c.Name)+";")
		for _, a := range lex.Ancestors(i) {
			v.names[i] = v.names[i] || slices.Contains(nameRoots, lex.Concepts[a.Concept].Name)
		}
		for _, w := range builtin.Words(c.Name) {
			v.heads[w] = true
			if !builtin.IsStopWord(w) {
				v.called[w] = append(v.called[w], i)
			}
			for _, s := range builtin.Stems(w) {
				v.heads[s] = true
			}
		}
	}
	return v
}

// Meaning implements labeler.Vocabulary: what the lexicon has only as the name of
// a person or a company is a name, and what it does not have, but the model, is
// what the concept is that the model gives it.
func (j *Judge) Meaning(phrase string) labeler.Meaning { return j.vocabulary.meaning(phrase) }

func (v *vocabulary) meaning(phrase string) labeler.Meaning {
	phrase = strings.Join(builtin.Words(phrase), " ")
	if m, ok := v.known.Load(phrase); ok {
		return m.(labeler.Meaning)
	}
	m := v.look(phrase)
	v.known.Store(phrase, m)
	return m
}

func (v *vocabulary) look(phrase string) labeler.Meaning {
	terms, units := v.lexicon.Terms(phrase)
	switch {
	case phrase == "":
		return labeler.Unknown
	case products.has(phrase):
		return labeler.Name
	case units == 0:
		return labeler.Common // nothing but stop words
	case units == 1 && len(terms) == 1:
		if v.isName(phrase, terms[0].Concepts) {
			return labeler.Name
		}
		return labeler.Common
	case !v.isOneToken(phrase):
		return labeler.Unknown // a phrase that is no term, or a word that the model knows by its pieces only
	}
	return v.lent(phrase)
}

func (v *vocabulary) isOneToken(phrase string) bool {
	return len(v.lexicon.AppendTokens(nil, phrase)) == 1
}

// isName says whether a term with these concepts is a name and nothing else.
func (v *vocabulary) isName(phrase string, concepts []int32) bool {
	var names []int
	for _, c := range concepts {
		if _, users := v.lexicon.Lexicon().UserName(int(c)); users {
			return false
		}
		if v.names[c] {
			names = append(names, int(c))
		}
	}
	for _, c := range concepts {
		if !v.names[c] && !v.brands[c] && !v.isField(int(c), names) {
			return false
		}
	}
	last := phrase[strings.LastIndexByte(phrase, ' ')+1:]
	return len(names) > 0 && !v.isHead(last)
}

// isField says whether a concept is of the field of one of these names: trainers,
// where the names are of sports brands.
func (v *vocabulary) isField(concept int, names []int) bool {
	lex := v.lexicon.Lexicon()
	for _, n := range names {
		for _, a := range lex.Ancestors(n) {
			if v.names[a.Concept] || slices.Contains(nameRoots, lex.Concepts[a.Concept].Name) {
				continue
			}
			for _, b := range lex.Ancestors(concept) {
				if a.Concept == b.Concept && lex.Concepts[a.Concept].Name != "people" {
					return true
				}
			}
		}
	}
	return false
}

// isHead says whether a word is what persons or companies are called in general:
// a word of a concept's name, as "musician" of "musicians", or an agent noun.
func (v *vocabulary) isHead(w string) bool {
	single := strings.TrimSuffix(w, "s")
	if v.heads[w] || agents.has(w) || agents.has(single) || v.glossary.Has(w) != 0 { // a word of another language is translated, a name is not
		return true
	}
	if strings.HasSuffix(single, "er") || strings.HasSuffix(single, "or") {
		for _, base := range []string{single[:len(single)-2], single[:len(single)-1], single[:len(single)-2] + "e"} {
			if len(base) > 3 && v.isTerm(base) {
				return true // "researcher"
			}
		}
	}
	return slices.ContainsFunc([]string{"ist", "woman", "man", "writer"}, func(end string) bool {
		return strings.HasSuffix(single, end) && len(single) > len(end)+3 && (end != "man" || v.isTerm(single[:len(single)-3]))
	})
}

func (v *vocabulary) isTerm(w string) bool {
	terms, units := v.lexicon.Terms(w)
	return len(terms) == 1 && units == 1
}

// lent is the meaning of a word that is no term, by the concept that lies
// nearest to its vector.
func (v *vocabulary) lent(word string) labeler.Meaning {
	e, err := v.lexicon.Embed(context.Background(), []string{word}, nil)
	if err != nil || e.Vectors.Cols < v.lo+v.vectors.Cols {
		return labeler.Unknown
	}
	row := e.Vectors.Data[v.lo:][:v.vectors.Cols]
	var length float64
	for _, x := range row {
		length += float64(x) * float64(x)
	}
	const least = 0.01 // of a vector that has a part among the concepts
	if length < least {
		return labeler.Unknown
	}
	best, at := math.Inf(-1), 0
	for c := range v.vectors.Rows {
		var dot float64
		for i, x := range v.vectors.Data[c*v.vectors.Stride:][:v.vectors.Cols] {
			dot += float64(x) * float64(row[i])
		}
		if dot > best {
			best, at = dot, c
		}
	}
	const sure = 0.95
	if v.names[at] && best >= sure*math.Sqrt(length) && !v.isHead(word) {
		return labeler.Name
	}
	return labeler.Common
}

// A wordList is words in lower case with a space before and after each.
type wordList string

func (l wordList) has(w string) bool {
	return w != "" && !strings.Contains(w, " ") && strings.Contains(string(l), " "+w+" ")
}

// agents are what persons, groups of them and companies are called, beside those
// that concepts are named after.
const agents wordList = "" +
	" celebrity celebrities star legend idol icon crooner busker virtuoso soloist supermodel storyteller quizmaster golfer cricketer swimmer" +
	" gymnast athlete footballer prizefighter medallist olympian spacewoman statesman businessman sportsman frontman sidemen thinker trumpeter" +
	" empress emperor king queen pope saint prophet naturalist biographer dramatist essayist keyboardist saxophonist harpist soprano tenor" +
	" insurer insurance carmaker retailer provider firm consultancy advisory agency publisher label studio chain store market supermarket telecom" +
	" couturier wicketkeeper name surname forename nickname famous vocalist singer rapper drummer composer conductor author poet writer actor" +
	" actress director comedian president monarch leader explorer inventor scientist physicist chemist mathematician astronomer philosopher" +
	" manufacturer producer seller dealer supplier distributor operator carrier bank airline newspaper magazine broadcaster brand maker company" +
	" corporation business enterprise startup organisation organization institution group band duo orchestra choir team club erasure prudential" +
	" abbot admiral archbishop advocate auteur chaplain clergy entrepreneur pharmaceutical starring rap symphony chili illustrator inventor" +
	" grace faith hope joy victor iris ivy daisy lily rose violet pearl ruby jade amber dawn summer april may june august mark bill will frank" +
	" rich jack rob pat sue art drew chase max miles grant pierce reed wade dale glen heath cliff brook lane clay stone wood baker cook smith" +
	" fisher hunter mason carpenter taylor potter miller turner walker king knight bishop page young long short black white brown green gray grey "

// products are names of things that the lexicon has beside common words, or not
// at all.
const products wordList = "" +
	" amazon photoshop indesign lightroom powerpoint onenote evernote dropbox onedrive sharepoint airtable trello asana jira" +
	" salesforce hubspot zendesk quickbooks xero shopify mailchimp squarespace wordpress webflow canva figma youtube netflix" +
	" spotify hulu disney tiktok instagram facebook whatsapp snapchat pinterest linkedin reddit tumblr discord skype twitch paypal venmo" +
	" ebay etsy airbnb uber lyft doordash tinder iphone ipad ipod macbook imac playstation xbox nintendo gopro nikon canon kindle" +
	" alexa siri chatgpt openai copilot wikipedia google gmail chromecast roku fitbit tesla lego barbie kleenex velcro tupperware" +
	" tylenol advil nurofen viagra ozempic prozac valium xanax botox minecraft fortnite roblox pokemon tetris duolingo grammarly" +
	" autocad sketchup solidworks matlab databricks datadog splunk github gitlab bitbucket heroku vercel netlify "
