package report

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares got with a file in testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; got:\n%s\nwant:\n%s", name, got, want)
	}
}

func write(t *testing.T, r *Result, f Format, o Options) string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, r, f, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A builder makes results that hold together.
type builder struct {
	r     *Result
	first map[string]string // folded text to the id of its first item
}

func newBuilder(command string) *builder {
	return &builder{
		r: &Result{
			Schema: Schema,
			Manifest: Manifest{
				Sheaf: "0.1.0", Created: "2026-11-20T10:00:00Z", Command: command,
				Embedding: Embedding{
					Model: "builtin", Digest: "sha256:1f", Backend: "static", Provider: "cpu", Dim: 2,
					Pooling: "mean", MaxTokens: 512, TokenizerDigest: "sha256:2e", LexiconDigest: new("sha256:3d"),
					Adapt: &Adapt{Beta: 2, Gamma: 0.25, Dims: 8, Documents: 4},
				},
				Clustering: Clustering{
					ChosenBy: "auto", Seed: 1, Inertia: 9.1, Iterations: 4, Silhouette: 0.41,
					KCandidates: []KCandidate{{K: 2, Score: 0.38}, {K: 3, Score: 0.41}},
				},
				Labeling: Labeling{
					Labeler: "ollama", Model: new("tinyllama"), Digest: new("sha256:4c"), PromptDigest: new("sha256:5b"),
					Options: map[string]any{"temperature": 0.1, "top_k": 3},
				},
				Seconds: Seconds{Read: 0.001, Embed: 0.02, Cluster: 0.003, Label: 0.4, Total: 0.424},
			},
		},
		first: map[string]string{},
	}
}

// cluster adds a cluster of level 0; parent may be "".
func (b *builder) cluster(label, parent string) *builder {
	n := len(b.r.Clusters)
	c := Cluster{
		ID: fmt.Sprintf("c%d", n+1), Label: label, Description: "words of " + label,
		LabelSource: "keywords", LabelReason: "distinctive words",
		Centroid: EncodeCentroid([]float32{0.1, float32(n)}),
	}
	if parent != "" {
		c.Parent = &parent
	}
	b.r.Clusters = append(b.r.Clusters, c)
	b.r.Manifest.Clustering.K++
	return b
}

// parent adds a cluster above those that name it.
func (b *builder) parent(level int, label, parent string) *builder {
	b.cluster(label, parent)
	c := &b.r.Clusters[len(b.r.Clusters)-1]
	c.Level, c.Centroid = level, ""
	b.r.Manifest.Clustering.K--
	return b
}

// item adds an item to a cluster.
func (b *builder) item(cluster int, text string) *builder {
	n := len(b.r.Items)
	it := Item{
		ID: fmt.Sprintf("n%d", n+1), Text: &text, Source: fmt.Sprintf("notes.txt:%d", n+1),
		Cluster: fmt.Sprintf("c%d", cluster), Distance: float64(n) / 8,
	}
	fold := strings.ToLower(strings.TrimSpace(text))
	if first, ok := b.first[fold]; ok {
		it.DuplicateOf = &first
	} else {
		b.first[fold] = it.ID
	}
	b.r.Items = append(b.r.Items, it)
	c := &b.r.Clusters[cluster-1]
	c.Items = append(c.Items, it.ID)
	return b
}

func (b *builder) skip(source, reason string) *builder {
	b.r.Skipped = append(b.r.Skipped, Skipped{source, reason})
	return b
}

// result counts everything.
func (b *builder) result() *Result {
	r := b.r
	counts := &r.Manifest.Counts
	counts.Clustered, counts.Skipped = len(r.Items), len(r.Skipped)
	counts.Read = len(r.Items) + len(r.Skipped)
	for _, it := range r.Items {
		if it.DuplicateOf != nil {
			counts.Duplicates++
		}
		if it.Truncated {
			counts.Truncated++
		}
	}
	r.Manifest.Inputs = []Input{{Path: "notes.txt", SHA256: "6a", Items: counts.Read}}
	// Parents come after their children, so sizes add up from front to back.
	for i := range r.Clusters {
		c := &r.Clusters[i]
		c.Size += len(c.Items)
		if c.Parent != nil {
			for j := range r.Clusters {
				if r.Clusters[j].ID == *c.Parent {
					r.Clusters[j].Size += c.Size
				}
			}
		}
	}
	return r
}

func small() *Result {
	return newBuilder("notes").cluster("Animals", "").cluster("Bread and Milk", "").
		item(1, "cats").item(2, "rye bread").item(1, "dogs").item(1, "guinea pigs").item(2, "oat milk").
		result()
}

// nested has two levels, duplicates, a long list, truncated and skipped items.
func nested() *Result {
	b := newBuilder("notes").
		cluster("Card Payments", "c4").cluster("Exchange Rates", "c4").cluster("Gardening", "").
		parent(1, "Banking", "")
	for i := range 31 {
		b.item(1, fmt.Sprintf("Why was payment %d declined when there is enough money in the account?", i+1))
	}
	b.item(2, "What is the rate for dollars?").item(3, "water the roses").item(2, "exchange fees").
		item(2, "what is the rate for dollars?").item(2, "What is the rate for dollars? ").
		item(3, "Buy compost, two bags of forty litres, and a spade that does not bend at the first stone, "+
			"and ask whether they take the old one back").
		item(1, "why was payment 31 declined when there is enough money in the account?").
		skip("notes.txt:40", "no known token").skip("notes.txt:41", "empty").skip("notes.txt:44", "no known token")
	b.r.Items[3].Truncated = true
	return b.result()
}

