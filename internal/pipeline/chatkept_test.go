package pipeline

import (
	"bytes"
	"context"
	"io"
	"reflect"
	"strings"
	"testing"

	"sheaf/internal/corpus"
	"sheaf/internal/testchats"
)

// keptChats reads the conversations of two files, a collection that counts as
// large from the 100th on. isCut ends the run before the second file.
func keptChats(t *testing.T, first, second string, isCut bool, o ChatsOptions) (*conversations, *chatReader) {
	t.Helper()
	c, err := newChatReader(builtinSpace(t), &o)
	if err != nil {
		t.Fatal(err)
	}
	c.small, c.width = 100, 64
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	in := textInput("second.jsonl", second)
	open := in.Open
	in.Open = func() (io.ReadCloser, error) {
		if isCut {
			cancel()
		}
		return open()
	}
	out, err := c.read(ctx, []corpus.Input{textInput("first.jsonl", first), in}, nil)
	if (err != nil) != isCut {
		t.Fatal(err)
	}
	if err := c.kept.close(); err != nil {
		t.Fatal(err)
	}
	if out != nil {
		for i := range out.list {
			out.list[i].users = nil // have other names in each folder
		}
	}
	return out, c
}

// A run that was ended goes on with the summaries that it kept, and ends with
// what one that nobody disturbed has, and one that keeps nothing.
func TestKeptSummaries(t *testing.T) {
	const n, firstKept = 300, 128 // the first two windows are read anew each time
	var b bytes.Buffer
	if err := testchats.Write(&b, "messages", n, testchats.Options{Turns: 4}); err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(b.String(), "It is number 200 on my list.", "I am Emilia Oduya, emilia@example.org.", 1)
	at := strings.Index(text, `"chat-0-250"`)
	at = strings.LastIndex(text[:at], "\n") + 1
	first, second := text[:at], text[at:]
	want, _ := keptChats(t, first, second, false, ChatsOptions{})
	dir := t.TempDir()
	opts := ChatsOptions{Common: Common{CacheDir: dir}}
	summaries := func() int64 {
		info, err := InspectCache(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		return info.Summaries
	}
	keptChats(t, first, second, true, opts)
	if got := summaries(); got != 64 { // of a window that was full
		t.Errorf("%d summaries were kept", got)
	}
	for i, o := range []ChatsOptions{opts, opts, {Common: opts.Common, Restart: true}} {
		got, c := keptChats(t, first, second, false, o)
		if !reflect.DeepEqual(got.list, want.list) || !reflect.DeepEqual(got.found, want.found) || got.failed != want.failed {
			t.Errorf("run %d: the conversations differ", i)
		}
		if c.kept.failed || summaries() != n-firstKept {
			t.Errorf("run %d: %d summaries", i, summaries())
		}
	}
	stored := inFiles(t, dir)
	for _, s := range []string{"Emilia", "Oduya", "lentil", "request for the assistant"} {
		if strings.Contains(stored, s) {
			t.Errorf("the store holds %q", s)
		}
	}
}

// What is kept has nothing personal in it, is found by all of a conversation that
// it depends on, and not with other settings or where the user wants none.
func TestKeptSummary(t *testing.T) {
	text := `{"messages":[{"role":"user","content":"Plan a trip with Emilia Oduya to the Alps, write to emilia@example.org"}]}` + "\n"
	var conv corpus.Conversation
	if _, err := corpus.StreamChats(t.Context(), []corpus.Input{textInput("a", text)}, corpus.ChatOptions{}, func(c corpus.Conversation) error { conv = c; return nil }); err != nil {
		t.Fatal(err)
	}
	opts := ChatsOptions{Common: Common{CacheDir: t.TempDir()}}
	c, err := newChatReader(builtinSpace(t), &opts)
	if err != nil {
		t.Fatal(err)
	}
	kept := openSummaries(t.Context(), c)
	defer kept.close()
	d := newDraft()
	if err := c.sumUp(t.Context(), []*draft{d}, []*corpus.Conversation{&conv}); err != nil {
		t.Fatal(err)
	}
	keys := [][]byte{kept.key(&conv)}
	kept.put(t.Context(), keys, []*draft{d})
	got := newDraft()
	if found := kept.get(t.Context(), keys, []*draft{got}); !found[0] || got.topic != d.topic || got.summary != d.summary || got.conversation.words != d.conversation.words {
		t.Errorf("%+v, want %+v", got, d)
	}
	for _, s := range []string{got.topic, got.summary.text(), got.conversation.words} {
		if strings.Contains(s, "Emilia") || strings.Contains(s, "Oduya") || strings.Contains(s, "example.org") {
			t.Errorf("kept: %q", s)
		}
	}
	other := conv
	other.Messages = append([]corpus.Message{{Role: corpus.RoleAssistant, Text: "Hello."}}, conv.Messages...)
	if found := kept.get(t.Context(), [][]byte{kept.key(&other)}, []*draft{newDraft()}); found[0] {
		t.Error("another conversation has the same summary")
	}
	c.opts.Rules = writeFile(t, "rules.toml", "allow = [\"Alps\"]\n")
	ruled := openSummaries(t.Context(), c)
	defer ruled.close()
	if found := ruled.get(t.Context(), [][]byte{ruled.key(&conv)}, []*draft{newDraft()}); found[0] {
		t.Error("other rules give the same summary")
	}
	c.opts.NoCache = true
	if openSummaries(t.Context(), c) != nil {
		t.Error("a run that keeps nothing keeps summaries")
	}
}

func newDraft() *draft { return &draft{conversation: conversation{pending: new(pending)}} }
