package pipeline

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sheaf/internal/corpus"
	"sheaf/internal/report"
	"sheaf/labeler"
	"sheaf/labeler/prompts"
)

func textInput(name, text string) corpus.Input {
	return corpus.Input{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

// labelsAt are the labels of a level and their sizes.
func labelsAt(r *report.Result, level int) map[string]int {
	out := make(map[string]int)
	for _, c := range r.Clusters {
		if c.Level == level {
			out[c.Label] = c.Size
		}
	}
	return out
}

// Four clusters end as two parents with the right sums; the third candidate
// stays empty and is dropped.
func TestArticle(t *testing.T) {
	model := playModel(t, byArticle)
	r := runChats(t, model, articleChats(12), ChatsOptions{Common: Common{K: 4, Seed: 1}})
	base, top := labelsAt(r, 0), labelsAt(r, 1)
	for _, topic := range articleTopics {
		if base[topic.name] != 12 {
			t.Errorf("base clusters %v", base)
		}
	}
	if len(base) != 4 || len(top) != 2 || top["Handle business finance data"] != 24 || top["Improve and explain code"] != 24 {
		t.Errorf("base %v, top %v", base, top)
	}
	if m := r.Manifest; m.Labeling.Labeler != labelerOllama || m.Labeling.PromptDigest == nil || m.Privacy.Withheld != 0 || len(m.Warnings) > 0 {
		t.Errorf("%+v, %+v, %v", m.Labeling, m.Privacy, m.Warnings)
	}
	for _, c := range r.Clusters {
		if c.LabelSource != string(labeler.FromModel) || c.Description == "" || c.Facets["concern"]["1"] != c.Size || c.Facets["language"]["en"] != c.Size {
			t.Errorf("%+v", c)
		}
	}
	it := r.Items[0]
	if *it.Text != "The user's overall request for the assistant is to categorize business expenses. The task is to categorize business expenses." &&
		*it.Text != "The user's overall request for the assistant is to categorize business expenses." || *it.Turns != 2 || it.Facets["concern"] != 1 {
		t.Errorf("%q, %+v", *it.Text, it.Conversation)
	}
	if model.count("facets") != 48 || model.count("propose") != 1 || model.count("assign") != 4 || model.count("cluster") != 6 {
		t.Errorf("asked %v", model.asked)
	}
	if strings.Contains(write(t, r), "example.org") {
		t.Error("a user's id is in the result")
	}
}

// What a weak model does to the hierarchy: each time the run ends, with two
// levels and all conversations, and says what rules had to do.
func TestHierarchyWithFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("many runs one after another, which the race detector makes twenty times slower")
	}
	for name, tt := range map[string]struct {
		task   string
		answer any
		rule   string
	}{
		"parents that do not exist":     {"assign", object{"parent": "Cook dinner"}, "assigned"},
		"proposals that never shrink":   {"propose", object{"names": []string{"Sort costs", "Make test data", "Mend Python code", "Explain Rust"}}, ""},
		"a refusal to propose":          {"propose", "I'm sorry, but I cannot help with that.", "proposals"},
		"proposals with a name":         {"propose", object{"names": []string{"Help johanna.weiss@example.org with taxes"}}, "proposals"},
		"names with an address":         {"cluster", object{"description": "The user asked for help.", "name": "Write to anna.miller@example.org"}, "names"},
		"a refusal to sum up":           {"facets", object{"request": "I cannot help with that", "task": "I'm sorry", "language": "", "concern": 9}, "facets"},
		"an audit without a score":      {"audit", "fine!", "unscored"},
		"nothing but broken answers":    {"", `{"request": "The us`, "facets"},
		"an endless list of one name":   {"propose", object{"names": slices.Repeat([]string{"Improve code"}, 30)}, ""},
		"a parent in other punctuation": {"assign", object{"parent": "improve, and debug code!"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			model := playModel(t, func(q question) any {
				if q.task == tt.task || tt.task == "" {
					return tt.answer
				}
				return byArticle(q)
			})
			r := runChats(t, model, articleChats(4), ChatsOptions{Common: Common{K: 4, Seed: 1}, MinConversations: 4, MinUsers: 4})
			base := labelsAt(r, 0)
			if len(base) != 4 || len(r.Items) != 16 {
				t.Errorf("base clusters %v, %d conversations", base, len(r.Items))
			}
			sum := 0
			for _, size := range labelsAt(r, 1) {
				sum += size
			}
			if n := len(labelsAt(r, 1)); n < 1 || n > 3 || sum != 16 {
				t.Errorf("top %v", labelsAt(r, 1))
			}
			out := write(t, r)
			for _, personal := range []string{"johanna", "anna.miller"} {
				if strings.Contains(out, personal) {
					t.Errorf("%s is in the result", personal)
				}
			}
			by := r.Manifest.Labeling.Options["by_rule"].(map[string]int)
			if tt.rule != "" && by[tt.rule] == 0 {
				t.Errorf("by rule %v", by)
			}
		})
	}
}

