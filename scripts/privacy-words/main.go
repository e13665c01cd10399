// Command privacy-words writes internal/privacy/lists/vocabulary.txt: the
// words of the lexicon that are ordinary words and no names. The privacy
// package may not read the lexicon itself, and asks of a capitalised word
// whether it is one of these.
//
//	go run ./scripts/privacy-words
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sheaf/models/builtin"
)

// names are the files and concepts of the lexicon that hold names.
var names = []string{"03a_", "03b_", "03c_", "03d_", "05a_", "05c_", "05g_", "05h_"}

var nameConcepts = []string{
	"team", "athletes", "footballers", "managers", "players", "drivers", "famous", "brand", "makers", "countries",
	"cities", "peoples", "nationalities", "rulers", "presidents", "clubs", "events", "greetings", "universities", "ships",
	"tennis", "artworks", "artists", "companies", "airports", "rivers", "mountains", "islands", "lakes",
}

const lists = "internal/privacy/lists/"

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal("privacy-words: ", err)
	}
}

func run() error {
	isName := map[string]bool{}
	for _, f := range []string{"first_names.txt", "last_names.txt", "places.txt", "nationalities.txt", "organizations.txt"} {
		raw, err := os.ReadFile(lists + f)
		if err != nil {
			return err
		}
		entries := strings.FieldsSeq(string(raw))
		if f == "organizations.txt" { // the words of longer ones are ordinary
			entries = strings.FieldsFuncSeq(string(raw), func(r rune) bool { return r == ',' || r == '\n' })
		}
		for entry := range entries {
			if f == "organizations.txt" && len(builtin.Words(entry)) > 1 {
				continue
			}
			for _, w := range builtin.Words(entry) {
				isName[w] = true
			}
		}
	}
	words := map[string]bool{}
	files, err := filepath.Glob("models/builtin/lexicon/*.txt")
	if err != nil {
		return err
	}
	for _, path := range files {
		if slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(filepath.Base(path), n) }) {
			continue
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for line := range strings.SplitSeq(string(raw), "\n") {
			head, members, _ := strings.Cut(line, ":")
			if strings.HasPrefix(line, "#") || slices.ContainsFunc(nameConcepts, func(n string) bool { return strings.Contains(head, n) }) {
				continue
			}
			add(words, isName, members)
		}
	}
	raw, err := os.ReadFile("models/builtin/lexicon/translations.tsv")
	if err != nil {
		return err
	}
	for line := range strings.SplitSeq(string(raw), "\n") {
		add(words, isName, strings.NewReplacer("\t", " ", "/", " ").Replace(line))
	}
	sorted := make([]string, 0, len(words))
	for w := range words {
		sorted = append(sorted, w)
	}
	slices.Sort(sorted)
	var out bytes.Buffer
	for _, w := range sorted {
		fmt.Fprintln(&out, w)
	}
	return os.WriteFile(lists+"vocabulary.txt", out.Bytes(), 0o644)
}

func add(words, isName map[string]bool, text string) {
	for _, w := range builtin.Words(text) {
		if len(w) > 1 && !isName[w] && !strings.ContainsAny(w, "0123456789") {
			words[w] = true
		}
	}
}
