package store

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestAnswers(t *testing.T) {
	dir := t.TempDir()
	open := func() *Store {
		s, err := Open(dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	requests := []string{"", "what do cats and dogs share?", "what do cats and dogs share? ", string(bytes.Repeat([]byte("x"), 1<<16))}
	answers := []string{"nothing", `{"label":"zebrafish keepers"}`, "", "y"}
	s := open()
	for i, r := range requests {
		if got, err := s.Answer(t.Context(), []byte(r)); err != nil || got != nil {
			t.Fatalf("before: %q, %v", got, err)
		}
		for _, a := range []string{"an older one", answers[i]} {
			if err := s.PutAnswer(t.Context(), []byte(r), []byte(a)); err != nil {
				t.Fatal(err)
			}
		}
	}
	info, err := s.Info(t.Context())
	if err != nil || info.Answers != 4 || info.Embeddings != 0 {
		t.Errorf("%+v, %v", info, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = open()
	for i, r := range requests {
		if got, err := s.Answer(t.Context(), []byte(r)); err != nil || string(got) != answers[i] {
			t.Errorf("request %d: %q, %v", i, got, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) < 2 {
		t.Fatalf("%q, %v", files, err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"cats", "zebrafish", "label"} {
			if bytes.Contains(data, []byte(text)) {
				t.Errorf("%s holds %q", f, text)
			}
		}
	}

	// Under another secret nothing is found.
	if err := os.Remove(filepath.Join(dir, secretFile)); err != nil {
		t.Fatal(err)
	}
	s = open()
	if got, err := s.Answer(t.Context(), []byte(requests[1])); err != nil || got != nil {
		t.Errorf("with another secret: %q, %v", got, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// Summaries are found by their conversations, those that are there, and are not
// answers.
func TestSummaries(t *testing.T) {
	s, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var from, values [][]byte
	for i := range 3 * lookUpKeys {
		from = append(from, fmt.Appendf(nil, "conversation %d", i))
		values = append(values, fmt.Appendf(nil, "summary %d", i))
	}
	half := len(from) / 2
	if err := s.PutSummaries(t.Context(), from[:half], values[:half]); err != nil {
		t.Fatal(err)
	}
	got := make([]string, len(from))
	if err := s.Summaries(t.Context(), from, func(i int, summary []byte) { got[i] = string(summary) }); err != nil {
		t.Fatal(err)
	}
	for i := range from {
		if want := string(values[i]); i < half && got[i] != want || i >= half && got[i] != "" {
			t.Errorf("conversation %d has %q", i, got[i])
		}
	}
	if answer, err := s.Answer(t.Context(), from[0]); err != nil || answer != nil {
		t.Errorf("an answer %q, %v", answer, err)
	}
	info, err := s.Info(t.Context())
	if err != nil || info.Summaries != int64(half) || info.Answers != 0 {
		t.Errorf("%+v, %v", info, err)
	}
}
