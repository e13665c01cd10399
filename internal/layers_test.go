// Package internal_test holds what is true of the whole tree.
package internal_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// allowed says, for each package of ours that a build needs, which others of
// ours it may import. A package that is not in it fails the test, so that a
// new one is given its place on purpose. Test files may import what they like.
var allowed = map[string][]string{
	"sheaf/cmd/sheaf": {"internal/pipeline", "internal/corpus", "internal/report", "internal/hint", "models", "models/pull", "models/pack", "engine/onnx"},

	"sheaf/internal/pipeline": {"internal/corpus", "internal/report", "internal/hint", "internal/quality", "internal/bench", "internal/store", "internal/privacy",
		"labeler", "labeler/...", "engine", "engine/...", "kmeans", "models", "models/builtin"},
	"sheaf/internal/corpus":          {"internal/hint"},
	"sheaf/internal/report":          {"internal/hint"},
	"sheaf/internal/store":           {"internal/hint"},
	"sheaf/internal/quality":         {},
	"sheaf/internal/bench":           {"internal/hint", "internal/quality", "kmeans"},
	"sheaf/internal/privacy":         {},
	"sheaf/internal/privacy/planted": {},
	"sheaf/internal/hint":            {},

	"sheaf/internal/ollamatest":      {"labeler", "labeler/chat", "labeler/loopback", "labeler/prompts"},
	"sheaf/internal/testmodel":       {},
	"sheaf/internal/testchats":       {},
	"sheaf/internal/testsets":        {},
	"sheaf/internal/testmodel/check": {"engine", "engine/transformer", "internal/testmodel"},

	"sheaf/labeler":          {"engine", "kmeans"},
	"sheaf/labeler/judge":    {"labeler", "labeler/language", "engine", "engine/static", "models/builtin"},
	"sheaf/labeler/language": {"engine/static", "models/builtin"},
	"sheaf/labeler/chat":     {"labeler", "labeler/judge", "labeler/prompts"},
	"sheaf/labeler/ollama":   {"labeler/chat", "labeler/loopback"},
	"sheaf/labeler/openai":   {"labeler/chat", "labeler/loopback"},
	"sheaf/labeler/loopback": {},
	"sheaf/labeler/prompts":  {},
	"sheaf/labeler/clio":     {"labeler", "labeler/chat", "labeler/judge", "labeler/prompts", "kmeans"},
	"sheaf/labeler/keywords": {"labeler", "labeler/language", "engine", "engine/static", "models/builtin"},

	"sheaf/engine":                    {"models"},
	"sheaf/engine/transformer":        {"engine", "engine/tokenizer"},
	"sheaf/engine/onnx":               {"engine/transformer"},
	"sheaf/engine/purego":             {"engine/transformer"},
	"sheaf/engine/adapt":              {"engine"},
	"sheaf/engine/static":             {"engine", "engine/tokenizer", "engine/static/safetensors", "models", "models/builtin"},
	"sheaf/engine/static/safetensors": {},
	"sheaf/engine/tokenizer":          {},
	"sheaf/kmeans":                    {"kmeans/internal/simd"},
	"sheaf/kmeans/internal/simd":      {},
	"sheaf/models":                    {},
	"sheaf/models/pull":               {"models"},
	"sheaf/models/pack":               {"models", "labeler/loopback"},
	"sheaf/models/builtin":            {},
}

// topLevel is every folder there may be.
var topLevel = []string{"cmd", "engine", "models", "kmeans", "labeler", "scripts", "internal", "docs", "examples"}

type pkg struct {
	ImportPath string
	Imports    []string
}

func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "sheaf/...")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var pkgs []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}

