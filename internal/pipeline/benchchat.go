package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/engine"
	"sheaf/engine/static"
	"sheaf/internal/bench"
	"sheaf/internal/corpus"
	"sheaf/internal/hint"
	"sheaf/internal/report"
	"sheaf/labeler"
	"sheaf/labeler/chat"
	"sheaf/labeler/judge"
	"sheaf/labeler/keywords"
	"sheaf/labeler/loopback"
	"sheaf/labeler/openai"
)

// ChatBenchOptions is what `sheaf bench --chat-models` is told. Of Common.Chat
// the model and the folder of prompts are not looked at.
type ChatBenchOptions struct {
	Common
	// ChatModels are names as Ollama, or the server at Chat.BaseURL, has them;
	// NAME@URL is a model of another server, and URL alone the first that it has.
	ChatModels  []string
	PromptDirs  []string // compared with the built-in prompts
	Column      string   // with the texts; "" finds it
	LabelColumn string   // with the groups; "" clusters the texts
}

// A contestant is a chat model with one set of prompts.
type contestant struct {
	common Common // with the model's settings
	opts   *chat.LabelerOptions
	client chat.Client
	row    bench.ChatRow
	err    error // why it cannot be measured
}

// benchGroups are the groups of one set, the same for all contestants.
type benchGroups struct {
	set      *bench.Set
	clusters []labeler.Cluster
	reading  *judge.Reading
	names    []string // the user's own, or nil
	sizes    []int
}

// BenchChat compares chat models and prompts on the same groups. A model that
// cannot be asked is in the report with the reason, and makes it incomplete; one
// that is not on this machine ends the comparison before any work.
func BenchChat(ctx context.Context, inputs []corpus.Input, opts ChatBenchOptions) (*bench.ChatReport, []string, error) {
	contestants, err := opts.contestants(ctx)
	if err != nil {
		return nil, nil, err
	}
	emb, err := openEmbedder(&opts.Common)
	if err != nil {
		return nil, nil, err
	}
	defer emb.Close() // it was only read from
	space, err := openSpace(emb, &opts.Common)
	if err != nil {
		return nil, nil, err
	}
	sets, err := readSets(ctx, inputs, opts.Column, opts.LabelColumn, &opts.Common)
	if err != nil {
		return nil, nil, err
	}
	opts.note(describeModel(emb.Info()))
	r := &bench.ChatReport{
		Schema: report.Schema, Sheaf: opts.Version, Machine: machine(), Embedding: emb.Info().Model, Seed: opts.Seed,
		Labelled: opts.LabelColumn != "", Options: map[string]any{}, Groups: []bench.ChatGroup{},
	}
	theJudge := judge.New(emb, space)
	var groups []*benchGroups
	for i := range sets {
		g, err := opts.groupsOf(ctx, emb, &sets[i], theJudge)
		if err != nil {
			return nil, nil, err
		}
		groups = append(groups, g)
		r.Sets = append(r.Sets, bench.SetInfo{Name: sets[i].Name, Texts: len(sets[i].Texts), K: len(g.clusters)})
		r.Groups = append(r.Groups, g.describe()...)
	}

	kept := openBenchAnswers(sets, contestants, &opts)
	defer kept.close()
	total, before := len(r.Groups)*len(contestants), 0
	var failed []string
	for i := range contestants {
		c := &contestants[i]
		if c.err == nil {
			progress := func(done int) { opts.progress(Labeling, before+done, total) }
			if err := c.measure(ctx, i, groups, theJudge, space, kept, r, progress); err != nil {
				return nil, nil, err
			}
		}
		before += len(r.Groups)
		if c.err != nil {
			c.row.Error = c.err.Error()
			line := fmt.Sprintf("%s could not be measured: %s", c.row.Model, withHint(c.err))
			if !slices.Contains(failed, line) { // of several prompts once
				failed = append(failed, line)
			}
		}
		r.Models = append(r.Models, c.row)
	}
	if !slices.ContainsFunc(contestants, func(c contestant) bool { return c.err == nil }) {
		return nil, nil, contestants[0].err
	}
	if err := addKeywords(ctx, groups, space, r); err != nil {
		return nil, nil, err
	}
	kept.done()
	return r, failed, nil
}

