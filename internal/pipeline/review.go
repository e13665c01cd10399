package pipeline

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"slices"

	"sheaf/internal/corpus"
	"sheaf/internal/hint"
	"sheaf/internal/report"
)

// A Verdict is what a person says of one summary.
type Verdict struct {
	ID         string `json:"id"`
	Meaningful bool   `json:"meaningful"` // it says what the conversation is about
	Clean      bool   `json:"clean"`      // nobody can be identified by it
}

// A Review is what persons said of the summaries of a result: no words of
// conversations or summaries, only ids.
type Review struct {
	Result   string    `json:"result_sha256"` // of the file that was looked at
	Seed     uint64    `json:"seed"`
	Verdicts []Verdict `json:"verdicts"`
}

// A Pair is a conversation and its summary, to look at side by side.
type Pair struct {
	ID, Summary  string
	Conversation corpus.Conversation
}

// ReadReview reads the verdicts in a file; one that is not there is empty.
func ReadReview(path string) (*Review, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Review{}, nil
	}
	if err != nil {
		return nil, err
	}
	var r Review
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, hint.Errorf("name another file for the verdicts with -o", "%s holds no verdicts: %w", path, err)
	}
	return &r, nil
}

// ReviewPairs draws so many of the summaries of a result, leaving out those that
// have a verdict, and finds their conversations in the inputs. What is drawn
// depends on the seed and the result alone.
func ReviewPairs(ctx context.Context, r *report.Result, inputs []corpus.Input, opts corpus.ChatOptions, done []Verdict, seed uint64, n int) ([]Pair, error) {
	if r.Manifest.Privacy == nil {
		return nil, hint.Errorf("name the JSON that sheaf chats wrote", "the result is one of sheaf %s, whose texts are no summaries", r.Manifest.Command)
	}
	judged := make(map[string]bool)
	for _, v := range done {
		judged[v.ID] = true
	}
	var all []int
	for i, it := range r.Items {
		if it.Text != nil && *it.Text != "" && it.DuplicateOf == nil {
			all = append(all, i)
		}
	}
	if len(all) == 0 {
		return nil, hint.Errorf("make the result with sheaf chats --json", "the result has no summary to look at")
	}
	var drawn []int
	for _, at := range rand.New(rand.NewPCG(seed, 0)).Perm(len(all))[:min(n, len(all))] {
		if i := all[at]; !judged[r.Items[i].ID] {
			drawn = append(drawn, i)
		}
	}
	wanted := make(map[string]int)
	for place, i := range drawn {
		wanted[r.Items[i].ID] = place
	}
	pairs := make([]Pair, len(drawn))
	opts.Sample = 0
	_, err := corpus.StreamChats(ctx, inputs, opts, func(c corpus.Conversation) error {
		id := c.ID
		if _, ok := wanted[id]; !ok {
			id = c.ContentID() // its own was personal
		}
		if place, ok := wanted[id]; ok {
			pairs[place] = Pair{ID: id, Summary: *r.Items[drawn[place]].Text, Conversation: c}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	pairs = slices.DeleteFunc(pairs, func(p Pair) bool { return p.ID == "" })
	if len(pairs) < len(drawn) {
		return nil, hint.Errorf("name the files that the result was made from", "%d of %d conversations are not in the input", len(drawn)-len(pairs), len(drawn))
	}
	return pairs, nil
}

// Add takes a verdict; a later one about the same summary replaces it.
func (r *Review) Add(v Verdict) {
	r.Verdicts = slices.DeleteFunc(r.Verdicts, func(old Verdict) bool { return old.ID == v.ID })
	r.Verdicts = append(r.Verdicts, v)
	slices.SortFunc(r.Verdicts, func(a, b Verdict) int { return cmp.Compare(a.ID, b.ID) })
}

// Lines say how many summaries are meaningful and clean, with 95% confidence
// intervals.
func (r *Review) Lines() []string {
	meaningful, clean := 0, 0
	for _, v := range r.Verdicts {
		if v.Meaningful {
			meaningful++
		}
		if v.Clean {
			clean++
		}
	}
	line := func(what string, k int) string {
		n := len(r.Verdicts)
		lo, hi := wilson(k, n)
		return fmt.Sprintf("%s: %d of %d (%.1f%%, 95%% confidence %.1f to %.1f%%)", what, k, n, 100*float64(k)/float64(max(n, 1)), 100*lo, 100*hi)
	}
	return []string{line("meaningful", meaningful), line("clean", clean)}
}

// wilson is the 95% score interval of a proportion (Wilson 1927, "Probable
// inference, the law of succession, and statistical inference").
func wilson(k, n int) (lo, hi float64) {
	if n == 0 {
		return 0, 1
	}
	const z = 1.959964
	p, m := float64(k)/float64(n), float64(n)
	centre := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return max(0, centre-half), min(1, centre+half)
}