// violation says what is wrong with an import, or "".
func violation(from, to string) string {
	if !strings.HasPrefix(to, "sheaf/") {
		return ""
	}
	may, known := allowed[from]
	if !known {
		return from + " is not in the table of layers"
	}
	rel := strings.TrimPrefix(to, "sheaf/")
	if slices.ContainsFunc(may, func(m string) bool {
		parent, all := strings.CutSuffix(m, "/...")
		return m == rel || all && strings.HasPrefix(rel, parent+"/")
	}) {
		return ""
	}
	return from + " imports " + to
}

func TestLayers(t *testing.T) {
	seen := 0
	for _, p := range list(t) {
		if strings.HasPrefix(p.ImportPath, "sheaf/scripts/") {
			continue // programs of their own, which use what they like
		}
		if p.ImportPath == "sheaf/internal" {
			continue // this test
		}
		seen++
		if _, known := allowed[p.ImportPath]; !known {
			t.Errorf("%s is not in the table of layers", p.ImportPath)
		}
		for _, imp := range p.Imports {
			if v := violation(p.ImportPath, imp); v != "" {
				t.Error(v)
			}
		}
	}
	if seen != len(allowed) {
		t.Errorf("the table has %d packages, the tree %d", len(allowed), seen)
	}
}

// The test above would see what it is for.
func TestViolation(t *testing.T) {
	for _, tt := range []struct {
		from, to string
		bad      bool
	}{
		{"sheaf/kmeans", "sheaf/engine", true},
		{"sheaf/labeler", "sheaf/labeler/ollama", true},
		{"sheaf/engine/static", "sheaf/internal/hint", true},
		{"sheaf/internal/corpus", "sheaf/internal/report", true},
		{"sheaf/new", "sheaf/engine", true},
		{"sheaf/internal/pipeline", "sheaf/labeler/ollama", false},
		{"sheaf/kmeans", "gonum.org/v1/gonum/blas/blas32", false},
	} {
		if got := violation(tt.from, tt.to) != ""; got != tt.bad {
			t.Errorf("violation(%s, %s) = %v, want %v", tt.from, tt.to, got, tt.bad)
		}
	}
}

// network says who may open connections: to this machine alone, but for the
// one package of the two pull commands.
var network = map[string][]string{
	"sheaf/internal/bench":      {"os/exec"}, // itself, once for each model
	"sheaf/labeler/loopback":    {"net", "net/http"},
	"sheaf/labeler/ollama":      {"net/http", "github.com/ollama/ollama/api"},
	"sheaf/labeler/openai":      {"net/http"},
	"sheaf/internal/ollamatest": {"net", "net/http", "os/exec", "github.com/ollama/ollama/api"},
	"sheaf/models/pack":         {"github.com/ollama/ollama/api"},
	"sheaf/models/pull":         {"net", "net/http", "github.com/gomlx/go-huggingface/hub"},
}

func TestNetwork(t *testing.T) {
	watched := []string{"net", "net/http", "crypto/tls", "os/exec", "plugin", "github.com/ollama/ollama/api", "github.com/gomlx/go-huggingface/hub"}
	seen := 0
	for _, p := range list(t) {
		if strings.HasPrefix(p.ImportPath, "sheaf/scripts/") {
			continue
		}
		for _, imp := range p.Imports {
			if !slices.Contains(watched, imp) {
				continue
			}
			seen++
			if !slices.Contains(network[p.ImportPath], imp) {
				t.Errorf("%s imports %s and is not in the table of those who may", p.ImportPath, imp)
			}
		}
	}
	if seen == 0 {
		t.Error("nobody opens connections: the test sees nothing")
	}
}

func TestTopLevelFolders(t *testing.T) {
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") && !slices.Contains(topLevel, e.Name()) {
			t.Errorf("folder %s at the top; there are only %s", e.Name(), strings.Join(topLevel, ", "))
		}
	}
}

// No file is much over 500 lines.
func TestFileLength(t *testing.T) {
	const most = 550
	err := filepath.WalkDir("..", func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		raw, err := os.ReadFile(path)
		if n := strings.Count(string(raw), "\n"); n > most {
			t.Errorf("%s has %d lines", path, n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
