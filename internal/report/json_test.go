package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// schema1 is schema version 1 with every key that may be in it. A value says
// its kind: a list or a table of free keys holds one example.
const schema1 = `{
  "schema": 1,
  "manifest": {
    "sheaf": "0.1.0", "created": "2026-11-20T10:00:00Z", "command": "notes",
    "inputs": [{"path": "notes.txt", "sha256": "6a", "items": 32}],
    "embedding": {"model": "builtin", "digest": "sha256:1f", "backend": "static", "provider": "cpu", "dim": 160,
                  "pooling": "mean", "max_tokens": 512, "tokenizer_digest": "sha256:2e", "lexicon_digest": "sha256:3d",
                  "adapt": {"beta": 2.0, "gamma": 0.0, "dims": 0, "noise": 0.0, "documents": 32}, "prompt": "", "defaults": []},
    "clustering": {"k": 7, "chosen_by": "auto", "seed": 1, "inertia": 9.1, "iterations": 4, "silhouette": 0.41,
                   "k_candidates": [{"k": 6, "score": 0.38}]},
    "labeling": {"labeler": "ollama", "model": "tinyllama", "digest": "4c", "options": {},
                 "prompt_digest": "sha256:5b"},
    "privacy": {"found": {}, "redacted": 3, "audit_failed": 0, "withheld": 0,
                "min_conversations": 10, "min_users": 5},
    "counts": {"read": 32, "blank": 0, "clustered": 32, "duplicates": 0, "truncated": 0, "skipped": 0},
    "seconds": {"read": 0.0, "embed": 0.0, "cluster": 0.0, "label": 0.0, "total": 0.0},
    "warnings": ["a warning"]
  },
  "clusters": [
    {"id": "c3", "level": 0, "parent": null, "label": "Animals", "description": "cats, dogs",
     "label_source": "keywords", "label_reason": "explained", "size": 4, "items": ["n5"],
     "centroid": "AAAAAA==", "facets": {}}
  ],
  "items": [
    {"id": "n5", "ref": null, "text": "cats", "source": "notes.txt:6", "cluster": "c3",
     "distance": 0.12, "duplicate_of": null, "truncated": false,
     "request": null, "task": null, "turns": null, "language": null, "user": null,
     "facets": {}, "audit": null}
  ],
  "skipped": [{"source": "notes.txt:40", "reason": "no known token"}]
}`

// free are the tables whose keys are data.
var free = []string{
	"manifest.labeling.options", "manifest.privacy.found", "clusters[].facets", "items[].facets", "items[].audit",
}

// shape lists the paths of a JSON value with the kinds that are seen there.
func shape(t *testing.T, data string) map[string]string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(data), &v); err != nil {
		t.Fatal(err)
	}
	paths := map[string]string{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		kind := fmt.Sprintf("%T", v)
		if old, ok := paths[path]; ok && old != "<nil>" && old != kind && v != nil {
			t.Errorf("%s is a %s and a %s", path, old, kind)
		}
		if v != nil || paths[path] == "" {
			paths[path] = kind
		}
		switch v := v.(type) {
		case map[string]any:
			for key, elem := range v {
				if !slices.Contains(free, path) {
					walk(strings.TrimPrefix(path+"."+key, "."), elem)
				}
			}
		case []any:
			for _, elem := range v {
				walk(path+"[]", elem)
			}
		}
	}
	walk("", v)
	return paths
}

// TestSchema compares what is written with schema 1, key by key.
func TestSchema(t *testing.T) {
	full := nested()
	full.Manifest.Warnings = []string{"weak"}
	talk := chats()
	talk.Manifest.Warnings = []string{"weak"}
	talk.Skipped = []Skipped{{"chats.json:3", "empty"}}
	talk.Manifest.Counts.Skipped++
	talk.Manifest.Counts.Read++

	// An empty path stands for nothing that is left out.
	chatsOnly := func(path string) bool {
		return strings.HasPrefix(path, "manifest.privacy") || path == "clusters[].facets" ||
			slices.Contains([]string{"request", "task", "turns", "language", "user", "facets", "audit"},
				strings.TrimPrefix(path, "items[]."))
	}
	for _, tt := range []struct {
		name string
		r    *Result
		not  func(path string) bool
	}{
		{"notes", full, chatsOnly},
		{"chats", talk, func(string) bool { return false }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want, got := shape(t, schema1), shape(t, write(t, tt.r, JSON, Options{}))
			for path, kind := range want {
				g, ok := got[path]
				switch {
				case tt.not(path) && ok:
					t.Errorf("%s is there", path)
				case !tt.not(path) && !ok:
					t.Errorf("%s is missing", path)
				case ok && kind != "<nil>" && g != "<nil>" && kind != g:
					t.Errorf("%s is a %s, want %s", path, g, kind)
				}
			}
			for path := range got {
				if _, ok := want[path]; !ok {
					t.Errorf("%s is not in the schema", path)
				}
			}
		})
	}
}

