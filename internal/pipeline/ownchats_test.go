package pipeline

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"gonum.org/v1/gonum/blas/blas32"
	"pgregory.net/rapid"

	"sheaf/internal/quality"
	"sheaf/internal/report"
)

// An ownChat is what one person asks about on one day.
type ownChat struct {
	topic string
	turns []string
}

// ownChats makes chats about everyday matters in three languages, of one to four
// turns with what people say around a question.
func ownChats(t testing.TB, seed uint64, n int) []ownChat {
	t.Helper()
	raw, err := os.ReadFile("testdata/ownchats.txt")
	if err != nil {
		t.Fatal(err)
	}
	type set struct{ opens, goesOn []string }
	sets := make(map[string]*set) // by topic and language
	var topics []string
	for line := range strings.Lines(string(raw)) {
		f := strings.SplitN(strings.TrimSpace(line), "|", 4)
		k := f[0] + "|" + f[1]
		if sets[k] == nil {
			sets[k] = &set{}
			if f[1] == "en" {
				topics = append(topics, f[0])
			}
		}
		if f[2] == "opens" {
			sets[k].opens = append(sets[k].opens, f[3])
		} else {
			sets[k].goesOn = append(sets[k].goesOn, f[3])
		}
	}
	r := rand.New(rand.NewPCG(seed, 1))
	pick := func(s []string) string { return s[r.IntN(len(s))] }
	out := make([]ownChat, n)
	for i := range out {
		topic := topics[i%len(topics)]
		s := sets[topic+"|en"]
		isEnglish := true
		if other := sets[topic+pick([]string{"|de", "|es"})]; other != nil && r.IntN(10) < 3 {
			s, isEnglish = other, false
		}
		out[i].topic = topic
		for turn := range 1 + r.IntN(4) {
			text := pick(s.goesOn)
			if turn == 0 || r.IntN(3) == 0 {
				text = pick(s.opens)
			}
			if isEnglish && r.IntN(3) == 0 {
				text = pick([]string{"Hi! ", "Hello, ", "Hey, ", "Please help. ", "Quick question: "}) + text
			}
			if isEnglish && r.IntN(3) == 0 {
				text += pick([]string{" Thanks!", " Please keep it short.", " I am new to this.", " Can you explain?"})
			}
			out[i].turns = append(out[i].turns, text)
		}
	}
	return out
}

// runOwnChats runs chats without a chat model and compares the base clusters with
// the topics.
func runOwnChats(t testing.TB, chats []ownChat) (*report.Result, float64) {
	t.Helper()
	var input strings.Builder
	for i, c := range chats {
		var messages []object
		for _, turn := range c.turns {
			messages = append(messages, object{"role": "user", "content": turn}, object{"role": "assistant", "content": "Sure, let us look at it."})
		}
		line, err := json.Marshal(object{"id": fmt.Sprint(i), "messages": messages})
		if err != nil {
			t.Fatal(err)
		}
		input.Write(append(line, '\n'))
	}
	r := runChats(t, nil, input.String(), ChatsOptions{Common: Common{Seed: 1}})
	var topics, clusters []string
	if len(r.Items) != len(chats) {
		t.Fatalf("%d items of %d chats", len(r.Items), len(chats))
	}
	for i, it := range r.Items { // in the order of the input
		topics, clusters = append(topics, chats[i].topic), append(clusters, it.Cluster)
	}
	return r, quality.VMeasure(topics, clusters).V
}

// The chats of one person, in several languages, are grouped by what they are
// about, and nearly none is left without a name.
func TestChatsOfOnePerson(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it measures groups and names")
	}
	for _, tt := range []struct {
		n     int
		least float64 // V-measure; with 60 chats of 11 topics no topic has the ten chats that are shown
	}{{60, 0.55}, {100, 0.7}, {200, 0.85}} {
		r, v := runOwnChats(t, ownChats(t, uint64(tt.n), tt.n))
		others, base := 0, 0
		var names []string
		for _, c := range r.Clusters {
			if c.LabelSource == "withheld" {
				others += c.Size
			}
			if c.Level == 0 {
				base++
				names = append(names, c.Label)
			}
		}
		t.Logf("%d chats: V-measure %.3f, %d without a name, %q", tt.n, v, others, names)
		if v < tt.least || base < 3 || 10*others > tt.n {
			t.Errorf("%d chats: V-measure %.3f, %d clusters, %d chats without a name", tt.n, v, base, others)
		}
	}
}

// Two languages on either side of what they are about come to lie together, and a
// language of a few conversations stays where it is.
func TestJoinLanguages(t *testing.T) {
	const d, each = 3, 6
	var languages []string
	v := blas32.General{Cols: d, Stride: d}
	add := func(lang string, n int, x, y, z float32) {
		for range n {
			languages, v.Data = append(languages, lang), append(v.Data, x, y, z)
			v.Rows++
		}
	}
	add("en", each+2, 0.6, 0, 0.8)
	add("en", each+2, 0, 0.6, 0.8)
	add("de", each, 0.6, 0, -0.8)
	add("de", each, 0, 0.6, -0.8)
	add("fr", leastOfLanguage-1, 0.6, 0.8, 0)
	joinLanguages(v, languages)
	for i := range v.Rows {
		row, want := v.Data[i*d:][:d], []float32{0.6, 0, 0.8}
		switch {
		case languages[i] == "fr":
			want = []float32{0.6, 0.8, 0}
		case i >= each+2 && i < 2*(each+2) || i >= 2*(each+2)+each:
			want = []float32{0, 0.6, 0.8}
		}
		if squared(row, want) > 1e-9 {
			t.Errorf("row %d, %s: %v, want %v", i, languages[i], row, want)
		}
	}
}

// Clusters that are too small are joined to what they are most like, and nothing
// is lost.
func TestJoin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		chats, groups := drawChats(t)
		least := threshold{conversations: rapid.IntRange(1, 40).Draw(t, "least")}
		got := chats.join(groups, least)
		before, after, small, all := 0, 0, 0, 0
		for _, g := range groups {
			before += len(g.members)
			all += g.size
		}
		for _, g := range got {
			after += len(g.members)
			if !least.shows(chats.crowd().add(g)) {
				small += g.size
			}
			for i := 1; i < len(g.members); i++ {
				if g.members[i].distance < g.members[i-1].distance && len(got) < len(groups) && g.size > groups[0].size {
					t.Fatalf("members are not in order")
				}
			}
		}
		if before != after || len(got) > 1 && float64(small) > (1-fullyCovered)*float64(all)+1e-9 {
			t.Fatalf("%d members of %d, %d of %d conversations in small clusters", after, before, small, all)
		}
	})
}
