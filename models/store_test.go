package models

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// write makes files below dir; a content that begins with "->" is a link.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, ok := strings.CutPrefix(content, "->"); ok {
			err = os.Symlink(target, path)
		} else {
			err = os.WriteFile(path, []byte(content), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

const header = `{"embeddings":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}}`

func table(header string) string {
	return string([]byte{byte(len(header)), 0, 0, 0, 0, 0, 0, 0}) + header + "\x00\x00\x00\x00"
}

var transformer = map[string]string{"config.json": "{}", "tokenizer.json": "{}", "onnx/model.onnx": "graph", "onnx/model.onnx_data": "data",
	"onnx/model_O2.onnx": "other", "README.md": "words", "model.safetensors": table(`{"encoder.weight":{}}`)}

func with(files map[string]string, more ...string) map[string]string {
	out := map[string]string{}
	for k, v := range files {
		out[k] = v
	}
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] == "" {
			delete(out, more[i])
		} else {
			out[more[i]] = more[i+1]
		}
	}
	return out
}

func TestFiles(t *testing.T) {
	static := map[string]string{"config.json": "{}", "tokenizer.json": "{}", "model.safetensors": table(header), "README.md": "words"}
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"transformer", transformer, []string{"config.json", "onnx/model.onnx", "onnx/model.onnx_data", "tokenizer.json"}},
		{"graph at the top", with(transformer, "model.onnx", "graph"), []string{"config.json", "model.onnx", "tokenizer.json"}},
		{"the only graph", with(transformer, "onnx/model.onnx", ""), []string{"config.json", "onnx/model_O2.onnx", "tokenizer.json"}},
		{"two graphs", with(transformer, "onnx/model.onnx", "", "onnx/a.onnx", "x"), nil},
		{"static", static, []string{"config.json", "model.safetensors", "tokenizer.json"}},
		{"no tokenizer", with(transformer, "tokenizer.json", ""), nil},
		{"weights of another kind", with(static, "model.safetensors", transformer["model.safetensors"]), nil},
		{"broken header", with(static, "model.safetensors", "\xff\xff\xff\xff\xff\xff\xff\xff{}"), nil},
		{"short header", with(static, "model.safetensors", "\x01"), nil},
	} {
		dir := t.TempDir()
		write(t, dir, tt.files)
		if got := Files(dir); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// cache makes a Hugging Face cache with one snapshot of a transformer.
func cache(t *testing.T, repository string, files map[string]string) (cache, snapshot string) {
	t.Helper()
	cache = t.TempDir()
	root := filepath.Join(cache, cacheFolder(repository))
	snapshot = filepath.Join(root, "snapshots", strings.Repeat("c", 40))
	write(t, snapshot, files)
	write(t, root, map[string]string{"refs/main": strings.Repeat("c", 40)})
	return cache, snapshot
}

func TestStore(t *testing.T) {
	t.Chdir(t.TempDir())
	dir, snapshot := cache(t, "thenlper/gte-small", transformer)
	for repository, files := range map[string]map[string]string{
		"owner/part": with(transformer, "onnx/model.onnx", "", "onnx/model_O2.onnx", ""), "owner/whole": transformer, "plain": transformer} {
		other, _ := cache(t, repository, files)
		if err := os.Rename(filepath.Join(other, cacheFolder(repository)), filepath.Join(dir, cacheFolder(repository))); err != nil {
			t.Fatal(err)
		}
	}
	home := t.TempDir()
	write(t, filepath.Join(home, "all-MiniLM-L6-v2"), transformer)
	write(t, filepath.Join(home, "all-MiniLM-L6-v2-int8"), transformer)
	write(t, filepath.Join(home, "owner", "other"), transformer)
	write(t, filepath.Join(home, ".pull", "half"), transformer)
	s := Store{Home: home, Cache: dir}

	for name, want := range map[string]string{
		"all-MiniLM-L6-v2": filepath.Join(home, "all-MiniLM-L6-v2"), "ALL-minilm-l6-v2": filepath.Join(home, "all-MiniLM-L6-v2"),
		"sentence-transformers/all-MiniLM-L6-v2": filepath.Join(home, "all-MiniLM-L6-v2"),
		"all-MiniLM-L6-v2-int8":                  filepath.Join(home, "all-MiniLM-L6-v2-int8"),
		"gte-small":                              snapshot, "thenlper/gte-small": snapshot, "owner/other": filepath.Join(home, "owner", "other"),
		"": "", "builtin": "",
	} {
		m, err := s.Find(name)
		if err != nil || m.Dir != want || m.Cached != (want == snapshot) {
			t.Errorf("Find(%q) = %+v, %v; want %s", name, m, err, want)
		}
	}
	for _, name := range []string{"gte-small-int8", "owner/part", "owner/none", "../half", ".pull/half/x", "owner--whole"} {
		var missing *NotFoundError
		if m, err := s.Find(name); !errors.As(err, &missing) || !slices.Contains(missing.Installed, "gte-small") {
			t.Errorf("Find(%q) = %+v, %v; want a NotFoundError", name, m, err)
		}
	}
	var names []string
	for _, m := range s.Models() {
		names = append(names, m.Name)
	}
	if want := []string{"all-MiniLM-L6-v2", "all-MiniLM-L6-v2-int8", "owner/other", "gte-small", "owner/whole", "plain"}; !slices.Equal(names, want) {
		t.Errorf("Models = %q, want %q", names, want)
	}
	if got := (Store{}).Models(); got != nil {
		t.Errorf("the zero store has %+v", got)
	}

	var owned *OwnershipError
	t.Chdir(home)
	for _, name := range []string{"builtin", "gte-small", t.TempDir(), ".", ".."} {
		if err := s.Remove(name); !errors.As(err, &owned) {
			t.Errorf("Remove(%q) = %v, want an OwnershipError", name, err)
		}
	}
	for _, name := range []string{"owner/other", "sentence-transformers/all-MiniLM-L6-v2"} {
		if err := s.Remove(name); err != nil {
			t.Error(err)
		}
	}
	entries, err := os.ReadDir(home)
	if err != nil || len(entries) != 2 || entries[1].Name() != "all-MiniLM-L6-v2-int8" {
		t.Errorf("left: %v, %v", entries, err)
	}
}

// Without refs/main the only snapshot is taken, and none of several.
func TestSnapshotWithoutMain(t *testing.T) {
	dir, snapshot := cache(t, "owner/m", transformer)
	if err := os.Remove(filepath.Join(dir, "models--owner--m", "refs", "main")); err != nil {
		t.Fatal(err)
	}
	if got, ok := cachedSnapshot(dir, "owner/m"); !ok || got != snapshot {
		t.Errorf("%s, %v", got, ok)
	}
	write(t, filepath.Join(filepath.Dir(snapshot), "other"), transformer)
	if got, ok := cachedSnapshot(dir, "owner/m"); ok {
		t.Errorf("one of several was taken: %s", got)
	}
	write(t, filepath.Join(dir, "models--owner--m"), map[string]string{"refs/main": "../../../elsewhere"})
	if got, ok := cachedSnapshot(dir, "owner/m"); ok {
		t.Errorf("a commit that is a path was taken: %s", got)
	}
}

func TestCacheDir(t *testing.T) {
	abs := t.TempDir()
	for _, tt := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{"HF_HUB_CACHE": "a", "HF_HOME": "b"}, "a"},
		{map[string]string{"HF_HOME": "b", "HOME": "h"}, filepath.Join("b", "hub")},
		{map[string]string{"XDG_CACHE_HOME": abs, "HOME": "h"}, filepath.Join(abs, "huggingface", "hub")},
		{map[string]string{"HOME": "h"}, filepath.Join("h", ".cache", "huggingface", "hub")},
		{nil, ""},
	} {
		if got := CacheDir(func(k string) string { return tt.env[k] }); got != tt.want {
			t.Errorf("CacheDir(%v) = %q, want %q", tt.env, got, tt.want)
		}
	}
	if got := RuntimeHome(func(string) string { return "" }); got != "" {
		t.Errorf("RuntimeHome = %q", got)
	}
}

