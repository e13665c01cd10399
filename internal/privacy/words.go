package privacy

import (
	"embed"
	"strings"
)

// info is what the package's lists say of a word.
type info uint32

const (
	firstName   info = 1 << iota
	lastName         // a family name
	place            // a country, region or city of one word
	placeStart       // the first word of a longer place's name
	orgName          // an organisation of one word
	orgStart         // the first word of a longer organisation's name
	nationality      // a people, or the adjective of one
	orgSuffix        // Inc, GmbH, University
	particle         // von, de la, bin
	title            // Mr, Dr, Frau
	common           // an ordinary word, whatever else it is
	technical        // a technology: never a name by itself
	frequent         // an ordinary word that is met with often
	orgField         // what a company does: behind a name, a company
	brand            // a well-known make, work or dish: a topic, unless somebody deals with it
)

const anyName = firstName | lastName

// cue is what a word says of the words beside it, or that it begins something.
type cue uint32

const (
	cueFunction     cue = 1 << iota // no name in lower case
	cueSpeaks                       // after a person: said
	cueRelation                     // before a person: my friend
	cueGreeting                     // before a person: hello
	cuePersonBefore                 // before a person: by, with
	cueEmploy                       // before an organisation: work
	cueOrgBefore
	cueOrgAfter
	cuePlaceBefore
	cueTechnical // of software
	cueGerman    // of German
	cuePeople    // after a nationality
	cueIntro     // ends what introduces a name: is, called
	cueStreet    // may begin an address
	cueSecret    // before a secret: password
	cueMonth
	cueSubject // whose number follows: customer
	cueDeal    // what people have with an organisation: contract, invoice, interview
	cueDealer  // leads to the one that they have it with: at, bei, chez
	cueActs    // what an organisation does to them: charged, refuses
	cueHead    // begins the name of an institution or a shop: Hotel, Mairie
	cueInside  // small words inside such a name: de, am
	cueJob     // a post, before the one who gives it
	cueConcern // a business that somebody has: my bakery
	cueOurs    // of the one who writes: my, us
	cueTopic   // what has a capital here and there and is no name: HR, English
	cueWriting // what somebody writes to somebody: email, letter
	cueConcept // ends the name of a concept or a heading: theory, letter
	cueEnglish // of English
	cueSparing // of a language that has fewer capitals than English: of French, Spanish, Italian, Portuguese, Dutch
)

//go:embed lists/*.txt
var listFiles embed.FS

// A wordTable knows the words of the lists, folded, and names of several
// words, which are joined by spaces.
type wordTable struct {
	words   map[string]entry
	phrases map[string]info
	longest int // words of the longest phrase
}

// An entry is what is known of a word.
type entry struct {
	info info
	cue  cue
}

// lists are the files and what a word in them is.
var lists = []struct {
	file string
	info info
}{
	{"first_names.txt", firstName},
	{"last_names.txt", lastName},
	{"nationalities.txt", nationality},
	{"org_suffixes.txt", orgSuffix},
	{"particles.txt", particle},
	{"titles.txt", title},
	{"ambiguous.txt", common | frequent},
	{"general.txt", common | frequent},
	{"org_fields.txt", orgField},
	{"vocabulary.txt", common},
	{"technical.txt", technical},
	{"brands.txt", technical | brand},
}

func newWordTable(c *cues) *wordTable {
	t := &wordTable{words: make(map[string]entry, 1<<17), phrases: make(map[string]info, 1<<11)}
	for _, l := range lists {
		for w := range strings.FieldsSeq(readList(l.file)) {
			if isLower(w) {
				t.add(w, l.info)
				continue
			}
			parts := foldWords(w)
			if len(parts) == 1 {
				t.add(parts[0], l.info)
			}
			if len(parts) > 1 && l.info != technical {
				for _, p := range parts {
					if len(p) > 2 {
						t.add(p, l.info)
					}
				}
			}
		}
	}
	t.addPhrases("places.txt", place, placeStart)
	t.addPhrases("organizations.txt", orgName, orgStart)
	for _, set := range []struct {
		words map[string]bool
		cue   cue
	}{
		{c.function, cueFunction}, {c.speaks, cueSpeaks}, {c.relation, cueRelation}, {c.greeting, cueGreeting},
		{c.personBefore, cuePersonBefore}, {c.employ, cueEmploy}, {c.orgBefore, cueOrgBefore}, {c.orgAfter, cueOrgAfter},
		{c.placeBefore, cuePlaceBefore}, {c.technical, cueTechnical}, {c.german, cueGerman}, {c.people, cuePeople},
		{c.introEnds(), cueIntro}, {set(streetStarts + " " + streetPrefixes), cueStreet}, {set(secretLabels), cueSecret},
		{set(months), cueMonth}, {set(subjects), cueSubject}, {set(deals), cueDeal}, {set(dealers), cueDealer},
		{set(acts), cueActs}, {set(heads), cueHead}, {set(insides), cueInside}, {set(topics), cueTopic}, {set(concerns), cueConcern}, {set(ours), cueOurs}, {set(posts), cueJob},
		{set(writings), cueWriting}, {set(concepts), cueConcept},
		{set(englishWords), cueEnglish}, {set(sparingWords), cueSparing},
	} {
		for w := range set.words {
			e := t.words[w]
			e.cue |= set.cue
			t.words[w] = e
		}
	}
	return t
}