// Each single item and cluster has all keys, not just some of them together.
func TestEveryItemHasEveryKey(t *testing.T) {
	type parts struct {
		Items, Clusters []map[string]json.RawMessage
	}
	for name, tt := range map[string]struct {
		r             *Result
		item, cluster string
	}{
		"notes": {
			nested(), "cluster distance duplicate_of id ref source text truncated",
			"centroid description id items label label_reason label_source level parent size",
		},
		"chats": {
			chats(), "audit cluster distance duplicate_of facets id language ref request source task text truncated turns user",
			"centroid description facets id items label label_reason label_source level parent size",
		},
	} {
		var p parts
		if err := json.Unmarshal([]byte(write(t, tt.r, JSON, Options{})), &p); err != nil {
			t.Fatal(err)
		}
		for _, it := range p.Items {
			if got := strings.Join(slices.Sorted(maps.Keys(it)), " "); got != tt.item {
				t.Errorf("%s: an item has the keys %s, want %s", name, got, tt.item)
			}
		}
		for _, c := range p.Clusters {
			want := tt.cluster
			if string(c["level"]) != "0" {
				want = strings.TrimPrefix(want, "centroid ")
			}
			if got := strings.Join(slices.Sorted(maps.Keys(c)), " "); got != want {
				t.Errorf("%s: a cluster has the keys %s, want %s", name, got, want)
			}
		}
	}
}

// The stream has the bytes that encoding/json gives for the whole.
func TestJSONIsIndentedByTwo(t *testing.T) {
	for _, r := range []*Result{{}, small(), nested(), hostile(), large(20)} {
		got := write(t, r, JSON, Options{})
		var want bytes.Buffer
		if err := json.Indent(&want, []byte(got), "", "  "); err != nil {
			t.Fatal(err)
		}
		if got != want.String() {
			t.Errorf("indented differently:\n%s\nwant:\n%s", got, want.String())
		}
		if !strings.HasSuffix(got, "\n}\n") {
			t.Errorf("no newline at the end: %q", got[max(0, len(got)-10):])
		}
	}
}

func TestJSONOfTheEmptyResult(t *testing.T) {
	got := write(t, &Result{}, JSON, Options{})
	rest := got
	for _, key := range []string{"parent", "lexicon_digest", "adapt", "model", "digest", "prompt", "prompt_digest"} {
		rest = strings.ReplaceAll(rest, `"`+key+`": null`, "")
	}
	if strings.Contains(rest, "null") {
		t.Errorf("a list, a table or a text is null in %s", got)
	}
	for _, want := range []string{
		`"schema": 1`, `"clusters": []`, `"items": []`, `"skipped": []`, `"warnings": []`, `"inputs": []`,
		`"k_candidates": []`, `"options": {}`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}

func TestJSONText(t *testing.T) {
	r := newBuilder("notes").cluster("A & B", "").item(1, "<b>é 日本 👍</b> & \x1b[1m \xff").result()
	r.Items[0].Distance = float64(float32(0.1))
	got := write(t, r, JSON, Options{})
	for _, want := range []string{
		`"label": "A & B"`, `"text": "<b>é 日本 👍</b> & \u001b[1m ` + "\uFFFD" + `"`,
		`"distance": 0.10000000149011612`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}

func TestWriteLeavesTheResultAlone(t *testing.T) {
	r := &Result{Manifest: Manifest{Privacy: &Privacy{}}, Clusters: []Cluster{{ID: "c1", Label: "\xff"}}}
	for _, f := range []Format{Text, Markdown, JSON, CSV} {
		write(t, r, f, Options{})
	}
	if r.Items != nil || r.Manifest.Privacy.Found != nil || r.Clusters[0].Items != nil || r.Clusters[0].Label != "\xff" {
		t.Errorf("Write changed its result: %+v", r)
	}
}

func TestCentroid(t *testing.T) {
	if got, want := EncodeCentroid([]float32{1, -2, 0.5}), "AACAPwAAAMAAAAA/"; got != want {
		t.Errorf("EncodeCentroid = %s, want %s", got, want)
	}
	for s, want := range map[string]string{
		"":                 "empty",
		"AACAPwA=":         "5 bytes",
		"AACAPw":           "illegal base64",
		"AACAPx==":         "illegal base64", // bits that nobody set
		"!":                "illegal base64",
		"AADAfw==":         "element 0 is NaN",
		"AACAPwAAgH8=":     "element 1 is +Inf",
		"AACAPwAAAMAAAIA=": "11 bytes",
	} {
		if v, err := DecodeCentroid(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("DecodeCentroid(%q) = %v, %v; want %q", s, v, err, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SliceOfN(rapid.Float32(), 1, 40).Draw(t, "v")
		got, err := DecodeCentroid(EncodeCentroid(v))
		if err != nil {
			for _, x := range v {
				if math.IsInf(float64(x), 0) || math.IsNaN(float64(x)) {
					return
				}
			}
			t.Fatal(err)
		}
		for i := range v {
			if math.Float32bits(got[i]) != math.Float32bits(v[i]) {
				t.Fatalf("element %d: %v, want %v", i, got[i], v[i])
			}
		}
	})
}