// WriteChatBench writes a comparison of chat models in one of BenchFormats.
func WriteChatBench(w io.Writer, r *bench.ChatReport, format string) error {
	return bench.WriteChat(w, r, format)
}

// CheckChatModel says what is wrong with a name in ChatBenchOptions.ChatModels,
// given the settings that hold for all.
func CheckChatModel(name string, c Common) error {
	setChatModel(&c, name)
	if name == "" || c.serverKind() != openai.Kind && !ValidChatModel(c.Chat.Model) {
		return hint.Errorf("give names as Ollama lists them, such as tinyllama, or NAME@http://127.0.0.1:8080/v1 for another server", "%q is not the name of a chat model", name)
	}
	return nil
}

// setChatModel makes settings those of one of the models that are compared.
func setChatModel(c *Common, name string) {
	at := strings.Index(name, "http://")
	if at < 0 {
		at = strings.Index(name, "https://") // which the client refuses, and says why
	}
	if at == 0 || at > 0 && name[at-1] == '@' {
		c.Labeler, c.Chat.BaseURL, c.Chat.NamedHost = labelerOpenAI, name[at:], true
		name = strings.TrimSuffix(name[:at], "@")
	}
	c.Chat.Model, c.Chat.NamedModel = name, name != ""
	if c.serverKind() == openai.Kind {
		c.Labeler = labelerOpenAI
	} else {
		c.Labeler = labelerOllama
	}
}

// contestants are the models, each with each set of prompts. The error is that
// of prompts or of a server that is refused.
func (opts *ChatBenchOptions) contestants(ctx context.Context) ([]contestant, error) {
	var out []contestant
	for _, name := range opts.ChatModels {
		for _, dir := range append([]string{""}, opts.PromptDirs...) {
			c := contestant{common: opts.Common, row: bench.ChatRow{Model: name, Prompts: cmp.Or(dir, bench.BuiltinPrompts)}}
			setChatModel(&c.common, name)
			c.common.Chat.PromptDir = dir
			var err error
			if c.opts, err = chatOptions(&c.common); err != nil {
				return nil, err
			}
			if c.opts.Prompts != nil {
				c.row.PromptDigest = c.opts.Prompts.Digest()
			}
			var refused *loopback.Error
			var model chat.Model
			c.client, model, c.err = chatStatus(ctx, c.opts, &c.common)
			switch {
			case ctx.Err() != nil:
				return nil, ctx.Err()
			case errors.As(c.err, &refused), errors.Is(c.err, chat.ErrRemote):
				return nil, c.err
			case c.err == nil:
				c.row.Model, c.row.Server, c.row.Digest = model.Name, c.client.Kind()+" at "+model.Server, model.Digest
			}
			out = append(out, c)
		}
	}
	for i := range out { // of two servers' models with one name each says where it is
		for j := range out {
			if out[i].row.Model == out[j].row.Model && out[i].row.Server != out[j].row.Server && out[i].err == nil {
				out[i].row.Model += " at " + out[i].row.Server
				break
			}
		}
	}
	return out, nil
}

