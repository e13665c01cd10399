package chat

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"sheaf/labeler"
)

// inTurn answers the requests about a cluster, known by its first text, with
// one label after the other.
func inTurn(t *testing.T, answers map[string][]string) script {
	var mu sync.Mutex
	given := make(map[string]int)
	return func(req *Request, _ int) (*Response, error) {
		mu.Lock()
		defer mu.Unlock()
		first := fenced(req, "notes")[0]
		n := given[first]
		given[first]++
		if n >= len(answers[first]) {
			t.Errorf("asked about %q for the %d. time", first, n+1)
			n = 0
		}
		return say(labelJSON(answers[first][n]), "stop")
	}
}

// The requests about frontends of an article on naming clusters of chats, with
// three of other topics.
func TestReactExample(t *testing.T) {
	statements := []string{
		"Sort the rows of a React table by column",
		"Add pagination to a list component in React",
		"Show filtered database records in a React table",
	}
	contrast := []string{
		"Find a memory leak in a Python program",
		"Recommend restaurants for a dinner with friends",
		"Analyse monthly sales with pandas",
	}
	clusters := []labeler.Cluster{{Members: statements, Near: contrast}}
	for _, c := range contrast {
		clusters = append(clusters, labeler.Cluster{Members: []string{c}, Near: statements})
	}
	contrastive := []string{"Python Memory Leaks", "Restaurant Recommendations", "Sales Analysis with Pandas"}
	fits := theJudge(t)
	for _, fitting := range []string{"Help implement frontend components", "React Component Development", "React Tables and Lists"} {
		for place := range 3 {
			for other := range 3 {
				scripted := []string{contrastive[other], contrastive[(other+1)%3]}
				scripted = slices.Insert(scripted, place, fitting)
				answers := map[string][]string{statements[0]: scripted}
				for i, c := range contrast {
					answers[c] = slices.Repeat([]string{contrastive[i]}, 3)
				}
				s := play(inTurn(t, answers))
				got := label(t, connect(t, s, settings{Judge: fits}), clusters)
				if got.Labels[0].Source != labeler.FromModel || !strings.EqualFold(got.Labels[0].Text, fitting) {
					t.Errorf("of %q: %+v", scripted, got.Labels[0])
				}
				for i, req := range s.asked()[:3] {
					if notes := fenced(req, "notes"); !sameTexts(notes, statements) {
						t.Errorf("request %d shows %q", i, notes)
					}
					if others := fenced(req, "others"); !sameTexts(others, contrast) {
						t.Errorf("request %d contrasts with %q", i, others)
					}
				}
			}
		}
	}
}

func sameTexts(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

var groups = []string{"alpha, beta, gamma", "brick, concrete, asphalt, lumber", "apples, pears, bananas", "cats, dogs, hamsters"}

// What the model thinks of its labels does not count: the one that fits wins,
// wherever it stands, and where none does the keywords stay.
func TestCandidates(t *testing.T) {
	s := play(inTurn(t, map[string][]string{
		"alpha":  {"Project Management", "Key Project Components", "Business Strategy", "Management of Projects"},
		"brick":  {"Project Management", "Best Animals", "Building Materials"},
		"apples": {"Ultimate Fruits", "Ultimate Fruits", "Top 5 Fruits", "Fruits"},
		"cats":   {"Animals", "Fresh Fruits", "Animals"},
	}))
	got := label(t, connect(t, s, settings{Judge: theJudge(t), Seed: 5, NumThread: 2}), clustersOf(groups...))
	want := []string{"keywords: About Alpha", "model: Building Materials", "model: Fruits", "model: Animals"}
	if !slices.Equal(texts(got), want) {
		t.Errorf("%q", texts(got))
	}
	if len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "1 of 4 clusters (1 unrelated); they are named by keywords") {
		t.Errorf("%q", got.Warnings)
	}
	if n := len(s.asked()); n != 4+3+4+3 {
		t.Errorf("%d requests", n)
	}
	for i, want := range []struct {
		seed        int
		temperature float64
	}{{5, 0.1}, {6, 0.7}, {7, 0.7}, {5, 0.1}} {
		req := s.asked()[i]
		if req.Seed != want.seed || req.Temperature != want.temperature || req.Context != 2048 || req.Threads != 2 {
			t.Errorf("request %d: %+v", i, req)
		}
		if asksAgain := strings.Contains(req.User, "it names nothing that the texts are about"); asksAgain != (i == 3) {
			t.Errorf("request %d: %s", i, req.User)
		}
	}
	if got.Options["candidates"] != 3 || got.Options["other_temperature"] != 0.7 {
		t.Errorf("%v", got.Options)
	}
	hot := 1.5
	s = play(always(labelJSON("Animals"), "stop"))
	got = label(t, connect(t, s, settings{Temperature: &hot, Judge: theJudge(t)}), clustersOf(groups[3]))
	if req := s.asked()[2]; req.Temperature != 1.5 || got.Options["other_temperature"] != 1.5 {
		t.Errorf("%+v, %v", req, got.Options)
	}
}

