package pipeline

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sheaf/internal/privacy/planted"
	"sheaf/internal/report"
)

// inFiles is all that the files of a folder hold.
func inFiles(t testing.TB, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		b.Write(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const tokyo = `{"id":"t1","messages":[{"role":"user","content":"What's the weather like in Tokyo today?"},` +
	`{"role":"assistant","content":"It is sunny in Tokyo, 20 degrees."},` +
	`{"role":"user","content":"What should I wear in Ginza? I am going shopping there with my friend Jake, before we go to the OpenAI office."},` +
	`{"role":"assistant","content":"Light clothing will do. Have fun in Ginza, you and Jake, and at OpenAI!"}]}`

// None of the four words is in what leaves a run: results of every format, lines
// for the user, and what is kept. The weather and the clothing stay.
func TestTokyo(t *testing.T) {
	for name, model := range map[string]*scriptedModel{
		"without a model": nil,
		"with a model": playModel(t, func(q question) any {
			switch q.task {
			case "facets": // as a careless model has it
				return object{"request": "get weather in Tokyo and clothing for Ginza with Jake", "task": "tell the weather and suggest clothing to wear for the OpenAI office", "language": "English", "concern": 1}
			case "audit":
				return object{"score": 5}
			}
			return object{"description": "The user asked about the weather. They wanted to know what to wear.", "name": "Get weather and clothing advice"}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			var lines strings.Builder
			o := ChatsOptions{Common: Common{Seed: 1, CacheDir: dir, Explain: true, Note: func(l string) { lines.WriteString(l) }}, MinConversations: 1}
			r := runChats(t, model, tokyo, o)
			var out strings.Builder
			for _, f := range []report.Format{report.JSON, report.Text, report.Markdown, report.CSV} {
				if err := report.Write(&out, r, f, report.Options{Explain: true, All: true}); err != nil {
					t.Fatal(err)
				}
			}
			all := out.String() + lines.String() + inFiles(t, dir)
			for _, word := range []string{"tokyo", "ginza", "jake", "openai"} {
				if strings.Contains(strings.ToLower(all), word) {
					t.Errorf("%s is left in\n%s", word, out.String())
				}
			}
			if text := *r.Items[0].Text; !strings.Contains(text, "weather") || !strings.Contains(text, "wear") && !strings.Contains(text, "clothing") {
				t.Errorf("summary %q", text)
			}
			if model == nil {
				return
			}
			for _, body := range model.all {
				if strings.Contains(body, "Tokyo") || strings.Contains(body, "Jake") {
					t.Error("the model was shown a name")
				}
			}
		})
	}
}

// Of a thousand conversations with planted personal data nearly nothing is in
// what leaves a run, and nothing at all in labels and descriptions.
func TestPlanted(t *testing.T) {
	if testing.Short() {
		t.Skip("-short")
	}
	conversations := planted.Conversations(2, 1000)
	var input strings.Builder
	for _, c := range conversations {
		var messages []object
		for i, turn := range c.Turns {
			messages = append(messages, object{"role": []string{"user", "assistant"}[i%2], "content": turn})
		}
		line, err := json.Marshal(object{"id": c.ID, "messages": messages})
		if err != nil {
			t.Fatal(err)
		}
		input.Write(append(line, '\n'))
	}
	dir := t.TempDir()
	r := runChats(t, nil, input.String(), ChatsOptions{Common: Common{Seed: 1, CacheDir: dir, Explain: true}, MinConversations: 2})
	out := write(t, r) + inFiles(t, dir)
	var names strings.Builder
	for _, c := range r.Clusters {
		names.WriteString(c.Label + "\n" + c.Description + "\n" + c.LabelReason + "\n")
	}
	var structured, structuredLeft, named, namedLeft int
	for _, c := range conversations {
		for _, item := range c.Items {
			left := strings.Contains(out, item.Text)
			if item.Kind.Structured() {
				structured++
				if left {
					structuredLeft++
				}
			} else {
				named++
				if left {
					namedLeft++
					if os.Getenv("SHEAF_SHOW") != "" {
						t.Logf("%s %s %q", c.Language, item.Kind, item.Text)
					}
				}
			}
			if strings.Contains(strings.ToLower(names.String()), strings.ToLower(item.Text)) {
				t.Errorf("a label or description holds a %s", item.Kind)
			}
		}
	}
	t.Logf("left: structured %d of %d, names and organisations %d of %d", structuredLeft, structured, namedLeft, named)
	if 1000*structuredLeft > 5*structured || 100*namedLeft > 5*named {
		t.Errorf("left: structured %d of %d, names and organisations %d of %d", structuredLeft, structured, namedLeft, named)
	}
}

// However many conversations there are, who is plainly named in one of them is
// in no summary, label or description of the others.
func TestNamesOfOthers(t *testing.T) {
	if testing.Short() {
		t.Skip("-short")
	}
	requests := []string{"How do I cook a stew with lentils and %d carrots?", "Sort %d rows of a table by date in SQL", "Write a short birthday poem of %d lines"}
	var input strings.Builder
	for i := range smallCollection + 600 {
		text := fmt.Sprintf(requests[i%len(requests)], 2+i/len(requests))
		switch {
		case i == smallCollection+550: // one whose summary is kept
			text = "My neighbour Zanthor Quibble wants to sue me over the hedge, what can I do?"
		case i%100 == 0:
			text += " like the one of zanthor" // without a capital, which nothing tells from a word
		}
		line, err := json.Marshal(object{"id": fmt.Sprint(i), "messages": []object{{"role": "user", "content": text}}})
		if err != nil {
			t.Fatal(err)
		}
		input.Write(append(line, '\n'))
	}
	dir := t.TempDir()
	for run := range 2 {
		r := runChats(t, nil, input.String(), ChatsOptions{Common: Common{Seed: 1, K: 3, Explain: true, CacheDir: dir}, MinConversations: 2})
		if out := strings.ToLower(write(t, r)); strings.Contains(out, "zanthor") || strings.Contains(out, "quibble") {
			t.Errorf("run %d: a name is left", run)
		} else if !strings.Contains(out, "lentils") || !strings.Contains(out, "birthday") {
			t.Errorf("run %d: what is no name is lost", run)
		}
	}
}

// Dialogues of 14 known categories, described by their schema, are found again
// without a chat model.
func TestReconstruct(t *testing.T) {
	if testing.Short() {
		t.Skip("many runs one after another, which the race detector makes twenty times slower")
	}
	root := os.Getenv("SHEAF_TESTDATA")
	if root == "" {
		t.Skip("SHEAF_TESTDATA is not set: no sgd to reconstruct")
	}
	dir := filepath.Join(root, "data", "sgd")
	read := func(path string, v any) {
		raw, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(raw, v)
		}
		if err != nil {
			t.Skipf("no sgd to reconstruct: %v", err)
		}
	}
	joined := func(service string) string {
		switch service {
		case "Hotels_2", "Hotels_4":
			return "Hotels"
		case "Movies_1", "Movies_3":
			return "Movies"
		}
		return service
	}
	files, err := filepath.Glob(filepath.Join(dir, "test_dialogues_*.json"))
	if err != nil || len(files) == 0 {
		t.Skip("no sgd to reconstruct")
	}
	truth := categories{Labels: make(map[string]string)}
	used := make(map[string]bool)
	var input strings.Builder
	for _, f := range files {
		var dialogues []struct {
			ID       string `json:"dialogue_id"`
			Services []string
			Turns    []struct{ Speaker, Utterance string }
		}
		read(f, &dialogues)
		for _, d := range dialogues {
			if len(d.Services) != 1 {
				continue
			}
			truth.Labels[d.ID] = joined(d.Services[0])
			used[d.Services[0]] = true
			var messages []object
			for _, turn := range d.Turns {
				role := "assistant"
				if turn.Speaker == "USER" {
					role = "user"
				}
				messages = append(messages, object{"role": role, "content": turn.Utterance})
			}
			line, err := json.Marshal(object{"id": d.ID, "messages": messages})
			if err != nil {
				t.Fatal(err)
			}
			input.Write(append(line, '\n'))
		}
	}
	var schema []struct {
		Name           string `json:"service_name"`
		Description    string
		Intents, Slots []struct{ Description string }
	}
	read(filepath.Join(dir, "test_schema.json"), &schema)
	at := make(map[string]int)
	for _, s := range schema {
		if !used[s.Name] {
			continue
		}
		text := s.Description
		for _, part := range append(s.Intents, s.Slots...) {
			text += ". " + part.Description
		}
		name := joined(s.Name)
		i, ok := at[name]
		if !ok {
			i = len(truth.Categories)
			at[name] = i
			truth.Categories = append(truth.Categories, category{Name: name})
		}
		truth.Categories[i].Description += text + ". "
	}
	raw, err := json.Marshal(truth)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "labels.json")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	r := runChats(t, nil, input.String(), ChatsOptions{Common: Common{Seed: 1}, Reconstruct: file})
	got := r.Manifest.Reconstruction
	t.Log(reconstructionLine(got))
	if got.Conversations != 819 || got.Categories != 14 || got.Accuracy.Accuracy < 0.85 || got.Base.V < 0.8 {
		t.Errorf("%+v", got)
	}
}

// The words that names of groups may be made of are those of the whole lexicon,
// in any inflection, but for names.
func TestOrdinaryWords(t *testing.T) {
	plain := ordinaryWords(builtinSpace(t))
	for w, want := range map[string]bool{
		"salary": true, "python": true, "hedgehog": true, "vegetables": true, "garden": true, "recruiter": true,
		"maria": false, "london": false, "google": false, "zoltan": false, "kroxal": false, "the": false, "": false,
	} {
		if got := plain(w); got != want {
			t.Errorf("plain(%q) = %v", w, got)
		}
	}
}
