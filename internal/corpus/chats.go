package corpus

import (
	"context"
	"errors"
	"regexp"
	"time"

	"sheaf/internal/hint"
)

// ChatOptions says how conversations are read, and which. The zero value finds
// the format by itself and gives all of them.
type ChatOptions struct {
	// Format is that of every input, one of ChatFormats. "" is FormatAuto.
	Format Format

	// From and To keep the conversations that began at From or later and before
	// To. Zero times set no bound. One without any time is left out by either.
	From, To time.Time
	// Roles keeps the messages of these roles only. nil keeps all.
	Roles []Role
	// Languages keeps the conversations in one of these languages ("en"): what
	// the format says, or else what the users' messages are found to be in. nil keeps all.
	Languages []string
	// Match keeps the conversations of which some message, after Roles, matches.
	// nil keeps all.
	Match *regexp.Regexp

	// Sample draws so many of the conversations that are left, each set of them
	// as likely as any other, by Seed. They are given in the order of the input
	// and held in memory until all is read. 0 gives all.
	Sample int
	Seed   uint64

	// NearDuplicates is the similarity from which a conversation counts as a
	// duplicate of an earlier one, 0 < s <= 1: the Jaccard index of the sets of
	// three consecutive words, as MinHash estimates it. 0 looks for exact
	// duplicates only: those are found always.
	NearDuplicates float64

	// IsPersonal, if not nil, says that somebody may be known by an id. The
	// conversation gets one of its content, as if it had none.
	IsPersonal func(id string) bool

	// Progress, if not nil, is told how many bytes of all inputs are read.
	Progress func(bytes int64)
}

// Chats is what is known once all inputs are read. No item is missing:
// Read = Given + len(Skipped) + the sum of LeftOut.
type Chats struct {
	Read    int            // conversations found, whole or broken
	Given   int            // that were handed out, duplicates among them
	Skipped []Skip         // that have nothing to cluster or cannot be read, in order
	LeftOut map[string]int // that a filter or the sample left out, by reason
	Files   []File         // in the order of the inputs; Items counts as Read does
	Remarks []string       // choices made for the user, a sentence each; they quote no message

	// Weights has, for each conversation with duplicates, how many it stands for,
	// itself included, under its ID.
	Weights        map[string]int
	Duplicates     int // exact duplicates given
	NearDuplicates int // near ones
}

// Reasons returns how many conversations were not given, by reason: those of
// Skipped and LeftOut.
func (c *Chats) Reasons() map[string]int {
	counts := make(map[string]int)
	for _, s := range c.Skipped {
		counts[s.Reason]++
	}
	for reason, n := range c.LeftOut {
		counts[reason] += n
	}
	return counts
}

// The reasons for which a conversation is not given, beside what is wrong with
// one that cannot be read.
const (
	ReasonEmpty        = reasonEmpty               // no message with a text, or only hidden ones
	ReasonNoUser       = "no turn of a user"       // only assistant turns, say
	ReasonLongChat     = "longer than 64 MiB"      // lost
	ReasonBefore       = "before the first date"   // a filter, as those that follow
	ReasonAfter        = "after the last date"     //
	ReasonNoDate       = "without a date"          // where From or To is given
	ReasonRole         = "no message of the roles" // as asked for
	ReasonLanguage     = "in another language"     //
	ReasonNoMatch      = "no match of the pattern" //
	ReasonNotInSample  = "not in the sample"       //
	maxConversationRaw = 64 << 20
)

// StreamChats reads the conversations of all inputs, in order, and hands each to
// each. An error of each ends the reading and is returned as it is. Only one
// conversation is in memory at a time, and what is kept to find duplicates, a few
// dozen bytes for each; but a WhatsApp chat is held as a whole, and of Slack one
// channel.
//
// An item that is broken is skipped and the rest is read. An input that is broken
// as a whole is an item that is skipped if there are others, and else an error.
// So is it if no input holds a conversation that can be given, unless a filter
// is why.
func StreamChats(ctx context.Context, inputs []Input, opts ChatOptions, each func(Conversation) error) (*Chats, error) {
	run, err := newChatRun(opts, each)
	if err != nil {
		return nil, err
	}
	if len(inputs) == 0 {
		return nil, hint.Errorf("give one or more files, or - for standard input", "no input")
	}
	for _, in := range inputs {
		if err := run.readInput(ctx, in, len(inputs) == 1); err != nil {
			return nil, endedOr(ctx, err)
		}
	}
	if err := run.finish(); err != nil {
		return nil, err
	}
	if out := run.out; out.Given == 0 && len(out.LeftOut) == 0 {
		return nil, noChats(out, run.bytes)
	}
	return run.out, nil
}

// readInput reads one input. alone says that there is no other.
func (run *chatRun) readInput(ctx context.Context, in Input, alone bool) error {
	file := File{Path: in.Name}
	read := run.out.Read
	run.truncated = 0
	err := run.openInput(ctx, in, &file)
	var broken *brokenError
	switch {
	case run.err != nil:
		return run.err
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &broken) && (!alone || run.out.Read > read):
		run.skip(broken.where, broken.err.Error(), true)
	case err != nil:
		return err
	}
	if n := run.truncated; n > 0 {
		run.remark(in.Name, "%s longer than 1 MiB, of which that much was read", isOrAre(n, "message"))
	}
	file.Items = run.out.Read - read
	run.out.Files = append(run.out.Files, file)
	return nil
}
