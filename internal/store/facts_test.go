package store

import "testing"

func TestFacts(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	s := mustOpen(t, dir, Options{})
	for _, fact := range []string{"first", "second", "", "third"} {
		if err := s.PutFact(ctx, "a model", fact); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, dir, Options{})
	defer s.Close()
	for name, want := range map[string]string{"a model": "third", "another": ""} {
		if got, err := s.Fact(ctx, name); err != nil || got != want {
			t.Errorf("Fact(%q) = %q, %v; want %q", name, got, err, want)
		}
	}
	if info, err := s.Info(ctx); err != nil || info.Facts != 1 || info.Digests != 0 {
		t.Errorf("%+v, %v", info, err)
	}
	if _, err := s.db.Exec("UPDATE entry SET value = zeroblob(9)"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Fact(ctx, "a model"); err != nil || got != "" {
		t.Errorf("damaged: %q, %v", got, err)
	}
}