func TestValidName(t *testing.T) {
	for name, want := range map[string]bool{"gte-small": true, "owner/model_1.5": true, "builtin": false, "": false, "a/b/c": false, "../a": false,
		"a/..": false, ".hidden": false, "a--b": false, "a\\b": false, "a:b": false, "/a": false, "a/": false, "ü": false, "a.": false} {
		if got := ValidName(name); got != want {
			t.Errorf("ValidName(%q) = %v", name, got)
		}
	}
}

func TestCatalogue(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range Catalogue() {
		if e.Revision == "" || e.Dims <= 0 || e.MaxTokens <= 0 || e.Languages == "" || e.Licence == "" || !slices.Contains([]string{"mean", "cls"}, e.Pooling) {
			t.Errorf("%s lacks something: %+v", e.Name, e)
		}
		if !ValidRepository(e.Repository) || e.Variants[0].Precision != Full || e.Variants[0].Repository != "" {
			t.Errorf("%s: repository %q", e.Name, e.Repository)
		}
		if _, ok := e.Prompts[e.Clustering]; e.Clustering != "" && !ok {
			t.Errorf("%s has no prompt %q", e.Name, e.Clustering)
		}
		for _, v := range e.Variants {
			name := e.Installed(v)
			if seen[strings.ToLower(name)] || !ValidName(name) {
				t.Errorf("the name %q is there twice, or is none", name)
			}
			seen[strings.ToLower(name)] = true
			if got, gotV, ok := Lookup(name); !ok || got.Name != e.Name || gotV.Precision != v.Precision {
				t.Errorf("Lookup(%q) = %s, %s", name, got.Name, gotV.Precision)
			}
			if v.Size <= 0 || v.SHA256 != "" && (len(v.SHA256) != 64 || !ValidDigest(v.SHA256)) || Graph([]string{v.File}) == "" && v.File != StaticWeights {
				t.Errorf("%s: %+v", name, v)
			}
		}
		if got, _, ok := Lookup(e.Repository); !ok || got.Name != e.Name {
			t.Errorf("Lookup(%q) = %s", e.Repository, got.Name)
		}
	}
	if _, _, ok := Lookup("owner/unknown"); ok {
		t.Error("an unknown repository is in the catalogue")
	}
}
