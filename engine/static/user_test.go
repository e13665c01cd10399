package static_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/blas/blas32"
	"pgregory.net/rapid"

	"sheaf/engine/static"
	"sheaf/models/builtin"
)

func parseUser(t interface {
	Helper()
	Fatal(args ...any)
}, lexicon string) *builtin.UserLexicon {
	t.Helper()
	user, err := builtin.ParseUserLexicon("mine.txt", strings.NewReader(lexicon))
	if err != nil {
		t.Fatal(err)
	}
	return user
}

func openWith(t interface {
	Helper()
	Fatal(args ...any)
}, lexicon string) *static.Model {
	t.Helper()
	m, err := static.OpenFS(builtin.ModelFS(), "builtin", static.Options{Lexicon: parseUser(t, lexicon)})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The longest term wins, of equal length the user's, in the forms that are
// written.
func TestUserTerms(t *testing.T) {
	plain := openBuiltin(t)
	m := openWith(t, "tickets: AT&T, Node.js, won't fix, quux, batch, won, mother's day, die, table, credit, credit cards\nWallet: credit card, dunning\nfruit: tomato")
	for text, want := range map[string][]string{
		"AT&T":         {"tickets"},
		"at&t's":       {"tickets"},
		"Node.js":      {"tickets"},
		"nodejs":       conceptsOf(plain, "nodejs"),
		"it won't fix": {"tickets"},
		"it won't":     nil,
		"he won":       {"tickets"},
		"two quuxes":   append(conceptsOf(plain, "two"), "tickets"),
		"quuxs":        nil,
		"batches":      {"tickets"},
		"Mother's Day": {"tickets"},
		"mother":       conceptsOf(plain, "mother"),
		"credit":       {"tickets"},
		"credit-card":  {"Wallet"},
		"credit cards": {"tickets"},                       // not the plural of the other
		"book a table": conceptsOf(plain, "book a table"), // longer than the user's
		"a table":      {"tickets"},
		"dunning":      {"Wallet"},
		"the tomatoes": conceptsOf(plain, "tomatoes"),
		"tomato":       {"fruit"},
		"die Rechnung": append([]string{"tickets"}, conceptsOf(plain, "Rechnung")...),
		"wallets":      {"Wallet"},
	} {
		if got := conceptsOf(m, text); !slices.Equal(got, want) {
			t.Errorf("%q is of %q, want %q", text, got, want)
		}
	}
	if got := conceptsOf(plain, "book a table"); !slices.Contains(got, "table reservations") {
		t.Errorf("the model itself says %q of booking a table: the test shows nothing", got)
	}
	if got := conceptsOf(plain, "credit card"); len(got) == 0 || slices.Contains(got, "tickets") {
		t.Errorf("the model itself says %q of a credit card: the test shows nothing", got)
	}
}

// Notes of a concept lie together, near its parents, and where none is named
// near what its members mean.
func TestUserConceptsLieTogether(t *testing.T) {
	texts := []string{"the zoltan", "kroxal", "an ACME Pay", "walk the dog"}
	before := cosines(t, openBuiltin(t), texts...)
	for _, tt := range []struct {
		lexicon, near string
		lo, hi        float32 // of the cosine to the concept near
	}{
		{"our vendors < payments: zoltan, kroxal, acme pay", "payments", 0.4, 0.65},
		{"our vendors < payments, birds: zoltan, kroxal, acme pay", "payments", 0.2, 0.5},
		{"our vendors: zoltan, kroxal, acme pay, paying bills, pay the rent", "paying bills", 0.2, 0.6},
		{"our vendors: zoltan, kroxal, acme pay, hamster, guinea pig", "paying bills", -0.2, 0.2},
	} {
		m := openWith(t, tt.lexicon)
		after := cosines(t, m, texts...)
		for _, pair := range [][2]int{{0, 1}, {1, 2}, {0, 2}} {
			if a, b := before(pair[0], pair[1]), after(pair[0], pair[1]); b < 0.5 || b < a+0.3 {
				t.Errorf("%s: %q and %q had the cosine %.2f and have %.2f", tt.lexicon, texts[pair[0]], texts[pair[1]], a, b)
			}
		}
		if c := after(1, 3); c > 0.2 {
			t.Errorf("%s: a member has the cosine %.2f to something else", tt.lexicon, c)
		}
		near, ok := m.Lexicon().Find(tt.near)
		if !ok {
			t.Fatalf("no concept %q", tt.near)
		}
		if c := conceptCosine(m, len(m.Lexicon().Concepts)-1, near); c < tt.lo || c > tt.hi {
			t.Errorf("%s: the concept has the cosine %.2f to %s", tt.lexicon, c, tt.near)
		}
	}
}

func conceptCosine(m *static.Model, i, j int) float32 {
	v := m.ConceptVectors()
	return blas32.Dot(blas32.Vector{N: v.Cols, Inc: 1, Data: v.Data[i*v.Stride:]}, blas32.Vector{N: v.Cols, Inc: 1, Data: v.Data[j*v.Stride:]})
}

// A concept of the model takes members, and parents too: then it moves.
func TestUserConceptsOfTheModel(t *testing.T) {
	texts := []string{"kroxal", "birds", "sparrow", "payments"}
	plain := openBuiltin(t)
	if c := cosines(t, openWith(t, "birds: kroxal"), texts...); c(0, 1) < 0.6 || c(0, 2) < 0.4 {
		t.Errorf("a new bird has the cosines %.2f and %.2f to others", c(0, 1), c(0, 2))
	}
	before, after := cosines(t, plain, texts...), cosines(t, openWith(t, "birds < payments: kroxal"), texts...)
	if a, b := before(1, 3), after(1, 3); b < a+0.15 {
		t.Errorf("birds had the cosine %.2f to payments and have %.2f below them", a, b)
	}
	if c := after(0, 1); c < 0.6 {
		t.Errorf("the new bird has the cosine %.2f to birds, which have moved", c)
	}
}

func TestUserLexiconInModel(t *testing.T) {
	plain := openBuiltin(t)
	user := "Billing Team < payments: zoltan\nquests < billing team: kroxal\npayments: acme pay"
	m := openWith(t, user)
	n := len(plain.Lexicon().Concepts)
	if c := m.Lexicon().Concepts; len(c) != n+2 || c[n].Name != "Billing Team" || len(plain.Lexicon().Concepts) != n {
		t.Fatalf("%d concepts, the model has %d", len(c), n)
	}
	vectors := m.ConceptVectors()
	if vectors.Rows != n+2 {
		t.Fatalf("%d vectors", vectors.Rows)
	}
	row := func(i int) blas32.Vector {
		return blas32.Vector{N: vectors.Cols, Inc: 1, Data: vectors.Data[i*vectors.Stride:]}
	}
	for i := range vectors.Rows {
		if l := blas32.Nrm2(row(i)); math.Abs(float64(l-1)) > 1e-5 {
			t.Errorf("concept %d has the length %v", i, l)
		}
	}
	payments, _ := m.Lexicon().Find("payments")
	for _, pair := range [][2]int{{n, payments}, {n + 1, n}} {
		if c := conceptCosine(m, pair[0], pair[1]); c < 0.4 || c > 0.65 { // 0.6/√1.36, give or take the random direction
			t.Errorf("a concept and its parent have the cosine %v", c)
		}
	}
	if !slices.Equal(plain.ConceptVectors().Data, vectors.Data[:n*vectors.Stride]) {
		t.Error("the model's own concepts have moved")
	}
	terms, units := m.Terms("of the zoltan")
	if len(terms) != 1 || units != 1 || !slices.Equal(terms[0].Concepts, []int32{int32(n)}) {
		t.Errorf("Terms = %v, %d", terms, units)
	}
	a, b := plain.Info(), m.Info()
	if a.Digest != b.Digest || a.LexiconDigest == b.LexiconDigest || b.LexiconDigest == openWith(t, user+"\n").Info().LexiconDigest {
		t.Errorf("digests %s and %s, lexicons %s and %s", a.Digest, b.Digest, a.LexiconDigest, b.LexiconDigest)
	}
}

func TestUserLexiconRefused(t *testing.T) {
	if testing.Short() {
		t.Skip("opens the model many times, on one thread")
	}
	for _, tt := range []struct{ lexicon, want string }{
		{"a: b\nbilling: invoice, счёт", `mine.txt:2: the model "builtin" cannot spell the term "счёт"`},
		{"party: ケーキ", "ケーキ"},
		{"party: ꙮ", "ꙮ"},
		{"party: " + strings.Repeat("x", 300), "cannot spell"},
		{"party: s", `cannot spell the term "s"`},
		{"billing < nowhere: invoice", "nowhere"},
	} {
		_, err := static.OpenFS(builtin.ModelFS(), "builtin", static.Options{Lexicon: parseUser(t, tt.lexicon)})
		var le *builtin.LexiconError
		if !errors.As(err, &le) || !strings.Contains(err.Error(), tt.want) || le.Hint() == "" {
			t.Errorf("%.40s: %v, want a LexiconError with %q", tt.lexicon, err, tt.want)
		}
	}
}

// What the model says already changes nothing, not by a bit.
func TestRepeatedLines(t *testing.T) {
	if testing.Short() {
		t.Skip("opens the model many times, on one thread")
	}
	lex, err := builtin.ParseLexicon(os.DirFS("../../models/builtin/lexicon"))
	if err != nil {
		t.Fatal(err)
	}
	plain := openBuiltin(t)
	all := lex.Terms()
	rapid.Check(t, func(t *rapid.T) {
		var lexicon strings.Builder
		seen := make(map[int]bool)
		var texts []string
		for range rapid.IntRange(1, 8).Draw(t, "lines") {
			c := rapid.IntRange(0, len(lex.Concepts)-1).Draw(t, "concept")
			if seen[c] {
				continue
			}
			seen[c] = true
			name := lex.Concepts[c].Name
			if !slices.Contains(conceptsOf(plain, name), name) {
				continue
			}
			lexicon.WriteString(name)
			for i, p := range lex.Concepts[c].Parents {
				lexicon.WriteString([]string{" < ", ", "}[min(i, 1)] + lex.Concepts[p].Name)
			}
			lexicon.WriteString(": ")
			for _, term := range lex.Concepts[c].Terms {
				// Of two terms that are spelled alike the model knows one.
				if terms, _ := plain.Terms(term); len(terms) == 1 && slices.Contains(conceptsOf(plain, term), name) && len(terms[0].Tokens) == len(plain.AppendTokens(nil, term)) {
					lexicon.WriteString(term + ", ")
					texts = append(texts, term, term+"s and "+rapid.SampledFrom(all).Draw(t, "other"))
				}
			}
			lexicon.WriteString("\n")
		}
		if lexicon.Len() == 0 {
			return
		}
		m := openWith(t, lexicon.String())
		a, err := plain.Embed(t.Context(), texts, nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := m.Embed(t.Context(), texts, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(a.Vectors.Data, b.Vectors.Data) {
			t.Fatalf("other vectors with\n%s", lexicon.String())
		}
	})
}

// Threads and the order of a file's lines do not change a bit.
func TestUserLexiconSameBits(t *testing.T) {
	lines := []string{"billing team < payments: zoltan, acme pay", "quests < billing team, games: kroxal, zoltan", "fruit: kroxals"}
	var texts []string
	for i := range 2000 {
		texts = append(texts, fmt.Sprintf("ask zoltan %d about the kroxals and ACME Pay", i%97))
	}
	var want []float32
	for i, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}} {
		var text string
		for _, l := range order {
			text += lines[l] + "\n"
		}
		m, err := static.OpenFS(builtin.ModelFS(), "builtin", static.Options{Threads: 1 + 3*i, Lexicon: parseUser(t, text)})
		if err != nil {
			t.Fatal(err)
		}
		e, err := m.Embed(t.Context(), texts, nil)
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = e.Vectors.Data
		}
		if !slices.Equal(e.Vectors.Data, want) {
			t.Errorf("the lines in the order %v give other vectors", order)
		}
	}
}
