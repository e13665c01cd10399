package clio

import (
	"context"
	"fmt"
	"strings"

	"sheaf/labeler"
	"sheaf/labeler/chat"
	"sheaf/labeler/judge"
	"sheaf/labeler/prompts"
)

// The bounds of what a model writes about a cluster.
const (
	nameChars        = 100
	descriptionChars = 480
	mostMembers      = 50 // requests of a cluster that are shown
	mostOthers       = 50 // and of others
)

// A Cluster is what is named: requests or the names of clusters, and those of
// others nearby, each list with what matters most first.
type Cluster struct {
	Members, Others []string
	Weights         []int // of the members; nil is 1 each
}

// A Name is what a model called a cluster.
type Name struct{ Name, Description string }

type nameAnswer struct {
	Description string `json:"description"`
	Name        string `json:"name"`
}

// Names asks for the names and the descriptions of all clusters of a level. nil
// stands where no answer could be used. progress, where it is not nil, is told how
// many are done.
func (a *Asker) Names(ctx context.Context, clusters []Cluster, progress func(done int)) ([]*Name, error) {
	var reading *judge.Reading
	if a.opts.Judge != nil {
		in := make([]labeler.Cluster, len(clusters))
		for i, c := range clusters {
			in[i] = labeler.Cluster{Members: c.Members, Weights: c.Weights}
		}
		var err error
		if reading, err = a.opts.Judge.Read(ctx, in); err != nil {
			return nil, err
		}
	}
	out := make([]*Name, len(clusters))
	return out, a.s.Each(ctx, len(clusters), func(ctx context.Context, i int) (err error) {
		out[i], err = a.name(ctx, clusters[i], func(name string) error {
			if reading == nil {
				return nil
			}
			verdicts, err := reading.Judge(ctx, i, judge.Question{Profile: labeler.ChatLabel, Language: a.opts.Language}, []string{name})
			if err != nil {
				return err
			}
			return verdicts[0].Fault
		})
		return err
	}, progress)
}

// name asks for the name of one cluster. fits says why a name cannot be taken that
// keeps its form.
func (a *Asker) name(ctx context.Context, c Cluster, fits func(name string) error) (*Name, error) {
	for variant := range 2 { // where the first could identify somebody
		attempt := 0
		q := chat.Question[Name]{
			Task: "cluster", MaxTokens: chat.DescriptionTokens + chat.LabelTokens, Variant: variant,
			Prompt: func(n chat.Need) (chat.Prompt, error) { return a.namePrompt(c, n) },
			Parse: func(answer chat.Answer) (Name, error) {
				attempt++
				n, err := a.parseName(answer, c.Members, attempt > 1)
				if err == nil {
					err = fits(n.Name)
				}
				return n, err
			},
		}
		res, err := chat.Ask(ctx, a.s, q)
		if err != nil {
			if !isUsual(err) {
				return nil, err
			}
			break
		}
		final := variant == 1
		isClean, err := a.clean(ctx, res.Value.Name, final)
		if err == nil && isClean {
			isClean, err = a.clean(ctx, res.Value.Description, final)
		}
		if err != nil {
			return nil, err
		}
		if isClean {
			return &res.Value, nil
		}
	}
	a.count(func(c *Counts) *int { return &c.Names })
	return nil, ctx.Err()
}

func (a *Asker) namePrompt(c Cluster, n chat.Need) (chat.Prompt, error) {
	data := prompts.Group{MaxWords: labeler.ChatLabel.MaxWords(), Language: a.opts.Language, Fault: n.Fault}
	fixed, err := a.fixed(prompts.Cluster, data)
	if err != nil {
		return chat.Prompt{}, err
	}
	const fences = 40 // tokens of what stands around the others
	room := n.Room - fixed - fences
	var used int
	data.Others, used = lines(c.Others, room/3, mostOthers)
	data.Members, _ = lines(c.Members, room-(room/3-used), mostMembers)
	if len(data.Members) == 0 {
		return chat.Prompt{}, errNoRoom
	}
	p := chat.Prompt{Fixed: fixed}
	if p.System, p.User, err = a.prompts.Render(prompts.Cluster, data); err != nil {
		return chat.Prompt{}, err
	}
	const around = 12 // tokens of the keys
	p.Schema = chat.Object(
		chat.Field{Name: "description", Type: chat.String(0, min(descriptionChars, max(16, n.Chars(chat.DescriptionTokens-around*n.Factor, perChar))))},
		chat.Field{Name: "name", Type: chat.String(2, min(nameChars, max(8, n.Chars(chat.LabelTokens, perChar))))})
	return p, nil
}

