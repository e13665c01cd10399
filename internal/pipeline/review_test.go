package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
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

// A result of notes has no summaries, and says so.
func TestReviewOfNotes(t *testing.T) {
	out := run(t, NotesOptions{Common: Common{K: 2, Labeler: labelerKeywords}}, input("notes.txt", groceries))
	_, err := ReviewPairs(t.Context(), out.Result, []corpus.Input{textInput("chats.jsonl", articleChats(1))}, corpus.ChatOptions{}, nil, 1, 20)
	if err == nil || !strings.Contains(err.Error(), "one of sheaf notes") {
		t.Errorf("error %v", err)
	}
}

// An id by which somebody may be known is not written, and does its work all the
// same: labels are found by it, and reviews find the conversation.
func TestPersonalIDs(t *testing.T) {
	var b strings.Builder
	labels := make(map[string]string)
	for i, said := range []string{"How do I sort a React table?", "Give me a recipe for lentil soup.", "Style a React table with CSS, please.", "Which soup recipe needs no onions?", "Filter rows of a React table.", "Is there a recipe for tomato soup?"} {
		id := []string{"emilia-oduya-%d", "EmiliaOduya%d", "chat-%d", "emilia.oduya+%d@example.org", "johanna_weiss_%d", "550e8400-e29b-41d4-a716-44665544000%d"}[i]
		id = fmt.Sprintf(id, i)
		fmt.Fprintf(&b, `{"id":%q,"messages":[{"role":"user","content":%q}]}`+"\n", id, said)
		labels[id] = []string{"Tables", "Soups"}[i%2]
	}
	raw, err := json.Marshal(object{"labels": labels, "categories": []object{{"name": "Tables", "description": "React tables"}, {"name": "Soups", "description": "soup recipes"}}})
	if err != nil {
		t.Fatal(err)
	}
	r := runChats(t, nil, b.String(), ChatsOptions{Common: Common{K: 2, Seed: 1}, MinConversations: 1, MinUsers: 1, Reconstruct: writeFile(t, "labels.json", string(raw))})
	out := strings.ToLower(write(t, r))
	for _, name := range []string{"emilia", "oduya", "johanna", "weiss"} {
		if strings.Contains(out, name) {
			t.Errorf("%s is in the result", name)
		}
	}
	if r.Items[2].ID != "chat-2" || r.Items[5].ID != "550e8400-e29b-41d4-a716-446655440005" || !strings.HasPrefix(r.Items[0].ID, "conv-") {
		t.Errorf("ids %s, %s, %s", r.Items[0].ID, r.Items[2].ID, r.Items[5].ID)
	}
	if got := r.Manifest.Reconstruction; got.Conversations != 6 {
		t.Errorf("%+v", got)
	}
	pairs, err := ReviewPairs(t.Context(), r, []corpus.Input{textInput("chats.jsonl", b.String())}, corpus.ChatOptions{}, nil, 1, 6)
	if err != nil || len(pairs) != 6 {
		t.Errorf("%d pairs, %v", len(pairs), err)
	}
}
