package ollama

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ollama/ollama/api"

	"sheaf/engine/static"
	"sheaf/labeler"
	"sheaf/labeler/chat"
	"sheaf/labeler/judge"
	"sheaf/labeler/keywords"
	"sheaf/labeler/prompts"
	"sheaf/models/builtin"
)

// A corpusCase is a clustering, what a small model answers about its clusters and
// what has to come of it; testdata/corpus/README.md of package labeler says more.
type corpusCase struct {
	Name     string          `json:"name"`
	Kind     string          `json:"kind"`
	Language string          `json:"language"` // of --language
	Clusters []corpusCluster `json:"clusters"`
}

type corpusCluster struct {
	Members []string       `json:"members"`
	Answers []corpusAnswer `json:"answers"` // in order, the last for all further questions; none: nothing of use
	Want    string         `json:"want"`    // the model's label; "" is the keyword labeler's
}

// A corpusAnswer is {"label": …}, or raw text. Done is Ollama's done_reason, "stop"
// where it is left out.
type corpusAnswer struct {
	Label    *string `json:"label"`
	Raw      string  `json:"raw"`
	Thinking string  `json:"thinking"`
	Done     string  `json:"done"`
}

func (a corpusAnswer) content(t *testing.T) string {
	if a.Label == nil {
		return a.Raw
	}
	b, err := json.Marshal(map[string]string{"label": *a.Label})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func readCorpus(t *testing.T, file string) []corpusCase {
	t.Helper()
	data, err := os.ReadFile("../testdata/corpus/" + file)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.DisallowUnknownFields()
	var cases []corpusCase
	if err := dec.Decode(&cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

// What small models answer, in so many ways, and the label that comes of it.
func TestCorpus(t *testing.T) {
	m, err := static.OpenFS(builtin.ModelFS(), "builtin", static.Options{})
	if err != nil {
		t.Fatal(err)
	}
	fallback, theJudge := keywords.New(m), judge.New(m, m)
	for _, file := range []string{"first.json", "second.json"} {
		if _, err := os.Stat("../testdata/corpus/" + file); err != nil {
			continue
		}
		failed := 0
		names := make(map[string]bool)
		cases := readCorpus(t, file)
		for _, c := range cases {
			if names[c.Name] {
				t.Errorf("%s: two cases %q", file, c.Name)
			}
			names[c.Name] = true
			if !t.Run(c.Name, func(t *testing.T) { c.run(t, fallback, theJudge) }) {
				failed++
			}
		}
		t.Logf("%s: %d of %d cases pass", file, len(cases)-failed, len(cases))
	}
}

func (c corpusCase) run(t *testing.T, fallback labeler.Labeler, theJudge *judge.Judge) {
	var clusters []labeler.Cluster
	byFirst := make(map[string]int)
	for i, cl := range c.Clusters {
		clusters = append(clusters, labeler.Cluster{Members: cl.Members})
		for _, m := range cl.Members {
			byFirst[beginning(prompts.Line(m))] = i
		}
	}
	var mu sync.Mutex
	given := make([]int, len(clusters))
	s := play(t, func(w http.ResponseWriter, _ *http.Request, req api.ChatRequest, _ int) {
		i, ok := byFirst[beginning(fenced(req, "notes")[0])]
		if !ok {
			t.Errorf("a prompt about none of the clusters:\n%s", req.Messages[1].Content)
		}
		answers := c.Clusters[i].Answers
		mu.Lock()
		n := given[i]
		given[i]++
		mu.Unlock()
		if len(answers) == 0 {
			say(t, w, "", "stop")
			return
		}
		a := answers[min(n, len(answers)-1)]
		done := a.Done
		if done == "" {
			done = "stop"
		}
		reply(t, w, http.StatusOK, api.ChatResponse{Model: "tinyllama", Done: true, DoneReason: done,
			Message: api.Message{Role: "assistant", Content: a.content(t), Thinking: a.Thinking}})
	})
	client, err := New(Options{Host: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	l, err := chat.NewLabeler(client, chat.LabelerOptions{Judge: theJudge, Fallback: fallback, Language: c.Language})
	if err != nil {
		t.Fatal(err)
	}
	got, err := l.Label(t.Context(), clusters, nil)
	if err != nil {
		t.Fatal(err)
	}
	without, err := fallback.Label(t.Context(), clusters, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, cl := range c.Clusters {
		want := fmt.Sprintf("%s (%s)", cl.Want, labeler.FromModel)
		if cl.Want == "" {
			want = fmt.Sprintf("%s (%s)", without.Labels[i].Text, without.Labels[i].Source)
		}
		if l := got.Labels[i]; fmt.Sprintf("%s (%s)", l.Text, l.Source) != want {
			t.Errorf("%q: %s (%s), want %s\n%s", cl.Members[:min(4, len(cl.Members))], l.Text, l.Source, want, l.Reason)
		}
	}
	if texts := labelTexts(got); len(slices.Compact(slices.Sorted(slices.Values(texts)))) != len(texts) {
		t.Errorf("labels repeat: %q", texts)
	}
}

// beginning is enough of a line to know a text by, long ones being cut.
func beginning(line string) string {
	runes := []rune(line)
	return string(runes[:min(len(runes), 24)])
}

func labelTexts(labels *labeler.Labels) []string {
	var out []string
	for _, l := range labels.Labels {
		out = append(out, strings.ToLower(l.Text))
	}
	return out
}
