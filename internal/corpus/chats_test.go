package corpus

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sheaf/internal/hint"
)

// readChats reads inputs and keeps what is given.
func readChats(t testing.TB, inputs []Input, opts ChatOptions) ([]Conversation, *Chats, error) {
	t.Helper()
	var given []Conversation
	chats, err := StreamChats(context.Background(), inputs, opts, func(c Conversation) error {
		given = append(given, c)
		return nil
	})
	if err == nil {
		checkChats(t, given, chats)
	}
	return given, chats, err
}

// checkChats checks what is true of whatever is read.
func checkChats(t testing.TB, given []Conversation, chats *Chats) {
	t.Helper()
	left := 0
	for _, n := range chats.LeftOut {
		left += n
	}
	if chats.Given != len(given) || chats.Read != chats.Given+len(chats.Skipped)+left {
		t.Errorf("read %d, given %d (%d came), skipped %d, left out %d", chats.Read, chats.Given, len(given), len(chats.Skipped), left)
	}
	items := 0
	for _, f := range chats.Files {
		items += f.Items
	}
	if items != chats.Read {
		t.Errorf("the files have %d items, read %d", items, chats.Read)
	}
	ids := make(map[string]int)
	weights := 0
	for i, c := range given {
		if c.ID == "" || c.Source == "" {
			t.Errorf("conversation without id or source: %+v", c)
		}
		if _, ok := ids[c.ID]; ok {
			t.Errorf("two conversations are %s", c.ID)
		}
		ids[c.ID] = i
		if c.DuplicateOf != "" {
			if _, ok := ids[c.DuplicateOf]; !ok || c.DuplicateOf == c.ID {
				t.Errorf("%s is a duplicate of %s, which did not come before", c.ID, c.DuplicateOf)
			}
		}
		weights += chats.Weights[c.ID]
		for _, m := range c.Messages {
			if isBlank(m.Text) || len(m.Text) > maxMessage || !slices.Contains(Roles(), m.Role) {
				t.Errorf("%s: message %.100q of %q", c.ID, m.Text, m.Role)
			}
		}
	}
	if want := chats.Duplicates + chats.NearDuplicates + len(chats.Weights); weights != want {
		t.Errorf("weights of %d in all, want %d", weights, want)
	}
	for _, s := range chats.Skipped {
		if s.Source == "" || s.Reason == "" {
			t.Errorf("skip %+v", s)
		}
	}
}

func dumpTime(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.UTC().Format("2006-01-02T15:04:05.999999Z")
}

// dumpChats writes all that is known of conversations.
func dumpChats(given []Conversation, chats *Chats) string {
	var b strings.Builder
	for _, c := range given {
		fmt.Fprintf(&b, "%s ref=%q title=%q source=%s user=%q users=%q %s..%s language=%q", c.ID, c.Ref, c.Title, c.Source, c.User, c.Users(),
			dumpTime(c.Created), dumpTime(c.Updated), c.Language)
		if c.DuplicateOf != "" {
			fmt.Fprintf(&b, " duplicate=%s near=%v", c.DuplicateOf, c.IsNear)
		}
		if c.Truncated+c.Attachments > 0 {
			fmt.Fprintf(&b, " truncated=%d attachments=%d", c.Truncated, c.Attachments)
		}
		b.WriteByte('\n')
		for _, m := range c.Messages {
			fmt.Fprintf(&b, "  %s %s %q %.300q\n", m.Role, dumpTime(m.Time), m.Author, m.Text)
		}
	}
	for _, s := range chats.Skipped {
		fmt.Fprintf(&b, "skipped %s: %s (lost: %v)\n", s.Source, s.Reason, s.Lost)
	}
	for _, reason := range slices.Sorted(maps.Keys(chats.LeftOut)) {
		fmt.Fprintf(&b, "left out %d: %s\n", chats.LeftOut[reason], reason)
	}
	for _, f := range chats.Files {
		fmt.Fprintf(&b, "file %s %s: %d\n", f.Path, f.Format, f.Items)
	}
	for _, r := range chats.Remarks {
		fmt.Fprintf(&b, "remark %s\n", r)
	}
	fmt.Fprintf(&b, "read %d, given %d\n", chats.Read, chats.Given)
	return b.String()
}

// chatSamples returns the samples of this repository: files, and folders that are
// one export each.
func chatSamples(t testing.TB) (paths []string) {
	t.Helper()
	all, err := filepath.Glob("testdata/chats/*")
	if err != nil || len(all) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	for _, path := range all {
		if filepath.Ext(path) != ".golden" {
			paths = append(paths, path)
		}
	}
	return paths
}

func TestChatsGolden(t *testing.T) {
	for _, path := range chatSamples(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			in := PathInput(path)
			in.Name = filepath.Base(path)
			given, chats, err := readChats(t, []Input{in}, ChatOptions{})
			var got string
			if err != nil {
				got = fmt.Sprintf("error: %v\nhint: %s\n", err, hint.Of(err))
			} else {
				got = dumpChats(given, chats)
			}
			golden := path + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
