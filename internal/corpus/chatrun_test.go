package corpus

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sheaf/internal/hint"
)

// chatLines returns conversations as JSONL, one from each of the bodies.
func chatLines(bodies ...string) Input {
	return textInput("c.jsonl", strings.Join(bodies, "\n")+"\n")
}

func ids(given []Conversation) (out []string) {
	for _, c := range given {
		out = append(out, c.ID)
	}
	return out
}

func TestChatFilters(t *testing.T) {
	in := chatLines(
		`{"id": "a", "created": "2024-01-01T00:00:00Z", "language": "English", "messages": [{"role": "user", "content": "Where is the cat?"}, {"role": "assistant", "content": "On the mat."}]}`,
		`{"id": "b", "created": "2024-02-01T00:00:00Z", "messages": [{"role": "user", "content": "Wo ist die Katze, und was macht sie?"}, {"role": "assistant", "content": "Sie schläft."}]}`,
		`{"id": "c", "messages": [{"role": "user", "content": "¿Dónde está el gato de la casa?"}]}`,
		`{"id": "d", "messages": [{"role": "user", "content": "Where did the dog go?", "time": "2024-03-01T00:00:00Z"}, {"role": "tool", "content": "cat"}]}`,
	)
	day := func(s string) time.Time {
		at, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, tt := range []struct {
		name string
		opts ChatOptions
		want []string
		left map[string]int
	}{
		{"none", ChatOptions{}, []string{"a", "b", "c", "d"}, nil},
		{"from", ChatOptions{From: day("2024-02-01")}, []string{"b", "d"}, map[string]int{ReasonBefore: 1, ReasonNoDate: 1}},
		{"to", ChatOptions{To: day("2024-02-01")}, []string{"a"}, map[string]int{ReasonAfter: 2, ReasonNoDate: 1}},
		{"both", ChatOptions{From: day("2024-01-15"), To: day("2024-02-15")}, []string{"b"}, map[string]int{ReasonBefore: 1, ReasonAfter: 1, ReasonNoDate: 1}},
		{"language", ChatOptions{Languages: []string{"en", "Spanish"}}, []string{"a", "c", "d"}, map[string]int{ReasonLanguage: 1}},
		{"role", ChatOptions{Roles: []Role{RoleTool}}, []string{"d"}, map[string]int{ReasonRole: 3}},
		{"match", ChatOptions{Match: regexp.MustCompile(`(?i)cat|katze`)}, []string{"a", "b", "d"}, map[string]int{ReasonNoMatch: 1}},
		{"match after roles", ChatOptions{Roles: []Role{RoleUser}, Match: regexp.MustCompile(`cat`)}, []string{"a"}, map[string]int{ReasonNoMatch: 3}},
	} {
		given, chats, err := readChats(t, []Input{in}, tt.opts)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := ids(given); !slices.Equal(got, tt.want) || !maps.Equal(chats.LeftOut, tt.left) || !maps.Equal(chats.Reasons(), tt.left) {
			t.Errorf("%s: %v, left out %v, want %v, %v", tt.name, got, chats.LeftOut, tt.want, tt.left)
		}
		for _, c := range given {
			for _, m := range c.Messages {
				if tt.opts.Roles != nil && !slices.Contains(tt.opts.Roles, m.Role) {
					t.Errorf("%s: a message of the role %s", tt.name, m.Role)
				}
			}
		}
	}
	// A filter that leaves nothing is no error of the input.
	if _, chats, err := readChats(t, []Input{in}, ChatOptions{Match: regexp.MustCompile("bird")}); err != nil || chats.LeftOut[ReasonNoMatch] != 4 {
		t.Errorf("%+v, error %v", chats, err)
	}
}

func TestChatOptionsAreChecked(t *testing.T) {
	now := time.Now()
	for name, opts := range map[string]ChatOptions{
		"format": {Format: "lines"}, "sample": {Sample: -1}, "near": {NearDuplicates: 1.5}, "dates": {From: now, To: now},
		"role": {Roles: []Role{"wizard"}}, "language": {Languages: []string{"klingonese tongue"}},
	} {
		_, err := StreamChats(t.Context(), []Input{chatLines()}, opts, nil)
		if err == nil || hint.Of(err) == "" {
			t.Errorf("%s: error %v with the hint %q", name, err, hint.Of(err))
		}
	}
	if _, err := StreamChats(t.Context(), nil, ChatOptions{}, nil); err == nil || hint.Of(err) == "" {
		t.Errorf("no input: error %v", err)
	}
}

func numberedChats(n int) Input {
	var bodies []string
	for i := range n {
		bodies = append(bodies, fmt.Sprintf(`{"id": "c%d", "messages": [{"role": "user", "content": "question %d"}]}`, i, i))
	}
	return chatLines(bodies...)
}

func TestChatSample(t *testing.T) {
	const n, size = 50, 10
	draw := func(seed uint64) []string {
		given, chats, err := readChats(t, []Input{numberedChats(n)}, ChatOptions{Sample: size, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		if len(given) != size || chats.LeftOut[ReasonNotInSample] != n-size || chats.Read != n {
			t.Fatalf("%d drawn, %v left out", len(given), chats.LeftOut)
		}
		if !slices.IsSortedFunc(given, func(a, b Conversation) int { return compareNames(a.Source, b.Source) }) {
			t.Errorf("not in the order of the input: %v", ids(given))
		}
		return ids(given)
	}
	if a, b := draw(1), draw(1); !slices.Equal(a, b) {
		t.Errorf("one seed draws %v and %v", a, b)
	}
	// Each conversation is drawn as often as any other: 400 samples draw each 80
	// times, with a standard deviation of 8.
	counts := make(map[string]int)
	for seed := range uint64(400) {
		for _, id := range draw(seed) {
			counts[id]++
		}
	}
	for id, c := range counts {
		if c < 44 || c > 116 {
			t.Errorf("%s is drawn %d times", id, c)
		}
	}
	if len(counts) != n {
		t.Errorf("%d of %d were ever drawn", len(counts), n)
	}
	given, _, err := readChats(t, []Input{numberedChats(3)}, ChatOptions{Sample: size})
	if err != nil || len(given) != 3 {
		t.Errorf("%d of 3 drawn, error %v", len(given), err)
	}
}

func TestChatIDs(t *testing.T) {
	body := func(id, text string) string {
		return fmt.Sprintf(`{"id": %q, "messages": [{"role": "user", "content": %q}]}`, id, text)
	}
	given, _, err := readChats(t, []Input{chatLines(
		body("x", "1"), body("x~2", "2"), body("x", "3"), body("x", "4"), body("", "same"), body("", "same"),
		body("two words", "5"), body(strings.Repeat("x", 200), "6"), body("\u200e", "7"))}, ChatOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got := ids(given)
	if want := []string{"x", "x~2", "x~3", "x~4"}; !slices.Equal(got[:4], want) {
		t.Errorf("ids %v, want %v", got[:4], want)
	}
	if got[5] != got[4]+"~2" {
		t.Errorf("ids %v", got[4:6])
	}
	for _, id := range got[4:] {
		if !strings.HasPrefix(id, "conv-") {
			t.Errorf("id %q", id)
		}
	}
	// A filter changes no id.
	filtered, _, err := readChats(t, []Input{chatLines(body("x", "1"), body("x", "2"))}, ChatOptions{Match: regexp.MustCompile("2")})
	if err != nil || len(filtered) != 1 || filtered[0].ID != "x~2" {
		t.Errorf("%v, error %v", ids(filtered), err)
	}
}

// An id by which somebody may be known is as if it were not there.
func TestPersonalChatIDs(t *testing.T) {
	isPersonal := func(id string) bool { return strings.Contains(id, "emilia") }
	in := textInput("f.jsonl", `{"id":"emilia-1","messages":[{"role":"user","content":"a"}]}`+"\n"+`{"id":"b-2","messages":[{"role":"user","content":"b"}]}`)
	given, _, err := readChats(t, []Input{in}, ChatOptions{IsPersonal: isPersonal})
	if err != nil || len(given) != 2 || given[0].ID != given[0].ContentID() || given[0].Ref != "emilia-1" || given[1].ID != "b-2" {
		t.Errorf("%+v, %v", given, err)
	}
}

func TestChatDuplicates(t *testing.T) {
	body := func(user, assistant string) string {
		return fmt.Sprintf(`{"messages": [{"role": "user", "content": %q}, {"role": "assistant", "content": %q}]}`, user, assistant)
	}
	given, chats, err := readChats(t, []Input{chatLines(
		body("How tall is the Zugspitze?", "2962 m."),
		body("How tall is it?", "2962 m."),
		body(" how TALL is\nthe  zugspitze? ", "2962 M."),
		body("Caf\u00e9", "a"), body("CAFE\u0301", "a"),
		body("How tall is the Zugspitze?2962 m.", "."),
		body("How tall is the Zugspitze?", "2962 m."),
	)}, ChatOptions{})
	if err != nil {
		t.Fatal(err)
	}
	first := []int{-1, -1, 0, -1, 3, -1, 0}
	for i, c := range given {
		want := ""
		if first[i] >= 0 {
			want = given[first[i]].ID
		}
		if c.DuplicateOf != want || c.IsNear {
			t.Errorf("%d is a duplicate of %q, want %q", i, c.DuplicateOf, want)
		}
	}
	if want := map[string]int{given[0].ID: 3, given[3].ID: 2}; !maps.Equal(chats.Weights, want) || chats.Duplicates != 3 {
		t.Errorf("weights %v, duplicates %d, want %v", chats.Weights, chats.Duplicates, want)
	}
}

func TestStreamChatsStops(t *testing.T) {
	stop := errors.New("enough")
	count := 0
	chats, err := StreamChats(t.Context(), []Input{numberedChats(20)}, ChatOptions{}, func(Conversation) error {
		if count++; count == 5 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || chats != nil || count != 5 {
		t.Errorf("%v after %d", err, count)
	}
	ctx, cancel := context.WithCancel(t.Context())
	count = 0
	_, err = StreamChats(ctx, []Input{numberedChats(20), numberedChats(20)}, ChatOptions{}, func(Conversation) error {
		count++
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || count > 20 {
		t.Errorf("%v after %d", err, count)
	}
}

// One broken input of several is an item that is skipped; alone it is an error.
func TestBrokenChatInputs(t *testing.T) {
	good := numberedChats(2)
	for _, text := range []string{"", "  \n", "just words", `{"theme": "dark"}`, "PK\x03\x04", "\x1f\x8b\x08", "a\x00b", `[{"mapping": `} {
		broken := textInput("broken", text)
		given, chats, err := readChats(t, []Input{broken, good}, ChatOptions{})
		if err != nil || len(given) != 2 || len(chats.Skipped) != 1 || chats.Skipped[0].Source == "" || !chats.Skipped[0].Lost {
			t.Errorf("%q: %d given, error %v, %+v", text, len(given), err, chats)
		}
		_, _, err = readChats(t, []Input{broken}, ChatOptions{})
		if err == nil || !strings.HasPrefix(err.Error(), "broken") || hint.Of(err) == "" {
			t.Errorf("%q alone: error %v with the hint %q", text, err, hint.Of(err))
		}
	}
	if _, _, err := readChats(t, []Input{FileInput("testdata/nowhere.json"), good}, ChatOptions{}); err == nil {
		t.Error("a file that is not there is no error")
	}
}
