package chat

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"sheaf/labeler"
)

var three = []string{"cats, dogs, birds", "milk, butter, bread", "meters, inches, feet"}

// The labels that TinyLlama gave for the 32 notes of the founding article.
// What a careful person would not sign must not come out.
func TestLabelsOfTheArticle(t *testing.T) {
	answers := []struct{ members, answer, want string }{
		{"meters, inches, feet, miles, kilometers", "Essential Measurement Tools for Everyday Life", ""},
		{"alpha, beta, gamma", "Key Components for Successful Project Management", ""},
		{"brick, concrete, asphalt, rebar, glass, lumber", "Materials for Construction and Repair", "Materials for Construction and Repair"},
		{"howard jones, gillian gilbert, wendy carlos", "Essential Artists: Howard Jones, Gillian Gillespie, and Wendy Carlos", ""},
		{"apples, pears, bananas", "Fresh Fruits", "Fresh Fruits"},
		{"cats, dogs, hamsters, birds", "Animals", "Animals"},
		{"pasta, bread", "Essential Ingredients for a Comforting Meal", ""},
		{"thomas dolby, rick wakeman, gary numan, geoff downes", "Top 5 Legendary Musicians of the 1980s", ""},
		{"milk, butter", "Food Essentials", ""},
	}
	given := make(map[string]string)
	var lists []string
	for _, a := range answers {
		first, _, _ := strings.Cut(a.members, ", ")
		given[first] = a.answer
		lists = append(lists, a.members)
	}
	s := play(about(t, given))
	got := label(t, connect(t, s, settings{}), clustersOf(lists...))
	for i, a := range answers {
		l := got.Labels[i]
		if a.want == "" && (l.Source != labeler.FromKeywords || !strings.HasPrefix(l.Text, "About ")) || a.want != "" && (l.Source != labeler.FromModel || l.Text != a.want) {
			t.Errorf("%s: %+v", a.answer, l)
		}
	}
	want := "ollama: tinyllama gave no usable label for 6 of 9 clusters (4 puffery, 2 too many words); they are named by keywords"
	if !slices.Equal(got.Warnings, []string{want}) {
		t.Errorf("%q", got.Warnings)
	}
	if n := len(s.asked()); n != 9+6 {
		t.Errorf("%d requests", n)
	}
}

func TestLabelRepairs(t *testing.T) {
	bad := map[string]struct {
		content, reason, fault string
		chars                  int
	}{
		"cut off":         {`{"label": "Animals and oth`, "length", "it breaks off", 22},
		"whitespace loop": {`{"label":` + strings.Repeat(" \n", 2000), "length", "it breaks off", 22},
		"prose":           {"Sure! I would call this group Animals.", "stop", `no JSON object with a "label"`, 60},
		"refusal":         {"I cannot help with that.", "stop", "no JSON object", 60},
		"empty":           {"", "stop", "it is empty", 60},
		"thoughts":        {"<think>They are animals</think>", "stop", "it is empty", 60},
		"wrong key":       {`{"answer": 3}`, "stop", "no JSON object", 60},
		"not a string":    {`{"label": ["Animals"]}`, "stop", "no JSON object", 60},
		"rule":            {labelJSON("Ultimate Animals"), "stop", `it has the word "ultimate"`, 60},
	}
	for name, c := range bad {
		s := play(func(req *Request, n int) (*Response, error) {
			if n == 0 {
				return say(c.content, c.reason)
			}
			if !strings.Contains(req.User, c.fault) || !strings.Contains(string(req.Schema), fmt.Sprintf(`"maxLength":%d}`, c.chars)) {
				t.Errorf("%s: asked again with %s\n%s", name, req.Schema, req.User)
			}
			return say(labelJSON("Animals"), "stop")
		})
		got := label(t, connect(t, s, settings{}), clustersOf(three[0]))
		if texts(got)[0] != "model: Animals" || len(got.Warnings) != 0 || !strings.Contains(got.Labels[0].Reason, `2 answers: one that `) || !strings.Contains(got.Labels[0].Reason, `, "Animals", taken`) {
			t.Errorf("%s: %q, %q", name, texts(got), got.Warnings)
		}

		s = play(always(c.content, c.reason))
		got = label(t, connect(t, s, settings{}), clustersOf(three[0]))
		if texts(got)[0] != "keywords: About Cats" || len(got.Warnings) != 1 || len(s.asked()) != 2 {
			t.Errorf("%s, twice: %q, %q after %d requests", name, texts(got), got.Warnings, len(s.asked()))
		}
		if r := got.Labels[0].Reason; !strings.HasPrefix(r, "tinyllama's ") || !strings.HasSuffix(r, "; its first text") {
			t.Errorf("%s, twice: reason %q", name, r)
		}
	}
}

