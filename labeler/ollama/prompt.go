package ollama

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/ollama/ollama/api"

	"sheaf/labeler"
	"sheaf/labeler/prompts"
)

const (
	// Small models do worse with many examples, and every token costs time: 24
	// of the cluster in a context of 2,048 tokens, and in others in proportion.
	contextPerMember        = 2048 / 24
	fewMembers, manyMembers = 8, 64
	membersPerOther         = 3 // of the cluster to name, for each of another one

	maxMemberTokens = 96 // of one example; a longer text says what it is about before
	maxOtherTokens  = 32

	// templateTokens is room for the turns' marks, which the server adds.
	templateTokens = 48
	// minExampleTokens are spent on examples even where the estimate leaves
	// less: the estimate is cautious, and a prompt without texts is useless.
	minExampleTokens = 48

	// lineTokens are what stands around an example: "- " and the line's end.
	lineTokens = 2

	// thinkTokens is room for the thoughts of a model that thinks although it
	// was told not to.
	thinkTokens = 512
)

// A prompter builds the requests of one run. What it learns of the model it
// learns before the second cluster's first request.
type prompter struct {
	l        *Labeler
	model    string
	language string
	numCtx   int
	think    *api.ThinkValue // nil for a model that cannot
	keep     *api.Duration   // nil leaves it to the server
	clusters []labeler.Cluster
	fixed    int // estimated tokens of a prompt without examples

	// tokenFactor is how many tokens the model makes of one that was estimated,
	// 1 or more.
	tokenFactor float64
	thinks      bool // it thinks although it was told not to
}

func newPrompter(l *Labeler, st Status, clusters []labeler.Cluster) (*prompter, error) {
	p := &prompter{
		l:           l,
		model:       l.opts.Model,
		language:    prompts.Clip(prompts.Line(l.opts.Language), 16),
		numCtx:      l.opts.NumCtx,
		clusters:    clusters,
		tokenFactor: 1,
	}
	if st.Context > 0 {
		p.numCtx = min(p.numCtx, st.Context)
	}
	if st.Thinking {
		// What is thought counts towards num_predict, and none would be left.
		p.think = &api.ThinkValue{Value: false}
	}
	if l.opts.KeepAlive > 0 {
		p.keep = &api.Duration{Duration: l.opts.KeepAlive}
	}
	// Everything but the examples, with the longest fault there is.
	longest := prompts.Label{MaxWords: labeler.MaxWords, Language: p.language, Others: []string{""},
		Fault: fmt.Sprintf("%096d", 0)}
	system, user, err := p.render(longest)
	if err != nil {
		return nil, err
	}
	p.fixed = prompts.Tokens(system) + prompts.Tokens(user)
	return p, nil
}

// learn takes over what the first answers showed of the model.
func (p *prompter) learn(res result) {
	const most = 4 // tokens of three bytes cannot be more
	p.tokenFactor = min(max(p.tokenFactor, res.tokenFactor), most)
	p.thinks = p.thinks || res.thought
}

func (p *prompter) render(data prompts.Label) (system, user string, err error) {
	if system, err = p.l.prompts.Render(prompts.LabelSystem, data); err != nil {
		return "", "", fmt.Errorf("ollama: %w", err)
	}
	if user, err = p.l.prompts.Render(prompts.LabelUser, data); err != nil {
		return "", "", fmt.Errorf("ollama: %w", err)
	}
	return system, user, nil
}

// A question is what is varied between the requests for one cluster.
type question struct {
	cluster   int
	candidate int
	fault     string // of the last answer
	cuts      int    // how often the prompt turned out too long
	short     bool   // the last answer broke off: leave less room for the label
	thinks    bool   // leave room for thoughts
}

// A prompt is a request and what is known of it.
type prompt struct {
	*api.ChatRequest
	shown  int // members of the cluster
	tokens int // estimated
}

// request builds the request for a question.
func (p *prompter) request(q question) (prompt, error) {
	sampling := p.l.sampling(p.numCtx, q.candidate)
	predict := p.l.opts.MaxTokens
	if q.thinks || p.thinks {
		predict += min(thinkTokens, p.numCtx/4)
		sampling["num_predict"] = predict
	}
	room := int(float64(p.numCtx-predict-templateTokens)/p.tokenFactor) - p.fixed
	room = max(room, minExampleTokens)
	data := prompts.Label{MaxWords: labeler.MaxWords, Language: p.language, Fault: q.fault}
	var used int
	data.Members, data.Others, used = p.texts(q, room)
	if q.cuts > 0 {
		for range q.cuts { // of what was there, which may be less than there was room for
			used -= (used + 2) / 3
		}
		data.Members, data.Others, _ = p.texts(q, max(used, minExampleTokens))
	}
	system, user, err := p.render(data)
	if err != nil {
		return prompt{}, err
	}
	stream, truncate, shift := false, false, false
	return prompt{&api.ChatRequest{
		Model:     p.model,
		Messages:  []api.Message{{Role: "system", Content: system}, {Role: "user", Content: user}},
		Stream:    &stream,
		Format:    p.schema(q.short, data.Members),
		KeepAlive: p.keep,
		Options:   sampling,
		Think:     p.think,
		// The server would cut the middle out of the prompt, or of its own
		// answer, without a word.
		Truncate: &truncate,
		Shift:    &shift,
	}, len(data.Members), prompts.Tokens(system) + prompts.Tokens(user)}, nil
}

