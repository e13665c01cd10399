package static

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// symbolsFile says which word stands for a symbol that the tokenizer does not
// know: each line is the symbol, a tab and the word.
const symbolsFile = "symbols.tsv"

// maxSymbolWord bounds a symbol's word, in bytes: a short text may have many
// symbols.
const maxSymbolWord = 100

// readSymbols reads the file, which may be missing.
func readSymbols(fsys fs.FS) (raw []byte, words map[rune]string, err error) {
	raw, err = fs.ReadFile(fsys, symbolsFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	words = make(map[rune]string)
	line := 0
	for text := range strings.Lines(string(raw)) {
		line++
		symbol, word, ok := strings.Cut(strings.TrimSpace(text), "\t")
		r, n := utf8.DecodeRuneInString(symbol)
		if rest := strings.TrimRight(symbol[n:], "\ufe0f"); !ok || word == "" || rest != "" {
			return nil, nil, fmt.Errorf("%s:%d: want a symbol, a tab and a word", symbolsFile, line)
		}
		if len(word) > maxSymbolWord {
			return nil, nil, fmt.Errorf("%s:%d: a word of %d bytes; want at most %d", symbolsFile, line, len(word), maxSymbolWord)
		}
		words[r] = word
	}
	return raw, words, nil
}

// replaceUnknown tokenises a text again in which some word is unknown: words
// are taken apart where letters meet symbols ("milk🥛"), symbols become their
// words, and what is still unknown is returned beside the tokens. It is far
// slower than the tokenizer alone, and few texts need it. It stops soon after
// MaxTokens of either, for more are not looked at.
func (m *Model) replaceUnknown(dst []uint32, text string) (ids []uint32, unknown []string) {
	start := len(dst)
	// add tokenises s and says whether all of it is known; else it adds nothing.
	add := func(s string) bool {
		at := len(dst)
		dst = m.tok.AppendIDs(dst, s)
		if slices.Contains(dst[at:], uint32(m.unknown)) {
			dst = dst[:at]
			return false
		}
		return true
	}
	for word := range strings.FieldsSeq(text) {
		if len(dst)-start > MaxTokens {
			break
		}
		if add(word) {
			continue
		}
		for word != "" && len(dst)-start <= MaxTokens {
			part := word
			if end := strings.IndexFunc(word, func(r rune) bool { return !inWord(r) }); end >= 0 {
				part = word[:end]
			}
			r, n := utf8.DecodeRuneInString(word)
			if part == "" {
				part = word[:n]
			}
			word = word[len(part):]
			switch symbol := m.symbols[r]; {
			case symbol != "" && add(symbol):
			case add(part):
			case len(unknown) > MaxTokens:
			case inWord(r) || unicode.IsSymbol(r) && !unicode.Is(unicode.Sk, r): // not the colour of a thumb
				unknown = append(unknown, part)
			}
		}
	}
	return dst, unknown
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) }

// addUnknown adds a row for a word that the model knows nothing of: of each
// three letters in a row a direction by their hash, so that words that look
// alike lie near each other, at the length of a usual row.
func (m *Model) addUnknown(dst []float32, word string) {
	runes := []rune(" " + strings.ToLower(word) + " ")
	sum := make([]float32, len(dst))
	for i := range max(1, len(runes)-2) {
		h := hash(runes[i:min(i+3, len(runes))])
		addSigns(sum, h)
	}
	if unit(sum) {
		for j, x := range sum {
			dst[j] += float32(m.usual * x)
		}
	}
}

// hash is FNV-1a over runes.
func hash(runes []rune) uint64 {
	h := uint64(14695981039346656037)
	for _, r := range runes {
		h = (h ^ uint64(r)) * 1099511628211
	}
	return h
}

// addSigns adds a random direction to dst: 1 or -1 to each number, by the bits
// of splitmix64 with the seed.
func addSigns(dst []float32, seed uint64) {
	var bits uint64
	for j := range dst {
		if j%64 == 0 {
			seed += 0x9e3779b97f4a7c15
			bits = (seed ^ seed>>30) * 0xbf58476d1ce4e5b9
			bits = (bits ^ bits>>27) * 0x94d049bb133111eb
			bits ^= bits >> 31
		}
		dst[j] += float32(int(bits>>(j%64)&1)*2 - 1)
	}
}

// usualLength is the mean length of some rows of the table, as they are looked
// up.
func (m *Model) usualLength() float32 {
	const sample = 256
	row := make([]float32, m.table.dim)
	n := m.tok.Size()
	step := max(1, n/sample)
	var sum float64
	count := 0
	for id := 0; id < n; id += step {
		clear(row)
		m.addToken(row, uint32(id))
		sum += norm(row)
		count++
	}
	return float32(sum / float64(max(count, 1)))
}
