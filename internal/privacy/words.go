package privacy

import (
	"embed"
	"strings"
)

// info is what the package's lists say of a word.
type info uint32

const (
	firstName   info = 1 << iota
	lastName         // a family name
	place            // a country, region or city of one word
	nationality      // a people, or the adjective of one
	orgSuffix        // Inc, GmbH, University
	particle         // von, de la, bin
	title            // Mr, Dr, Frau
	common           // an ordinary word, whatever else it is
	technical        // a technology: never a name by itself
)

//go:embed lists/*.txt
var listFiles embed.FS

// A wordTable knows the words of the lists.
type wordTable struct{ words map[string]info }

// lists are the files and what a word in them is.
var lists = []struct {
	file string
	info info
}{
	{"first_names.txt", firstName},
	{"last_names.txt", lastName},
	{"places.txt", place},
	{"nationalities.txt", nationality},
	{"org_suffixes.txt", orgSuffix},
	{"particles.txt", particle},
	{"titles.txt", title},
	{"common.txt", common},
	{"technical.txt", technical},
}

func newWordTable() *wordTable {
	t := &wordTable{words: make(map[string]info, 1<<15)}
	for _, l := range lists {
		raw, err := listFiles.ReadFile("lists/" + l.file)
		if err != nil {
			panic("privacy: " + err.Error()) // the file is compiled in
		}
		for w := range strings.FieldsSeq(string(raw)) {
			t.words[string(appendFold(nil, w))] |= l.info
		}
	}
	return t
}

func (t *wordTable) lookup(key []byte) info { return t.words[string(key)] }

func (t *wordTable) has(w string, i info) bool { return t.words[w]&i != 0 }

// nameTitles are words that stand with a name and are not part of it.
var nameTitles = map[string]bool{"mr": true, "mrs": true, "ms": true, "miss": true, "dr": true, "prof": true, "sir": true, "herr": true, "frau": true}
