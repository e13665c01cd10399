package corpus

import (
	"strings"
	"unicode/utf8"

	"sheaf/internal/hint"
)

// detect finds the format of a text: by the root of XML, by the first tokens of
// JSON, by the file's extension, by a table's header, by bullets. What is none
// of these is plain lines.
func detect(name, text string) (Format, error) {
	byName := formatOfExtension(name)
	switch root := xmlRoot(text); {
	case root == "opml":
		return FormatOPML, nil
	case root == "map" && byName == FormatFreeMind, root == "map" && strings.Contains(text, "<node"):
		return FormatFreeMind, nil
	case root == "en-export":
		return FormatENEX, nil
	case strings.EqualFold(root, "html") && byName == "":
		return "", hint.Errorf("export the notes as text, Markdown, CSV or JSON", "%s: a web page, not notes", name)
	}
	if byName != "" {
		return byName, nil
	}
	lower := strings.ToLower(name)
	if f := jsonFormat(text, strings.HasSuffix(lower, ".json")); f != "" {
		return f, nil
	}
	if f := tableFormat(text); f != "" {
		return f, nil
	}
	if isMostlyBullets(text) {
		return FormatMarkdown, nil
	}
	return FormatLines, nil
}

// xmlRoot returns the name of the root element of XML or HTML, or "".
func xmlRoot(text string) string {
	for {
		text = strings.TrimLeft(text, " \t\n")
		var end string
		switch {
		case strings.HasPrefix(text, "<?"):
			end = "?>"
		case strings.HasPrefix(text, "<!--"):
			end = "-->"
		case len(text) >= 14 && strings.EqualFold(text[:14], "<!doctype html"):
			return "html"
		case strings.HasPrefix(text, "<!"):
			end = ">"
		case strings.HasPrefix(text, "<"):
			name := text[1:]
			i := strings.IndexFunc(name, func(r rune) bool { return !isCharsetRune(r) })
			if i < 0 {
				return ""
			}
			return name[:i]
		default:
			return ""
		}
		_, rest, ok := strings.Cut(text, end)
		if !ok {
			return ""
		}
		text = rest
	}
}

// tableFormat recognises a table with tabs, commas, semicolons or bars in a text
// whose name does not tell: two or more columns, of which one has the name of a
// text, and as many fields in most of the first rows. That is narrow on
// purpose, since there are commas in notes.
func tableFormat(text string) Format {
	header, rest := nextLine(text)
	if rest == "" || len(header) > 1000 || !utf8.ValidString(header) {
		return ""
	}
	for _, comma := range delimiters {
		names := strings.Split(header, string(comma))
		if len(names) < 2 {
			continue
		}
		hasText := false
		for i, name := range names {
			names[i] = strings.Trim(trim(name), `"`)
			if nameWeight(names[i]) > 1 {
				hasText = true
			}
		}
		if !hasText || commonFields(text, comma, false) != len(names) {
			continue
		}
		if comma == '\t' {
			return FormatTSV
		}
		return FormatCSV
	}
	return ""
}

// isMostlyBullets reports whether more than half of the first lines of a text
// that are not blank are list items, headings above them, or lines that are
// indented below an item.
func isMostlyBullets(text string) bool {
	items, others, lines := 0, 0, 0
	for rest := text; rest != "" && lines < 5000; {
		var line string
		line, rest = nextLine(rest)
		if isBlank(line) {
			continue
		}
		lines++
		indent, body := cutIndent(line)
		if _, ok := cutItem(body); ok {
			items++
		} else if isHeading(body) || isRule(body) || indent > 0 && items > 0 {
			others++
		}
	}
	return items > 0 && 2*(items+others) > lines
}
