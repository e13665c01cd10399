package ollama

import (
	"os"
	"testing"
	"time"

	"sheaf/engine/static"
	"sheaf/labeler"
	"sheaf/labeler/chat"
	"sheaf/labeler/judge"
	"sheaf/labeler/keywords"
	"sheaf/models/builtin"
)

// The 32 notes of the founding article, as it grouped them.
var articleGroups = []string{
	"meters, inches, feet, miles, kilometers", "alpha, beta, gamma", "brick, concrete, asphalt, rebar, glass, lumber",
	"howard jones, gillian gilbert, wendy carlos", "apples, pears, bananas", "cats, dogs, hamsters, birds", "pasta, bread",
	"thomas dolby, rick wakeman, gary numan, geoff downes", "milk, butter",
}

// articleAnswers are what TinyLlama called them there, when it was simply asked.
var articleAnswers = []string{
	"Essential Measurement Tools for Everyday Life", "Key Components for Successful Project Management",
	"Materials for Construction and Repair", "Essential Artists: Howard Jones, Gillian Gillespie, and Wendy Carlos",
	"Fresh Fruits", "Animals", "Essential Ingredients for a Comforting Meal", "Top 5 Legendary Musicians of the 1980s", "Food Essentials",
}

// TestTinyLlama names the groups with the real model, as `sheaf notes` does, and
// prints the labels beside the article's for a person to judge:
//
//	SHEAF_TEST_OLLAMA=1 go test -v -run TinyLlama ./labeler/ollama
//
// The server is where OLLAMA_HOST says, and SHEAF_CHAT_MODEL may name another
// model.
func TestTinyLlama(t *testing.T) {
	if os.Getenv("SHEAF_TEST_OLLAMA") == "" {
		t.Skip("SHEAF_TEST_OLLAMA is not set: it says that a real TinyLlama is at hand")
	}
	client, err := New(Options{Host: os.Getenv("OLLAMA_HOST"), Model: os.Getenv("SHEAF_CHAT_MODEL")})
	if err != nil {
		t.Fatal(err)
	}
	m, err := client.Available(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	space, err := static.OpenFS(builtin.ModelFS(), "builtin", static.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rec := &recorder{Client: client}
	opts := chat.LabelerOptions{Judge: judge.New(space, space), Fallback: keywords.New(space)}
	opts.Seed, opts.Timeout = 1, 10*time.Minute
	l, err := chat.NewLabeler(rec, opts)
	if err != nil {
		t.Fatal(err)
	}
	start, clusters := time.Now(), clustersOf(articleGroups...)
	got := label(t, l, clusters)
	seconds := time.Since(start).Seconds()
	t.Logf("%s %s, context %d", m.Name, m.Digest, m.Context)
	own, prompt, answer, short := 0, 0, 0, 0
	for i, lb := range got.Labels {
		t.Logf("%s\n\tthe article: %s\n\tsheaf:       %s (%s)\n\t%s", articleGroups[i], articleAnswers[i], lb.Text, lb.Source, lb.Reason)
		if lb.Source == labeler.FromModel {
			own++
		}
	}
	for _, r := range rec.answers {
		if r == nil {
			continue // an overflow
		}
		prompt, answer = prompt+r.PromptTokens, answer+r.Tokens
		if r.Length {
			short++
		}
	}
	n := float64(len(clusters))
	t.Logf("%d of %d labels are the model's; for each %.1f calls, %.0f tokens read, %.0f written, %.1f s; %d prompts did not fit, %d answers broke off; %q",
		own, len(clusters), float64(len(rec.answers))/n, float64(prompt)/n, float64(answer)/n, seconds/n, rec.overflows, short, got.Warnings)
	if rec.overflows > 0 || short > 0 {
		t.Errorf("%d prompts did not fit, and %d answers broke off", rec.overflows, short)
	}
}