func TestLabelTakesCompleteAnswers(t *testing.T) {
	for name, c := range map[string]struct{ content, reason string }{
		"a code block":             {"```json\n{\"label\": \"Animals\"}\n```", "stop"},
		"prose around it":          {"Sure! {\"label\": \"Animals\"} I hope this helps {you}.", "stop"},
		"thoughts before it":       {"<think>{\"label\": \"Dogs\"}?</think>{\"label\": \"Animals\"}", "stop"},
		"a string alone":           {`"Animals"`, "stop"},
		"another key":              {`{"Title": "animals"}`, "stop"},
		"an object inside another": {`{"result": {"label": "animals"}}`, "stop"},
		"white space without end":  {`{"label": "Animals"}` + strings.Repeat("\n", 500), "length"},
		"more keys":                {`{"reason": "x", "label": "Animals", "confidence": 0.9}`, "stop"},
	} {
		s := play(always(c.content, c.reason))
		if got := label(t, connect(t, s, settings{}), clustersOf(three[0])); texts(got)[0] != "model: Animals" || len(s.asked()) != 1 {
			t.Errorf("%s: %q, %q", name, texts(got), got.Warnings)
		}
	}
}

func TestLabelWithWorkers(t *testing.T) {
	var lists []string
	answers := make(map[string]string)
	for i := range 40 {
		name := string(rune('a'+i%26)) + strings.Repeat("x", 2+i/26)
		lists = append(lists, name+", other")
		answers[name] = "Words with " + name
	}
	var now, most atomic.Int32
	s := play(func(req *Request, n int) (*Response, error) {
		most.Store(max(most.Load(), now.Add(1)))
		defer now.Add(-1)
		return about(t, answers)(req, n)
	})
	alone := label(t, connect(t, s, settings{}), clustersOf(lists...))
	if most.Load() != 1 {
		t.Errorf("one worker made %d calls at a time", most.Load())
	}
	together := label(t, connect(t, s, settings{Workers: 4}), clustersOf(lists...))
	if !slices.Equal(alone.Labels, together.Labels) {
		t.Errorf("%v with one worker, %v with four", alone.Labels, together.Labels)
	}
}

func TestLabelsAreUnique(t *testing.T) {
	s := play(always(labelJSON("Things People Own"), "stop"))
	got := label(t, connect(t, s, settings{}), clustersOf("cats, dogs", "milk, dogs", "dogs, milk"))
	want := []string{"model: Things People Own", "model: Things People Own (2)", "model: Things People Own (3)"}
	if !slices.Equal(texts(got), want) {
		t.Errorf("%q", texts(got))
	}
	got = label(t, connect(t, s, settings{}), clustersOf("cats, dogs", "milk, dogs", "red, dogs"))
	want = []string{"model: Things People Own", "model: Things People Own (Milk)", "model: Things People Own (Red)"}
	if !slices.Equal(texts(got), want) {
		t.Errorf("%q", texts(got))
	}
}