// hostile has texts that try to break out of every format.
func hostile() *Result {
	b := newBuilder("notes").cluster("# Not\na heading #", "").cluster("=HYPERLINK(\"http://x\")", "").
		cluster("\x1b[31mRed\u202eder", "").cluster("", "")
	for _, s := range []string{
		"日本語のとても長いメモで、端末の幅に収まらないので、どこかで切らなければならないもの",
		"👨‍👩‍👧‍👦 family, 🏳️‍🌈 flag, 🇩🇪 country, 👍🏽 thumb, e\u0301 accent, नमस्ते, สวัสดี",
		"z" + strings.Repeat("\u0335\u0321", 40) + "algo",
		"a soft\u00adhyphen, a zero\u200bwidth space, a \ufeffmark and \U000e0041tags",
		"שלום \u200fעולם",
	} {
		b.item(1, s)
	}
	for _, s := range []string{
		"=1+1", "+49 170 1", "-5 degrees", "@SUM(A1)", "\t=1", "\r=1", "＝1＋1", "'quoted", "a,b;\"c\"", " =1",
		"two\nlines", "windows\r\nlines", "old\rmac",
	} {
		b.item(2, s)
	}
	for _, s := range []string{
		"\x1b]0;title\x07 and \x1b[2J", "\u009b31m", "user\u202etxt.exe", "\u2066isolate\u2069", "nul\x00del\x7f",
		"bad \xff utf8 \xc3", "line\u2028separator\vtab\tand  spaces ",
	} {
		b.item(3, s)
	}
	for _, s := range []string{
		"- dash", "* star", "+ plus", "# heading", "> quote", "1. first", "2) second", "```", "---", "\\- escaped",
		"[x] done", "- a\n- b", "a\n\nb", "<b>bold</b> &amp; *stars*", "    code", "TODO later",
	} {
		b.item(4, s)
	}
	ref := "=ref"
	b.r.Items[5].Ref = &ref
	b.r.Items[6].Source = "@odd,\"name\".csv:7"
	return b.skip("\x1b[1mx:1", "\x1b[31mevil").result()
}

// chats has what only conversations have.
func chats() *Result {
	b := newBuilder("chats").cluster("Help implement frontend components", "c3").cluster("Debug memory leaks", "c3").
		parent(1, "Improve and debug code", "").
		item(1, "get help with a React table").item(2, "find a leak in Python").item(1, "withheld")
	r := b.result()
	r.Manifest.Privacy = &Privacy{
		Found: map[string]int{"EMAIL": 3, "PERSON": 1}, Redacted: 4, Withheld: 1, MinConversations: 10, MinUsers: 5,
	}
	request, task, language, user, turns := "get help with a React table", "write the code", "en", "u:9f3a", 4
	r.Items[0].Conversation = &Conversation{
		Request: &request, Task: &task, Turns: &turns, Language: &language, User: &user,
		Facets: map[string]any{"concern": 1, "language": "en"}, Audit: map[string]any{"score": 4.5, "judge": "tinyllama"},
	}
	r.Items[1].Conversation = &Conversation{Turns: &turns}
	r.Items[2].Conversation = &Conversation{Turns: &turns, Audit: map[string]any{"score": 1.0}}
	r.Items[2].Text = nil
	for i := range 2 {
		r.Clusters[i].LabelSource = "model"
	}
	r.Clusters[0].Description = "The user asked for React components. The assistant wrote them."
	r.Clusters[0].Facets = map[string]map[string]int{"language": {"en": 2}, "concern": {"1": 2}}
	return r
}

// large returns a result of n items in 300 clusters of vectors of 160
// dimensions, every tenth item a copy of the one before it.
func large(n int) *Result {
	r := &Result{Schema: Schema, Manifest: Manifest{Command: "notes"}}
	k := min(n, 300)
	v := make([]float32, 160)
	for c := range k {
		for i := range v {
			v[i] = 1 / float32(3+c+i)
		}
		r.Clusters = append(r.Clusters, Cluster{
			ID: fmt.Sprintf("c%d", c+1), Label: fmt.Sprintf("Subject number %d", c+1),
			Description: "bank, card, transfer, top up, exchange", LabelSource: "keywords",
			Centroid: EncodeCentroid(v),
		})
	}
	for i := range n {
		text := fmt.Sprintf("I still have not received my new card, ordered %d days ago, at the café", i)
		it := Item{
			ID: fmt.Sprintf("n%d", i+1), Text: &text, Source: fmt.Sprintf("notes.txt:%d", i+1),
			Distance: float64(1 / float32(i+3)),
		}
		c := &r.Clusters[i*7%k]
		if i%10 == 9 {
			first := r.Items[i-1]
			it.Text, it.DuplicateOf = first.Text, &first.ID
			r.Manifest.Counts.Duplicates++
		}
		it.Cluster = c.ID
		c.Items = append(c.Items, it.ID)
		c.Size++
		r.Items = append(r.Items, it)
	}
	r.Manifest.Counts.Read, r.Manifest.Counts.Clustered = n, n
	return r
}
