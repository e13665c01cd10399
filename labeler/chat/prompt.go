package chat

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

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

	// minExampleTokens are spent on examples even where the estimate leaves
	// less: the estimate is cautious, and a prompt without texts is useless.
	minExampleTokens = 48

	// lineTokens are what stands around an example: "- " and the line's end.
	lineTokens = 2
)

// A prompter builds the prompts that ask for the labels of one clustering.
type prompter struct {
	set       *prompts.Set
	language  string
	maxTokens int // of an answer
	numCtx    int
	seed      uint64
	clusters  []labeler.Cluster
	fixed     int // estimated tokens of a prompt without examples
	apart     int // the same of one that tells a cluster from another
}

func newPrompter(opts *LabelerOptions, numCtx int, clusters []labeler.Cluster) (*prompter, error) {
	p := &prompter{
		set:       opts.Prompts,
		language:  prompts.Clip(prompts.Line(opts.Language), 16),
		maxTokens: opts.MaxTokens,
		numCtx:    numCtx,
		seed:      opts.Seed,
		clusters:  clusters,
	}
	// Everything but the examples, with the longest fault there is.
	longest := prompts.Label{MaxWords: labeler.MaxWords, Language: p.language, Others: []string{""},
		Sibling: strings.Repeat("ж", labeler.MaxChars), Fault: fmt.Sprintf("%096d", 0)}
	for _, f := range []struct {
		template string
		tokens   *int
	}{{prompts.LabelUser, &p.fixed}, {prompts.ApartUser, &p.apart}} {
		system, user, err := p.render(f.template, longest)
		if err != nil {
			return nil, err
		}
		*f.tokens = prompts.Tokens(system) + prompts.Tokens(user)
	}
	return p, nil
}

func (p *prompter) render(template string, data prompts.Label) (system, user string, err error) {
	if system, err = p.set.Render(prompts.LabelSystem, data); err != nil {
		return "", "", promptError(err)
	}
	if user, err = p.set.Render(template, data); err != nil {
		return "", "", promptError(err)
	}
	return system, user, nil
}

// A target is what the candidates for a cluster have of their own: the first is
// shown the nearest members above all, the others more of the rest.
type target struct {
	cluster, candidate int
	from               *sibling // of the question that tells two clusters apart
}

// A sibling is a cluster that has nearly the same label.
type sibling struct {
	cluster int
	label   string
}

// prompt builds the prompt for a candidate and says how many members of the
// cluster it shows. Where none can be shown the error is errNoText.
func (p *prompter) prompt(t target, need Need) (Prompt, int, error) {
	data := prompts.Label{MaxWords: labeler.MaxWords, Language: p.language, Fault: need.Fault}
	template, fixed := prompts.LabelUser, p.fixed
	if t.from != nil {
		template, fixed, data.Sibling = prompts.ApartUser, p.apart, prompts.Line(t.from.label)
	}
	data.Members, data.Others = p.texts(t, max(need.Room-fixed, minExampleTokens))
	if len(data.Members) == 0 {
		return Prompt{}, 0, errNoText
	}
	system, user, err := p.render(template, data)
	if err != nil {
		return Prompt{}, 0, err
	}
	const around = 10 // tokens of {"label":""}
	chars := need.Chars(float64(p.maxTokens)-around*need.Factor, p.tokensPerChar(data.Members))
	chars = max(min(chars, labeler.MaxChars), 4)
	schema := Object(Field{"label", String(2, chars)})
	return Prompt{System: system, User: user, Schema: schema, Fixed: fixed, mostChars: chars}, len(data.Members), nil
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

// maxMembers is how many examples of a cluster a prompt has at most.
func (p *prompter) maxMembers() int {
	return max(fewMembers, min(p.numCtx/contextPerMember, manyMembers))
}

func (p *prompter) maxOthers() int { return p.maxMembers() / membersPerOther }

// texts returns the examples for a prompt, which fit into the room.
func (p *prompter) texts(t target, room int) (members, others []string) {
	share := 4 // of the room, for texts of others
	if t.from != nil {
		share = 2
	}
	others = p.others(t, room/share)
	for _, o := range others {
		room -= prompts.Tokens(o) + lineTokens
	}
	return p.examples(t, room), others
}

// examples returns members of the cluster that fit into the room, each as one
// line; the one nearest to the centroid always, cut if need be.
func (p *prompter) examples(t target, room int) []string {
	members := p.clusters[t.cluster].Members
	var chosen []int
	lines := make(map[int]string)
	for _, i := range p.pick(t) {
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
	if t.candidate == 0 {
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
func (p *prompter) pick(t target) []int {
	n, most := len(p.clusters[t.cluster].Members), p.maxMembers()
	random := rand.New(rand.NewPCG(p.seed, uint64(t.cluster)<<8|uint64(t.candidate)))
	near := most / 2
	if t.candidate > 0 {
		near = most / 4
	}
	if n <= most {
		near = n
		if t.candidate > 0 {
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
func (p *prompter) others(t target, room int) []string {
	all, most := p.contrast(t.cluster), p.maxOthers()
	if t.from != nil {
		all, most = p.clusters[t.from.cluster].Members, p.maxMembers()/2
	}
	var lines []string
	for i := 0; i < len(all) && len(lines) < most; i++ {
		text := all[(i+t.candidate*most)%len(all)]
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
