package transformer_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"sheaf/engine/transformer"
	"sheaf/internal/testmodel/check"
)

// memory remembers facts, and the digests of files from the first time on.
type memory struct {
	mu             sync.Mutex
	digests, facts map[string]string
}

func newMemory() *memory { return &memory{digests: map[string]string{}, facts: map[string]string{}} }

func (m *memory) KnownDigest(path string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.digests[path]
}

func (m *memory) FileDigest(path string) (string, error) {
	data, err := os.ReadFile(path)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.digests[path] = "sha256:" + filepath.Base(path) + string(data[:min(len(data), 4)])
	return m.digests[path], err
}

func (m *memory) Fact(name string) string    { return m.facts[name] }
func (m *memory) KeepFact(name, fact string) { m.facts[name] = fact }

// starts is a backend that counts how often it is asked to load a graph.
type starts struct {
	fake
	transformer.Backend
	n      int
	refuse error
	reason string
}

func (s *starts) Provider() (name, reason string) { return "cpu", s.reason }

func (s *starts) open(dir string, opts transformer.Options) (*transformer.Embedder, error) {
	b := s.Backend
	b.Start = func(*transformer.Folder, transformer.Value) (transformer.Runner, error) {
		s.n++
		return s, s.refuse
	}
	return transformer.Open(dir, b, opts)
}

