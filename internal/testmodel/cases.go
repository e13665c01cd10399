package testmodel

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

// A Case is a small model with a name for its folder.
type Case struct {
	Name string
	Spec Spec
}

// Cases is the models that golden.json has the vectors of: each pooling for
// each architecture, and one for each thing that a folder can say otherwise.
func Cases() []Case {
	var cases []Case
	add := func(name string, s Spec) { cases = append(cases, Case{name, s}) }
	for _, a := range []Architecture{BERT, MPNet, RoBERTa} {
		for _, p := range []string{"mean_tokens", "cls_token", "lasttoken", "max_tokens"} {
			add(fmt.Sprintf("%s-%s", a, p), Small(a, p))
		}
	}
	for _, change := range []struct {
		name  string
		apply func(*Spec)
	}{
		{"weighted-mean", func(s *Spec) { s.Pooling = "weightedmean_tokens" }},
		{"mean-sqrt-length", func(s *Spec) { s.Pooling = "mean_sqrt_len_tokens" }},
		{"not-normalized", func(s *Spec) { s.Normalize = false }},
		{"no-token-types", func(s *Spec) { s.NoTokenTypes = true }},
		{"position-input", func(s *Spec) { s.PositionInput = true }},
		{"unusual-output", func(s *Spec) { s.Output = "encodings" }},
		{"sentence-embedding", func(s *Spec) { s.Output, s.Pooling = "sentence_embedding", "cls_token" }},
		{"external-data", func(s *Spec) { s.ExternalData = true }},
		{"short", func(s *Spec) { s.MaxTokens = 12 }},
		{"prompt", func(s *Spec) {
			s.Prompts = map[string]string{"query": "get: ", "clustering": "plan: ", "document": ""}
		}},
		{"prompt-not-pooled", func(s *Spec) {
			s.Prompts, s.DefaultPrompt, s.ExcludePrompt = map[string]string{"query": "get: "}, "query", true
		}},
	} {
		s := Small(BERT, "mean_tokens")
		change.apply(&s)
		add(change.name, s)
	}
	roberta := Small(RoBERTa, "mean_tokens")
	roberta.PositionInput = true
	add("roberta-position-input", roberta)
	return cases
}

// Texts is what golden.json has the vectors of: short and long, and one that
// is longer than any of the models allows.
func Texts() []string {
	return []string{
		"buy apples and pears",
		"milk",
		"Fix the dripping TAP in the garden, and call a plumber!",
		"the band plays music with drums; get tickets for the week",
		"a",
		"meeting: project budget 2024",
		"cats, dogs and horses",
		strings.Repeat("read the writing on the door ", 7),
		"?!",
		strings.TrimSpace(strings.Repeat("plan a trip with friends by train ", 40)),
	}
}

// A Golden is what a case's model makes of [Texts], computed by
// scripts/golden-onnx without any of the code that is tested.
type Golden struct {
	IDs     [][]int     `json:"ids"` // by text
	Vectors [][]float64 `json:"vectors"`
}

//go:embed testdata/golden.json
var golden []byte

// Goldens is the golden values of [Cases] by their names.
func Goldens() (map[string]Golden, error) {
	var g map[string]Golden
	err := json.Unmarshal(golden, &g)
	return g, err
}
