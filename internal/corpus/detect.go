package corpus

import (
	"errors"
	"strings"
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
		return "", &brokenError{where: name, err: errors.New("a web page, not notes"),
			advice: "export the notes as text, Markdown, CSV or JSON"}
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
