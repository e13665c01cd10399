package report_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"sheaf/internal/corpus"
	"sheaf/internal/report"
)

// readNotes returns the texts of an input.
func readNotes(t interface{ Fatal(...any) }, content string, format corpus.Format) []string {
	in := corpus.Input{Name: "notes", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(content)), nil
	}}
	notes, err := corpus.ReadNotes(context.Background(), []corpus.Input{in}, corpus.Options{Format: format})
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, d := range notes.Documents {
		texts = append(texts, d.Text)
	}
	return texts
}

// asNotes passes texts through corpus, so that they are as notes can be.
func asNotes(t interface{ Fatal(...any) }, texts []string) []string {
	data, err := json.Marshal(append(texts, "at least one"))
	if err != nil {
		t.Fatal(err)
	}
	return readNotes(t, string(data), corpus.FormatJSON)
}

// result spreads texts over clusters with these labels, in turn.
func result(texts, labels []string) *report.Result {
	r := &report.Result{Schema: report.Schema}
	for i, label := range labels {
		r.Clusters = append(r.Clusters, report.Cluster{ID: fmt.Sprintf("c%d", i+1), Label: label})
	}
	for i, text := range texts {
		c := &r.Clusters[i%len(labels)]
		id := fmt.Sprintf("n%d", i+1)
		r.Items = append(r.Items, report.Item{ID: id, Text: &text, Cluster: c.ID})
		c.Items = append(c.Items, id)
		c.Size++
	}
	r.Manifest.Counts.Read, r.Manifest.Counts.Clustered = len(texts), len(texts)
	return r
}

func checkRoundTrip(t interface {
	Fatal(...any)
	Fatalf(string, ...any)
}, texts, labels []string) {
	var b strings.Builder
	if err := report.Write(&b, result(texts, labels), report.Markdown, report.Options{}); err != nil {
		t.Fatal(err)
	}
	got := readNotes(t, b.String(), corpus.FormatMarkdown)
	// Markdown knows one kind of line break, and no NUL.
	same := strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "\uFFFD")
	var want []string
	for _, text := range texts {
		want = append(want, same.Replace(text))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Fatalf("wrote\n%s\nread  %q\nwant  %q", b.String(), got, want)
	}
}

// What is written as Markdown is read back as the same notes.
func TestMarkdownRoundTrip(t *testing.T) {
	marks := []string{
		"- ", "* ", "+ ", "• ", "– ", "# ", "####### ", "#", ">", "> ", "1. ", "12) ", "1\\. ", "1234567890. ", "```", "~~~",
		"---", "***", "===", "| - | - |", "[ ] ", "[x] ", "[a](b)", "TODO ", "DONE", "LATER\t", "\\", "\\-", "\\1",
		"☐ ", "✓", "✔\ufe0f ", "collapsed:: true", "collapsed:: ", "id:: 0b0f8b2c-43a1-4e0c-a0b6-0d3e8a4d1f01", "id:: ",
		"\n", "\n\n", "\r\n", "\r", "\t", "    ", "<!-- ", "\u00a0", "\u2028", "\x00", "é", "日本", "word", "more words", ":", "1",
	}
	text := rapid.OneOf(
		rapid.Map(rapid.SliceOfN(rapid.SampledFrom(marks), 1, 6), func(s []string) string { return strings.Join(s, "") }),
		rapid.String(),
	)
	rapid.Check(t, func(t *rapid.T) {
		texts := slices.DeleteFunc(asNotes(t, rapid.SliceOfN(text, 1, 8).Draw(t, "texts")), endsInvisibly)
		labels := rapid.SliceOfN(text, 1, 4).Draw(t, "labels")
		checkRoundTrip(t, texts, labels)
	})
}

// endsInvisibly tells of a text with a last line that shows nothing, such as
// a lone control character. In Markdown that is a blank line, and blank lines
// after an item are no part of it.
func endsInvisibly(text string) bool {
	i := strings.LastIndexAny(text, "\r\n")
	return i >= 0 && strings.IndexFunc(text[i:], func(r rune) bool {
		return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) &&
			!strings.ContainsRune("\u115f\u1160\u2800\u3164\uffa0", r)
	}) < 0
}

// Each of these would be, or look like, something else than an item's text.
func TestMarkdownMarks(t *testing.T) {
	for _, text := range []string{
		"- dash", "-dash", "* star", "# heading", "#tag", "> quote", "1. first", "1.5 litres", "3) three", "1234567890. ten",
		"```", "``` go", "---", "- - -", "|---|---|", "_____", ":-:", "[x] done", "[x](y)", "TODO later", "TODO", "DONE\tlate",
		"\\", "\\- a", "\\\\", "1\\. a", "1\\", "a\n- b", "a\n\n\nb", "a\n    - b", "a\n\tb", "a\n# b", "a\n```\n- b\n```\nc",
		"```\na\n\n- b", "a\n1. b", "a\n\\b", "- a\n- b", "a \n b", "•", "–", "a\n---\nb", "---\na: b\n---",
		"a\ncollapsed:: true\nb", "a\nid:: 0b0f8b2c-43a1-4e0c-a0b6-0d3e8a4d1f01", "id:: x", "a\nid:: x", "a\n\\collapsed:: true", "collapsed:: no",
		"☐ box", "✓", "✔\ufe0f done", "- - a", "1. - a", "- 1. a", "a\n☑ b", "a\n=====", "=====", "\\☐ a", "- -", "- 1.",
	} {
		texts := asNotes(t, []string{text})
		if len(texts) != 2 || texts[0] != text {
			t.Errorf("%q is no note: %q", text, texts)
			continue
		}
		checkRoundTrip(t, texts, []string{"label"})
	}
}
