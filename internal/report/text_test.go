package report

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"pgregory.net/rapid"
)

func TestClean(t *testing.T) {
	for _, tt := range []struct{ in, want, lines string }{
		{"plain text", "plain text", "plain text"},
		{"", "", ""},
		{" a  b\t\tc ", "a b c", "a b c"},
		{"a \n\n b\r\nc", "a b c", "a\nb\nc"},
		{"a\u2028b\u2029c\vd\fe\u0085f", "a b c d e f", "a\nb\nc\nd\ne\nf"},
		{"\n a\n", "a", "a"},
		{"\x1b[2J", `\x1b[2J`, `\x1b[2J`},
		{"\x00\x07\x08\x7f", `\x00\x07\x08\x7f`, `\x00\x07\x08\x7f`},
		{"\u009b31m \u0090", `\u009b31m \u0090`, `\u009b31m \u0090`},
		{"\u202a\u202e\u2066\u2069\u206f", `\u202a\u202e\u2066\u2069\u206f`, `\u202a\u202e\u2066\u2069\u206f`},
		{"\u200e\u200f\u061c", "\u200e\u200f\u061c", "\u200e\u200f\u061c"},
		{"soft\u00adhyphen\u200b\ufeff", "softhyphen", "softhyphen"},
		{"bad \xff\xc3", "bad \uFFFD\uFFFD", "bad \uFFFD\uFFFD"},
		{"10\u00a0km", "10\u00a0km", "10\u00a0km"},
		{"👩‍👧 👍🏽", "👩‍👧 👍🏽", "👩‍👧 👍🏽"},
		{"می\u200cخواهم", "می\u200cخواهم", "می\u200cخواهم"},
		{"a" + strings.Repeat("\u0301", 31) + "b\u0301", "a" + strings.Repeat("\u0301", 30) + "b\u0301", "a" + strings.Repeat("\u0301", 30) + "b\u0301"},
	} {
		if got := clean(tt.in, false); got != tt.want {
			t.Errorf("clean(%q) = %q, want %q", tt.in, got, tt.want)
		}
		if got := clean(tt.in, true); got != tt.lines {
			t.Errorf("clean(%q, lines) = %q, want %q", tt.in, got, tt.lines)
		}
	}
}

