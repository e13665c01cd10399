package pipeline

import (
	"context"
	"sheaf/engine"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sheaf/engine/static"
	"sheaf/models"
	"sheaf/models/builtin"
)

func builtinSpace(t testing.TB) *static.Model {
	t.Helper()
	m, err := static.OpenFS(builtin.ModelFS(), models.Builtin, static.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSummarize(t *testing.T) {
	space := builtinSpace(t)
	for _, tt := range []struct {
		name          string
		turns         []string
		request, task string
	}{
		{
			"weather and clothing",
			[]string{"Hi! What's the weather like in [LOCATION_1] today?", "Thanks a lot.",
				"And what should I wear in [LOCATION_2] while shopping with my friend [PERSON_1], before I go to the office of [ORGANIZATION_1]?"},
			"answer: what's the weather like in [LOCATION_1] today",
			"answer: what to wear in [LOCATION_2] while shopping with their friend [PERSON_1]",
		},
		{"one sentence", []string{"Could you please fix my React table?"}, "fix their React table", "fix their React table"},
		{"no request by its form", []string{"pandas merge gives duplicate rows"}, "help with: pandas merge gives duplicate rows", "help with: pandas merge gives duplicate rows"},
		{"another language", []string{"Wie wird das Wetter morgen?"}, "help with: Wie wird das Wetter morgen", "help with: Wie wird das Wetter morgen"},
		{"another script", []string{"明日の天気はどうですか。"}, "help with: 明日の天気はどうですか", "help with: 明日の天気はどうですか"},
		{"code aside", []string{"Explain this loop.\n```\nfor i in range(10): print(i)\n```"}, "explain this loop", "explain this loop"},
	} {
		got, err := summarize(context.Background(), space, [][]string{tt.turns}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if want := (summary{requestFrame + " " + tt.request, taskFrame + " " + tt.task, got[0].words}); got[0] != want || got[0].words == "" {
			t.Errorf("%s:\ngot  %q\nwant %q", tt.name, got[0], want)
		}
	}
}

func TestSummarizeNothing(t *testing.T) {
	got, err := summarize(context.Background(), builtinSpace(t), [][]string{nil, {""}, {"?!", "[PERSON_1]"}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range got {
		if s != (summary{}) {
			t.Errorf("%d: %+v", i, s)
		}
	}
}

// Whatever the turns hold, a summary is two sentences of at most 20 words.
func TestSummarizeProperties(t *testing.T) {
	space := builtinSpace(t)
	rapid.Check(t, func(t *rapid.T) {
		turns := rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.StringMatching(`([a-zA-Z]{1,9}[ .?]){0,60}`), rapid.StringMatching(`[\p{Han}。]{0,80}`)), 1, 6).Draw(t, "turns")
		got, err := summarize(context.Background(), space, [][]string{turns, {"Write a poem about autumn."}}, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []struct{ text, frame string }{{got[0].Request, requestFrame}, {got[0].Task, taskFrame}} {
			if s.text != "" && (!strings.HasPrefix(s.text, s.frame+" ") || countWords(s.text) > summaryWords) {
				t.Fatalf("%q has %d words", s.text, countWords(s.text))
			}
		}
		if want := requestFrame + " write a poem about autumn"; got[1].Request != want {
			t.Fatalf("the next conversation became %q", got[1].Request)
		}
	})
}

func TestPhrase(t *testing.T) {
	for _, tt := range []struct{ sentence, want string }{
		{"Can you help me write a cover letter for my new job?", "help write a cover letter for their new job?"},
		{"I'd like to book a table for two.", "help to book a table for two."},
		{"How do I sort a list in Rust?", "explain how to sort a list in Rust?"},
		{"Hello there, please tell me what I am doing wrong", "tell them what they are doing wrong"},
		{"Rewrite my CV, I was a manager", "rewrite their CV, they were a manager"},
		{"Is React faster than Vue?", "answer: is React faster than Vue?"},
		{"What should I wear in Rome?", "answer: what to wear in Rome?"},
		{"How much time do I need for Rome?", "answer: how much time do they need for Rome?"},
		{"Which of the many trains can we take to Prague?", "answer: which of the many trains can we take to Prague?"},
		{"Please write me a letter.", "write a letter."},
		{"I have been trying to restart my container.", "help to restart their container."},
		{"Give me a recipe.", "give a recipe."},
		{"My list re-renders too often.", "help with: list re-renders too often."},
		{"I have a headache.", "help with: a headache."},
		{"I have to go.", "help with: I have to go."},
		{"HTTP 502 behind nginx", "help with: HTTP 502 behind nginx"},
		{"", "help with: "},
	} {
		if got := phrase(tt.sentence); got != tt.want {
			t.Errorf("phrase(%q) = %q, want %q", tt.sentence, got, tt.want)
		}
	}
}

func TestNameWords(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"Could you please explain decorators in Python?", "decorators in Python?"},
		{"Plan three days with kids", "days with kids"},
		{"Sort tables", "Sort tables"},
		{"", ""},
	} {
		if got := nameWords(tt.in); got != tt.want {
			t.Errorf("nameWords(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
	if got := withoutPersonal("three days in [LOCATION_1] with kids and from [LOCATION_1] to [LOCATION_2]."); got != "three days  with kids  ." {
		t.Errorf("%q", got)
	}
}

func TestWithoutPlaceholders(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"meet [PERSON_1] in [LOCATION_12].", "meet  in ."},
		{"a[i] = [x] and [1] [] [A [B_2]", "a[i] = [x] and [1] [] [A "},
		{"[PERSON", "[PERSON"},
		{"", ""},
	} {
		if got := withoutPlaceholders(tt.in); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.in, got, tt.want)
		}
	}
}

// summarize makes summaries of conversations, each given by its user's turns.
func summarize(ctx context.Context, space engine.Embedder, conversations [][]string, threads int) ([]summary, error) {
	found := make([][]sentence, len(conversations))
	for i, turns := range conversations {
		found[i] = topical(sentences(turns))
	}
	return summarizeSentences(ctx, space, found, threads)
}

func TestSummaryText(t *testing.T) {
	for _, tt := range []struct{ request, task, want string }{
		{" sort a table", " sort a table", requestFrame + " sort a table."},
		{" sort a table", " sort a table in React by a click", requestFrame + " sort a table in React by a click."},
		{" sort a table", " write a test", requestFrame + " sort a table. " + taskFrame + " write a test."},
	} {
		if got := (summary{Request: requestFrame + tt.request, Task: taskFrame + tt.task}).text(); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
	if got := (summary{}).text(); got != "" {
		t.Errorf("%q of an empty summary", got)
	}
}
