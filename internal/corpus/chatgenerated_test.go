package corpus

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"sheaf/internal/testchats"
)

// generated returns n made-up conversations in a format.
func generated(t testing.TB, format string, n int, o testchats.Options) Input {
	t.Helper()
	if slices.Contains(testchats.FolderFormats(), format) {
		dir := t.TempDir()
		if err := testchats.WriteFolder(dir, format, n, o); err != nil {
			t.Fatal(err)
		}
		return PathInput(dir)
	}
	var b bytes.Buffer
	if err := testchats.Write(&b, format, n, o); err != nil {
		t.Fatal(err)
	}
	return textInput("chats", b.String())
}

func allFormats() []string { return append(testchats.Formats(), testchats.FolderFormats()...) }

// Every format gives the conversations that were written, and what it has of them.
func TestGeneratedChats(t *testing.T) {
	const n = 40
	o := testchats.Options{Turns: 6, Seed: 3}
	for _, format := range allFormats() {
		given, chats, err := readChats(t, []Input{generated(t, format, n, o)}, ChatOptions{})
		if err != nil {
			t.Errorf("%s: %v", format, err)
			continue
		}
		if len(given) != n || len(chats.Skipped) > 0 || len(chats.Remarks) > 0 || chats.Files[0].Format != Format(format) {
			t.Errorf("%s: %d given as %s, skipped %v, remarks %v", format, len(given), chats.Files[0].Format, chats.Skipped, chats.Remarks)
			continue
		}
		isAmongPeople := format == "whatsapp" || format == "slack"
		hasNoUsers := format == "sharegpt" || format == "lmsys" || format == "lmstudio"
		for i, c := range given {
			want := testchats.Make(i, o)
			if !strings.HasPrefix(c.ID, "conv-") && c.ID != want.ID || !isAmongPeople && !hasNoUsers && c.User != want.User ||
				isAmongPeople && c.Users()[0] != want.User || len(c.Messages) != len(want.Messages) {
				t.Errorf("%s: %d is %+v, want %+v", format, i, c, want)
				break
			}
			if !c.Created.IsZero() && !c.Created.Equal(want.Messages[0].Time) {
				t.Errorf("%s: %d began at %s, want %s", format, i, c.Created, want.Messages[0].Time)
			}
			for j, m := range c.Messages {
				if m.Text != want.Messages[j].Text || string(m.Role) != want.Messages[j].Role && format != "whatsapp" {
					t.Errorf("%s: message %d of %d is %q of %s", format, j, i, m.Text, m.Role)
				}
			}
		}
	}
}

func BenchmarkStreamChats(b *testing.B) {
	for _, format := range testchats.Formats() {
		var text bytes.Buffer
		if err := testchats.Write(&text, format, 5000, testchats.Options{Turns: 10}); err != nil {
			b.Fatal(err)
		}
		in := textInput("chats", text.String())
		for _, near := range []float64{0, 0.9} {
			if near > 0 && format != "messages" {
				continue
			}
			b.Run(fmt.Sprintf("%s/near=%v", format, near), func(b *testing.B) {
				b.SetBytes(int64(text.Len()))
				b.ReportAllocs()
				for b.Loop() {
					chats, err := StreamChats(context.Background(), []Input{in}, ChatOptions{NearDuplicates: near}, func(Conversation) error { return nil })
					if err != nil || chats.Given != 5000 {
						b.Fatalf("%+v, error %v", chats, err)
					}
				}
			})
		}
	}
}

// What is held is one conversation at a time and what tells duplicates, in an
// export of any size, with a message of any size in it.
func TestStreamChatsMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the race detector has memory of its own")
	}
	exports, message := 1, 40<<20
	if os.Getenv("SHEAF_VERIFY") != "" {
		exports, message = 250, 1<<30 // 5 GB in all
	}
	var list bytes.Buffer
	if err := testchats.Write(&list, "chatgpt", 2000, testchats.Options{Turns: 10, Words: 100}); err != nil {
		t.Fatal(err)
	}
	inner := bytes.TrimSuffix(bytes.TrimPrefix(list.Bytes(), []byte("[")), []byte("]\n"))
	long := strings.SplitN(oneChat[1:], "a question", 2)
	readers := []io.Reader{strings.NewReader("[" + long[0]), &repeated{line: "long ", left: message}, strings.NewReader(strings.TrimSuffix(long[1], "]"))}
	size := message
	for range exports {
		readers = append(readers, strings.NewReader(","), bytes.NewReader(inner))
		size += len(inner)
	}
	in := Input{Name: "conversations.json", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(append(readers, strings.NewReader("]"))...)), nil
	}}
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before, most, n, cut := m.HeapInuse, uint64(0), 0, 0
	chats, err := StreamChats(t.Context(), []Input{in}, ChatOptions{}, func(c Conversation) error {
		cut += c.Truncated
		if n++; n%1000 == 1 {
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
		}
		return nil
	})
	if err != nil || chats.Given != 1+2000*exports || cut != 1 || len(chats.Remarks) != 1 {
		t.Fatalf("%+v, error %v, %d messages cut", chats, err, cut)
	}
	held := int64(most) - int64(before)
	t.Logf("%d MB in %d conversations: %d MB of heap at most", size>>20, n, held>>20)
	// A few hundred bytes for each conversation, and room for the collector.
	if bound := int64(48<<20 + 400*n); held > bound {
		t.Errorf("%d MB of heap for %d conversations, more than %d", held>>20, n, bound>>20)
	}
}
