package builtin

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func parseUser(t testing.TB, text string) *UserLexicon {
	t.Helper()
	user, err := ParseUserLexicon("mine.txt", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return user
}

func TestParseUserLexicon(t *testing.T) {
	user := parseUser(t, "\ufeff# ours\r\n\r\nBilling  Team < Payments, office work: Invoice, AT&T,,invoice, ACME  Pay,\r\nIT: laptop\nvpn:\n")
	var got []string
	for _, c := range user.Concepts {
		got = append(got, fmt.Sprintf("%s %s < %q: %q", c.Source, c.Name, c.Parents, c.Members))
	}
	want := []string{
		`mine.txt:3 Billing Team < ["payments" "office work"]: [{"billing team" "Billing Team"} {"invoice" "Invoice"} {"at t" "AT&T"} {"acme pay" "ACME Pay"}]`,
		`mine.txt:4 IT < []: [{"laptop" "laptop"}]`, // "it" would be in every text
		`mine.txt:5 vpn < []: [{"vpn" "vpn"}]`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if other := parseUser(t, "a: b"); user.Digest == other.Digest || !strings.HasPrefix(user.Digest, "sha256:") || other.Digest != parseUser(t, "a: b").Digest {
		t.Errorf("digests %s and %s", user.Digest, other.Digest)
	}
}

// repeated reads the same text again and again, as a file of any size would,
// and counts what was asked of it.
type repeated struct {
	text string
	left int
	read int
}

func (r *repeated) Read(b []byte) (int, error) {
	n := 0
	for n < len(b) && r.left > 0 {
		k := copy(b[n:], r.text[(r.read+n)%len(r.text):])
		k = min(k, r.left)
		n, r.left = n+k, r.left-k
	}
	r.read += n
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func numbered(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func TestParseUserLexiconRefuses(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"no colon", "a: b\nbilling invoice", "mine.txt:2: no colon"},
		{"no concept", ": invoice", "mine.txt:1: no concept"},
		{"no word in the concept", "🎉: party", "mine.txt:1: no concept"},
		{"no word in a member", "party: cake, 🎉", `mine.txt:1: the member "🎉" has no word`},
		{"a member of many words", "a: one two three four five six seven eight nine", "has more than 8 words"},
		{"a concept of many words", "one two three four five six seven eight nine: a", "has more than 8 words"},
		{"twice", "billing: invoice\n\nBILLING: dunning", `mine.txt:3: concept "BILLING" is already at mine.txt:1`},
		{"empty", "", "mine.txt: the lexicon is empty"},
		{"comments alone", "# nothing\n\n", "mine.txt: the lexicon is empty"},
		{"no UTF-8", "caf\xe9: bar", "mine.txt:1: the text is not valid UTF-8"},
		{"UTF-16", "\xff\xfea\x00:\x00", "mine.txt:1: the text is not valid UTF-8"},
		{"binary", "\x7fELF\x02\x01", "mine.txt:1: the control character U+007F"},
		{"NUL in a comment", "# a\x00b", "mine.txt:1: the control character U+0000"},
		{"parents", "a < " + numbered(17, "b%d,") + ": c", "more than 16 parents"},
		{"lines", strings.Repeat("\n", maxUserLines+1) + "a: b", "more than 100000 lines"},
		{"concepts", numbered(maxUserConcepts+1, "c%d: x\n"), "mine.txt:10001: a lexicon of more than 10000 concepts"},
		{"terms", numbered(11, "c%d: "+numbered(20_000, "x%d,")+"\n"), "more than 200000 terms"},
		{"line", "a: " + strings.Repeat("b,", 1<<20), "mine.txt:1: a lexicon of more than 1048576 bytes in a line"},
	} {
		_, err := ParseUserLexicon("mine.txt", strings.NewReader(tt.text))
		var le *LexiconError
		if !errors.As(err, &le) || !strings.Contains(err.Error(), tt.want) || le.Hint() == "" {
			t.Errorf("%s: %.200v, want a LexiconError with %q", tt.name, err, tt.want)
		}
	}
	broken := errors.New("the disk is gone")
	if _, err := ParseUserLexicon("mine.txt", io.MultiReader(strings.NewReader("a: b\n"), &failing{broken})); !errors.Is(err, broken) {
		t.Errorf("a failing reader gives %v", err)
	}
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

// A file of a gigabyte costs an error and not a gigabyte.
func TestParseUserLexiconIsBounded(t *testing.T) {
	for name, line := range map[string]string{"long comments": "#" + strings.Repeat("x", 900) + "\n", "short": "#\n", "one line": "x", "the same concept": "a: b, c\n"} {
		r := &repeated{text: line, left: 1 << 30}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := ParseUserLexicon("mine.txt", r)
		runtime.ReadMemStats(&after)
		if err == nil || r.read > maxUserBytes+1 {
			t.Errorf("%s: %v after %d bytes", name, err, r.read)
		}
		if spent := after.TotalAlloc - before.TotalAlloc; spent > 64<<20 {
			t.Errorf("%s: %d bytes of memory", name, spent)
		}
	}
}

func TestExtend(t *testing.T) {
	base, err := parse(t, "business: firm\npayments < business: pay, invoices\nfruit: apple")
	if err != nil {
		t.Fatal(err)
	}
	before := fmt.Sprint(base.Concepts, base.Terms(), base.up)
	lex, err := base.Extend(parseUser(t, "Dunning < billing: reminder\nbilling < PAYMENTS: invoice, apple\npayments: ACME Pay, pay\nfruit < business: apple"))
	if err != nil {
		t.Fatal(err)
	}
	for term, want := range map[string][]int{
		"reminder": {3}, "dunning": {3}, // a parent may come later
		"invoice": {4}, "invoices": {1}, "acme pay": {1}, "firm": {0}, "pay": {1},
		"apple": {2, 4}, // both of the user's lines
	} {
		if got := lex.Lookup(term); !slices.Equal(got, want) {
			t.Errorf("Lookup(%q) = %v, want %v", term, got, want)
		}
	}
	if c := lex.Concepts[3]; c.Name != "Dunning" || c.Source != "mine.txt:1" || !slices.Equal(c.Parents, []int{4}) {
		t.Errorf("the new concept is %+v", c)
	}
	for k, want := range []string{"", "payments", "fruit", "Dunning", "billing"} {
		if got, ok := lex.UserName(k); got != want || ok != (want != "") {
			t.Errorf("UserName(%d) = %q, %v, want %q", k, got, ok, want)
		}
	}
	if _, ok := base.UserName(1); ok {
		t.Error("the lexicon itself knows what the user calls a concept")
	}
	if up := lex.Ancestors(3); len(up) != 4 {
		t.Errorf("Ancestors(Dunning) = %v", up)
	}
	if k, ok := lex.Find("dunning"); !ok || k != 3 {
		t.Errorf("Find(dunning) = %d, %v", k, ok)
	}
	if !slices.Equal(lex.Concepts[2].Parents, []int{0}) || !slices.Contains(lex.Concepts[1].Terms, "acme pay") {
		t.Errorf("what was added to concepts of the lexicon is not there: %+v", lex.Concepts[1:3])
	}
	if after := fmt.Sprint(base.Concepts, base.Terms(), base.up); after != before {
		t.Errorf("the lexicon itself has changed:\n%s\n%s", before, after)
	}

	same, err := base.Extend(parseUser(t, "payments < business: pay, invoices\nfruit: apple"))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(same.Concepts, same.Terms(), same.up); got != before {
		t.Errorf("what is there already gave\n%s\nwant\n%s", got, before)
	}
}

func TestExtendRefuses(t *testing.T) {
	base, err := parse(t, "business: firm\npayments < business: pay\nbank < payments: teller")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, text, want string }{
		{"unknown parent", "billing < nowhere: invoice", `mine.txt:1: concept "billing" has the parent "nowhere"`},
		{"unknown parent of a built-in concept", "# \npayments < nowhere: invoice", `mine.txt:2: concept "payments" has the parent "nowhere"`},
		{"itself", "billing < billing: invoice", `mine.txt:1: concept "billing" is its own ancestor`},
		{"cycle", "a < b: x\nb < c: y\nc < a: z", "is its own ancestor"},
		{"cycle below", "d < a: w\na < b: x\nb < a: y", `mine.txt:2: concept "a" is its own ancestor`},
		{"cycle through built-in concepts", "billing < bank: invoice\nbusiness < billing: x", `mine.txt:1: concept "billing" is its own ancestor`},
		{"built-in concepts alone", "# up\nbusiness < bank: x", `mine.txt:2: concept "business" is its own ancestor`},
		{"depth", chain(maxDepth + 1), "more than 32 steps"},
	} {
		_, err := base.Extend(parseUser(t, tt.text))
		var le *LexiconError
		if !errors.As(err, &le) || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "mine.txt:") || le.Hint() == "" {
			t.Errorf("%s: %v, want a LexiconError with %q", tt.name, err, tt.want)
		}
	}
	// A wide net of parents would have ancestors without end.
	var wide strings.Builder
	for layer := range 31 {
		for i := range 16 {
			fmt.Fprintf(&wide, "l%d n%d", layer, i)
			if layer > 0 {
				wide.WriteString(" < ")
				for j := range 16 {
					fmt.Fprintf(&wide, "l%d n%d,", layer-1, j)
				}
			}
			wide.WriteString(": x\n")
		}
	}
	if _, err := base.Extend(parseUser(t, wide.String())); err == nil || !strings.Contains(err.Error(), "more than 256 concepts above it") {
		t.Errorf("a wide net gives %v", err)
	}
}

// FuzzParseUserLexicon: whatever the file, what is read keeps the bounds, and
// what extends a lexicon can be looked up and leaves that lexicon alone.
func FuzzParseUserLexicon(f *testing.F) {
	for _, s := range []string{
		"billing < payments: invoice, AT&T\n# comment\n", "a < b: c\nb < a: d", "payments < billing: x\nbilling < payments: y", "IT: laptop, it",
		"\ufeffa:b\r\nc:d", "\x00", "fruit: apple, apples", "a: \xff", "Ｆｒｕｉｔ: ı, İ, ẞ", "K: K\nk: k",
	} {
		f.Add([]byte(s))
	}
	base, err := parse(f, "business: firm\npayments < business: pay, invoices\nfruit: apple")
	if err != nil {
		f.Fatal(err)
	}
	before := fmt.Sprint(base.Concepts, base.Terms())
	f.Fuzz(func(t *testing.T, text []byte) {
		user, err := ParseUserLexicon("mine.txt", bytes.NewReader(text))
		var le *LexiconError
		if err != nil {
			if !errors.As(err, &le) || le.Hint() == "" {
				t.Fatalf("%v is no LexiconError with a hint", err)
			}
			return
		}
		lex, err := base.Extend(user)
		if fmt.Sprint(base.Concepts, base.Terms()) != before {
			t.Fatal("the lexicon itself has changed")
		}
		if err != nil {
			if !errors.As(err, &le) || !strings.HasPrefix(le.Source, "mine.txt:") || le.Hint() == "" {
				t.Fatalf("%v is no LexiconError of the user's file", err)
			}
			return
		}
		for _, c := range user.Concepts {
			k, ok := lex.Find(strings.ToLower(c.Name))
			if !ok {
				t.Fatalf("concept %q is not there", c.Name)
			}
			for _, m := range c.Members {
				if !slices.Contains(lex.Lookup(m.Term), k) {
					t.Fatalf("term %q is not of %q", m.Term, c.Name)
				}
				if strings.Join(Words(m.Written), " ") != m.Term {
					t.Fatalf("%q is read as %q", m.Written, m.Term)
				}
			}
		}
	})
}
