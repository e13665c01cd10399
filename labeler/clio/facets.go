package clio

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"sheaf/labeler/chat"
	"sheaf/labeler/prompts"
)

// What the sentences of a conversation's facets begin with, and how long they
// may be.
const (
	RequestFrame = "The user's overall request for the assistant is to"
	TaskFrame    = "The task is to"
	FacetWords   = 20
)

// A Turn is one message of a conversation.
type Turn struct {
	User bool // else the assistant's
	Text string
}

// Facets is what a conversation is about.
type Facets struct {
	Request, Task string // sentences with their frames, without the full stop
	Language      string // its English name, as the model has it; "" where it has none
	Concern       int    // 1 to 5
	Own           map[string]string
}

// Facets asks for the facets of a conversation. variant tells repeated questions
// about one conversation apart. ok is false where no answer could be used.
//
// A conversation that does not fit into the context is cut: of more messages
// than have room for 24 tokens each, those in the middle are left out, one third
// of the room being for the end; the others are cut to equal shares, a user's to
// twice an assistant's.
func (a *Asker) Facets(ctx context.Context, turns []Turn, variant int) (f Facets, ok bool, err error) {
	attempt := 0
	q := chat.Question[Facets]{
		Task: "facets", MaxTokens: chat.FacetsTokens + ownTokens*len(a.opts.Own), Variant: variant,
		Prompt: func(n chat.Need) (chat.Prompt, error) { return a.facetsPrompt(turns, n) },
		Parse: func(answer chat.Answer) (Facets, error) {
			attempt++
			return a.parseFacets(answer, attempt > 1)
		},
	}
	res, err := chat.Ask(ctx, a.s, q)
	if err != nil {
		if !isUsual(err) {
			return Facets{}, false, err
		}
		a.count(func(c *Counts) *int { return &c.Facets })
		return Facets{}, false, nil
	}
	return res.Value, true, nil
}

// ownTokens is the budget of a facet that a user has defined.
const ownTokens = 40

func (a *Asker) facetsPrompt(turns []Turn, n chat.Need) (chat.Prompt, error) {
	data := prompts.Facet{Request: RequestFrame, Task: TaskFrame, MaxWords: FacetWords, Fault: n.Fault}
	for _, own := range a.opts.Own {
		question := own.Question
		if own.Values != nil {
			question += " One of: " + strings.Join(own.Values, ", ")
		}
		data.Own = append(data.Own, prompts.OwnFacet{Name: own.Name, Question: prompts.Line(question)})
	}
	fixed, err := a.fixed(prompts.Facets, data)
	if err != nil {
		return chat.Prompt{}, err
	}
	data.Turns = fit(turns, n.Room-fixed)
	if len(data.Turns) == 0 {
		return chat.Prompt{}, errNoRoom
	}
	p := chat.Prompt{Fixed: fixed}
	if p.System, p.User, err = a.prompts.Render(prompts.Facets, data); err != nil {
		return chat.Prompt{}, err
	}
	const around = 40 // tokens of the keys, the language and the number
	chars := max(16, n.Chars(chat.FacetsTokens-around*n.Factor, perChar))
	fields := []chat.Field{
		{Name: "request", Type: chat.String(0, chars*55/100)}, {Name: "task", Type: chat.String(0, chars*45/100)},
		{Name: "language", Type: chat.String(0, 24)}, {Name: "concern", Type: chat.Scale(1, 5)},
	}
	for _, own := range a.opts.Own {
		field := chat.Field{Name: own.Name, Type: chat.String(0, max(8, n.Chars(ownTokens-8*n.Factor, perChar)))}
		if own.Values != nil {
			field.Type = chat.OneOf(own.Values...)
		}
		fields = append(fields, field)
	}
	p.Schema = chat.Object(fields...)
	return p, nil
}

// Cut is a conversation as far as a context of so many tokens has room for it,
// by the rule of [Asker.Facets].
func Cut(turns []Turn, tokens int) []Turn {
	var out []Turn
	for _, t := range fit(turns, tokens) {
		out = append(out, Turn{t.Who == "User", t.Text})
	}
	return out
}

// leastTurn is the room that a message needs to say something.
const leastTurn = 24

