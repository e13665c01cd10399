package privacy

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"sheaf/internal/privacy/planted"
)

// What is planted is not in the lists, so that the tests below tell what
// happens to a name that was never seen.
func TestPlantedAreUnknown(t *testing.T) {
	words := newWordTable(newCues())
	first, last, orgs := planted.Names()
	for _, w := range append(first, last...) {
		if i := words.lookup(appendFold(nil, w)).info; i&(anyName|place|orgName) != 0 {
			t.Errorf("%s is in a list", w)
		}
	}
	for _, o := range orgs {
		if words.phrases[strings.Join(foldWords(o), " ")] != 0 {
			t.Errorf("%s is in a list", o)
		}
	}
}

// remains tells whether a part of an item is still in a text, as a word of its
// own and in any case.
func remains(text, part string) bool {
	text, part = strings.ToLower(text), strings.ToLower(part)
	for i := 0; ; {
		j := strings.Index(text[i:], part)
		if j < 0 {
			return false
		}
		i += j
		end := i + len(part)
		if (i == 0 || !isWordRune(rune(text[i-1]))) && (end == len(text) || !isWordRune(rune(text[end]))) {
			return true
		}
		i++
	}
}

// Of a thousand conversations with planted data at most 0.5 % of what has a
// form and 5 % of the names and organisations is left.
func TestPlantedConversations(t *testing.T) {
	r := New(Options{})
	left, all := map[planted.Kind]int{}, map[planted.Kind]int{}
	byLanguage := map[string][2]int{}
	for _, c := range planted.Conversations(1, 1000) {
		var texts []string
		for _, red := range r.Session().RedactAll(c.Turns) {
			texts = append(texts, red.Text)
		}
		text := strings.Join(texts, "\n")
		for _, item := range c.Items {
			all[item.Kind]++
			bad := false
			for _, part := range item.Parts() {
				bad = bad || remains(text, part)
			}
			n := byLanguage[c.Language]
			n[1]++
			if bad {
				left[item.Kind]++
				n[0]++
				if os.Getenv("SHEAF_SHOW") != "" {
					t.Logf("%s %s: %s", c.Language, item.Kind, text)
				}
			}
			byLanguage[c.Language] = n
		}
	}
	var structured, structuredLeft, named, namedLeft int
	for k, n := range all {
		t.Logf("%-14s %4d of %4d left", k, left[k], n)
		if k.Structured() {
			structured += n
			structuredLeft += left[k]
		} else {
			named += n
			namedLeft += left[k]
		}
	}
	t.Logf("left: structured %d of %d, names and organisations %d of %d, by language %v", structuredLeft, structured, namedLeft, named, byLanguage)
	if 1000*structuredLeft > 5*structured {
		t.Errorf("%d of %d structured items are left", structuredLeft, structured)
	}
	if 100*namedLeft > 5*named {
		t.Errorf("%d of %d names and organisations are left", namedLeft, named)
	}
}

// At least 0.99 of the generated data of each kind is found whole.
func TestGenerated(t *testing.T) {
	n := 500
	if os.Getenv("SHEAF_VERIFY") != "" {
		n = 10000
	}
	r := New(Options{})
	for _, g := range planted.Kinds {
		rng := rand.New(rand.NewPCG(7, 7))
		missed, example := 0, ""
		for range n {
			item := g.Make(rng)
			text := planted.Carrier(rng, g.Kind, item)
			at := strings.Index(text, item)
			left := []byte(text)
			for _, f := range r.Find(text) {
				for i := f.Start; i < f.End; i++ {
					left[i] = ' '
				}
			}
			if strings.TrimSpace(string(left[at:at+len(item)])) != "" {
				missed++
				example = text
			}
		}
		if 100*missed > n {
			t.Errorf("%s: %d of %d are left, such as in %q", g.Kind, missed, n, example)
		}
	}
}
