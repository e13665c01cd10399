//go:build unix

package pipeline

import (
	"bytes"
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"sheaf/internal/corpus"
	"sheaf/internal/report"
	"sheaf/internal/testchats"
	"sheaf/labeler"
)

// Each stage of `sheaf chats` without a chat model by itself: conversations of ten
// turns, or clusters, in a second of the processor's time, on one thread. "keep" and
// "take" are what a run writes to go on from and reads when it does, to be compared
// with redact, facets and audit, which they stand in for.
func BenchmarkChats(b *testing.B) {
	const n = 2000
	var text bytes.Buffer
	if err := testchats.Write(&text, "messages", n, testchats.Options{Turns: 10}); err != nil {
		b.Fatal(err)
	}
	in := []corpus.Input{textInput("chats.jsonl", text.String())}
	ctx := context.Background()
	opts := ChatsOptions{Common: Common{K: 100, Seed: 1, Threads: 1, Labeler: labelerKeywords}}
	var convs []*corpus.Conversation
	read := func() {
		convs = convs[:0]
		_, err := corpus.StreamChats(ctx, in, corpus.ChatOptions{}, func(c corpus.Conversation) error { convs = append(convs, &c); return nil })
		if err != nil {
			b.Fatal(err)
		}
	}
	read()
	newReader := func() *chatReader {
		c, err := newChatReader(builtinSpace(b), &opts)
		if err != nil {
			b.Fatal(err)
		}
		return c
	}
	fill := func(c *chatReader) []*draft {
		out := make([]*draft, n)
		for i, conv := range convs {
			out[i] = new(draft)
			c.describe(out[i], conv)
			if err := c.redact(ctx, out[i], conv); err != nil {
				b.Fatal(err)
			}
		}
		return out
	}
	stage := func(name string, items int, do func()) {
		b.Run(name, func(b *testing.B) {
			before := processorTime(b)
			for b.Loop() {
				do()
			}
			b.ReportMetric(float64(items)*float64(b.N)/(processorTime(b)-before).Seconds(), "items/cpu-s")
		})
	}
	c := newReader()
	drafts := fill(c)
	said := make([][]sentence, n)
	for i, d := range drafts {
		said[i] = d.said
	}

	stage("import", n, read)
	stage("redact", n, func() { fill(c) })
	stage("facets", n, func() { // the summaries that stand in for them
		summaries, err := summarizeSentences(ctx, c.space, said, 1)
		if err != nil {
			b.Fatal(err)
		}
		for i := range drafts {
			drafts[i].summary = summaries[i]
		}
	})
	stage("audit", n, func() {
		for _, d := range drafts {
			of := d.conversation
			if err := c.audit(ctx, &of); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, d := range drafts {
		if err := c.audit(ctx, &d.conversation); err != nil {
			b.Fatal(err)
		}
	}
	kept := func(restart bool) func() {
		o := opts
		o.CacheDir, o.Restart = b.TempDir(), restart
		k, err := newChatReader(c.space, &o)
		if err != nil {
			b.Fatal(err)
		}
		store := openSummaries(ctx, k)
		b.Cleanup(func() { _ = store.close() })
		keys := make([][]byte, n)
		for i, conv := range convs {
			keys[i] = store.key(conv)
		}
		store.put(ctx, keys, drafts)
		if restart {
			return func() { store.put(ctx, keys, drafts) }
		}
		return func() {
			again := make([]*draft, n)
			for i := range again {
				again[i] = newDraft()
			}
			for _, found := range store.get(ctx, keys, again) {
				if !found {
					b.Fatal("a summary was lost")
				}
			}
		}
	}
	stage("keep", n, kept(true))
	stage("take", n, kept(false))

	chats, err := newReader().read(ctx, in, nil)
	if err != nil {
		b.Fatal(err)
	}
	texts := chats.texts()
	var r report.Result
	var col *collection
	stage("embed", n, func() {
		r = report.Result{}
		if col, err = embedBlocks(ctx, c.space, texts, &chats.topics, &r, &opts.Common); err != nil {
			b.Fatal(err)
		}
	})
	least := threshold{DefaultMinConversations, 0}
	var groups []cluster
	stage("cluster", n, func() {
		if groups, err = groupChats(ctx, col, nil, chats, least, &r.Manifest, &opts.Common); err != nil {
			b.Fatal(err)
		}
	})
	stage("name", n, func() {
		if _, err := label(ctx, &plan{}, c.space, c.space, groups, nil, false, &opts.Common); err != nil {
			b.Fatal(err)
		}
	})
	for _, base := range []int{len(groups), 500} {
		many := make([]cluster, base)
		for i := range many {
			many[i] = groups[i%len(groups)]
			many[i].centroid = append([]float32{float32(i)}, groups[i%len(groups)].centroid...)
		}
		stage(fmt.Sprintf("hierarchy/%d", base), base, func() { ward(many, labeler.LevelSizes(base, 0, 0)) })
	}
	stage("whole", n, func() {
		o := opts
		o.Now = func() time.Time { return time.Time{} }
		if _, err := Chats(ctx, in, o); err != nil {
			b.Fatal(err)
		}
	})
}

// processorTime is what this process has used so far.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
