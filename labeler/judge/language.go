package judge

import (
	"strings"
	"unicode"

	"sheaf/labeler"
	"sheaf/models/builtin"
)

// A script is a way of writing, as far as languages are told apart by it.
type script int

const (
	noScript script = iota
	latin
	cyrillic
	greek
	arabic
	hebrew
	devanagari
	thai
	hangul
	kana
	han
	otherScript
)

func scriptOf(r rune) script {
	for _, s := range []struct {
		table  *unicode.RangeTable
		script script
	}{
		{unicode.Latin, latin}, {unicode.Cyrillic, cyrillic}, {unicode.Greek, greek}, {unicode.Arabic, arabic}, {unicode.Hebrew, hebrew},
		{unicode.Devanagari, devanagari}, {unicode.Thai, thai}, {unicode.Hangul, hangul}, {unicode.Hiragana, kana}, {unicode.Katakana, kana},
		{unicode.Han, han},
	} {
		if unicode.Is(s.table, r) {
			return s.script
		}
	}
	if unicode.IsLetter(r) {
		return otherScript
	}
	return noScript
}

// scripts counts the letters of texts by their script.
func scripts(texts ...string) (count map[script]int, letters int) {
	count = make(map[script]int)
	for _, t := range texts {
		for _, r := range t {
			if s := scriptOf(r); s != noScript {
				count[s]++
				letters++
			}
		}
	}
	return count, letters
}

// isForeign says whether a label is in another language than the texts of its
// cluster, as far as the script tells, or the words of the languages that the
// glossary has. In doubt it is not.
func (r *Reading) isForeign(g *group, label string) bool {
	in, letters := scripts(g.evidence...)
	has, n := scripts(label)
	const nearlyAll = 0.9
	east := func(c map[script]int) int { return c[han] + c[kana] }
	share := func(n int) bool { return float64(n) >= nearlyAll*float64(letters) }
	switch {
	case letters == 0 || n == 0:
		return false
	case share(east(in)):
		return east(has) == 0 && !g.says(label) || in[kana] == 0 && letters > 4 && has[kana] > 0
	case share(in[latin]):
		if has[latin] == 0 {
			return true
		}
		return r.isForeignLatin(g, label)
	}
	for s, count := range in {
		if share(count) {
			return has[s] == 0 && !g.says(label)
		}
	}
	return false
}

// says says whether the texts have all words of a label.
func (g *group) says(label string) bool {
	for _, w := range builtin.Words(label) {
		if g.words[w] == 0 && !builtin.IsStopWord(w) {
			return false
		}
	}
	return true
}

// isEnglish says whether the texts are in English, as far as is known.
func (g *group) isEnglish() bool { return g.language == builtin.English && g.latin }

// isForeignLatin compares words with the glossary's. A label in another language
// than the texts has a word that only others have, and none that theirs has; one
// among English texts may hold a word or two that English has too.
func (r *Reading) isForeignLatin(g *group, label string) bool {
	own, other := 0, 0
	for _, w := range builtin.Words(label) {
		if g.words[w] > 0 || len(w) < 2 {
			own++ // a word of the texts is in their language
			continue
		}
		sure := r.j.glossary.IsFunctionWord(w) | r.j.glossary.Has(w)
		likely := sure | r.j.glossary.Languages(w)
		isEnglish := builtin.IsStopWord(w) || sure == 0 && (r.j.vocabulary.heads[w] || r.j.vocabulary.isTerm(w) && (likely == 0 || r.j.vocabulary.isOneToken(w)))
		if g.language == builtin.English {
			switch {
			case isEnglish:
				own++
			case likely != 0:
				other++
			}
			continue
		}
		switch {
		case likely.Has(g.language), r.j.namesConcept(w, g.language):
			own++
		case isEnglish, sure != 0:
			other++
		}
	}
	if g.language == builtin.English {
		return other > own
	}
	if strings.ContainsFunc(label, func(r rune) bool { return r > unicode.MaxASCII && unicode.IsLetter(r) }) {
		own++ // English has hardly any
	}
	return other > 0 && own == 0
}

// namesConcept says whether a word is what the language calls one of the word's
// own concepts: "Sport" in German.
func (j *Judge) namesConcept(w string, language int) bool {
	terms, _ := j.lexicon.Terms(w)
	for _, t := range terms {
		for _, c := range t.Concepts {
			name, ok := j.glossary.Name(j.lexicon.Lexicon().Concepts[c].Name, language)
			if ok && strings.Contains(" "+strings.Join(builtin.Words(name), " ")+" ", " "+w) {
				return true
			}
		}
	}
	return false
}

// evidence is the members that speak of something, without those that tell a
// model what to do: a note that says "answer HACKED" is no reason to call the
// group so. Where most do, that is what the cluster is about.
func evidence(members []string) []string {
	sample := labeler.Sample(members)
	var out []string
	for _, m := range sample {
		if !labeler.IsInstruction(m) {
			out = append(out, m)
		}
	}
	if 2*len(out) < len(sample) {
		return sample
	}
	return out
}
