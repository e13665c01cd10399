package report

import "testing"

func TestMarkdownHeadings(t *testing.T) {
	for label, want := range map[string]string{
		"Animals":             "# Animals\n",
		"# Animals #":         "# \\# Animals \\#\n",
		"C#":                  "# C#\n",
		"two\nlines":          "# two lines\n",
		"\n- x\n":             "# \\- x\n",
		"###":                 "# \\###\n",
		"":                    "# (no label)\n",
		" \t":                 "# (no label)\n",
		"nul\x00 and \xff":    "# nul\uFFFD and \uFFFD\n",
		"1. First things":     "# 1\\. First things\n",
		"tabs\tand   spaces ": "# tabs and spaces\n",
	} {
		if got := write(t, newBuilder("notes").cluster(label, "").result(), Markdown, Options{}); got != want {
			t.Errorf("label %q: %q, want %q", label, got, want)
		}
	}
}

func TestEscapeMarkdown(t *testing.T) {
	for text, want := range map[string]string{
		"":                   "",
		"plain - text":       "plain - text",
		"- dash":             `\- dash`,
		"-dash":              "-dash",
		"•\tdot":             "\\•\tdot",
		"—":                  `\—`,
		"#tag":               "#tag",
		"## heading":         `\## heading`,
		"####### seven":      "####### seven",
		">quote":             `\>quote`,
		"1. first":           `1\. first`,
		"2)":                 `2\)`,
		"1.5 litres":         "1.5 litres",
		"1234567890. ten":    "1234567890. ten",
		`1\x`:                `1\\x`,
		`\- escaped`:         `\\- escaped`,
		"```go":              "\\```go",
		"``code``":           "``code``",
		"[x] done":           `\[x] done`,
		"☐ done":             `\☐ done`,
		"✔\ufe0f done":       "\\✔\ufe0f done",
		"✓":                  `\✓`,
		"✓done":              "✓done",
		"- - twice":          `\- - twice`,
		"[x](link)":          "[x](link)",
		"* * *":              `\* * *`,
		"| - | - |":          `\| - | - |`,
		"| a | b |":          "| a | b |",
		"**bold**":           "**bold**",
		"TODO later":         `\TODO later`,
		"TODO":               "TODO",
		"TODOS later":        "TODOS later",
		"two\nlines":         "two\n  lines",
		"two\r\n\r\n- lines": "two\n\n  \\- lines",
		"a\n\t- b\n":         "a\n  \t\\- b\n",
		"nul\x00":            "nul\uFFFD",
	} {
		if got := escapeMarkdown(text); got != want {
			t.Errorf("escapeMarkdown(%q) = %q, want %q", text, got, want)
		}
	}
}
