package pipeline

import (
	"context"
	"math"
	"slices"
	"testing"

	"sheaf/internal/corpus"
)

func TestWilson(t *testing.T) {
	for _, tt := range []struct {
		k, n   int
		lo, hi float64
	}{
		{0, 0, 0, 1}, {0, 10, 0, 0.2775}, {10, 10, 0.7225, 1}, {5, 10, 0.2366, 0.7634}, {81, 263, 0.2553, 0.3662},
	} {
		if lo, hi := wilson(tt.k, tt.n); math.Abs(lo-tt.lo) > 1e-3 || math.Abs(hi-tt.hi) > 1e-3 {
			t.Errorf("wilson(%d, %d) = %.4f, %.4f; want %.4f, %.4f", tt.k, tt.n, lo, hi, tt.lo, tt.hi)
		}
	}
}

func TestReviewPairs(t *testing.T) {
	text := articleChats(6)
	r := runChats(t, nil, text, ChatsOptions{Common: Common{K: 2, Seed: 1}, MinConversations: 2, MinUsers: 1})
	draw := func(done []Verdict, seed uint64, n int) []string {
		pairs, err := ReviewPairs(context.Background(), r, []corpus.Input{textInput("chats.jsonl", text)}, corpus.ChatOptions{}, done, seed, n)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, p := range pairs {
			if p.Summary == "" || p.Conversation.ID != p.ID {
				t.Errorf("%+v", p)
			}
			ids = append(ids, p.ID)
		}
		return ids
	}
	first := draw(nil, 1, 8)
	if len(first) != 8 || !slices.Equal(first, draw(nil, 1, 8)) || slices.Equal(first, draw(nil, 2, 8)) {
		t.Errorf("drawn %v", first)
	}
	rest := draw([]Verdict{{ID: first[0]}, {ID: first[3]}}, 1, 8)
	if want := slices.Concat(first[1:3], first[4:]); !slices.Equal(rest, want) {
		t.Errorf("with two verdicts %v, want %v", rest, want)
	}
	if all := draw(nil, 1, 100); len(all) != 24 {
		t.Errorf("%d drawn of 24", len(all))
	}
	if _, err := ReviewPairs(context.Background(), r, []corpus.Input{textInput("chats.jsonl", articleChats(1))}, corpus.ChatOptions{}, nil, 1, 20); err == nil {
		t.Error("conversations that are not there")
	}
}
