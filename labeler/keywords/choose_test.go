package keywords

import (
	"strings"
	"testing"

	"sheaf/models/builtin"
)

// The names of the weak and the vague are concepts of the lexicon: a renamed
// one would lose its mark without a word.
func TestMarkedConcepts(t *testing.T) {
	lex, err := builtin.ParseConcepts(builtin.ModelFS(), "concepts.txt")
	if err != nil {
		t.Fatal(err)
	}
	known := make(map[string]bool)
	for _, c := range lex.Concepts {
		known[c.Name] = true
	}
	for _, list := range []string{weakConcepts, vagueConcepts} {
		for c := range strings.SplitSeq(strings.Trim(list, ";"), ";") {
			if !known[c] {
				t.Errorf("%q is no concept", c)
			}
		}
	}
}

func TestChoice(t *testing.T) {
	l := newLabeler(t)
	for _, tt := range []struct {
		what, cluster string
		others        []string
		want          string
	}{
		{"narrow concepts of some, one above them for all", "apples; pears; bananas; cherries", []string{"cats; dogs", "red; blue"}, "Fruit"},
		{"a list of two things", "orange juice; ginger beer; cider; lamb chops; bacon; chicken thighs", []string{"oak; birch; willow", "chisel; pliers; hammer"}, "Drinks & Meat"},
		{"numbers and weekdays beside what it is about", "two dogs; the cat on Monday; three hamsters", []string{"monday; tuesday; friday", "oak; birch; willow"}, "Pets"},
		{"weekdays alone", "Monday; Tuesday; Friday", []string{"two dogs; three cats", "oak; birch; willow"}, "Weekdays"},
		{"colours beside what it is about", "green armchair; a blue sofa; the red bookcase", []string{"oak; birch; willow", "two dogs; three cats"}, "Furniture"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			got := labels(t, l, clusters(append([]string{tt.cluster}, tt.others...)...))[0]
			if got.Text != tt.want {
				t.Errorf("%s: %q, want %q (%s)", tt.cluster, got.Text, tt.want, got.Reason)
			}
		})
	}
}

// What all clusters share is still what one without a narrower name is about.
func TestGeneralName(t *testing.T) {
	l := newLabeler(t)
	got := labels(t, l, clusters("olives; spaghetti; rice; ham; peas; eggs", "paprika; cumin; nutmeg", "brie; cheddar; feta"))
	for i, want := range []string{"Groceries", "Spices", "Cheese"} {
		if got[i].Text != want {
			t.Errorf("label %d is %q, want %q (%s)", i, got[i].Text, want, got[i].Reason)
		}
	}
}

// Two clusters of one concept have its name and a word that tells them apart.
func TestSameConcept(t *testing.T) {
	l := newLabeler(t)
	got := labels(t, l, clusters("hammer; chisel; pliers; wrench", "screwdriver; hacksaw; mallet; tenon saw", "oak; birch; willow"))
	a, b := got[0].Text, got[1].Text
	if a == b || !strings.Contains(a+b, "(") || !strings.HasPrefix(b, strings.Fields(a)[0]) {
		t.Errorf("labels %q and %q", a, b)
	}
}

func TestSpelling(t *testing.T) {
	for _, tt := range []struct{ keyword, members, want string }{
		{"atm", "the ATM is broken; ATM fee; atm", "ATM"},
		{"flights sicily", "flights to Sicily", "flights to Sicily"},
		{"freeze card", "freeze my card; freeze the card; freeze card", "freeze card"},
		{"holiday check", "pre-holiday check", "pre-holiday check"},
		{"check in", "online check-in", "check-in"},
		{"creme", "crème fraîche", "crème"},
		{"absent", "nothing", "absent"},
	} {
		if got := spelling(tt.keyword, strings.Split(tt.members, "; "), language{place: builtin.English}); got != tt.want {
			t.Errorf("spelling(%q, %q) = %q, want %q", tt.keyword, tt.members, got, tt.want)
		}
	}
}

// A cluster with no name of its own has that of what the whole collection is
// about, with a word where another cluster has it too.
func TestTheme(t *testing.T) {
	l := newLabeler(t)
	got := labels(t, l, clusters(
		"salmon; trout; zorblax; quuxify", "cod; tuna; flurb; gronk", "pike; carp; herring; perch", "mackerel; haddock; plaice; sardines",
	))
	for i, g := range got[:2] {
		if !strings.Contains(g.Text, "Fish") {
			t.Errorf("label %d is %q, want one of fish (%s)", i, g.Text, g.Reason)
		}
	}
}

func TestToldApart(t *testing.T) {
	for _, tt := range []struct{ text, words, want string }{
		{"Health", "Health Care;Nose", "Health (Nose)"},
		{"Money Transfers", "Transfer Money;Charged", "Money Transfers (Charged)"},
		{"Topping Up", "", "Topping Up"},
	} {
		if got := toldApart(tt.text, strings.Split(tt.words, ";")); got != tt.want {
			t.Errorf("toldApart(%q, %q) = %q, want %q", tt.text, tt.words, got, tt.want)
		}
	}
}

func TestLinked(t *testing.T) {
	en := language{place: builtin.English}
	for between, want := range map[string]bool{"": true, "to": true, "of the": true, "are you": false, "again on": false} {
		if got := en.linked(strings.Fields(between)); got != want {
			t.Errorf("linked(%q) = %v", between, got)
		}
	}
}
