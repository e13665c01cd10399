package pipeline

import (
	"context"
	"strings"
	"testing"
)

func TestIsTalk(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		want     bool
	}{
		{"Can you say more? 3", true},
		{"Give an example.", true},
		{"Thanks!", true},
		{"Please be short.", true},
		{"I am new to this.", true},
		{"Kannst du mir noch ein Beispiel nennen?", true},
		{"Merci beaucoup !", true},
		{"¿Puedes dar otro ejemplo?", true},
		{"Grazie mille", true},
		{"Muito obrigado!", true},
		{"Dank je wel.", true},
		{"ありがとうございます。", true},
		{"Give an example of a decorator.", false},
		{"Suggest short stories.", false},
		{"Thanks a lot, [PERSON_1]!", true},
		{"Danke, kannst du mir noch ein [ORGANIZATION_1] nennen?", true},
		{"[PERSON_1]", false},
		{"What about [LOCATION_1]?", false},
		{"Noch ein Bier", false},
		{"明日の天気はどうですか。", false},
		{"12 + 30", false},
		{"", false},
	} {
		if got := isTalk(tt.sentence); got != tt.want {
			t.Errorf("isTalk(%q) = %v", tt.sentence, got)
		}
	}
}

func TestIsFollowUp(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		want     bool
	}{
		{"can you put that in a table", true},
		{"thanks, shorter please", true},
		{"ok and what else?", true},
		{"hmm are you sure?", true},
		{"Rewrite it in a friendlier tone.", true},
		{"In bullet points please", true},
		{"Kannst du das als Tabelle machen?", true},
		{"Mets ça dans un tableau", true},
		{"Ponlo en una tabla por favor", true},
		{"Puoi metterlo in una tabella?", false}, // a verb that no list has
		{"And how long does the dough keep?", false},
		{"What about [LOCATION_1]?", false},
		{"Now the same for my taxes.", false},
	} {
		if got := isFollowUp(tt.sentence); got != tt.want {
			t.Errorf("isFollowUp(%q) = %v", tt.sentence, got)
		}
	}
	// A request of its own is one, whatever it is about.
	got := topical(sentences([]string{"How do I make a table?", "Can you put that in a list?", "And with borders?"}))
	if len(got) != 2 || got[0].text != "How do I make a table?" || got[1].text != "And with borders?" {
		t.Errorf("%v", got)
	}
}

func TestWithoutTalk(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"Give me a recipe for a lasagna I am new to this.", "Give me a recipe for a lasagna"},
		{"Explain decorators in Python Thanks!", "Explain decorators in Python"},
		{"Explain decorators, please.", "Explain decorators"},
		{"Wie koche ich Reis, bitte kurz", "Wie koche ich Reis"},
		{"useEffect fires twice in my React app, why?", "useEffect fires twice in my React app, why?"},
		{"Thanks, can you say more?", "Thanks, can you say more?"},
		{"I need a hotel in [LOCATION_1], or in [LOCATION_2].", "I need a hotel in [LOCATION_1], or in [LOCATION_2]."},
	} {
		if got := withoutTalk(tt.in); got != tt.want {
			t.Errorf("withoutTalk(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

// What is said about the talk stands for a conversation only where there is
// nothing else.
func TestSummarizeTalk(t *testing.T) {
	got, err := summarize(context.Background(), builtinSpace(t), [][]string{
		{"Hello!", "How long do I roast a chicken? Please be short.", "Can you say more?", "Give an example."},
		{"Can you say more?"},
	}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if want := (summary{requestFrame + " answer: how long to roast a chicken", taskFrame + " answer: how long to roast a chicken", got[0].words}); got[0] != want ||
		strings.Contains(got[0].words, "more") {
		t.Errorf("%+v", got[0])
	}
	if got[1].Request != requestFrame+" say more" {
		t.Errorf("%+v", got[1])
	}
}

func TestCutWords(t *testing.T) {
	for _, tt := range []struct {
		in   string
		most int
		want string
	}{
		{"sort a table.", 5, "sort a table"},
		{"explain how to sort a table in React by clicking the header?", 11, "explain how to sort a table in React"},
		{"help with: React list re-renders too often, how can I use memo?", 11, "help with: React list re-renders too often"},
		{"help with: Cheap hotels near the park for [PERSON_1], call me at [PHONE_NUMBER_1]", 11, "help with: Cheap hotels near the park for [PERSON_1]"},
		{"translate the long letter of the council of the town hall", 6, "translate the long letter"},
		{"one two three four five six", 3, "one two three"},
		{"the of and to", 2, "the"},
		{"明日の天気はどうですか", 3, "明日の天気は"},
		{"anything", 0, ""},
	} {
		if got := cutWords(tt.in, tt.most); got != tt.want {
			t.Errorf("cutWords(%q, %d) = %q, want %q", tt.in, tt.most, got, tt.want)
		}
	}
}
