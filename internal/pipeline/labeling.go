package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sheaf/internal/hint"
	"sheaf/internal/report"
	"sheaf/labeler"
	"sheaf/labeler/keywords"
	"sheaf/labeler/loopback"
	"sheaf/labeler/ollama"
)

// The labelers a run can be told to use.
const (
	labelerAuto     = "auto"
	labelerOllama   = "ollama"
	labelerKeywords = "keywords"
	labelerNone     = "none"
)

// Labelers returns the names that Common.Labeler may have.
func Labelers() []string {
	return []string{labelerAuto, labelerOllama, labelerKeywords, labelerNone}
}

// A plan is who will name the clusters, decided before any work is done.
type plan struct {
	chat    *ollama.Options // nil where no chat model is asked
	line    string          // who it is, for the user; "" where that goes without saying
	missing string          // what the user asked for and will not get
}

// planLabels looks for the chat model. It fails where the user named a server
// or a model that is not on this machine: such a one is refused, not replaced.
func planLabels(ctx context.Context, c *Common) (*plan, error) {
	asked := c.Labeler == labelerOllama
	if !slices.Contains(Labelers(), c.Labeler) && c.Labeler != "" {
		return nil, hint.Errorf("choose one of "+strings.Join(Labelers(), ", "), "unknown labeler %q", c.Labeler)
	}
	status, err := chatStatus(ctx, c)
	var refused *loopback.Error
	switch {
	case errors.As(err, &refused) && (asked || c.Chat.NamedHost):
		return nil, err
	case c.Labeler == labelerKeywords || c.Labeler == labelerNone:
		return &plan{}, nil
	case err == nil:
		return &plan{chat: chatOptions(c), line: fmt.Sprintf("naming the groups with %s at %s", status.Model, status.Server)}, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case asked && errors.Is(err, ollama.ErrRemote):
		return nil, err
	case asked:
		return &plan{missing: "the groups are named by keywords: " + withHint(err)}, nil
	}
	return &plan{line: fmt.Sprintf("naming the groups by keywords: %v", err)}, nil
}

func chatOptions(c *Common) *ollama.Options {
	return &ollama.Options{
		Host: c.Chat.Host, Model: c.Chat.Model, Temperature: c.Chat.Temperature,
		TopK: c.Chat.TopK, TopP: c.Chat.TopP, MaxTokens: c.Chat.MaxTokens, Seed: c.Seed,
	}
}

// chatStatus asks the server on this machine for the chat model. Where no
// chat model is wanted it only looks at the address.
func chatStatus(ctx context.Context, c *Common) (ollama.Status, error) {
	l, err := ollama.New(*chatOptions(c))
	if err != nil || c.Labeler == labelerKeywords || c.Labeler == labelerNone {
		return ollama.Status{}, err
	}
	return l.Available(ctx)
}

// ChatStatus says in a line each what there is of a chat model, and what a
// run with these settings would contact.
func ChatStatus(ctx context.Context, c *Common) (line, contacts string) {
	_, hostErr := ollama.New(*chatOptions(c))
	status, err := chatStatus(ctx, c)
	contacts = "nothing"
	if c.Labeler != labelerKeywords && c.Labeler != labelerNone && hostErr == nil {
		contacts = "Ollama on this machine, and nothing else"
		if status.Server != "" {
			contacts = "Ollama at " + status.Server + ", and nothing else"
		}
	}
	switch {
	case err != nil:
		return withHint(err), contacts
	case status.Model == "":
		return "not asked for", contacts
	}
	return fmt.Sprintf("%s at %s, %s", status.Model, status.Server, status.Digest), contacts
}

// withHint is an error and its hint in one line.
func withHint(err error) string {
	if h := hint.Of(err); h != "" {
		return fmt.Sprintf("%v (%s)", err, h)
	}
	return err.Error()
}

// ValidChatModel says whether a name can be that of a chat model.
func ValidChatModel(name string) bool { return ollama.ValidName(name) }

// label names the clusters. The concepts that may name them are those of space.
func label(ctx context.Context, p *plan, space keywords.Space, groups []cluster, c *Common) (*labeler.Labels, error) {
	in := make([]labeler.Cluster, len(groups))
	for i, g := range groups {
		for _, m := range g.members {
			in[i].Members = append(in[i].Members, m.text.docs[0].Text)
			in[i].Weights = append(in[i].Weights, len(m.text.docs))
		}
	}
	progress := func(done int) { c.progress(Labeling, done, len(in)) }
	if p.line != "" {
		c.note(p.line)
	}
	if c.Labeler == labelerNone {
		return numbered(len(in)), nil
	}
	kw := keywords.New(space)
	if p.chat == nil {
		return kw.Label(ctx, in, progress)
	}
	opts := *p.chat
	opts.Fallback = kw
	chat, err := ollama.New(opts)
	if err != nil {
		return nil, err
	}
	return chat.Label(ctx, in, progress)
}

func numbered(n int) *labeler.Labels {
	out := &labeler.Labels{Labels: make([]labeler.Label, n), Options: map[string]any{}}
	for i := range out.Labels {
		out.Labels[i] = labeler.Label{Text: "Cluster " + strconv.Itoa(i+1), Source: labeler.FromNone, Reason: "no labeler was asked for"}
	}
	return out
}

func manifestLabeling(l *labeler.Labels, c *Common) report.Labeling {
	name := labelerKeywords
	if c.Labeler == labelerNone {
		name = labelerNone
	}
	if l.Model != "" {
		name = labelerOllama
	}
	return report.Labeling{
		Labeler: name, Options: l.Options,
		Model: orNull(l.Model), Digest: orNull(l.Digest), PromptDigest: orNull(l.PromptDigest),
	}
}
