package corpus

import (
	"context"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestLines(t *testing.T) {
	text := "\ufeffone\r\n\t two \u200b\r\n\r\n- three\n3. four\n# five\n  six\n"
	notes := readText(t, "a.txt", text, Options{Format: FormatLines})
	want := []string{"one", "two", "three", "3. four", "# five", "six"}
	if got := texts(notes); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if notes.Blank != 1 || notes.Documents[2].Source != "a.txt:4" {
		t.Errorf("%d blank lines, third note at %s", notes.Blank, notes.Documents[2].Source)
	}
}

func TestSignsBeforeLines(t *testing.T) {
	text := "- - a\n- [x] b\n☐ c\n• ✓ d\n✔\ufe0f e\n✗f\n- -\n- 1. g\n☑\n"
	notes := readText(t, "a.txt", text, Options{Format: FormatLines})
	if got, want := texts(notes), []string{"a", "b", "c", "d", "e", "✗f", "-", "1. g"}; !slices.Equal(got, want) || notes.Blank != 1 {
		t.Errorf("got %q, want %q; %d blank", got, want, notes.Blank)
	}
}

func TestInnerTextIsUntouched(t *testing.T) {
	const text = "cafe\u0301  with\ttwo \u00a0 blanks, a\u200d joiner and ❤\ufe0f"
	notes := readText(t, "a.txt", "  "+text+"\u00a0\n", Options{})
	if got := notes.Documents[0].Text; got != text {
		t.Errorf("got %q, want %q", got, text)
	}
}

// Every line of plain text is a document, a skip or blank: once, in order.
func TestEveryLineCounts(t *testing.T) {
	long := strings.Repeat("x", maxItem+1)
	line := rapid.OneOf(
		rapid.SampledFrom([]string{"", " ", "\t", "\u200b", "\ufeff", "-", "- ", "* a", "[ ]", "[x] b", "1. c", "# d", long}),
		rapid.StringMatching(`[ a-zé.,-]{0,12}`),
		rapid.String().Filter(func(s string) bool { return !strings.ContainsAny(s, "\n\r\x00") }),
	)
	end := rapid.SampledFrom([]string{"\n", "\r\n", "\r"})
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(line, 1, 30).Draw(t, "lines")
		ending := end.Draw(t, "ending")
		// The note at the end makes the result one with a document.
		text := strings.Join(lines, ending) + ending + "end"
		notes, err := ReadNotes(context.Background(), []Input{textInput("a", text)}, Options{Format: FormatLines})
		if err != nil {
			t.Fatal(err)
		}
		checkNotes(t, notes)
		if got := len(notes.Documents) + len(notes.Skipped) + notes.Blank; got != len(lines)+1 {
			t.Fatalf("%d of %d lines are accounted for", got, len(lines)+1)
		}
		for _, d := range notes.Documents[:len(notes.Documents)-1] {
			n := lineNumber(t, d.Source)
			if !strings.Contains(lines[n-1], d.Text) {
				t.Fatalf("%s is not %q", d.Source, d.Text)
			}
		}
	})
}
