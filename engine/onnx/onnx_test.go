package onnx_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"sheaf/engine/onnx"
	"sheaf/engine/transformer"
	"sheaf/internal/testmodel"
	"sheaf/internal/testmodel/check"
)

// open opens a model, or skips the test where there is no ONNX Runtime.
func open(t testing.TB) check.Opener {
	t.Helper()
	needLibrary(t)
	return func(dir string, opts transformer.Options) (*transformer.Embedder, error) {
		return onnx.Open(dir, onnx.Options{Options: opts})
	}
}

func needLibrary(t testing.TB) onnx.Library {
	t.Helper()
	if !onnx.Supported() {
		t.Skip("built without cgo, and so without ONNX Runtime")
	}
	l, err := onnx.FindLibrary(onnx.Search{})
	if errors.Is(err, onnx.ErrNotFound) {
		t.Skipf("%v; set %s, or run scripts/setup-onnxruntime/setup.sh", err, onnx.LibraryVariable)
	}
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestGolden(t *testing.T)     { check.Golden(t, open(t), 1e-4) }
func TestNeighbours(t *testing.T) { check.Neighbours(t, open(t), 60) }
func TestDamaged(t *testing.T)    { check.Damaged(t, open(t), 200) }

func small() testmodel.Spec { return testmodel.Small(testmodel.BERT, "mean_tokens") }

// However the session is set up, the vectors are the same to the bit.
func TestSettings(t *testing.T) {
	yes, no := true, false
	dir := check.Write(t, small())
	texts := check.Random(7, 80, 30)
	want := check.Embed(t, open(t).Must(t, dir, transformer.Options{Threads: 1}), texts)
	for name, opts := range map[string]onnx.Options{
		"one stream": {Options: transformer.Options{Threads: 3}, Streams: 1},
		"spinning":   {Options: transformer.Options{Threads: 2}, Streams: 1, Spin: &yes},
		"no arena":   {Arena: &no},
		"streams":    {Options: transformer.Options{Threads: 4}, Streams: 4},
		"coreml":     {Provider: onnx.CoreML},
	} {
		e, err := onnx.Open(dir, opts)
		if err != nil {
			t.Fatal(err)
		}
		tolerance := 0.0
		if e.Info().Provider == onnx.CoreML {
			tolerance = 1e-2 // it computes in half precision
		}
		got := check.Embed(t, e, texts)
		if d := check.Distance(got.Vectors.Data, want.Vectors.Data); !(d <= tolerance) {
			t.Errorf("%s: off by %g", name, d)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestCoreMLFallsBack(t *testing.T) {
	needLibrary(t)
	if runtime.GOOS == "darwin" && runtime.GOARCH == "arm64" {
		t.Skip("CoreML is here")
	}
	e, err := onnx.Open(check.Write(t, small()), onnx.Options{Provider: onnx.CoreML})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if e.Info().Provider != onnx.CPU {
		t.Errorf("provider %q", e.Info().Provider)
	}
	if notes := e.Defaults(); len(notes) != 1 || !strings.Contains(notes[0], "coreml is not used") || !strings.Contains(notes[0], "Apple Silicon") {
		t.Errorf("reason %q", notes)
	}
}

func TestConcurrent(t *testing.T) {
	e := open(t).Must(t, check.Write(t, small()), transformer.Options{Threads: 3})
	texts := check.Random(8, 60, 20)
	want := check.Embed(t, e, texts)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			got, err := e.Embed(context.Background(), texts, nil)
			if err != nil {
				t.Error(err)
			} else if d := check.Distance(got.Vectors.Data, want.Vectors.Data); !(d <= 1e-6) {
				t.Errorf("off by %g", d)
			}
		})
	}
	wg.Wait()
}

// Models in the Hugging Face cache are links into a folder of files that are
// named by their digest.
func TestLinked(t *testing.T) {
	open := open(t)
	for _, external := range []bool{false, true} {
		spec := small()
		spec.ExternalData = external
		real := check.Write(t, spec)
		want := check.Embed(t, open.Must(t, real, transformer.Options{}), testmodel.Texts())
		dir := linked(t, real)
		got := check.Embed(t, open.Must(t, dir, transformer.Options{}), testmodel.Texts())
		if d := check.Distance(got.Vectors.Data, want.Vectors.Data); !(d <= 1e-6) {
			t.Errorf("external data %v: off by %g", external, d)
		}
	}
}

// linked lays a model's files out like the cache does.
func linked(t *testing.T, real string) string {
	t.Helper()
	root := t.TempDir()
	blobs, dir := filepath.Join(root, "blobs"), filepath.Join(root, "snapshots", "1234")
	for _, d := range []string{blobs, dir} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(dir, os.DirFS(real)); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"model.onnx", "model.onnx_data", "tokenizer.json", "config.json"} {
		path, blob := filepath.Join(dir, name), filepath.Join(blobs, strings.Repeat(string(rune('a'+i)), 64))
		if err := os.Rename(path, blob); errors.Is(err, os.ErrNotExist) {
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join("..", "..", "blobs", filepath.Base(blob)), path); err != nil {
			t.Skip(err)
		}
	}
	return dir
}

func TestErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		spec   func(*testmodel.Spec)
		damage func(model []byte) []byte
		opts   onnx.Options
		embed  string // a text that fails, where opening does not
		want   string
	}{
		"unknown operator":  {damage: replace("\x22\x07Softmax", "\x22\x07Sofamax"), want: "Sofamax"},
		"unknown tensor":    {damage: replace("layer.0.query.weight", "layer.9.query.weight"), want: "layer.9.query.weight"},
		"cut short":         {damage: func(m []byte) []byte { return m[:len(m)*2/3] }, want: "cut short"},
		"vectors of NaN":    {spec: func(s *testmodel.Spec) { s.NaNToken = s.ID("milk") }, embed: "milk", want: "is zero or not a number"},
		"ids out of range":  {spec: func(s *testmodel.Spec) { s.TokenizerExtra, s.HideTable = 3, true }, want: "a first try failed"},
		"positions missing": {spec: func(s *testmodel.Spec) { s.MaxPositions, s.PositionInput = 2, true }, want: "no room"},
		"no such provider":  {opts: onnx.Options{Provider: "cuda"}, want: `no provider "cuda"`},
	} {
		t.Run(name, func(t *testing.T) {
			needLibrary(t)
			spec := small()
			if tt.spec != nil {
				tt.spec(&spec)
			}
			dir := check.Write(t, spec)
			if tt.damage != nil {
				path := filepath.Join(dir, "model.onnx")
				data, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, tt.damage(data), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			e, err := onnx.Open(dir, tt.opts)
			if err == nil {
				_, err = e.Embed(context.Background(), []string{"a", tt.embed}, nil)
				if err := e.Close(); err != nil {
					t.Error(err)
				}
			}
			check.WantError(t, err, tt.want)
		})
	}
}

func replace(old, new string) func([]byte) []byte {
	return func(m []byte) []byte { return bytes.Replace(m, []byte(old), []byte(new), 1) }
}

// A plain build has ONNX Runtime in it; one without cgo says that it has not.
func TestBuild(t *testing.T) {
	if testing.Short() {
		t.Skip("builds two programs")
	}
	for _, cgo := range []bool{true, false} {
		program := filepath.Join(t.TempDir(), "program.exe")
		cmd := exec.Command("go", "build", "-o", program, "./testdata/program")
		want := "true false"
		if !cgo {
			cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
			want = "false true"
		} else if !onnx.Supported() {
			continue
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		version, err := exec.Command("go", "version", "-m", program).Output()
		if err != nil {
			t.Fatal(err)
		}
		if has := strings.Contains(string(version), "github.com/yalue/onnxruntime_go"); has != cgo {
			t.Errorf("cgo %v: the program has onnxruntime_go: %v", cgo, has)
		}
		out, err := exec.Command(program).Output()
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(string(out)); got != want {
			t.Errorf("cgo %v: the program says %q, want %q", cgo, got, want)
		}
	}
}

// The real all-MiniLM-L6-v2 gives the vectors that its makers' code gives.
func TestRealModel(t *testing.T) {
	dir, data := os.Getenv("SHEAF_TEST_MODEL"), os.Getenv("SHEAF_TESTDATA")
	if dir == "" {
		t.Skip("SHEAF_TEST_MODEL is not set: the folder of a real all-MiniLM-L6-v2")
	}
	if data == "" {
		t.Skip("SHEAF_TESTDATA is not set: the folder with the golden vectors")
	}
	raw, err := os.ReadFile(filepath.Join(data, "models", "golden-all-MiniLM-L6-v2", "spearman_smoke_1k.json"))
	if err != nil {
		t.Skip(err)
	}
	var golden []struct {
		Text   string    `json:"text"`
		Vector []float64 `json:"teacher_emb"`
	}
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden) < 100 {
		t.Fatalf("%d golden vectors, want 100", len(golden))
	}
	texts := make([]string, len(golden))
	for i, g := range golden {
		texts[i] = g.Text
	}
	emb := check.Embed(t, open(t).Must(t, dir, transformer.Options{}), texts)
	worst := 1.0
	for i, g := range golden {
		var dot, norm float64
		for j, x := range check.Row(emb, i) {
			dot += float64(x) * g.Vector[j]
			norm += g.Vector[j] * g.Vector[j]
		}
		cosine := dot / math.Sqrt(norm)
		worst = min(worst, cosine)
		if !(cosine >= 0.999) {
			t.Errorf("text %d has cosine %g", i, cosine)
		}
	}
	t.Logf("%d texts, lowest cosine %.6f", len(golden), worst)
}

// The test above would see what it is for: its golden file has what it reads.
func TestRealModelGolden(t *testing.T) {
	data := os.Getenv("SHEAF_TESTDATA")
	if data == "" {
		t.Skip("SHEAF_TESTDATA is not set: the folder with the golden vectors")
	}
	raw, err := os.ReadFile(filepath.Join(data, "models", "golden-all-MiniLM-L6-v2", "spearman_smoke_1k.json"))
	if err != nil {
		t.Skip(err)
	}
	var golden []map[string]any
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(golden, func(g map[string]any) bool { v, _ := g["teacher_emb"].([]any); return len(v) != 384 || g["text"] == "" }) {
		t.Error("a golden vector has not 384 dimensions")
	}
}