func TestCut(t *testing.T) {
	for _, tt := range []struct {
		in    string
		width int
		want  string
	}{
		{"dogs", 4, "dogs"},
		{"horses", 4, "hor…"},
		{"ab cdef", 4, "ab…"}, // no blank before the mark
		{"日本語", 6, "日本語"},
		{"日本語", 5, "日本…"},
		{"日本語", 4, "日…"}, // half a character is no character
		{"👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 3, "👨‍👩‍👧‍👦…"},
		{"e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301"},
		{"e\u0301e\u0301e\u0301", 2, "e\u0301…"},
		{"anything", 1, "…"},
		{"ｶﾞｷﾞ", 4, "ｶﾞｷﾞ"},
		{"ｶﾞｷﾞｸﾞ", 4, "ｶﾞ…"},
	} {
		if got := cut(tt.in, tt.width, "…"); got != tt.want {
			t.Errorf("cut(%q, %d) = %q, want %q", tt.in, tt.width, got, tt.want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		in    string
		width int
		want  string
	}{
		{"", 5, ""},
		{"one two three", 20, "one two three"},
		{"one two three", 7, "one two|three"},
		{"one two three", 8, "one two|three"},
		{"one two three", 5, "one|two|three"},
		{"abcdefghij kl", 4, "abcd|efgh|ij|kl"},
		{"a abcdefghij", 4, "a|abcd|efgh|ij"},
		{"日本語のメモ", 5, "日本|語の|メモ"},
		{"日本語。のメモ", 6, "日本|語。の|メモ"}, // no full stop begins a line
		{"a\nb c", 3, "a|b c"},
		{"ｶﾞｷﾞｸﾞ", 5, "ｶﾞｷﾞ|ｸﾞ"},
		{"left-hand side", 6, "left-|hand|side"},
	} {
		if got := strings.Join(wrap(tt.in, tt.width), "|"); got != tt.want {
			t.Errorf("wrap(%q, %d) = %s, want %s", tt.in, tt.width, got, tt.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := clean(rapid.String().Draw(t, "text"), true)
		width := rapid.IntRange(12, 40).Draw(t, "width")
		blanks := strings.NewReplacer(" ", "", "\n", "")
		if got := strings.Join(wrap(text, width), ""); blanks.Replace(got) != blanks.Replace(text) {
			t.Fatalf("wrap(%q) lost something: %q", text, got)
		}
	})
}

func TestTextShowsTheNearestOfMany(t *testing.T) {
	for _, tt := range []struct{ items, lines, more int }{{1, 1, 0}, {20, 20, 0}, {21, 10, 11}, {300, 10, 290}} {
		b := newBuilder("notes").cluster("Many", "")
		for i := range tt.items {
			b.item(1, fmt.Sprintf("note %d", i))
		}
		r := b.result()
		got := write(t, r, Text, Options{})
		if n := strings.Count(got, "•"); n != tt.lines {
			t.Errorf("%d of %d items are shown, want %d", n, tt.items, tt.lines)
		}
		if more := fmt.Sprintf("  … and %d more\n", tt.more); strings.Contains(got, more) != (tt.more > 0) {
			t.Errorf("of %d items: %s", tt.items, got)
		}
		if n := strings.Count(write(t, r, Text, Options{All: true}), "•"); n != tt.items {
			t.Errorf("All shows %d of %d items", n, tt.items)
		}
	}
}

func TestTextShowsCopiesOnce(t *testing.T) {
	r := newBuilder("notes").cluster("Pets", "").cluster("Else", "").
		item(1, "Cats").item(1, "dogs").item(1, "CATS").item(1, "cats").item(2, "cats").result()
	r.Clusters[0].Items = []string{"n3", "n2", "n4", "n1"} // the first spelling is not the nearest
	want := "Pets (4)\n  • Cats ×3\n  • dogs\n\nElse (1)\n  • cats\n\n5 notes in 2 clusters, 3 duplicates\n"
	if got := write(t, r, Text, Options{}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestSummary(t *testing.T) {
	r := newBuilder("other").cluster("A", "").item(1, "a").result()
	for i := range 9 {
		r.Skipped = append(r.Skipped, Skipped{Reason: fmt.Sprint("line ", i%7)})
	}
	want := "1 item in 1 cluster, 9 skipped (line 0 2, line 1 2, line 2 1, line 3 1, line 4 1, other reasons 2)"
	if got := summary(r); got != want {
		t.Errorf("summary = %s, want %s", got, want)
	}
}

func TestColorIsOnlyBoldAndDim(t *testing.T) {
	plain := write(t, hostile(), Text, Options{Explain: true})
	if strings.Contains(plain, "\x1b") {
		t.Error("an escape sequence without Color")
	}
	colored := write(t, hostile(), Text, Options{Explain: true, Color: true})
	for _, sgr := range []string{bold, dim, reset} {
		if !strings.Contains(colored, sgr) {
			t.Errorf("no %q", sgr)
		}
		colored = strings.ReplaceAll(colored, sgr, "")
	}
	if colored != plain {
		t.Errorf("without its colours:\n%s\nwant\n%s", colored, plain)
	}
}

// A hierarchy deeper than the width has columns still leaves room for texts.
func TestDeepHierarchy(t *testing.T) {
	b := newBuilder("notes").cluster("Base", "c2").item(1, strings.Repeat("long ", 50))
	for level := 1; level <= 60; level++ {
		parent := ""
		if level < 60 {
			parent = fmt.Sprintf("c%d", level+2)
		}
		b.parent(level, fmt.Sprintf("Level %d", level), parent)
	}
	r := b.r
	for i := range r.Clusters {
		r.Clusters[i].Size = 1
	}
	r.Manifest.Counts = Counts{Read: 1, Clustered: 1}
	checkLines(t, write(t, r, Text, Options{Width: 40}), 40)
	if md := write(t, r, Markdown, Options{}); strings.Contains(md, "#######") || !strings.Contains(md, "###### Base\n") {
		t.Errorf("headings of a deep hierarchy:\n%s", md)
	}
}

// checkLines checks what no text may do to a terminal.
func checkLines(t *testing.T, out string, width int) {
	t.Helper()
	for line := range strings.Lines(out) {
		line = strings.TrimSuffix(line, "\n")
		if w := uniseg.StringWidth(line); w > width {
			t.Fatalf("%d columns of %d: %q", w, width, line)
		}
		for _, r := range line {
			if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || isDirection(r) {
				t.Fatalf("a raw %U in %q", r, line)
			}
		}
		if !utf8.ValidString(line) {
			t.Fatalf("not UTF-8: %q", line)
		}
	}
}

// No text of an item, label or reason makes a line wider than the terminal or
// brings a control character into it.
func FuzzText(f *testing.F) {
	for _, it := range hostile().Items {
		f.Add(*it.Text, *it.Text, uint8(0))
		f.Add(strings.Repeat(*it.Text, 20), "label", uint8(21))
	}
	f.Add("\u0600\u0600\u0600", "\ufe0f", uint8(20)) // prepended marks, a selector alone
	f.Add(strings.Repeat("각", 30), strings.Repeat("क्ष", 40), uint8(33))
	f.Fuzz(func(t *testing.T, text, label string, columns uint8) {
		b := newBuilder("notes").cluster(label, "c3").cluster("Plain", "").parent(1, label, "").
			item(1, text).item(1, label).item(1, text).item(2, label+text).skip("a:1", text)
		r := b.result()
		r.Clusters[0].Description, r.Clusters[0].LabelReason = text, label
		width := minWidth + int(columns)
		for _, o := range []Options{{}, {All: true}, {Explain: true, ASCII: true}} {
			o.Width = width
			var out strings.Builder
			if err := Write(&out, r, Text, o); err != nil {
				t.Fatal(err)
			}
			checkLines(t, out.String(), width)
		}
	})
}

// Conversations that are no copies of each other may be summed up alike; the
// terminal shows the summary once, with how many have it.
func TestTextOfEqualSummaries(t *testing.T) {
	a, b := "sort a table", "bake bread"
	r := &Result{
		Schema:   1,
		Manifest: Manifest{Privacy: &Privacy{}, Counts: Counts{Read: 3, Clustered: 3}},
		Clusters: []Cluster{{ID: "c1", Label: "Things", Size: 3, Items: []string{"x", "y", "z"}}},
		Items: []Item{
			{ID: "x", Text: &a, Cluster: "c1"},
			{ID: "y", Text: &b, Cluster: "c1"},
			{ID: "z", Text: &a, Cluster: "c1"},
		},
	}
	var out strings.Builder
	if err := Write(&out, r, Text, Options{}); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.Contains(got, "• sort a table ×2\n  • bake bread\n") {
		t.Errorf("%s", got)
	}
}