// groupsOf makes the groups of a set: those of its labels, else those that
// sheaf notes makes.
func (opts *ChatBenchOptions) groupsOf(ctx context.Context, emb engine.Embedder, set *bench.Set, theJudge *judge.Judge) (*benchGroups, error) {
	if n := len(set.Texts); set.Labels == nil && opts.K > n {
		return nil, hint.Errorf(fmt.Sprintf("use -k auto, or a number up to %d", n), "%s: %d groups of %d texts", set.Name, opts.K, n)
	}
	docs := make([]corpus.Document, len(set.Texts))
	for i, t := range set.Texts {
		docs[i] = corpus.Document{Text: t}
	}
	texts := distinctTexts(docs)
	raw := make([]string, len(texts))
	for i := range texts {
		raw[i] = texts[i].docs[0].Text
	}
	var r report.Result // what else a run notes down is not asked for
	col, err := embed(ctx, emb, texts, raw, &r, &opts.Common)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", set.Name, err)
	}
	out := &benchGroups{set: set}
	var groups []cluster
	if set.Labels != nil {
		groups, out.names = labelled(col, set.Labels)
	} else if groups, err = group(ctx, col, nil, &r.Manifest, &opts.Common); err != nil {
		return nil, err
	}
	for _, g := range groups {
		c := labeler.Cluster{}
		for _, m := range g.members {
			c.Members = append(c.Members, m.text.docs[0].Text)
			c.Weights = append(c.Weights, len(m.text.docs))
		}
		out.clusters, out.sizes = append(out.clusters, c), append(out.sizes, g.size)
	}
	if err := forChat(ctx, out.clusters, emb, groups); err != nil {
		return nil, err
	}
	out.reading, err = theJudge.Read(ctx, out.clusters)
	return out, err
}

// labelled are the groups of a set's labels, of a text with several that of its
// first copy, and their names; the largest first.
func labelled(col *collection, labels []string) ([]cluster, []string) {
	d := col.vectors.Cols
	at := make(map[string]int)
	var groups []cluster
	var names []string
	for i := range col.texts {
		t := &col.texts[i]
		name := labels[t.order[0]]
		g, ok := at[name]
		if !ok {
			g = len(groups)
			at[name] = g
			groups, names = append(groups, cluster{first: t.order[0], centroid: make([]float32, d)}), append(names, name)
		}
		groups[g].size += len(t.docs)
		groups[g].members = append(groups[g].members, member{text: t, vector: col.vectors.Data[i*d : (i+1)*d]})
	}
	for i := range groups {
		g := &groups[i]
		for _, m := range g.members {
			blas32.Axpy(float32(len(m.text.docs))/float32(g.size), blas32.Vector{N: d, Inc: 1, Data: m.vector}, blas32.Vector{N: d, Inc: 1, Data: g.centroid})
		}
		for j := range g.members {
			g.members[j].distance = float32(squared(g.centroid, g.members[j].vector))
		}
		slices.SortStableFunc(g.members, func(a, b member) int { return cmp.Compare(a.distance, b.distance) })
	}
	order := make([]int, len(groups))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(groups[b].size, groups[a].size) })
	sorted, sortedNames := make([]cluster, len(groups)), make([]string, len(groups))
	for to, from := range order {
		sorted[to], sortedNames[to] = groups[from], names[from]
	}
	return sorted, sortedNames
}

// describe is the groups as a report shows them, without labels.
func (g *benchGroups) describe() []bench.ChatGroup {
	const examples = 3
	out := make([]bench.ChatGroup, len(g.clusters))
	for i, c := range g.clusters {
		out[i] = bench.ChatGroup{Set: g.set.Name, Size: g.sizes[i], Examples: c.Members[:min(len(c.Members), examples)], Labels: []bench.ChatLabel{}}
		if g.names != nil {
			out[i].Name = g.names[i]
		}
	}
	return out
}

