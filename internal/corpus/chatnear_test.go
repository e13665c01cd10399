package corpus

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// jaccard is the similarity that a signature estimates.
func jaccard(a, b []string) float64 {
	set := func(texts []string) map[string]bool {
		out := make(map[string]bool)
		for _, text := range texts {
			words := strings.Fields(text)
			for i := 0; i+shingleWords <= len(words); i++ {
				out[strings.Join(words[i:i+shingleWords], " ")] = true
			}
		}
		return out
	}
	x, y := set(a), set(b)
	both := 0
	for s := range x {
		if y[s] {
			both++
		}
	}
	return float64(both) / float64(len(x)+len(y)-both)
}

// The share of equal parts is the similarity but for its stated error.
func TestSignatures(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{60, 300, 3000} {
		worst, sum, n := 0.0, 0.0, 0
		for range 60 {
			words := make([]string, size)
			for i := range words {
				words[i] = fmt.Sprint("w", random.IntN(size))
			}
			other := append([]string(nil), words...)
			for range random.IntN(size / 4) {
				other[random.IntN(size)] = fmt.Sprint("x", random.IntN(size))
			}
			a, b := []string{strings.Join(words, " ")}, []string{strings.Join(other, " ")}
			sa, _ := signatureOf(a)
			sb, _ := signatureOf(b)
			d := float64(equalParts(&sa, &sb))/signatureSize - jaccard(a, b)
			worst, sum, n = max(worst, math.Abs(d)), sum+d, n+1
		}
		// Four standard errors at most, and no more than chance in the mean. Where
		// parts are empty, those that borrow repeat others, which widens it.
		if worst > 0.2 || math.Abs(sum/float64(n)) > 0.04 {
			t.Errorf("%d words: off by up to %.3f, %.3f in the mean", size, worst, sum/float64(n))
		}
	}
}

func TestNearDuplicates(t *testing.T) {
	long := strings.Repeat("the quick brown fox jumps over a lazy dog and then it runs to the river where ", 1)
	var words []string
	for i := range 200 {
		words = append(words, fmt.Sprint("word", i))
	}
	text := long + strings.Join(words, " ")
	changed := strings.Replace(text, "word100 ", "another ", 1) // 3 of 213 shingles
	half := strings.Join(words[:100], " ") + " " + strings.Repeat("something else entirely ", 30)
	body := func(s string) string {
		return fmt.Sprintf(`{"messages": [{"role": "user", "content": %q}]}`, s)
	}
	in := chatLines(body(text), body(changed), body(half), body(changed), body(text), body("hi"), body("hi there"), body("Hi"))
	given, chats, err := readChats(t, []Input{in}, ChatOptions{NearDuplicates: 0.9})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		first int
		near  bool
	}{{-1, false}, {0, true}, {-1, false}, {0, true}, {0, false}, {-1, false}, {-1, false}, {5, false}} {
		first := ""
		if want.first >= 0 {
			first = given[want.first].ID
		}
		if given[i].DuplicateOf != first || given[i].IsNear != want.near {
			t.Errorf("%d is a duplicate of %q (near: %v), want %q (%v)", i, given[i].DuplicateOf, given[i].IsNear, first, want.near)
		}
	}
	if chats.NearDuplicates != 2 || chats.Duplicates != 2 || chats.Weights[given[0].ID] != 4 {
		t.Errorf("%d near, %d exact, weights %v", chats.NearDuplicates, chats.Duplicates, chats.Weights)
	}
	given, chats, err = readChats(t, []Input{in}, ChatOptions{})
	if err != nil || chats.NearDuplicates != 0 || chats.Duplicates != 3 || given[1].DuplicateOf != "" {
		t.Errorf("without: %+v, error %v", chats, err)
	}
}

// Folding is that of Duplicates, and takes white space together.
func TestFoldIsOfDuplicates(t *testing.T) {
	d := newDuplicateFinder(0)
	rapid.Check(t, func(t *rapid.T) {
		gen := rapid.StringOf(rapid.SampledFrom([]rune("aAbBßẞéÉe\u0301 \t\nİiσΣ.")))
		a, b := gen.Draw(t, "a"), gen.Draw(t, "b")
		oneLine := func(s string) string { return strings.Join(strings.Fields(s), " ") }
		same := Duplicates([]Document{{Text: oneLine(a)}, {Text: oneLine(b)}})[1] == 0
		if got := d.fold(a) == d.fold(b); got != same {
			t.Errorf("%q and %q are the same: %v, of Duplicates %v", a, b, got, same)
		}
	})
}
