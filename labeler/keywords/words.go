package keywords

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sheaf/models/builtin"
)

// A keyword is a word or a pair of words that stands out in a cluster.
type keyword struct {
	text  string
	score float64
	share float64 // of the members that have it
	first int     // the first member that has it
}

// wordCount counts in how many members of a cluster, weighted, a word or a
// pair of neighbouring words stands.
type wordCount struct {
	members float64
	texts   int
	in      map[string]float64
	first   map[string]int // the first member that has it
}

func newWordCount() *wordCount {
	return &wordCount{in: make(map[string]float64), first: make(map[string]int)}
}

// reach is how many words apart the two words of a pair may stand: what is
// between them says nothing ("freeze my card" has the pair "freeze card").
const reach = 3

// add counts the words of one member, each once, and its pairs: a telling word
// with the next one, or with the particle that follows it ("top up").
func (c *wordCount) add(words []string, weight float64, l language) {
	c.members += weight
	seen := make(map[string]bool, 2*len(words))
	count := func(w string) {
		if !seen[w] {
			seen[w] = true
			c.in[w] += weight
			if _, ok := c.first[w]; !ok {
				c.first[w] = c.texts
			}
		}
	}
	defer func() { c.texts++ }()
	last, at := "", 0
	for i, w := range words {
		switch {
		case l.telling(w):
			count(w)
			if last != "" && last != w && i-at <= reach && l.linked(words[at+1:i]) {
				count(last + " " + w)
			}
			last, at = w, i
		case last != "" && i == at+1 && particle(w):
			count(last + " " + w)
		}
	}
}

// linked says whether what stands between two words joins them: "flights to
// Sicily", not "early are you open" or "the barn again on Saturday".
func (l language) linked(between []string) bool {
	return !slices.ContainsFunc(between, func(w string) bool {
		if l.place == builtin.English {
			return !strings.Contains(links, " "+w+" ")
		}
		return !l.isStopWord(w)
	})
}

// links are the English words that may join two others.
const links = " a an the of to in on at for from by with and or as per my our your his her their its "

func particle(w string) bool { return w == "up" || w == "off" || w == "out" }

// telling says whether a word may stand in a label.
func (l language) telling(w string) bool {
	r, n := utf8.DecodeRuneInString(w)
	return n < len(w) && unicode.IsLetter(r) && !l.isStopWord(w) && !strings.Contains(weakWords, " "+w+" ")
}

// pairBonus is how much more a pair counts than a word of the same score: it
// says more, and is rarer than either of its words.
const pairBonus = 1.5

const (
	weakWord = 0.3 // how much of its score a word of weak concepts keeps
	looksAt  = 60  // how many of a cluster's best words are looked up for that
)

// distinctive ranks the words of each cluster by class-based TF-IDF
// (Grootendorst: BERTopic, 2022), with shares of members in place of counts:
//
//	score = share in the cluster · log(1 + mean share / share over all clusters)
//
// A word in one member alone is left out where a cluster has five members or
// more and some word is in two.
// Inflections of a word are one, under the form most members have.
func (l *Labeler) distinctive(groups []group) [][]keyword {
	overall := make(map[string]float64) // sum over clusters of the share of members
	shares := make([]map[string]float64, len(groups))
	for gi, g := range groups {
		shares[gi] = make(map[string]float64, len(g.counts.in))
		for w, n := range merge(g.counts.in) {
			shares[gi][w] = n / g.counts.members
		}
	}
	for _, s := range shares { // cluster by cluster, so that the sums do not depend on map order
		for w, x := range s {
			overall[w] += x
		}
	}
	out := make([][]keyword, len(groups))
	for gi, g := range groups {
		least := 0.0
		if once := 1.5 / g.counts.members; g.counts.members >= 5 && slices.ContainsFunc(values(shares[gi]), func(x float64) bool { return x >= once }) {
			least = once
		}
		for w, x := range shares[gi] {
			if x < least {
				continue
			}
			s := x * math.Log(1+float64(len(groups))*x/overall[w])
			if strings.Contains(w, " ") {
				s *= pairBonus
			}
			out[gi] = append(out[gi], keyword{w, s, min(x, 1), g.counts.first[w]})
		}
		sortKeywords(out[gi])
		top := out[gi][:min(looksAt, len(out[gi]))]
		for i := range top {
			if l.isWeakText(top[i].text) {
				top[i].score *= weakWord
			}
		}
		sortKeywords(out[gi])
		out[gi] = withoutRepeats(out[gi], 8)
	}
	return out
}

// sortKeywords puts the best first; of equals, that of the member nearer to
// the centroid.
func sortKeywords(words []keyword) {
	slices.SortFunc(words, func(a, b keyword) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.first, b.first), strings.Compare(a.text, b.text))
	})
}