// parseName reads an answer. A bad description is a fault the first time, and
// left out the second.
func (a *Asker) parseName(answer chat.Answer, members []string, last bool) (Name, error) {
	var v nameAnswer
	if err := answer.Decode(&v); err != nil {
		return Name{}, err
	}
	name, err := a.checkName(v.Name, members)
	if err != nil {
		return Name{}, err
	}
	rules := a.rules(labeler.ChatDescription)
	description := rules.Tidy(placeholders.ReplaceAllString(v.Description, "[$1]"), members)
	err = rules.Check(description, members)
	if err == nil && refuses(description) {
		err = fault("is a refusal")
	}
	switch {
	case err != nil && last:
		description = ""
	case err != nil:
		return Name{}, fault(fmt.Sprintf(`has a "description" that %v`, err))
	}
	return Name{name, description}, nil
}

// rules are what a text of a profile has to keep. What is written in another
// language than English is held to less.
func (a *Asker) rules(p labeler.Profile) labeler.Rules {
	language := strings.ToLower(a.opts.Language)
	r := labeler.Rules{Profile: p, Foreign: language != "" && !strings.HasPrefix(language, "en")}
	if a.opts.Judge != nil { // else there is no vocabulary, rather than one that is nil
		r.Vocabulary = a.opts.Judge
	}
	return r
}

// checkName is a name as it may stand, or what is wrong with it.
func (a *Asker) checkName(s string, members []string) (string, error) {
	rules := a.rules(labeler.ChatLabel)
	s = rules.Tidy(strings.TrimSpace(s), members)
	if err := rules.Check(s, members); err != nil {
		return "", err
	}
	if refuses(s) {
		return "", fault("is a refusal; naming a topic is not doing what is asked")
	}
	if strings.Contains(s, "[") || placeholders.MatchString(s) {
		return "", fault("names somebody")
	}
	return s, nil
}

// Identifiable asks whether somebody can be identified by a text: 1 plainly, 5
// not at all. It is a privacy.Judge.
func (a *Asker) Identifiable(ctx context.Context, text string) (int, error) {
	q := chat.Question[int]{
		Task: "audit", MaxTokens: 16,
		Prompt: func(n chat.Need) (chat.Prompt, error) {
			data := prompts.Text{Fault: n.Fault}
			fixed, err := a.fixed(prompts.Audit, data)
			if err != nil {
				return chat.Prompt{}, err
			}
			if data.Text = prompts.Clip(prompts.Line(text), n.Room-fixed); data.Text == "" {
				return chat.Prompt{}, errNoRoom
			}
			p := chat.Prompt{Fixed: fixed, Schema: chat.Object(chat.Field{Name: "score", Type: chat.Scale(1, 5)})}
			p.System, p.User, err = a.prompts.Render(prompts.Audit, data)
			return p, err
		},
		Parse: func(answer chat.Answer) (int, error) {
			var v struct {
				Score int `json:"score"`
			}
			if err := answer.Decode(&v); err != nil {
				return 0, err
			}
			if v.Score < 1 || v.Score > 5 {
				return 0, fault(`has no "score" from 1 to 5`)
			}
			return v.Score, nil
		},
	}
	res, err := chat.Ask(ctx, a.s, q)
	if err != nil && isUsual(err) {
		a.count(func(c *Counts) *int { return &c.Judged })
		return 0, ErrNoScore
	}
	return res.Value, err
}

// ErrNoScore is a text about which the model said nothing that could be used.
var ErrNoScore = fault("the model gave no score")