// A text by which the model finds somebody recognisable is asked for again, then
// withheld.
func TestJudge(t *testing.T) {
	model := playModel(t, func(q question) any {
		if q.task == "audit" && strings.Contains(q.user, "Pydantic") {
			return object{"score": 2}
		}
		return byArticle(q)
	})
	r := runChats(t, model, articleChats(12), ChatsOptions{Common: Common{K: 4, Seed: 1}})
	if r.Manifest.Privacy.Withheld != 12 || r.Manifest.Privacy.AuditFailed < 12 {
		t.Errorf("%+v", r.Manifest.Privacy)
	}
	withheld := 0
	for _, it := range r.Items {
		if it.Text == nil {
			withheld++
			if it.Audit["action"] != "withhold" || it.Request != nil || it.Task != nil {
				t.Errorf("%+v", it.Conversation)
			}
		}
	}
	if out := write(t, r); withheld != 12 || strings.Contains(out, "Pydantic") {
		t.Errorf("%d withheld", withheld)
	}
	if n := model.count("facets"); n != 48+12 {
		t.Errorf("%d facets asked", n)
	}
}

// The user's own prompts are those that are asked, and a folder that is wrong is an
// error before any work.
func TestChatsPrompts(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "chats"), 0o700); err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(dir, "chats", "facets.tmpl")
	text := `{{define "system"}}You sum up as the user wants.{{end}}{{define "user"}}{{range .Turns}}{{.Text}}{{end}}{{end}}`
	if err := os.WriteFile(own, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	model := playModel(t, byArticle)
	r := runChats(t, model, articleChats(4), ChatsOptions{Common: Common{K: 4, Seed: 1, Chat: Chat{PromptDir: dir}}, MinConversations: 4, MinUsers: 4})
	if n := strings.Count(strings.Join(model.all, ""), "You sum up as the user wants."); n != 16 || model.count("facets") != 16 {
		t.Errorf("%d of %d questions were the user's own", n, model.count("facets"))
	}
	if *r.Manifest.Labeling.PromptDigest == prompts.BuiltinChats().Digest() {
		t.Error("the digest is that of the built-in prompts")
	}
	if err := os.WriteFile(own, []byte("{{.Turns"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := ChatsOptions{Common: Common{Labeler: labelerOllama, Chat: Chat{PromptDir: dir, Host: model.URL}}}
	if _, err := Chats(t.Context(), []corpus.Input{textInput("chats.jsonl", articleChats(1))}, o); err == nil || !strings.Contains(err.Error(), "chats/facets.tmpl:1") {
		t.Errorf("error %v", err)
	}
}

// With a chat model a reconstruction asks it which of the categories each cluster
// belongs to, and nothing else of the hierarchy, in an order that the seed
// shuffles; it is counted per language.
func TestReconstructWithModel(t *testing.T) {
	labels := make(map[string]string)
	for k := range articleTopics {
		for i := range 6 {
			labels[fmt.Sprintf("%d-%d", k, i)] = []string{"Business", "Programming"}[k/2]
		}
	}
	raw, err := json.Marshal(object{"labels": labels, "categories": []object{{"name": "Programming", "description": "code"}, {"name": "Business", "description": "money"}, {"name": "Cooking"}}})
	if err != nil {
		t.Fatal(err)
	}
	file := writeFile(t, "labels.json", string(raw))
	for name, tt := range map[string]struct {
		answer func(group string) string
		right  int
		byRule int
	}{
		"right": {func(group string) string {
			if strings.Contains(group, "xpenses") || strings.Contains(group, "ledger") {
				return "Business"
			}
			return "Programming"
		}, 24, 0},
		"wrong":        {func(string) string { return "Cooking" }, 0, 0},
		"none of them": {func(string) string { return "Gardening" }, -1, 4}, // by vectors
	} {
		t.Run(name, func(t *testing.T) {
			model := playModel(t, func(q question) any {
				if q.task == "assign" {
					if got := q.fence("parents"); len(got) != 3 {
						t.Errorf("parents %q", got)
					}
					return object{"parent": tt.answer(strings.Join(q.fence("group"), " "))}
				}
				return byArticle(q)
			})
			r := runChats(t, model, articleChats(6), ChatsOptions{Common: Common{K: 4, Seed: 1}, MinConversations: 6, MinUsers: 6, Reconstruct: file})
			got := r.Manifest.Reconstruction
			if got.Conversations != 24 || tt.right >= 0 && (got.Right != tt.right || got.ByLanguage["en"].Right != tt.right || got.ByLanguage["en"].Conversations != 24) {
				t.Errorf("%+v", got)
			}
			if by := r.Manifest.Labeling.Options["by_rule"].(map[string]int); by["assigned"] != tt.byRule {
				t.Errorf("by rule %v", by)
			}
			if model.count("propose") != 0 || model.count("dedupe") != 0 || model.count("cluster") != 4 {
				t.Errorf("asked %v", model.asked)
			}
		})
	}
}

// A run that has the answers of another asks nothing and says the same; with
// Restart it asks again.
func TestChatsCheckpoints(t *testing.T) {
	model := playModel(t, byArticle)
	dir := t.TempDir()
	run := func(o ChatsOptions) string {
		o.K, o.Seed, o.CacheDir = 4, 1, dir
		return write(t, runChats(t, model, articleChats(12), o))
	}
	first := run(ChatsOptions{})
	asked := len(model.all)
	if again := run(ChatsOptions{}); again != first {
		t.Error("the second run says something else")
	}
	if len(model.all) != asked {
		t.Errorf("%d questions were asked again", len(model.all)-asked)
	}
	run(ChatsOptions{Restart: true})
	if len(model.all) != 2*asked {
		t.Errorf("after a restart %d questions, want %d", len(model.all)-asked, asked)
	}
}

// The chats of one user are shown in clusters that have names, of what was asked
// for and not of how.
func TestOwnChats(t *testing.T) {
	topics := map[string][]string{
		"react": {"How do I sort a table in React by clicking the header?", "My React list re-renders too often", "Write a React component with pagination", "useEffect fires twice in my React app, why?"},
		"cook":  {"Give me a recipe for a vegetarian lasagna", "What can I cook with chickpeas and spinach?", "How long do I roast a chicken?", "Suggest a dessert without eggs"},
		"law":   {"Can my landlord raise the rent twice in a year?", "Is the tenant liable for repairs of the flat?", "How do I end a rental contract early?", "Must the landlord return the deposit of the flat?"},
	}
	more := []string{"Can you say more?", "Give an example.", "Thanks! Please be short.", "I am new to this."}
	var b strings.Builder
	for i := range 12 {
		for _, topic := range []string{"react", "cook", "law"} {
			fmt.Fprintf(&b, `{"messages":[{"role":"user","content":%q},{"role":"assistant","content":"Sure."},{"role":"user","content":"%s %d"}]}`+"\n",
				topics[topic][i%4], more[i*5%4], i)
		}
	}
	r := runChats(t, nil, b.String(), ChatsOptions{Common: Common{Seed: 1}})
	if shown := r.Manifest.Privacy; shown.Withheld > 0 {
		t.Errorf("%+v", shown)
	}
	named := 0
	for _, c := range r.Clusters {
		if c.Level == 0 && c.LabelSource == string(labeler.FromKeywords) {
			named += c.Size
		}
		for _, w := range []string{"example", "say more", "short", "new"} {
			if strings.Contains(strings.ToLower(c.Label+c.Description), w) {
				t.Errorf("%q: %q", c.Label, c.Description)
			}
		}
	}
	if named < 33 {
		t.Errorf("%d of 36 are in clusters that have names: %v", named, labelsAt(r, 0))
	}
}

// Clusters go on from an earlier result: ids and labels stay, the user's own before
// all others, and only new clusters are named.
func TestChatsLabelsFrom(t *testing.T) {
	for name, model := range map[string]*scriptedModel{"keywords": nil, "a model": playModel(t, byArticle)} {
		t.Run(name, func(t *testing.T) {
			o := ChatsOptions{Common: Common{K: 4, Seed: 1}, MinConversations: 4, MinUsers: 4}
			old := runChats(t, model, articleChats(12), o)
			at := func(r *report.Result, id string) *report.Cluster {
				for i := range r.Clusters {
					if r.Clusters[i].ID == id {
						return &r.Clusters[i]
					}
				}
				return nil
			}
			of := func(r *report.Result, item string) *report.Cluster {
				for i := range r.Items {
					if r.Items[i].ID == item {
						return at(r, r.Items[i].Cluster)
					}
				}
				t.Fatalf("no item %s", item)
				return nil
			}
			mine := of(old, "3-0")
			mine.Label, mine.LabelSource = "My Rust chats", string(labeler.FromUser)
			top := at(old, *mine.Parent)
			top.Label, top.LabelSource = "All my code", string(labeler.FromUser)
			// Nobody's name gets into a result, not even by the user's own hand.
			named := of(old, "2-0")
			named.Label, named.LabelSource = "Questions of Wendell Okafor", string(labeler.FromUser)
			var b bytes.Buffer
			if err := report.Write(&b, old, report.JSON, report.Options{}); err != nil {
				t.Fatal(err)
			}
			o.LabelsFrom = writeFile(t, "old.json", b.String())
			asked := 0
			if model != nil {
				asked = model.count("cluster")
			}
			// One topic has grown, another is gone, and a new one is there.
			var text strings.Builder
			for line := range strings.Lines(articleChats(14)) {
				if !strings.Contains(line, articleTopics[1].say) {
					text.WriteString(line)
				}
			}
			for i := range 12 {
				fmt.Fprintf(&text, `{"id":"new-%d","user":"user%d@example.org","messages":[{"role":"user","content":"Give me a recipe for lentil soup with spinach, number %d."}]}`+"\n", i, i, i)
			}
			r := runChats(t, model, text.String(), o)
			for _, topic := range []string{"0", "2", "3"} {
				before, now := of(old, topic+"-0"), of(r, topic+"-0")
				if before.ID != now.ID || before.Label != now.Label && before != named || strings.Contains(now.Label, "Okafor") || now.Size != 14 {
					t.Errorf("topic %s: %s %q is %s %q of %d", topic, before.ID, before.Label, now.ID, now.Label, now.Size)
				}
			}
			if got := of(r, "3-0"); got.LabelSource != string(labeler.FromUser) || at(r, *got.Parent).Label != "All my code" || *got.Parent != *mine.Parent {
				t.Errorf("%+v below %+v", got, at(r, *got.Parent))
			}
			if got := of(r, "new-0"); at(old, got.ID) != nil || got.Size != 12 {
				t.Errorf("the new cluster is %+v", got)
			}
			from := r.Manifest.LabelsFrom
			if from == nil || from.Path != "old.json" || from.Kept < 4 || !slices.Contains(from.Gone, of(old, "1-0").ID) || at(r, fmt.Sprintf("c%d", from.NextID)) != nil {
				t.Errorf("%+v", from)
			}
			if model != nil {
				if n := model.count("cluster") - asked; n > 4 {
					t.Errorf("%d names were asked for", n)
				}
			}
			var again bytes.Buffer
			if err := report.Write(&again, r, report.JSON, report.Options{}); err != nil {
				t.Fatal(err)
			}
			if _, err := report.Read(&again); err != nil {
				t.Error(err)
			}
		})
	}
	notes := run(t, NotesOptions{Common: Common{K: 2, Labeler: labelerKeywords}}, input("notes.txt", groceries))
	var b bytes.Buffer
	if err := report.Write(&b, notes.Result, report.JSON, report.Options{}); err != nil {
		t.Fatal(err)
	}
	o := ChatsOptions{Common: Common{Labeler: labelerKeywords, LabelsFrom: writeFile(t, "notes.json", b.String())}}
	if _, err := Chats(t.Context(), []corpus.Input{textInput("chats.jsonl", articleChats(1))}, o); err == nil || !strings.Contains(err.Error(), "no conversations") {
		t.Errorf("error %v", err)
	}
}

// That the least size of a cluster bounds k is no weakness of the k that is best.
func TestBoundOfKIsNoWarning(t *testing.T) {
	r := runChats(t, nil, articleChats(10), ChatsOptions{Common: Common{Seed: 1}, MinConversations: 37, MinUsers: 1})
	c := r.Manifest.Clustering
	if n := len(c.KCandidates); n == 0 || c.KCandidates[n-1].K != 3 {
		t.Fatalf("%+v: the test sees nothing", c.KCandidates)
	}
	for _, w := range r.Manifest.Warnings {
		if strings.Contains(w, "tried") {
			t.Error(w)
		}
	}
}
