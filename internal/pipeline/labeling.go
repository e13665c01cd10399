package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"sheaf/engine"
	"sheaf/engine/static"
	"sheaf/internal/hint"
	"sheaf/internal/report"
	"sheaf/labeler"
	"sheaf/labeler/chat"
	"sheaf/labeler/judge"
	"sheaf/labeler/keywords"
	"sheaf/labeler/loopback"
	"sheaf/labeler/ollama"
	"sheaf/labeler/openai"
	"sheaf/labeler/prompts"
)

// The labelers a run can be told to use.
const (
	labelerAuto     = "auto"
	labelerOllama   = ollama.Kind
	labelerOpenAI   = openai.Kind
	labelerKeywords = "keywords"
	labelerNone     = "none"
)

// Labelers returns the names that Common.Labeler may have.
func Labelers() []string {
	return []string{labelerAuto, labelerOllama, labelerOpenAI, labelerKeywords, labelerNone}
}

// A plan is who will name the clusters, decided before any work is done.
type plan struct {
	client  chat.Client          // nil where no chat model is asked
	chat    *chat.LabelerOptions // how
	line    string               // who it is, for the user; "" where that goes without saying
	missing []string             // what the user asked for and will not get
}

// planLabels looks for the chat model. It fails where the user named a server
// or a model that is not on this machine: such a one is refused, not replaced.
func planLabels(ctx context.Context, c *Common) (*plan, error) {
	asked := c.wantsChat()
	if !slices.Contains(Labelers(), c.Labeler) && c.Labeler != "" {
		return nil, hint.Errorf("choose one of "+strings.Join(Labelers(), ", "), "unknown labeler %q", c.Labeler)
	}
	opts, err := chatOptions(c)
	if err != nil {
		return nil, err
	}
	client, status, err := chatStatus(ctx, opts, c)
	var refused *loopback.Error
	switch {
	case errors.As(err, &refused) && (asked || c.Chat.NamedHost):
		return nil, err
	case c.Labeler == labelerKeywords || c.Labeler == labelerNone:
		return &plan{}, nil
	case err == nil:
		return &plan{client: client, chat: opts, line: fmt.Sprintf("naming the groups with %s at %s", status.Name, status.Server)}, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case asked && errors.Is(err, chat.ErrRemote):
		return nil, err
	case asked:
		return &plan{missing: []string{"the groups are named by keywords: " + withHint(err)}}, nil
	}
	return &plan{line: fmt.Sprintf("naming the groups by keywords: %v", err)}, nil
}

// chatOptions is how the chat model is asked. The error is that of the user's
// own prompts.
func chatOptions(c *Common) (*chat.LabelerOptions, error) {
	opts := &chat.LabelerOptions{
		Options: chat.Options{
			Temperature: c.Chat.Temperature, TopK: c.Chat.TopK, TopP: c.Chat.TopP, Seed: c.Seed,
			NumCtx: c.Chat.NumCtx, NumThread: c.Chat.NumThread, Workers: c.Chat.Workers,
			Timeout: c.Chat.Timeout, RunTimeout: c.Chat.RunTimeout,
		},
		MaxTokens: c.Chat.MaxTokens, Candidates: c.Chat.Candidates, Language: c.Chat.Language,
	}
	if dir := c.Chat.PromptDir; dir != "" {
		var err error
		if opts.Prompts, err = prompts.Load(os.DirFS(dir)); err != nil {
			return nil, badPrompts(dir, err)
		}
	}
	return opts, nil
}

// chatPrompts is what is asked about conversations: the user's own prompts, or
// nil for the built-in ones.
func chatPrompts(c *Common) (*prompts.Chats, error) {
	if c.Chat.PromptDir == "" {
		return nil, nil
	}
	p, err := prompts.LoadChats(os.DirFS(c.Chat.PromptDir))
	if err != nil {
		return nil, badPrompts(c.Chat.PromptDir, err)
	}
	return p, nil
}

func badPrompts(dir string, err error) error {
	return hint.Errorf("a folder of prompts has some of "+strings.Join(append(prompts.Names(), prompts.ChatNames()...), ", ")+", as text/template of Go",
		"--prompt-dir %s: %w", dir, err)
}