// schema is the JSON schema of an answer. Its string is bounded, for an
// unbounded one runs on to num_predict and comes back as broken JSON. A label
// is taken to have as many tokens as its texts would; short takes it to have
// three times as many.
func (p *prompter) schema(short bool, members []string) json.RawMessage {
	const around = 10 // tokens of {"label":""}
	chars := float64(p.l.opts.MaxTokens) - around*p.tokenFactor
	chars /= p.tokensPerChar(members) * p.tokenFactor
	if short {
		chars /= 3
	}
	return json.RawMessage(fmt.Sprintf(`{"type":"object","properties":{"label":{"type":"string","minLength":2,"maxLength":%d}},`+
		`"required":["label"],"additionalProperties":false}`, max(min(int(chars), labeler.MaxChars), 4)))
}

// denseLanguages are written in scripts of which a token is a character or so.
const denseLanguages = " arabic armenian bengali bulgarian chinese georgian greek gujarati hebrew hindi japanese kannada khmer korean" +
	" malayalam marathi mongolian nepali persian punjabi russian serbian tamil telugu thai ukrainian urdu vietnamese" +
	" ar bg bn el fa he hi hy ja ka km ko mn ru sr ta te th uk ur vi zh "

// tokensPerChar estimates how many tokens a character of a label has, a third
// or more.
func (p *prompter) tokensPerChar(members []string) float64 {
	const latin = 1.0 / 3
	if p.language != "" {
		name, _, _ := strings.Cut(strings.ToLower(p.language), "-")
		if strings.Contains(denseLanguages, " "+name+" ") {
			return 1
		}
		return max(latin, float64(prompts.Tokens(p.language)-1)/float64(len([]rune(p.language))))
	}
	most := latin
	for _, m := range members { // the label may be about any of them
		most = max(most, float64(prompts.Tokens(m)-1)/float64(len([]rune(m))))
	}
	return most
}

func (p *prompter) maxMembers() int {
	return max(fewMembers, min(p.numCtx/contextPerMember, manyMembers))
}

func (p *prompter) maxOthers() int { return p.maxMembers() / membersPerOther }

// texts returns the examples for a prompt and how much of the room they use.
func (p *prompter) texts(q question, room int) (members, others []string, used int) {
	others = p.others(q, room/4)
	for _, o := range others {
		used += prompts.Tokens(o) + lineTokens
	}
	members = p.examples(q, room-used)
	for _, m := range members {
		used += prompts.Tokens(m) + lineTokens
	}
	return members, others, used
}

// examples returns members of the cluster that fit into the room, each as one
// line; the one nearest to the centroid always, cut if need be.
func (p *prompter) examples(q question, room int) []string {
	members := p.clusters[q.cluster].Members
	var chosen []int
	lines := make(map[int]string)
	for _, i := range p.pick(q) {
		line := example(members[i], min(maxMemberTokens, room-lineTokens))
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
		chosen = append(chosen, i)
		lines[i] = line
	}
	if q.candidate == 0 {
		slices.Sort(chosen) // the nearest first
	}
	out := make([]string, len(chosen))
	for at, i := range chosen {
		out[at] = lines[i]
	}
	return out
}

// pick chooses the members to show, in the order of their importance: by turns
// one of the nearest to the centroid and one from anywhere behind them, where
// each stretch has its turn. For the candidates after the first more are from
// behind, and others.
func (p *prompter) pick(q question) []int {
	n, most := len(p.clusters[q.cluster].Members), p.maxMembers()
	random := rand.New(rand.NewPCG(p.l.opts.Seed, uint64(q.cluster)<<8|uint64(q.candidate)))
	near := most / 2
	if q.candidate > 0 {
		near = most / 4
	}
	if n <= most {
		near = n
		if q.candidate > 0 {
			near = 1 // all are shown, in another order
		}
	}
	spread := make([]int, min(n, most)-near)
	for s := range spread {
		lo, hi := near+s*(n-near)/len(spread), near+(s+1)*(n-near)/len(spread)
		spread[s] = lo + random.IntN(hi-lo)
	}
	random.Shuffle(len(spread), func(i, j int) { spread[i], spread[j] = spread[j], spread[i] })
	out := make([]int, 0, near+len(spread))
	for i := range max(near, len(spread)) {
		if i < near {
			out = append(out, i)
		}
		if i < len(spread) {
			out = append(out, spread[i])
		}
	}
	return out
}

// others returns texts of other clusters for contrast: the nearest to this
// one, where they are known, and for each further candidate the next ones.
func (p *prompter) others(q question, room int) []string {
	all, most := p.contrast(q.cluster), p.maxOthers()
	var lines []string
	for i := 0; i < len(all) && len(lines) < most; i++ {
		text := all[(i+q.candidate*most)%len(all)]
		line := example(text, min(maxOtherTokens, room-lineTokens))
		if line == "" {
			continue
		}
		room -= prompts.Tokens(line) + lineTokens
		lines = append(lines, line)
	}
	return lines
}

// contrast is the texts to choose others from. Where nobody knows the nearest
// it is the one nearest to its centroid of each other cluster, beginning with
// the cluster after this one, so that not all are contrasted with the same few.
func (p *prompter) contrast(cluster int) []string {
	if near := p.clusters[cluster].Near; near != nil {
		return near
	}
	n := len(p.clusters)
	texts := make([]string, 0, n)
	for i := 1; i < n; i++ {
		texts = append(texts, p.clusters[(cluster+i)%n].Members[0])
	}
	return texts
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
