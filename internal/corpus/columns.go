package corpus

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sheaf/internal/hint"
)

// A columnSample is what the first records hold in one column of a CSV file or
// under one key of a JSON file.
type columnSample struct {
	name     string
	filled   int // values that are not blank
	letters  int // letters of the values that read like text, maxLetters each at most
	distinct map[string]struct{}
}

// maxLetters keeps one long value from deciding for its column.
const maxLetters = 500

func (c *columnSample) add(value string) {
	value = trim(value)
	if isBlank(value) {
		return
	}
	c.filled++
	if c.distinct == nil {
		c.distinct = make(map[string]struct{})
	}
	c.distinct[value] = struct{}{}
	c.letters += textLetters(value)
}

// textLetters counts the letters of a value that reads like text, up to
// maxLetters.
func textLetters(value string) int {
	letters := 0
	if kindOf(value) == kindText {
		for _, r := range value {
			if unicode.IsLetter(r) {
				letters++
			}
			if letters == maxLetters {
				break
			}
		}
	}
	return letters
}

// A valueKind tells text from what only programs read.
type valueKind int

const (
	kindNumber valueKind = iota // no letters: numbers, dates, blanks
	kindCode                    // ids, links, addresses, dates with a month's name
	kindText
)

func kindOf(value string) valueKind {
	letters, digits, spaces := 0, 0, 0
	for _, r := range value {
		switch {
		case unicode.IsLetter(r):
			letters++
		case unicode.IsDigit(r):
			digits++
		case unicode.IsSpace(r):
			spaces++
		}
		if letters == maxLetters {
			break
		}
	}
	switch {
	case letters == 0:
		return kindNumber
	case digits*2 >= letters,
		spaces == 0 && (digits > 0 || strings.Contains(value, "://") || strings.Contains(value, "@")):
		return kindCode
	}
	return kindText
}

// score is the mean length of the values times how much they vary, weighed by
// what the name of the column promises.
func (c *columnSample) score(records int) float64 {
	if c.filled == 0 {
		return 0
	}
	variety := 1.0
	if c.filled > 1 {
		variety = float64(len(c.distinct)-1) / float64(c.filled-1)
	}
	return float64(c.letters) / float64(records) * variety * nameWeight(c.name)
}

// textNames are the names of a column or key that holds the text, the surest
// first.
var textNames = [...]string{
	"htmltext", "text", "content", "note", "notes", "body", "message", "textcontent", "description", "comment", "idea",
	"feedback", "response", "answer", "question", "sentence", "utterance", "prompt", "query", "title", "name",
}

// otherNames are names of columns that hold words, but not the text.
var otherNames = [...]string{
	"author", "user", "username", "creator", "created by", "owner", "assignee", "email", "url", "link", "date",
	"created", "updated", "time", "tag", "tags", "label", "labels", "category", "type", "color", "colour",
	"status", "state", "board", "frame", "area", "list", "section", "parent", "id", "key", "uuid",
}

func nameWeight(name string) float64 {
	name = strings.ToLower(trim(name))
	switch i := slices.Index(textNames[:], name); {
	case i >= 0 && name != "title" && name != "name":
		return 4
	case slices.Contains(otherNames[:], name):
		return 0.1
	}
	return 1
}

func isTextName(name string) bool {
	return slices.Contains(textNames[:], strings.ToLower(trim(name)))
}

func isKnownName(name string) bool {
	return isTextName(name) || slices.Contains(otherNames[:], strings.ToLower(trim(name)))
}

// bestColumn returns the index of the column that reads most like text, the
// first one where nothing does.
func bestColumn(columns []columnSample, records int) int {
	best, bestScore := 0, 0.0
	for i := range columns {
		if score := columns[i].score(records); score > bestScore {
			best, bestScore = i, score
		}
	}
	return best
}

// namedColumn returns the column with the surest name of text that at least
// a quarter of the records fill, or -1.
func namedColumn(columns []columnSample, records int) int {
	for _, name := range textNames {
		for i := range columns {
			if strings.EqualFold(columns[i].name, name) && columns[i].filled*4 >= records {
				return i
			}
		}
	}
	return -1
}

// findColumn returns the index of the column called name: exactly, or else
// but for case and white space around it.
func findColumn(names []string, name string) int {
	if i := slices.Index(names, name); i >= 0 {
		return i
	}
	return slices.IndexFunc(names, func(s string) bool {
		return strings.EqualFold(trim(s), trim(name))
	})
}

// isRefName reports names under which a record has its own id.
func isRefName(name string) bool {
	switch strings.ToLower(trim(name)) {
	case "id", "key", "_id", "uuid":
		return true
	}
	return false
}

// noColumn is the error for a column that is not there. what is "column" or
// "key".
func noColumn(file, what, wanted string, names []string) error {
	const most = 30
	quoted := make([]string, 0, min(len(names), most))
	for i, name := range names {
		if i == most {
			quoted = append(quoted, "…")
			break
		}
		if utf8.RuneCountInString(name) > 40 {
			name = string([]rune(name)[:40]) + "…"
		}
		quoted = append(quoted, name)
	}
	if len(quoted) == 0 {
		return hint.Errorf("leave the column out", "%s: no %s %q, there are none", file, what, wanted)
	}
	return hint.Errorf("choose one of: "+strings.Join(quoted, ", "), "%s: no %s %q", file, what, wanted)
}