// add notes what a word is.
func (t *wordTable) add(w string, i info) {
	e := t.words[w]
	e.info |= i
	t.words[w] = e
}

// isLower tells whether a word is ASCII letters in lower case.
func isLower(w string) bool {
	for i := range len(w) {
		if w[i] < 'a' || w[i] > 'z' {
			return false
		}
	}
	return true
}

func readList(name string) string {
	raw, err := listFiles.ReadFile("lists/" + name)
	if err != nil {
		panic("privacy: " + err.Error()) // the file is compiled in
	}
	return string(raw)
}

// addPhrases reads names that are parted by commas and may have several words.
func (t *wordTable) addPhrases(file string, whole, start info) {
	for entry := range strings.FieldsFuncSeq(readList(file), func(r rune) bool { return r == ',' || r == '\n' }) {
		words := foldWords(entry)
		switch len(words) {
		case 0:
		case 1:
			t.add(words[0], whole)
		default:
			t.add(words[0], start)
			t.phrases[strings.Join(words, " ")] |= whole
			t.longest = max(t.longest, len(words))
		}
	}
}

func (t *wordTable) lookup(key []byte) entry { return t.words[string(key)] }

func (t *wordTable) has(w string, i info) bool { return t.words[w].info&i != 0 }

// ordinary tells whether a folded word is an ordinary word of a language, also
// in the plural or another form of it. The answer is no for a word that is a
// name and nothing else.
func (r *Redactor) ordinary(w string) bool {
	i := r.words.words[w].info
	if i&common != 0 {
		return true
	}
	if i&(anyName|place|orgName|nationality) != 0 {
		return false
	}
	return i&(technical|title|orgSuffix|particle) != 0 || r.known(w) || r.inflected(w)
}

// endings are what English puts behind a word, and what may have been in the
// ending's place before.
var endings = []struct {
	suffix string
	stems  []string
}{
	{"s", []string{""}}, {"es", []string{"", "e"}}, {"ies", []string{"y"}}, {"ed", []string{"", "e"}}, {"ied", []string{"y"}},
	{"ing", []string{"", "e"}}, {"ings", []string{"", "e"}}, {"ly", []string{"", "le"}}, {"er", []string{"", "e"}},
	{"ers", []string{"", "e"}}, {"est", []string{"", "e"}}, {"ness", []string{""}}, {"able", []string{"", "e"}},
	{"less", []string{""}}, {"ful", []string{""}}, {"ment", []string{""}}, {"ments", []string{""}}, {"ation", []string{"", "e"}},
	{"ization", []string{"", "e"}}, {"ize", []string{"", "e"}}, {"ity", []string{"", "e"}}, {"ive", []string{"", "e"}}, {"ion", []string{"", "e"}},
	{"ions", []string{"", "e"}}, {"ously", []string{"", "e"}}, {"ous", []string{"", "e"}},
}

// inflected tells whether a word is an ordinary one with an ending.
func (r *Redactor) inflected(w string) bool {
	if len(w) < 4 || len(w) > 40 {
		return false
	}
	var buf [48]byte
	for _, p := range []string{"", "un", "re", "non", "pre", "over", "mis", "dis"} {
		stem, ok := strings.CutPrefix(w, p)
		if !ok || len(stem) < 4 {
			continue
		}
		if p != "" && r.words.words[stem].info&common != 0 {
			return true
		}
		for _, e := range endings {
			cut, ok := strings.CutSuffix(stem, e.suffix)
			if !ok || len(cut) < 3 || len(cut) < 4 && len(e.suffix) > 1 {
				continue
			}
			for _, s := range e.stems {
				b := append(append(buf[:0], cut...), s...)
				if r.words.words[string(b)].info&(common|anyName) == common {
					return true
				}
			}
			// A doubled letter: stopped, running.
			if n := len(cut); n > 3 && cut[n-1] == cut[n-2] && r.words.words[cut[:n-1]].info&common != 0 {
				return true
			}
		}
	}
	return false
}

// nameTitles are words that stand with a name and are not part of it.
var nameTitles = map[string]bool{"mr": true, "mrs": true, "ms": true, "miss": true, "dr": true, "prof": true, "sir": true, "herr": true, "frau": true}