// Why a label is the one: who gave it, what else there was and what it was
// worth, the prompt, and why the model's were not taken.
func TestReasons(t *testing.T) {
	s := play(inTurn(t, map[string][]string{
		"alpha": {"Project Management", "Ultimate Letters", "Business Strategy", "Management of Projects"},
		"cats":  {"Fresh Fruits", "Animals", "Top 3 Pets"},
	}))
	l := connect(t, s, settings{Judge: theJudge(t)})
	got := label(t, l, clustersOf(groups[0], groups[3]))
	prompt := "prompt " + l.opts.Prompts.Digest()[:19]
	for i, want := range [][]string{
		{"tinyllama's label names nothing that the texts are about; 4 answers: \"Project Management\" ", " (near 0.", ", margin -0.", "words 0.00, concepts 0.00), which names nothing",
			`one that has the word "ultimate", which no text bears out`, prompt, "; its first text"},
		{"tinyllama, shown 3 of 3 texts; 3 answers: \"Fresh Fruits\" ", `"Animals" 0.`, "), taken, one that has ", prompt},
	} {
		for _, w := range want {
			if !strings.Contains(got.Labels[i].Reason, w) {
				t.Errorf("%q is not in %s", w, got.Labels[i].Reason)
			}
		}
	}
	if strings.Contains(got.Labels[1].Reason, "first text") {
		t.Errorf("%s", got.Labels[1].Reason)
	}
}

// A label in the language that was asked for is not held against words in
// another one.
func TestLabelInAnotherLanguage(t *testing.T) {
	s := play(always(labelJSON("Zwierzęta domowe"), "stop"))
	for language, source := range map[string]labeler.Source{"Polish": labeler.FromModel, "": labeler.FromKeywords} {
		got := label(t, connect(t, s, settings{Judge: theJudge(t), Language: language}), clustersOf(groups[3], groups[2])).Labels[0]
		if got.Source != source {
			t.Errorf("in %q: %+v", language, got)
		}
	}
}

// A label that came before the server went away is not lost.
func TestCandidateOutlivesTheServer(t *testing.T) {
	s := play(func(_ *Request, n int) (*Response, error) {
		if n == 0 {
			return say(labelJSON("Animals"), "stop")
		}
		return nil, &Failure{Why: "has the model no longer", Fatal: true}
	})
	got := label(t, connect(t, s, settings{Judge: theJudge(t)}), clustersOf(groups[3], groups[2]))
	if want := []string{"model: Animals", "keywords: About Apples"}; !slices.Equal(texts(got), want) || len(s.asked()) != 2 {
		t.Errorf("%q after %d requests", texts(got), len(s.asked()))
	}
}

