package privacy

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"sheaf/internal/privacy/planted"
)

// Texts that are cut, joined, doubled and strewn with odd bytes hold what is
// true of every text.
func TestMutatedTexts(t *testing.T) {
	n := 300
	if os.Getenv("SHEAF_VERIFY") != "" {
		n = 50000
	}
	r := New(Options{})
	var texts []string
	for _, c := range planted.Conversations(11, 60) {
		texts = append(texts, c.Turns...)
	}
	odd := []string{"[", "]", "[PERSON_1]", "[PERSON_99999999]", "\x80", "\xff", "\u0301", "\u200e", "@", "://", ".", "-----BEGIN PRIVATE KEY-----", "'s", "’", "\n", "\r\n", "\n>", " and ", ", ", "(", "+", "0", "İ", "ß", "1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6"}
	rng := rand.New(rand.NewPCG(5, 5))
	for range n {
		text := texts[rng.IntN(len(texts))] + texts[rng.IntN(len(texts))]
		for range 1 + rng.IntN(8) {
			i := rng.IntN(len(text) + 1)
			j := min(len(text), i+rng.IntN(12))
			switch rng.IntN(4) {
			case 0:
				text = text[:i] + text[j:]
			case 1:
				text = text[:j] + text[i:]
			case 2:
				text = text[:i] + odd[rng.IntN(len(odd))] + text[j:]
			default:
				text = text[:i] + strings.ToUpper(text[i:])
			}
			if text == "" {
				text = "x"
			}
		}
		if check(t, r, text); t.Failed() {
			t.Fatalf("in %q", text)
		}
	}
}

// The time grows with the length of a text and not with its square.
func TestLongTexts(t *testing.T) {
	n := 400
	if os.Getenv("SHEAF_VERIFY") != "" {
		n = 4000
	}
	r := New(Options{})
	for _, unit := range []string{
		"a.", "1 ", "a@", "://a", "Jake ", "Jake, ", "a", "-", "\"", "1.1.", "[", "[A_1]", "x=", "12 Main St, ", "Smith & ", "password: a1b2c3! ", "+1 212 555 0123 ", "my name is ", "von ", "x'",
	} {
		work := func(n int) float64 {
			text := strings.Repeat(unit, n)
			best := 0.0
			for range 3 {
				if c := cpuOf(func() { r.Session().Redact(text) }); best == 0 || c < best {
					best = c
				}
			}
			return best
		}
		// Eight times the text; 64 times would be the square.
		if short, long := work(n), work(8*n); long > 40*short && long > 1 {
			t.Errorf("%q: %.4f s for %d, %.4f s for %d", unit, short, n, long, 8*n)
		}
	}
}

// cpuOf is the seconds that a function takes. Other programs lengthen them, and
// so the least of some counts.
func cpuOf(do func()) float64 {
	start := time.Now()
	do()
	return time.Since(start).Seconds()
}
