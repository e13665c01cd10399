package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"

	"sheaf/internal/corpus"
	"sheaf/internal/privacy"
	"sheaf/labeler"
	"sheaf/labeler/chat"
	"sheaf/labeler/clio"
	"sheaf/labeler/judge"
)

// A chatModel is the chat model of a run over conversations. What it says is
// redacted by rule before anything else sees or keeps it; so each answer can be
// kept when it comes, and a run that was killed goes on without asking again.
type chatModel struct {
	asker   *clio.Asker
	session *chat.Session
	kept    *keptAnswers // nil where none are
}

// openChatModel begins a session with the plan's model; nil where there is none.
// What the user asked of one and will not get is then noted in the plan.
func openChatModel(ctx context.Context, p *plan, c *chatReader) (*chatModel, error) {
	o := c.opts
	facets, err := readFacets(o.Facets)
	if err != nil {
		return nil, err
	}
	if p.client == nil {
		if len(facets) > 0 {
			p.missing = append(p.missing, "the facets of "+o.Facets+" are missing: only a chat model can be asked for them")
		}
		return nil, nil
	}
	asked, err := chatPrompts(&o.Common)
	if err != nil {
		return nil, err
	}
	m := &chatModel{kept: openAnswers(&o.Common)}
	opts := p.chat.Options
	if m.kept != nil {
		opts.Answers = m.kept
		if o.Restart {
			opts.Answers = onlyPut{m.kept}
		}
	}
	m.session, err = chat.Open(ctx, redactingClient{p.client, c.redactor}, opts)
	if err != nil {
		return nil, errors.Join(err, m.close())
	}
	m.asker = clio.New(m.session, clio.Options{
		Language: o.Chat.Language, Seed: o.Seed, Own: facets, Prompts: asked, Judge: judge.New(c.space, c.space),
		Clean: func(ctx context.Context, text string, final bool) (bool, error) {
			if strings.TrimSpace(text) == "" {
				return true, nil
			}
			v, err := c.auditor.audit(ctx, privacy.Audit{Stage: privacy.Label, Text: text, Others: c.out.census, Final: final})
			return v.Action == privacy.Keep, err
		},
	})
	c.auditor.judge(m.asker)
	return m, nil
}

func (m *chatModel) close() error {
	if m == nil {
		return nil
	}
	if m.session != nil {
		m.session.Close()
	}
	if m.kept == nil {
		return nil
	}
	return m.kept.store.Close()
}

// onlyPut keeps answers and looks none up.
type onlyPut struct{ *keptAnswers }

func (onlyPut) Get(context.Context, []byte) ([]byte, bool) { return nil, false }

// A redactingClient takes out of a model's answers what is personal by rule.
type redactingClient struct {
	chat.Client
	r *privacy.Redactor
}

func (c redactingClient) Chat(ctx context.Context, req *chat.Request) (*chat.Response, error) {
	resp, err := c.Client.Chat(ctx, req)
	if err != nil {
		return nil, err
	}
	clean := *resp
	clean.Content = c.redact(resp.Content)
	return &clean, nil
}

// redact takes personal data out of an answer: of JSON out of its strings, so
// that it stays JSON.
func (c redactingClient) redact(content string) string {
	var v any
	if json.Unmarshal([]byte(content), &v) != nil {
		return c.mask(content)
	}
	out, err := json.Marshal(c.walk(v))
	if err != nil {
		return c.mask(content)
	}
	return string(out)
}

func (c redactingClient) walk(v any) any {
	switch v := v.(type) {
	case string:
		return c.mask(v)
	case []any:
		for i := range v {
			v[i] = c.walk(v[i])
		}
	case map[string]any:
		clean := make(map[string]any, len(v))
		for key, value := range v {
			clean[c.mask(key)] = c.walk(value)
		}
		return clean
	}
	return v
}

func (c redactingClient) mask(s string) string {
	var b strings.Builder
	last := 0
	for _, f := range c.r.Find(s) {
		fmt.Fprintf(&b, "%s[%s]", s[last:f.Start], f.Type)
		last = f.End
	}
	return b.String() + s[last:]
}

// An auditor audits by rule and, where there is a model, by its score, which is
// asked for once for each text. A text that the model says nothing about is
// audited by rule alone.
type auditor struct {
	rules *privacy.Auditor
	both  *privacy.Auditor // nil without a model

	mu     sync.Mutex
	ask    privacy.Judge
	scores map[string]int
}

func newAuditor(r *privacy.Redactor) *auditor {
	a := &auditor{rules: privacy.NewAuditor(r, nil), scores: make(map[string]int)}
	a.both = privacy.NewAuditor(r, a)
	return a
}

// judge sets the model that is asked from now on.
func (a *auditor) judge(j privacy.Judge) { a.ask = j }

// Identifiable implements privacy.Judge.
func (a *auditor) Identifiable(ctx context.Context, text string) (int, error) {
	a.mu.Lock()
	score, ok := a.scores[text]
	a.mu.Unlock()
	if ok {
		return score, nil
	}
	score, err := a.ask.Identifiable(ctx, text)
	if err == nil {
		a.mu.Lock()
		a.scores[text] = score
		a.mu.Unlock()
	}
	return score, err
}

func (a *auditor) audit(ctx context.Context, in privacy.Audit) (privacy.Verdict, error) {
	if a.ask == nil {
		return a.rules.Audit(ctx, in)
	}
	v, err := a.both.Audit(ctx, in)
	if err != nil && errors.Is(err, clio.ErrNoScore) {
		return a.rules.Audit(ctx, in)
	}
	return v, err
}