// memory is Answers that forget with the process.
type memory struct {
	mu   sync.Mutex
	kept map[string]string
	gets int
}

func (m *memory) Get(_ context.Context, request []byte) ([]byte, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.gets++
	a, ok := m.kept[string(request)]
	return []byte(a), ok
}

func (m *memory) Put(_ context.Context, request, answer []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept[string(request)] = string(answer)
}

// A second run asks nothing and says the same, whatever was answered and with
// any number of workers; another model, option or text asks again.
func TestAnswersAreKept(t *testing.T) {
	answer := inTurn(t, map[string][]string{
		"alpha":  {"Project Management", "Ultimate Letters", "Business Strategy", "Management of Projects"},
		"brick":  {"Project Management", "Best Animals", "Building Materials"},
		"apples": {"Ultimate Fruits", "Ultimate Fruits", "Top 5 Fruits", "Fruits"},
		"cats":   {"Animals", "Fresh Fruits", "Animals"},
	})
	overflows := 0
	s := play(func(req *Request, n int) (*Response, error) {
		if len(req.User) > 3000 {
			overflows++
			return nil, ErrOverflow
		}
		return answer(req, n)
	})
	clusters := clustersOf(groups...)
	for range 40 {
		clusters[1].Members = append(clusters[1].Members, "lumber "+strings.Repeat("and bricks ", 14))
	}
	kept := &memory{kept: make(map[string]string)}
	options := settings{Judge: theJudge(t), Answers: kept}
	first := label(t, connect(t, s, options), clusters)
	asked := len(s.asked())
	if overflows == 0 || asked != 14+overflows || len(kept.kept) != asked {
		t.Fatalf("%d requests, %d overflows, %d answers kept", asked, overflows, len(kept.kept))
	}
	for _, workers := range []int{1, 4} {
		options.Workers = workers
		again := label(t, connect(t, s, options), clusters)
		if !slices.Equal(again.Labels, first.Labels) || !slices.Equal(again.Warnings, first.Warnings) {
			t.Errorf("first %+v, then %+v", first, again)
		}
		if n := len(s.asked()); n != asked {
			t.Errorf("the second run asked %d times", n-asked)
		}
	}

	s.chat = always(labelJSON("Building Materials"), "stop")
	for name, change := range map[string]func(){
		"seed":   func() { options.Seed = 9 },
		"digest": func() { s.model.Digest = "sha256:cc" },
		"text":   func() { clusters[3].Members[0] = "a cat" },
		"prompt": func() { options.Language = "Dutch" },
	} {
		before := len(s.asked())
		change()
		label(t, connect(t, s, options), clusters)
		if len(s.asked()) == before {
			t.Errorf("another %s asks nothing", name)
		}
	}
	// Without a digest nobody knows which model answered.
	s.model.Digest = ""
	gets, before := kept.gets, len(s.asked())
	label(t, connect(t, s, options), clusters)
	if kept.gets != gets || len(s.asked()) == before {
		t.Error("answers of a model that is not known were taken")
	}
}

// A thinking model that cannot be told not to gets room for it.
func TestThoughtsGetRoom(t *testing.T) {
	s := play(func(req *Request, n int) (*Response, error) {
		if req.MaxTokens < 500 {
			return &Response{Thought: true, Length: true}, nil
		}
		return &Response{Thought: true, Content: labelJSON(fmt.Sprintf("Words of Kind %c", 'A'+n))}, nil
	})
	got := label(t, connect(t, s, settings{}), clustersOf(three...))
	if len(s.asked()) != 4 || len(got.Warnings) != 0 || got.Options["think"] != true {
		t.Errorf("%d requests, %q, %v", len(s.asked()), texts(got), got.Options)
	}
	for _, req := range s.asked() {
		if req.Context != 2048 || !strings.Contains(string(req.Schema), `"maxLength":60`) {
			t.Errorf("%+v", req)
		}
	}
}