// fit cuts a conversation to the room, as Facets says.
func fit(turns []Turn, room int) []prompts.Turn {
	const who = 5 // tokens of "Assistant: " and a line break
	if most := room / (leastTurn + who); len(turns) > most {
		if most <= 0 {
			return nil
		}
		end := most / 3
		turns = append(append([]Turn{}, turns[:most-end]...), turns[len(turns)-end:]...)
	}
	texts := make([]string, len(turns))
	want := make([]int, len(turns))
	for i, t := range turns {
		texts[i] = prompts.Line(t.Text)
		want[i] = prompts.Tokens(texts[i])
	}
	// Shares grow until the room is used up; who needs less than the share leaves
	// the rest to the others.
	got := make([]int, len(turns))
	left := room - who*len(turns)
	for open := true; open && left > 0; {
		open = false
		parts := 0
		for i, t := range turns {
			if got[i] < want[i] {
				parts += part(t)
			}
		}
		if parts == 0 {
			break
		}
		unit := left / parts
		for i, t := range turns {
			if add := min(unit*part(t), want[i]-got[i]); add > 0 {
				got[i] += add
				left -= add
				open = true
			}
		}
	}
	var out []prompts.Turn
	for i, t := range turns {
		text := prompts.Clip(texts[i], got[i])
		if text == "" {
			continue
		}
		name := "Assistant"
		if t.User {
			name = "User"
		}
		out = append(out, prompts.Turn{Who: name, Text: text})
	}
	return out
}

func part(t Turn) int {
	if t.User {
		return 2
	}
	return 1
}

// parseFacets reads an answer. Sentences that are too long are a fault the first
// time, and cut the second.
func (a *Asker) parseFacets(answer chat.Answer, last bool) (Facets, error) {
	var raw map[string]json.RawMessage
	if err := answer.Decode(&raw); err != nil {
		return Facets{}, err
	}
	text := func(name string) string {
		var s string
		_ = json.Unmarshal(raw[name], &s) // another form is as if it were not there
		return strings.Join(strings.Fields(placeholders.ReplaceAllString(s, "[$1]")), " ")
	}
	f := Facets{Language: text("language"), Own: make(map[string]string)}
	_ = json.Unmarshal(raw["concern"], &f.Concern)
	for _, s := range []struct {
		name, frame string
		to          *string
	}{{"request", RequestFrame, &f.Request}, {"task", TaskFrame, &f.Task}} {
		said := framed(s.frame, text(s.name))
		switch n := len(strings.Fields(said)); {
		case said == "":
			return Facets{}, fault(fmt.Sprintf("has no %q", s.name))
		case refuses(said):
			return Facets{}, fault("is a refusal; summing up is not doing what is asked")
		case n > FacetWords && !last:
			return Facets{}, fault(fmt.Sprintf("has %d words in %q, more than %d", n, s.name, FacetWords))
		}
		*s.to = firstWords(said, FacetWords)
	}
	if f.Concern < 1 || f.Concern > 5 {
		if !last {
			return Facets{}, fault(`has no "concern" from 1 to 5`)
		}
		f.Concern = 0
	}
	for _, own := range a.opts.Own {
		value := firstWords(text(own.Name), FacetWords)
		if own.Values != nil {
			i := slices.IndexFunc(own.Values, func(v string) bool { return strings.EqualFold(v, value) })
			if i < 0 {
				continue
			}
			value = own.Values[i]
		}
		if value != "" {
			f.Own[own.Name] = value
		}
	}
	return f, nil
}

// placeholders as a prompt shows them.
var placeholders = regexp.MustCompile(`\(([A-Z][A-Z_]*_\d+)\)`)

// taken are placeholders of what was taken out.
var taken = regexp.MustCompile(`\[[A-Z][A-Z_]*_\d+\]`)

// framed is a sentence with its frame and without its end; "" where it says
// nothing.
func framed(frame, s string) string {
	rest := s
	for _, begin := range []string{frame, "The user's request is to", "The user asks the assistant to", "The user asked the assistant to", "The user wants to", "The task is to", "to"} {
		if len(rest) > len(begin) && strings.EqualFold(rest[:len(begin)], begin) && rest[len(begin)] == ' ' {
			rest = rest[len(begin)+1:]
			break
		}
	}
	rest = strings.TrimRight(strings.TrimSpace(rest), " .!?…")
	if !strings.ContainsFunc(taken.ReplaceAllString(rest, ""), unicode.IsLetter) || strings.EqualFold(rest, frame) {
		return ""
	}
	if first := []rune(rest); len(first) > 1 && unicode.IsUpper(first[0]) && unicode.IsLower(first[1]) {
		rest = string(unicode.ToLower(first[0])) + string(first[1:])
	}
	return frame + " " + rest
}

// refuses says whether a model talks of itself instead of the conversation.
func refuses(s string) bool {
	s = strings.ReplaceAll(strings.ToLower(s), "’", "'")
	for _, sign := range []string{" i cannot ", " i can't ", " i'm sorry", " i am sorry", " as an ai ", " i'm unable", " i am unable", " i won't "} {
		if strings.Contains(" "+s+" ", sign) {
			return true
		}
	}
	return false
}

// firstWords cuts a text to so many words.
func firstWords(s string, most int) string {
	f := strings.Fields(s)
	if len(f) <= most {
		return s
	}
	return strings.TrimRight(strings.Join(f[:most], " "), " ,;:")
}
