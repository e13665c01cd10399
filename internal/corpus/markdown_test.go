package corpus

import (
	"context"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func TestMarkdown(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"bullets", "- a\n* b\n+ c\n• d\n◦ e\n‣ f\n– g\n— h\n1. i\n2) j\n", []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}},
		{"no bullets", "-a\n1.5 km\n12:30 lunch\n#tag\n--\n", []string{"-a", "1.5 km", "12:30 lunch", "#tag", "--"}},
		{"states", "- [ ] a\n- [x] b\n- [/] c\n- [-] d\n- [>] e\n- [?] f\n- [!] g\n[ ] h\n[X] i\n", []string{"a", "b", "c", "d", "e", "f", "g", "h", "i"}},
		{"tasks", "- TODO a\n- DOING b\n- DONE c\n- NOW d\n- LATER e\n- WAITING f\nTODO g\n- TODOS\n", []string{"a", "b", "c", "d", "e", "f", "TODO g", "TODOS"}},
		{"nested", "- a\n  - b\n\t- c\n- d\n", []string{"a", "b", "c", "d"}},
		{"continued", "- a\n  b\n     c\n\n  d\n\ne\n", []string{"a\nb\n   c\n\nd", "e"}},
		{"empty bullet before its text", "-\n  a\n", []string{"a"}},
		{"plain line continued", "a\n    b\n\n    c\n", []string{"a\nb", "c"}},
		{"heading ends an item", "- a\n# b\n  c\n", []string{"a", "c"}},
		{"front matter", "---\na: b\nlist:\n  - c\n---\nd\n", []string{"d"}},
		{"no front matter", "---\na\n---\nb\n", []string{"a", "b"}},
		{"dividers", "a\n***\nb\n- - -\nc\n---\nd\n|---|:-:|\n", []string{"a", "b", "c", "d"}},
		{"underlined headings", "A\n=====\na\n\nB b\n===  \n- c\n", []string{"a", "c"}},
		{"underlined, but no heading", "a\nb\n===\n- c\n===\nd\n\n===\ne\n  f\n===\n\ng\n==\n", []string{"a", "b", "c", "d", "e\nf", "g", "=="}},
		{"several marks", "- - a\n- 1. b\n2) * [x] c\n- - - d\n- 3.\n- -\n* - [ ]\n- 1.5 km\n", []string{"a", "b", "c", "d", "3.", "-", "1.5 km"}},
		{"check signs", "☐ a\n- ☑ b\n* ✓ c\n✗ d\n✔\ufe0f e\n✓f\n- ☒\n", []string{"a", "b", "c", "d", "e", "✓f"}},
		{"quotes", "> a\n> > b\n> - c\n>_<\n", []string{"a", "b", "c", ">_<"}},
		{"wide bullet", "• ```\n  # a\n  ```\n• b\n", []string{"```\n# a\n```", "b"}},
		{"properties", "- a\n  id:: 0b0f8b2c-43a1-4e0c-a0b6-0d3e8a4d1f01\n  collapsed:: true\n  b\n- c\n  id:: none\n", []string{"a\nb", "c\nid:: none"}},
		{"open fence", "a\n~~~\n- b\n\n# c", []string{"a", "~~~\n- b\n\n# c"}},
		{"fence ends with its item", "- ```\n  # a\n- b\n", []string{"```\n# a", "b"}},
		{"escapes", "- \\- a\n- \\[x] b\n- \\TODO c\n- 3\\. d\n- \\\\- e\n- C:\\x\n- \\alpha\n", []string{"- a", "[x] b", "TODO c", "3. d", "\\- e", "C:\\x", "\\alpha"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := texts(readText(t, "a.md", tt.text, Options{})); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestMarkdownCountsBlankLines(t *testing.T) {
	notes := readText(t, "a.md", "\n- a\n\n  more of a\n\n\n- b\n-\n\n", Options{})
	// The blank line within the first note is part of it.
	if notes.Blank != 1+2+2 {
		t.Errorf("%d blank lines, want 5", notes.Blank)
	}
}

func TestLogseqIDs(t *testing.T) {
	notes := readText(t, "a.md", "- a\n  id:: 0b0f8b2c-43a1-4e0c-a0b6-0d3e8a4d1f01\n- b\n", Options{})
	if a, b := notes.Documents[0].Ref, notes.Documents[1].Ref; a != "0b0f8b2c-43a1-4e0c-a0b6-0d3e8a4d1f01" || b != "" {
		t.Errorf("refs %q and %q", a, b)
	}
}

func TestMarkdownKeepsLongItemsOut(t *testing.T) {
	notes := readText(t, "a.md", "- a\n"+strings.Repeat("  more\n", maxItem/4)+"- b\n", Options{})
	if got := texts(notes); !slices.Equal(got, []string{"b"}) {
		t.Errorf("got %d notes", len(got))
	}
	if len(notes.Skipped) != 1 || notes.Skipped[0] != (Skip{"a.md:1", reasonLong, true}) {
		t.Errorf("skipped %v", notes.Skipped)
	}
}

func TestEscapeMarkdown(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"plain", "plain"},
		{"- dash", "\\- dash"},
		{"# heading", "\\# heading"},
		{"#tag", "#tag"},
		{"1. first", "1\\. first"},
		{"1.5 km", "1.5 km"},
		{"[x] done", "\\[x] done"},
		{"TODO it", "\\TODO it"},
		{"> quote", "\\> quote"},
		{"---", "\\---"},
		{"--", "\\--"},
		{"```go", "\\```go"},
		{"\\- dash", "\\\\- dash"},
		{"\\alpha", "\\alpha"},
		{"a\ncollapsed:: true", "a\n  \\collapsed:: true"},
		{"a\nid:: x", "a\n  \\id:: x"},
		{"a\n\\id:: x", "a\n  \\\\id:: x"},
		{"☐ box", "\\☐ box"},
		{"✓tick", "✓tick"},
		{"\\☐ box", "\\\\☐ box"},
		{"a\n=====", "a\n  \\====="},
		{"two\nlines", "two\n  lines"},
		{"two\r\n\r- lines", "two\n\n  \\- lines"},
		{"a\n  - b", "a\n    \\- b"},
		{"nul\x00", "nul\ufffd"},
	} {
		if got := EscapeMarkdown(tt.text); got != tt.want {
			t.Errorf("EscapeMarkdown(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

// noteText generates texts that are dense in what Markdown gives a meaning.
func noteText() *rapid.Generator[string] {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{
			"- ", "* ", "+ ", "• ", "– ", "1. ", "2)", "[ ] ", "[x]", "☐ ", "✔\ufe0f ", "✓", "===", "TODO ", "DONE", "# ", "## ", "> ", "```", "~~~",
			"---", "=", "-", "\\", "\n", "\n\n", "  ", "\t", " ", "|", ":", ".", "collapsed:: true", "collapsed:: ", "id:: ", "id:: 0b0f8b2c-43a1-4e0c-a0b6-0d3e8a4d1f01", ")", "1", "id", "\u200b", "\u200e", "\ufffd",
		}),
		rapid.StringMatching(`[a-z]{1,4}`),
		rapid.StringOfN(rapid.RuneFrom(nil, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z), 0, 3, -1),
	)
	return rapid.Custom(func(t *rapid.T) string {
		return trim(strings.Join(rapid.SliceOfN(piece, 1, 12).Draw(t, "pieces"), ""))
	}).Filter(func(s string) bool { return !isBlank(s) })
}

// What EscapeMarkdown writes is read back as it was, whatever stands around it.
func TestEscapeMarkdownRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(noteText(), 1, 4).Draw(t, "texts")
		var b strings.Builder
		for i, text := range want {
			if i%2 == 0 {
				b.WriteString("# label\n\n")
			}
			b.WriteString("- " + EscapeMarkdown(text) + "\n")
			if i%2 == 1 {
				b.WriteString("\n")
			}
		}
		notes, err := ReadNotes(context.Background(), []Input{textInput("a.md", b.String())}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := texts(notes); !slices.Equal(got, want) || len(notes.Skipped) > 0 {
			t.Fatalf("wrote\n%s\nread %q\nwant %q", b.String(), got, want)
		}
	})
}