func TestLabelWithoutFallback(t *testing.T) {
	s := play(always(labelJSON("Stuff"), "stop"))
	l := connect(t, s, settings{})
	l.opts.Fallback = nil
	got := label(t, l, clustersOf(three[:2]...))
	if want := []string{"none: Cluster 1", "none: Cluster 2"}; !slices.Equal(texts(got), want) || !strings.Contains(got.Warnings[0], "(2 vague); they are named by number") {
		t.Errorf("%q, %q", texts(got), got.Warnings)
	}
	l.opts.Fallback = words{err: errors.New("no lexicon")}
	got = label(t, l, clustersOf(three[:2]...))
	if texts(got)[0] != "none: Cluster 1" || !strings.Contains(got.Warnings[0], "no lexicon") {
		t.Errorf("%q, %q", texts(got), got.Warnings)
	}
	if got, err := l.Label(t.Context(), nil, nil); err != nil || len(got.Labels) != 0 {
		t.Errorf("no clusters: %v, %v", got, err)
	}
}

// What huge members hold further on costs no time, and so cannot count.
func TestDistinctiveLooksAtASample(t *testing.T) {
	filler := strings.Repeat("and ", 600)
	clusters := []labeler.Cluster{
		{Members: []string{"cats " + filler + "dogs", "birds"}},
		{Members: append(slices.Repeat([]string{"milk"}, 400), "butter")},
	}
	got := distinctive(clusters, make([]labeler.Label, len(clusters)))
	want := [][]string{{"cats", "and", "birds"}, {"milk"}}
	if !slices.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("%q, want %q", got, want)
	}
}

// A label of as many characters as the schema allows was cut by it.
func TestLabelThatTheSchemaCut(t *testing.T) {
	const cut = "Requests for Refunds and Complaints about Late Deliveries of"
	s := play(func(req *Request, n int) (*Response, error) {
		if n == 0 {
			return say(labelJSON(cut), "stop")
		}
		return say(labelJSON("Refunds"), "stop")
	})
	got := label(t, connect(t, s, settings{}), clustersOf("refunds, late deliveries"))
	if len([]rune(cut)) != labeler.MaxChars || texts(got)[0] != "model: Refunds" || !strings.Contains(s.asked()[1].User, "it breaks off") {
		t.Errorf("%+v", got.Labels[0])
	}
}

// What one answer about a cluster shows of the model counts for the next about
// the same, and not for other clusters but the first's.
func TestClusterLearnsFromItself(t *testing.T) {
	chinese := strings.Repeat("动物园里的动物", 20)
	many := slices.Repeat([]string{chinese}, 30)
	s := play(func(req *Request, n int) (*Response, error) {
		r, err := say("no JSON", "stop")
		r.PromptTokens = templateTokens + (len(req.System)+len(req.User))/3
		if strings.Contains(req.User, "<notes>\n- 动") {
			r.PromptTokens *= 2
		}
		return r, err
	})
	label(t, connect(t, s, settings{}), []labeler.Cluster{{Members: []string{"cats"}}, {Members: many}, {Members: many}})
	asked := s.asked()
	if len(asked) != 6 {
		t.Fatalf("%d requests", len(asked))
	}
	for _, first := range []int{2, 4} {
		if a, b := len(asked[first].User), len(asked[first+1].User); b > a*2/3 {
			t.Errorf("request %d has %d bytes, the next %d", first, a, b)
		}
	}
}

// A model that writes more tokens than the prompt let expect shows it once; one
// that runs into white space shows nothing.
func TestAnswersThatBreakOffShowTheirTokens(t *testing.T) {
	for content, want := range map[string]int{`{"label":"Animals of a house and their`: 8, `{"label":` + strings.Repeat("\n", 30): labeler.MaxChars} {
		s := play(func(req *Request, n int) (*Response, error) {
			if n == 0 {
				return &Response{Content: content, Length: true, PromptTokens: 300, Tokens: 32}, nil
			}
			return &Response{Content: "none", PromptTokens: 300, Tokens: 4}, nil
		})
		label(t, connect(t, s, settings{}), clustersOf(three[:2]...))
		last := s.asked()[3]
		if !strings.Contains(string(last.Schema), fmt.Sprintf(`"maxLength":%d}`, want)) {
			t.Errorf("after %q: %s", content, last.Schema)
		}
	}
}
