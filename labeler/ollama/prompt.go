package ollama

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/ollama/ollama/api"

	"sheaf/labeler"
	"sheaf/labeler/prompts"
)

const (
	// Small models do worse with many examples, and every token costs time.
	maxMembers = 24
	maxOthers  = 8

	maxMemberTokens = 96 // of one example; a longer text says what it is about before
	maxOtherTokens  = 32

	// templateTokens is room for the turns' marks, which the server adds.
	templateTokens = 48
	// minExampleTokens are spent on examples even where the estimate leaves
	// less: the estimate is cautious, and a prompt without texts is useless.
	minExampleTokens = 48

	// lineTokens are what stands around an example: "- " and the line's end.
	lineTokens = 2
)

// A prompter builds the requests of one run.
type prompter struct {
	set      *prompts.Set
	model    string
	language string
	sampling map[string]any
	think    *api.ThinkValue // nil for a model that cannot
	keep     *api.Duration   // nil leaves it to the server
	members  [][]string      // of each cluster
	room     int             // estimated tokens for the examples of one prompt
	answer   int             // tokens of an answer
}

func newPrompter(l *Labeler, st Status, clusters []labeler.Cluster) (*prompter, error) {
	numCtx := l.opts.NumCtx
	if st.Context > 0 {
		numCtx = min(numCtx, st.Context)
	}
	p := &prompter{
		set:      l.prompts,
		model:    l.opts.Model,
		language: prompts.Clip(prompts.Line(l.opts.Language), 16),
		sampling: l.sampling(numCtx),
		answer:   l.opts.MaxTokens,
	}
	if st.Thinking {
		// What is thought counts towards num_predict, and none would be left.
		p.think = &api.ThinkValue{Value: false}
	}
	if l.opts.KeepAlive > 0 {
		p.keep = &api.Duration{Duration: l.opts.KeepAlive}
	}
	for _, c := range clusters {
		p.members = append(p.members, c.Members)
	}
	// Everything but the examples, with the longest fault there is.
	longest := prompts.Label{MaxWords: labeler.MaxWords, Language: p.language, Others: []string{""},
		Fault: fmt.Sprintf("%096d", 0)}
	system, user, err := p.render(longest)
	if err != nil {
		return nil, err
	}
	p.room = numCtx - p.answer - templateTokens - prompts.Tokens(system) - prompts.Tokens(user)
	p.room = max(p.room, minExampleTokens)
	return p, nil
}

func (p *prompter) render(data prompts.Label) (system, user string, err error) {
	if system, err = p.set.Render(prompts.LabelSystem, data); err != nil {
		return "", "", fmt.Errorf("ollama: %w", err)
	}
	if user, err = p.set.Render(prompts.LabelUser, data); err != nil {
		return "", "", fmt.Errorf("ollama: %w", err)
	}
	return system, user, nil
}

// A question is what is varied between the requests for one cluster.
type question struct {
	cluster int
	fault   string // of the last answer
	cuts    int    // how often the prompt turned out too long
	short   bool   // the last answer broke off: leave less room for the label
}

// request builds the request for a question and says how many members of the
// cluster it shows.
func (p *prompter) request(q question) (*api.ChatRequest, int, error) {
	room := p.room
	for range q.cuts {
		room -= room / 3
	}
	data := prompts.Label{MaxWords: labeler.MaxWords, Language: p.language, Fault: q.fault}
	others := p.others(q.cluster, room/4)
	for _, o := range others {
		room -= prompts.Tokens(o) + lineTokens
	}
	data.Others = others
	data.Members = examples(p.members[q.cluster], room)
	system, user, err := p.render(data)
	if err != nil {
		return nil, 0, err
	}
	stream, truncate, shift := false, false, false
	return &api.ChatRequest{
		Model:     p.model,
		Messages:  []api.Message{{Role: "system", Content: system}, {Role: "user", Content: user}},
		Stream:    &stream,
		Format:    p.schema(q.short),
		KeepAlive: p.keep,
		Options:   p.sampling,
		Think:     p.think,
		// The server would cut the middle out of the prompt, or of its own
		// answer, without a word.
		Truncate: &truncate,
		Shift:    &shift,
	}, len(data.Members), nil
}

// schema is the JSON schema of an answer. Its string is bounded, for an
// unbounded one runs on to num_predict and comes back as broken JSON. A token
// is taken for about three characters; short takes it for one.
func (p *prompter) schema(short bool) json.RawMessage {
	const around = 10 // tokens of {"label":""}
	chars := 3 * (p.answer - around)
	if short {
		chars = p.answer - around
	}
	chars = max(min(chars, labeler.MaxChars), 4)
	return json.RawMessage(fmt.Sprintf(`{"type":"object","properties":{"label":{"type":"string","minLength":2,"maxLength":%d}},`+
		`"required":["label"],"additionalProperties":false}`, chars))
}

// examples returns the first members that fit into the room, each as one
// line; the first always, cut if need be.
func examples(members []string, room int) []string {
	var lines []string
	for _, m := range members {
		if len(lines) == maxMembers {
			break
		}
		line := example(m, min(maxMemberTokens, room-lineTokens))
		if line == "" {
			if room <= lineTokens {
				break
			}
			continue // nothing but control characters
		}
		cost := prompts.Tokens(line) + lineTokens
		if cost > room {
			break
		}
		room -= cost
		lines = append(lines, line)
	}
	return lines
}

// others returns texts of other clusters for contrast: the one nearest to its
// centroid of each, beginning with the cluster after this one, so that not
// all clusters are contrasted with the same few.
func (p *prompter) others(cluster, room int) []string {
	var lines []string
	n := len(p.members)
	for i := 1; i < n && len(lines) < maxOthers; i++ {
		line := example(p.members[(cluster+i)%n][0], min(maxOtherTokens, room-lineTokens))
		if line == "" {
			continue
		}
		room -= prompts.Tokens(line) + lineTokens
		lines = append(lines, line)
	}
	return lines
}

// example makes a line of a text, cut to so many tokens. Only the beginning of
// a long text is looked at.
func example(text string, tokens int) string {
	if tokens <= 0 {
		return ""
	}
	const bytesPerToken = 8 // more than any text has
	text = strings.TrimSpace(text)
	if n := max(tokens, 16) * bytesPerToken; len(text) > n {
		text = text[:n]
	}
	return prompts.Clip(prompts.Line(text), tokens)
}
