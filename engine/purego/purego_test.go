package purego_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"sheaf/engine/onnx"
	"sheaf/engine/purego"
	"sheaf/engine/transformer"
	"sheaf/internal/testmodel"
	"sheaf/internal/testmodel/check"
)

func open(dir string, opts transformer.Options) (*transformer.Embedder, error) {
	return purego.Open(dir, purego.Options{Options: opts})
}

func small() testmodel.Spec { return testmodel.Small(testmodel.BERT, "mean_tokens") }

func TestGolden(t *testing.T) {
	if testing.Short() {
		t.Skip("24 models, one after another: the other tests have all that runs beside something")
	}
	check.Golden(t, open, 1e-4)
}

func TestNeighbours(t *testing.T) { check.Neighbours(t, open, 12) }
func TestDamaged(t *testing.T)    { check.Damaged(t, open, 100) }

// ONNX Runtime gives the same vectors, and says the same of them.
func TestLikeONNX(t *testing.T) {
	if !onnx.Supported() {
		t.Skip("built without cgo, and so without ONNX Runtime")
	}
	if _, err := onnx.FindLibrary(onnx.Search{}); errors.Is(err, onnx.ErrNotFound) {
		t.Skipf("%v; set %s, or run scripts/setup-onnxruntime/setup.sh", err, onnx.LibraryVariable)
	}
	spec := testmodel.Small(testmodel.MPNet, "mean_tokens")
	dir := check.Write(t, spec)
	texts := append(check.Random(9, 30, 80), "", "日本")
	native, err := onnx.Open(dir, onnx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer native.Close()
	e := check.Opener(open).Must(t, dir, transformer.Options{})
	want, got := check.Embed(t, native, texts), check.Embed(t, e, texts)
	if d := check.Distance(got.Vectors.Data, want.Vectors.Data); !(d <= 1e-4) {
		t.Errorf("off by %g", d)
	}
	a, b := native.Info(), e.Info()
	a.Backend = b.Backend
	if a.Digest != b.Digest || a.Dim != b.Dim || a.Pooling != b.Pooling || a.MaxTokens != b.MaxTokens || a.TokenizerDigest != b.TokenizerDigest {
		t.Errorf("info %+v\nand  %+v", a, b)
	}
}

func TestConcurrent(t *testing.T) {
	e := check.Opener(open).Must(t, check.Write(t, small()), transformer.Options{})
	texts := check.Random(8, 8, 10)
	want := check.Embed(t, e, texts)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			got, err := e.Embed(context.Background(), texts, nil)
			if err != nil {
				t.Error(err)
			} else if d := check.Distance(got.Vectors.Data, want.Vectors.Data); d != 0 {
				t.Errorf("off by %g", d)
			}
		})
	}
	wg.Wait()
}

func TestErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		spec     func(*testmodel.Spec)
		old, new string // replaced in the model
		embed    string // a text that fails, where opening does not
		want     string
	}{
		"unknown operator": {old: "\x22\x07Softmax", new: "\x22\x07Sofamax", want: "Sofamax"},
		"unknown tensor":   {old: "layer.0.query.weight", new: "layer.9.query.weight", want: "layer.9.query.weight"},
		"vectors of NaN":   {spec: func(s *testmodel.Spec) { s.NaNToken = s.ID("milk") }, embed: "milk", want: "is zero or not a number"},
		"ids out of range": {spec: func(s *testmodel.Spec) { s.TokenizerExtra, s.HideTable = 3, true }, want: "how many tokens it knows"},
		"no external data": {spec: func(s *testmodel.Spec) { s.ExternalData = true }, want: "model.onnx_data"},
	} {
		t.Run(name, func(t *testing.T) {
			spec := small()
			if tt.spec != nil {
				tt.spec(&spec)
			}
			dir := check.Write(t, spec)
			path := filepath.Join(dir, "model.onnx")
			if tt.old != "" {
				data, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(strings.Replace(string(data), tt.old, tt.new, 1)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if spec.ExternalData {
				if err := os.Remove(path + "_data"); err != nil {
					t.Fatal(err)
				}
			}
			e, err := purego.Open(dir, purego.Options{})
			if err == nil {
				_, err = e.Embed(context.Background(), []string{"a", tt.embed}, nil)
				if err := e.Close(); err != nil {
					t.Error(err)
				}
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want %q", err, tt.want)
			}
			var h interface{ Hint() string }
			if !errors.As(err, &h) || h.Hint() == "" {
				t.Errorf("error %q has no hint", err)
			}
		})
	}
}