// chatStatus asks the server on this machine for the chat model. Where no
// chat model is wanted it only looks at the address and the options.
func chatStatus(ctx context.Context, opts *chat.LabelerOptions, c *Common) (chat.Client, chat.Model, error) {
	client, err := chatClient(c)
	if err != nil {
		return nil, chat.Model{}, err
	}
	if _, err := chat.NewLabeler(client, *opts); err != nil || c.Labeler == labelerKeywords || c.Labeler == labelerNone {
		return nil, chat.Model{}, err
	}
	status, err := client.Available(ctx)
	return client, status, err
}

// ChatStatus says in a line each what there is of a chat model, and what a
// run with these settings would contact.
func ChatStatus(ctx context.Context, c *Common) (line, contacts string) {
	contacts = "nothing"
	opts, err := chatOptions(c)
	if err != nil {
		return withHint(err), contacts
	}
	client, status, err := chatStatus(ctx, opts, c)
	if client != nil {
		contacts = serverName(client.Kind()) + " at " + status.Server + ", and nothing else"
	}
	switch {
	case err != nil:
		return withHint(err), contacts
	case status.Name == "":
		return "not asked for", contacts
	}
	return fmt.Sprintf("%s at %s, %s", status.Name, status.Server, cmp.Or(status.Digest, "of which the server tells no digest")), contacts
}

// withHint is an error and its hint in one line.
func withHint(err error) string {
	if h := hint.Of(err); h != "" {
		return fmt.Sprintf("%v (%s)", err, h)
	}
	return err.Error()
}

// PromptNames returns the file names of the templates that a user can replace.
func PromptNames() []string { return prompts.Names() }

// ChatPromptNames returns those of the templates over conversations.
func ChatPromptNames() []string { return prompts.ChatNames() }

// label names the clusters of texts that emb has embedded. The concepts that
// may name them are those of space. keep says whether answers of a chat model
// may be kept: those about texts that are nobody's but the user's. Clusters that
// have a label in given, which may be nil, keep it, and no chat model is asked
// for them.
func label(ctx context.Context, p *plan, emb engine.Embedder, space *static.Model, groups []cluster, given []*labeler.Label, keep bool, c *Common) (*labeler.Labels, error) {
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
	if p.client == nil {
		l, err := kw.Label(ctx, in, progress)
		if err != nil {
			return nil, err
		}
		return withGiven(l, given, nil), nil
	}
	if err := forChat(ctx, in, emb, groups); err != nil {
		return nil, err
	}
	in, at := unlabelled(in, given)
	if len(in) == 0 {
		return withGiven(&labeler.Labels{Options: map[string]any{}}, given, at), nil
	}
	opts := *p.chat
	opts.Fallback = kw
	opts.Judge = judge.New(emb, space)
	if keep {
		if kept := openAnswers(c); kept != nil {
			defer kept.store.Close() //nolint:errcheck // each answer was written when it came
			opts.Answers = kept
		}
	}
	named, err := chat.NewLabeler(p.client, opts)
	if err != nil {
		return nil, err
	}
	l, err := named.Label(ctx, in, progress)
	if err != nil {
		return nil, err
	}
	return withGiven(l, given, at), nil
}

// forChat adds what only a chat model's labels are made with and judged by.
func forChat(ctx context.Context, in []labeler.Cluster, emb engine.Embedder, groups []cluster) error {
	near, err := contrast(ctx, groups)
	if err != nil {
		return err
	}
	_, isStatic := emb.(*static.Model) // whose vectors are fitted to the collection, as a label's are not
	for i, g := range groups {
		in[i].Near = near[i]
		if !isStatic {
			in[i].Centroid = g.centroid
		}
	}
	return nil
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
		name = c.serverKind()
	}
	return report.Labeling{
		Labeler: name, Options: l.Options,
		Model: orNull(l.Model), Digest: orNull(l.Digest), PromptDigest: orNull(l.PromptDigest),
	}
}
