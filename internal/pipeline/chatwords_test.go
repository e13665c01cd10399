package pipeline

import (
	"testing"

	"sheaf/labeler"
)

// Lines of a program that were pasted without a fence do not stand for what their
// user wants, and words with a few signs do.
func TestIsCode(t *testing.T) {
	for _, s := range []string{
		"def convert_srt_to_ass(srt_content):", "for (let player of data) {", "update_firmware_full(websocket, device_id)",
		"std::vector<int> values;", "<div class=\"menu\">", "result += f\"{name} is {age}\"", "int main() {",
	} {
		if !isCode(s) {
			t.Errorf("%q is taken for words", s)
		}
	}
	for _, s := range []string{
		"Write a function f(x) = x^2 + 3x in Python.", "The total (with tax) is too high.", "I live near [LOCATION_1] and [LOCATION_2].",
		"Is a && b the same as b && a?", "Fix the import of pandas/numpy on C#.", "Let me know when the class starts.", "1/xsin（1/x）的原函数",
	} {
		if isCode(s) {
			t.Errorf("%q is taken for code", s)
		}
	}
	said := topical([]sentence{{text: "int main() {", turn: 0}, {text: "My program crashes at the second line.", turn: 0}})
	if len(said) != 1 || said[0].text != "My program crashes at the second line." {
		t.Errorf("topical sentences %v", said)
	}
	if said := topical([]sentence{{text: "int main() {"}, {text: "Thanks!"}}); len(said) != 1 || said[0].text != "int main() {" {
		t.Errorf("topical sentences %v", said)
	}
}

func TestNameWordsWithoutTask(t *testing.T) {
	for sentence, want := range map[string]string{
		"Please write a short story based on the following prompt": "a short story on the",
		"Напиши стихи про осень":                                   "стихи про осень",
		"Provide detailed examples.":                               "detailed examples.",
		"Plan a dinner for eight guests":                           "a dinner for guests",
	} {
		if got := nameWords(sentence); got != want {
			t.Errorf("%q: %q, want %q", sentence, got, want)
		}
	}
}

func TestIsFunctionWordOf(t *testing.T) {
	for _, tt := range []struct {
		lang, word string
		want       bool
	}{
		{"ru", "Можно", true}, {"ru", "«про»", true}, {"ru", "стихи", false}, {"cs", "který", true}, {"en", "the", false},
		{"de", "und", false}, {"", "про", false}, {"zh", "历史", false}, {"pl", "wiersz,", false},
	} {
		if got := isFunctionWordOf(tt.lang, tt.word); got != tt.want {
			t.Errorf("%s %q: %v", tt.lang, tt.word, got)
		}
	}
}

// What the whole of a collection is about names one cluster of it, and not three.
func TestNameByWords(t *testing.T) {
	concept := func(text, words string) labeler.Label {
		return labeler.Label{Text: text, Description: words, Source: labeler.FromKeywords, Reason: "the concept \"computing\" covers"}
	}
	labels := []labeler.Label{
		concept("Computing", "server, linux"), concept("Computing (Table)", "table, query, total, row"), concept("Computing (Menu)", "menu, image"),
		concept("Food", "soup"), concept("Food (Oven)", "oven, bread"), concept("Computing (Work)", "work"),
	}
	nameByWords(labels)
	for i, want := range []string{"Computing", "Table, Query & Total", "Menu & Image", "Food", "Food (Oven)", "Computing (Work)"} {
		if labels[i].Text != want {
			t.Errorf("%q, want %q", labels[i].Text, want)
		}
	}
}

// A parent is not called by the same name twice.
func TestNameByChildrenOnce(t *testing.T) {
	child := func(text string) labeler.Label { return labeler.Label{Text: text, Source: labeler.FromKeywords} }
	labels := []labeler.Label{child("Words")}
	nameByChildren(labels, []int{0, 0, 0}, []labeler.Label{child("Travel"), child("Travel (Hotels)"), child("Taxes")}, []int{3, 2, 1})
	if labels[0].Text != "Travel & Taxes" {
		t.Errorf("%q", labels[0].Text)
	}
}