// sumUp asks for the facets of the conversations that repeat none and audits
// them. Where the model gives none, the summary of the conversation's own
// sentences stays.
func (m *chatModel) sumUp(ctx context.Context, c *chatReader) error {
	list := c.out.list
	var fresh []int
	for i := range list {
		if list[i].first == i {
			fresh = append(fresh, i)
		}
	}
	return m.session.Each(ctx, len(fresh), func(ctx context.Context, j int) error {
		conv := &list[fresh[j]]
		turns := conv.dialog
		conv.dialog = nil
		return m.facets(ctx, c, conv, turns)
	}, func(done int) { c.opts.progress(Summarizing, done, len(fresh)) })
}

// facets sums up one conversation: what fails the audit is asked for once more,
// then withheld.
func (m *chatModel) facets(ctx context.Context, c *chatReader, conv *conversation, turns []clio.Turn) error {
	for variant := range 2 {
		f, ok, err := m.asker.Facets(ctx, turns, variant)
		if err != nil {
			return err
		}
		if !ok { // as without a model
			return c.audit(ctx, conv)
		}
		said := summary{Request: f.Request, Task: f.Task}
		said.words = strings.TrimPrefix(f.Request, clio.RequestFrame+" ") + "\n" + strings.TrimPrefix(f.Task, clio.TaskFrame+" ")
		next := *conv
		next.summary, next.facets, next.concern, next.isModels = said, f.Own, f.Concern, true
		if next.language == "" {
			next.language = corpus.LanguageCode(f.Language)
		}
		if err := c.auditOnce(ctx, &next, variant == 1); err != nil {
			return err
		}
		if next.action != privacy.AskAgain {
			*conv = next
			return nil
		}
	}
	return nil
}

// nodes are the base clusters with their names, for the hierarchy.
func nodes(groups []cluster, labels []labeler.Label) []clio.Node {
	out := make([]clio.Node, len(groups))
	for i, l := range labels {
		out[i] = clio.Node{Name: clio.Name{Name: l.Text, Description: l.Description}, Source: l.Source, Weight: float64(groups[i].size)}
	}
	return out
}

// namesOf are labels as the names of clusters.
func namesOf(labels []labeler.Label) []clio.Name {
	out := make([]clio.Name, len(labels))
	for i, l := range labels {
		out[i] = clio.Name{Name: l.Text, Description: l.Description}
	}
	return out
}

// name names the clusters, each by its requests and those nearby; those for
// which the model has no name keep the one they are given. Those that have one in
// kept, which may be nil, are not asked about.
func (m *chatModel) name(ctx context.Context, groups []cluster, given []labeler.Label, kept []*labeler.Label, progress func(done int)) error {
	near, err := contrast(ctx, groups)
	if err != nil {
		return err
	}
	var clusters []clio.Cluster
	var at []int
	for i, g := range groups {
		if kept != nil && kept[i] != nil {
			continue
		}
		c := clio.Cluster{Others: near[i]}
		for _, p := range spread(len(g.members)) {
			c.Members = append(c.Members, g.members[p].text.docs[0].Text)
			c.Weights = append(c.Weights, len(g.members[p].text.docs))
		}
		clusters, at = append(clusters, c), append(at, i)
	}
	names, err := m.asker.Names(ctx, clusters, progress)
	if err != nil {
		return err
	}
	for j, n := range names {
		if n != nil {
			given[at[j]] = labeler.Label{Text: n.Name, Description: n.Description, Source: labeler.FromModel}
		}
	}
	return nil
}

// spread is the places of up to 50 of n members: half of them the nearest to the
// centroid, the others evenly from the rest.
func spread(n int) []int {
	const most = 50
	var out []int
	for i := range min(n, most) {
		if n > most && i >= most/2 {
			i = most/2 + (i-most/2)*(n-most/2)/(most-most/2)
		}
		out = append(out, i)
	}
	return out
}

// manifest says who was asked and what rules had to do.
func (m *chatModel) manifest(l *labeler.Labels) {
	model, counts := m.session.Model(), m.asker.Counts()
	l.Model, l.Digest, l.PromptDigest = model.Name, model.Digest, m.asker.Digest()
	l.Options = maps.Clone(m.session.Manifest())
	byRule := map[string]int{
		"facets": counts.Facets, "names": counts.Names, "proposals": counts.Proposals, "duplicates": counts.Duplicates,
		"assigned": counts.Assigned, "unshrunk": counts.Unshrunk, "unclean": counts.Unclean, "unscored": counts.Judged,
	}
	l.Options["by_rule"] = byRule
	for _, w := range []struct {
		n    int
		what string
	}{
		{counts.Facets, "conversations are summed up by their own sentences, since the chat model gave no usable summary"},
		{counts.Names, "names come from keywords or proposals, since the chat model gave no usable one"},
		{counts.Proposals, "times the chat model proposed no usable parents; the largest clusters gave their names"},
		{counts.Assigned, "clusters went to the nearest parent, since the chat model named none that there is"},
		{counts.Unshrunk, "levels did not get smaller by the chat model's parents and were joined by distance"},
		{counts.Unclean, "names and proposals of the chat model might have identified somebody and were not taken"},
		{counts.Judged, "texts were audited by rule alone, since the chat model gave no score"},
	} {
		if w.n > 0 {
			l.Warnings = append(l.Warnings, fmt.Sprintf("%d %s", w.n, w.what))
		}
	}
	if why := m.session.Stopped(); why != "" {
		l.Warnings = append(l.Warnings, "the chat model was given up: the server "+why)
	}
}