// measure asks one contestant about all groups and fills in its row. What the
// server does wrong is in the row; the error is ctx's own, the judge's, or a
// template's.
func (c *contestant) measure(ctx context.Context, index int, groups []*benchGroups, theJudge *judge.Judge, space *static.Model, kept *benchAnswers, r *bench.ChatReport, progress func(int)) error {
	client := &timedClient{Client: c.client, kept: kept, row: index}
	if err := client.load(ctx, c.opts); err != nil {
		return err
	}
	c.row.LoadSeconds = client.loadSeconds
	var named []bench.Named
	at := 0
	for _, g := range groups {
		opts := *c.opts
		opts.Fallback, opts.Judge = keywords.New(space), theJudge
		answers := make([][]chat.Judged, len(g.clusters))
		opts.Watch = func(i int, of []chat.Judged) { answers[i] = of }
		l, err := chat.NewLabeler(client, opts)
		if err != nil {
			return err
		}
		labels, err := l.Label(ctx, g.clusters, func(done int) { progress(at + done) })
		if err != nil {
			return err
		}
		c.row.Warnings = append(c.row.Warnings, labels.Warnings...)
		if labels.Model != "" {
			c.row.PromptDigest = labels.PromptDigest
			if len(r.Options) == 0 {
				r.Options = labels.Options
			}
		}
		results, err := judged(ctx, g, labels, answers, opts.Language)
		if err != nil {
			return err
		}
		named = append(named, results...)
		for i, l := range labels.Labels {
			shown := bench.ChatLabel{Model: c.row.Model, Prompts: c.row.Prompts, Label: l.Text, Source: string(l.Source), Fit: results[i].Fit}
			r.Groups[at+i].Labels = append(r.Groups[at+i].Labels, shown)
		}
		at += len(g.clusters)
	}
	if client.answered == 0 {
		why := "the server gave no answer"
		if len(c.row.Warnings) > 0 {
			why, _, _ = strings.Cut(c.row.Warnings[0], ";") // after it stands who named the groups instead
		}
		c.err = errors.New(why)
		for i := range r.Groups { // it has no column
			r.Groups[i].Labels = r.Groups[i].Labels[:len(r.Groups[i].Labels)-1]
		}
		return nil
	}
	bench.SummariseChat(&c.row, named, &client.Calls, c.common.Seed)
	return nil
}

// judged puts the labels of a set's groups and the answers together, with how
// well each label fits.
func judged(ctx context.Context, g *benchGroups, labels *labeler.Labels, answers [][]chat.Judged, language string) ([]bench.Named, error) {
	out := make([]bench.Named, len(g.clusters))
	for i, l := range labels.Labels {
		verdicts, err := g.reading.Judge(ctx, i, judge.Question{Language: language}, []string{l.Text})
		if err != nil {
			return nil, err
		}
		out[i] = bench.Named{Label: l.Text, IsModel: l.Source == labeler.FromModel}
		if s := verdicts[0].Score; s != nil {
			out[i].Fit = s.Total
		}
		if answers == nil {
			out[i].IsModel = verdicts[0].Fault == nil
			continue
		}
		for _, a := range answers[i] {
			var broken *labeler.RuleError
			answer := bench.Answer{}
			switch {
			case errors.As(a.Fault, &broken):
				answer.Rule, answer.Invented = string(broken.Rule), broken.Rule == labeler.RuleInvented
			case a.Fault != nil:
				answer.Rule = a.Fault.Error() // of its form, as "breaks off"
			}
			out[i].Answers = append(out[i].Answers, answer)
			if a.Taken && a.Score != nil { // a word that was added to tell it from another is not the model's
				out[i].Fit = a.Score.Total
			}
		}
	}
	return out, nil
}

// addKeywords adds what the labels are without any chat model.
func addKeywords(ctx context.Context, groups []*benchGroups, space *static.Model, r *bench.ChatReport) error {
	row := bench.ChatRow{Model: labelerKeywords}
	var named []bench.Named
	at := 0
	for _, g := range groups {
		labels, err := keywords.New(space).Label(ctx, g.clusters, nil)
		if err != nil {
			return err
		}
		results, err := judged(ctx, g, labels, nil, "")
		if err != nil {
			return err
		}
		named = append(named, results...)
		for i, l := range labels.Labels {
			r.Groups[at+i].Labels = append(r.Groups[at+i].Labels, bench.ChatLabel{Model: row.Model, Label: l.Text, Source: string(l.Source), Fit: results[i].Fit})
		}
		at += len(g.clusters)
	}
	bench.SummariseChat(&row, named, &bench.Calls{}, r.Seed)
	r.Models = append(r.Models, row)
	return nil
}