// A graph that was run before is loaded when the first text comes, and once.
func TestLoadsLate(t *testing.T) {
	dir, m := check.Write(t, small()), newMemory()
	library := transformer.Backend{Name: "fake", Identity: "library 1"}
	open := func(s *starts, opts transformer.Options) *transformer.Embedder {
		t.Helper()
		opts.Memory = m
		return check.Opener(s.open).Must(t, dir, opts)
	}
	first := &starts{Backend: library}
	a := open(first, transformer.Options{})
	if first.n != 1 {
		t.Fatalf("loaded %d times", first.n)
	}
	second := &starts{Backend: library}
	b := open(second, transformer.Options{})
	if second.n != 0 || !reflect.DeepEqual(b.Info(), a.Info()) || !slices.Equal(b.Defaults(), a.Defaults()) {
		t.Errorf("loaded %d times; %+v, then %+v", second.n, a.Info(), b.Info())
	}
	if check.Embed(t, b, nil); second.n != 0 {
		t.Error("loaded for no text")
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := b.Embed(context.Background(), []string{"buy milk", "cats"}, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if second.n != 1 {
		t.Errorf("loaded %d times for four calls", second.n)
	}
	want, got := check.Embed(t, a, []string{"buy milk"}), check.Embed(t, b, []string{"buy milk"})
	if check.Distance(got.Vectors.Data, want.Vectors.Data) != 0 {
		t.Error("other vectors")
	}

	// What depends on the options is settled as ever.
	for name, tt := range map[string]struct {
		opts  transformer.Options
		fails bool
	}{
		"fewer dimensions":   {opts: transformer.Options{Dim: 3}},
		"too many":           {opts: transformer.Options{Dim: width + 1}, fails: true},
		"length as it is":    {opts: transformer.Options{KeepLength: true}},
		"with other pooling": {opts: transformer.Options{Pooling: transformer.Max}},
	} {
		s := &starts{Backend: library}
		tt.opts.Memory = m
		e, err := s.open(dir, tt.opts)
		if (err != nil) != tt.fails || s.n != 0 {
			t.Errorf("%s: %v, loaded %d times", name, err, s.n)
		}
		if err == nil && (e.Info().Dim != width && e.Info().Dim != tt.opts.Dim) {
			t.Errorf("%s: %+v", name, e.Info())
		}
		if err == nil && e.Close() != nil {
			t.Errorf("%s: a graph that was never loaded cannot be closed", name)
		}
	}
}

// Where anything is not as it was, the graph is tried when the model is opened.
func TestLoadsAtOnce(t *testing.T) {
	library := transformer.Backend{Name: "fake", Identity: "library 1"}
	for name, change := range map[string]func(t *testing.T, dir string, m *memory, s *starts, opts *transformer.Options){
		"another library": func(_ *testing.T, _ string, _ *memory, s *starts, _ *transformer.Options) { s.Identity = "library 2" },
		"another backend": func(_ *testing.T, _ string, _ *memory, s *starts, _ *transformer.Options) { s.Name = "other" },
		"no identity":     func(_ *testing.T, _ string, _ *memory, s *starts, _ *transformer.Options) { s.Identity = "" },
		"no memory":       func(_ *testing.T, _ string, _ *memory, _ *starts, o *transformer.Options) { o.Memory = nil },
		"a file has changed": func(_ *testing.T, dir string, m *memory, _ *starts, _ *transformer.Options) {
			m.digests[filepath.Join(dir, "model.onnx")] = "sha256:other"
		},
		"a file may have changed": func(_ *testing.T, dir string, m *memory, _ *starts, _ *transformer.Options) {
			delete(m.digests, filepath.Join(dir, "model.onnx"))
			delete(m.facts, "")
		},
		"facts lost":    func(_ *testing.T, _ string, m *memory, _ *starts, _ *transformer.Options) { clear(m.facts) },
		"facts damaged": func(_ *testing.T, _ string, m *memory, _ *starts, _ *transformer.Options) { setAll(m.facts, "{") },
		"facts of another form": func(_ *testing.T, _ string, m *memory, _ *starts, _ *transformer.Options) {
			setAll(m.facts, `{"width":0}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, m := check.Write(t, small()), newMemory()
			check.Opener((&starts{Backend: library}).open).Must(t, dir, transformer.Options{Memory: m})
			s, opts := &starts{Backend: library}, transformer.Options{Memory: m}
			change(t, dir, m, s, &opts)
			check.Opener(s.open).Must(t, dir, opts)
			if s.n != 1 {
				t.Errorf("loaded %d times when it was opened", s.n)
			}
		})
	}
}

func setAll(m map[string]string, v string) {
	for k := range maps.Keys(m) {
		m[k] = v
	}
}

// A graph that failed, or for which another provider stood in, is not
// remembered; one that fails later is an error of the texts.
func TestLoadFails(t *testing.T) {
	dir, m := check.Write(t, small()), newMemory()
	library := transformer.Backend{Name: "fake", Identity: "library 1"}
	broken := errors.New("broken")
	if _, err := (&starts{Backend: library, refuse: broken}).open(dir, transformer.Options{Memory: m}); !errors.Is(err, broken) {
		t.Errorf("opening gives %v", err)
	}
	s := &starts{Backend: library, reason: "no such processor"}
	e := check.Opener(s.open).Must(t, dir, transformer.Options{Memory: m})
	if d := e.Defaults(); len(d) == 0 || d[len(d)-1] != s.reason || len(m.facts) > 0 {
		t.Errorf("defaults %q, facts %q", d, m.facts)
	}
	check.Opener((&starts{Backend: library}).open).Must(t, dir, transformer.Options{Memory: m})
	if len(m.facts) != 1 {
		t.Fatalf("facts %q", m.facts)
	}
	late := &starts{Backend: library, refuse: broken}
	e = check.Opener(late.open).Must(t, dir, transformer.Options{Memory: m})
	for range 2 {
		if _, err := e.Embed(context.Background(), []string{"a"}, nil); !errors.Is(err, broken) {
			t.Errorf("embedding gives %v", err)
		}
	}
	if late.n != 1 {
		t.Errorf("loaded %d times", late.n)
	}
	other := &starts{Backend: library}
	other.pooled = true
	e = check.Opener(other.open).Must(t, dir, transformer.Options{Memory: m})
	_, err := e.Embed(context.Background(), []string{"a"}, nil)
	var h interface{ Hint() string }
	if err == nil || !strings.Contains(err.Error(), "earlier run") || !errors.As(err, &h) || h.Hint() == "" {
		t.Errorf("a graph that gives something else: %v", err)
	}
}