func values(m map[string]float64) []float64 { return slices.Collect(maps.Values(m)) }

// merge adds up the inflections of a word under the most frequent form.
func merge(in map[string]float64) map[string]float64 {
	words := make([]string, 0, len(in))
	for w := range in {
		words = append(words, w)
	}
	slices.SortFunc(words, func(a, b string) int {
		return cmp.Or(cmp.Compare(in[b], in[a]), strings.Compare(a, b))
	})
	form := make(map[string]string, len(in)) // stem ▸ form
	out := make(map[string]float64, len(in))
	for _, w := range words {
		k := stem(w, in)
		if form[k] == "" {
			form[k] = w
		}
		out[form[k]] += in[w]
	}
	return out
}

// stem is the same for a word and its inflections, as far as the base form
// stands among the words too: "charged" goes with "charge" where there is one.
func stem(w string, in map[string]float64) string {
	head, last := "", w
	if i := strings.LastIndexByte(w, ' '); i >= 0 {
		head, last = w[:i+1], w[i+1:]
	}
	if strings.HasSuffix(last, "ed") || strings.HasSuffix(last, "ing") {
		for _, s := range builtin.Stems(last) {
			if _, ok := in[head+s]; ok && len(s) < len(last) {
				return head + key(s)
			}
		}
	}
	return head + key(last)
}

// key is the same for a word and its plural.
func key(w string) string {
	switch {
	case len(w) > 4 && strings.HasSuffix(w, "ies"):
		return w[:len(w)-3] + "y"
	case len(w) > 4 && (strings.HasSuffix(w, "ches") || strings.HasSuffix(w, "shes") || strings.HasSuffix(w, "sses") || strings.HasSuffix(w, "xes")):
		return w[:len(w)-2]
	case len(w) > 3 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "us") && !strings.HasSuffix(w, "is"):
		return w[:len(w)-1]
	}
	return w
}

// withoutRepeats keeps at most n words, none of which shares a word with a
// better one.
func withoutRepeats(words []keyword, n int) []keyword {
	said := make(map[string]bool)
	var out []keyword
	for _, w := range words {
		parts := strings.Fields(w.text)
		if len(out) == n {
			break
		}
		if slices.ContainsFunc(parts, func(p string) bool { return said[key(p)] }) {
			continue
		}
		for _, p := range parts {
			said[key(p)] = true
		}
		out = append(out, w)
	}
	return out
}

// isForeignStopWord says whether a word is a common function word of another
// language, as it may stand in notes that are English otherwise.
func isForeignStopWord(w string) bool { return strings.Contains(foreignStopWords, " "+w+" ") }

// foreignStopWords are the commonest function and question words of German, French,
// Spanish, Italian, Portuguese and Dutch, without accents, that are not also
// telling English words.
const foreignStopWords = " der das dem des und ist nicht ich du er sie wir ihr ein eine einen einem einer zu mit auf fur von im auch sich" +
	" wie aus bei nach wird sind haben kann noch nur uber vor zum zur mein meine ich bitte" +
	" le la les un une des du et est pas je tu il elle nous vous ils elles en que qui dans pour sur avec au aux ce cette ces mon ma mes ne se sont" +
	" el los las una unos y es no yo ella nosotros en que por con del al lo su sus mi mis esta este como mas pero muy" +
	" gli uno e non io lui lei noi voi che di da nel nella con per sul della delle dei il si sono mio mia" +
	" o os um uma nao eu ele ela em que por com do da dos das no na seu sua meu minha mais mas muito esta" +
	" de welche welcher welches wann warum wieso kannst konnen brauche muss musst dafur damit davon darf soll sollte mir dir uns euch als die gibt bis" +
	" cuanto cuanta cuantos cuantas cuando donde quien para puedo puedes tengo necesito quel quelle quels quelles combien comment pourquoi peux dois faut sans" +
	" quanto quanta quanti quante dove quando onde posso puoi devo senza welke wanneer waar hoeveel moet zonder" +
	" het een en niet ik jij hij zij wij op met voor aan bij naar is zijn hebben mijn ook maar dat dit deze "

// weakWords are English words that mean something in a sentence and nothing
// in a label.
const weakWords = " again ago already always another anyone anything around away back because been before after being" +
	" between both different during each else even ever every everyone everything few getting goes gone hello help hey hi however" +
	" keep keeps kind last least less lot lots many maybe more most much my near never next nothing now often ok okay once one ones other" +
	" others own per perhaps put quite rather really regarding same say see seem seems several since so some someone something" +
	" sometimes soon still stuff such sure take takes thank thanks that thing things think though through time times today too" +
	" took toward trying try tried until upon us use used using via want wanted way well were while whole within without yes yet" +
	" able allow allowed believe bit come comes couple find found getting happen happened looking look possible see wondering "
