package clio

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestFacets(t *testing.T) {
	own := []Facet{{Name: "code", Question: "Is it about code?", Values: []string{"yes", "no"}}, {Name: "tone", Question: "What is the tone?"}}
	turns := []Turn{{true, "Sort my list in Rust, [PERSON_1]"}, {false, "Use sort."}}
	good := object{"request": "sort a list in Rust", "task": "The task is to sort a list.", "language": "English", "concern": 1, "code": "Yes", "tone": "friendly"}
	want := Facets{Request: RequestFrame + " sort a list in Rust", Task: TaskFrame + " sort a list", Language: "English", Concern: 1, Own: map[string]string{"code": "yes", "tone": "friendly"}}
	with := func(key string, value any) object {
		out := object{}
		for k, v := range good {
			out[k] = v
		}
		out[key] = value
		return out
	}
	long := strings.Repeat("and sort it again ", 10)
	for name, tt := range map[string]struct {
		answers []any
		want    func(f *Facets) // nil: none
		asked   int
	}{
		"good":                      {[]any{good}, func(*Facets) {}, 1},
		"in a frame":                {[]any{with("request", "The user wants to sort a list in Rust!")}, func(*Facets) {}, 1},
		"a refusal, then good":      {[]any{with("request", "I cannot help with that"), good}, func(*Facets) {}, 2},
		"a refusal twice":           {[]any{with("task", "I'm sorry"), "no"}, nil, 2},
		"no concern":                {[]any{with("concern", 9), with("concern", 0)}, func(f *Facets) { f.Concern = 0 }, 2},
		"too long twice":            {[]any{with("task", long), with("task", long)}, func(f *Facets) { f.Task = firstWords(TaskFrame+" "+strings.TrimSpace(long), FacetWords) }, 2},
		"another value":             {[]any{with("code", "perhaps")}, func(f *Facets) { delete(f.Own, "code") }, 1},
		"a number where text is":    {[]any{with("tone", 3)}, func(f *Facets) { delete(f.Own, "tone") }, 1},
		"nothing but a placeholder": {[]any{with("task", "(PERSON_1)"), with("task", "!")}, nil, 2},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			a, m := ask(t, Options{Own: own}, func(question) any { n++; return tt.answers[min(n, len(tt.answers))-1] })
			got, ok, err := a.Facets(t.Context(), turns, 0)
			if err != nil || ok != (tt.want != nil) || len(m.asked) != tt.asked || (a.Counts().Facets == 1) != (tt.want == nil) {
				t.Fatalf("%+v, %v, %v, asked %d, %+v", got, ok, err, len(m.asked), a.Counts())
			}
			if !ok {
				return
			}
			expected := want
			expected.Own = map[string]string{"code": "yes", "tone": "friendly"}
			tt.want(&expected)
			if !reflect.DeepEqual(got, expected) {
				t.Errorf("%+v, want %+v", got, expected)
			}
		})
	}
}

// A long conversation is cut to the context: its middle is left out, and users
// keep more than the assistant.
func TestCut(t *testing.T) {
	var turns []Turn
	for i := range 200 {
		turns = append(turns, Turn{i%2 == 0, strings.Repeat(string(rune('a'+i%26))+"word ", 100)})
	}
	got := Cut(turns, 1000)
	if len(got) == 0 || len(got) >= 200 || !got[0].User || !strings.HasPrefix(got[0].Text, "aword") {
		t.Fatalf("%d turns", len(got))
	}
	total, user, others := 0, 0, 0
	for _, g := range got {
		total += len(g.Text)
		if g.User {
			user += len(g.Text)
		} else {
			others += len(g.Text)
		}
	}
	if total > 4*1000 || user <= others {
		t.Errorf("%d bytes, of users %d, of others %d", total, user, others)
	}
	if Cut(turns, 10) != nil {
		t.Error("something of no room")
	}
}

func TestIdentifiable(t *testing.T) {
	for answer, want := range map[string]int{`{"score": 4}`: 4, `{"score": 9}`: 0, `fine!`: 0} {
		a, _ := ask(t, Options{}, func(question) any { return answer })
		got, err := a.Identifiable(t.Context(), "The user asked for help.")
		if got != want || (want == 0) != errors.Is(err, ErrNoScore) || a.Counts().Judged != map[bool]int{true: 1}[want == 0] {
			t.Errorf("%s: %d, %v, %+v", answer, got, err, a.Counts())
		}
	}
}
