package clio

import (
	"context"
	"fmt"
	"strings"

	"sheaf/labeler"
	"sheaf/labeler/chat"
	"sheaf/labeler/prompts"
)

// A listing asks for a list of names.
type listing struct {
	task        string // prompts.Propose or prompts.Dedupe
	least, most int
	data        prompts.Group // its Members and Others are not lines yet
	source      []string      // what the names are about, for the rules, and what is shown of members where there is no room for all
	whole       bool          // all members have to be shown
}

type namesAnswer struct {
	Names []string `json:"names"`
}

// list asks for names. ok is false where no answer could be used. Names that
// break a rule, or by which somebody could be identified, are left out.
func (a *Asker) list(ctx context.Context, l listing) (names []string, ok bool, err error) {
	q := chat.Question[[]string]{
		Task: l.task, MaxTokens: min(chat.ListTokens(l.most), a.s.Context()/3),
		Prompt: func(n chat.Need) (chat.Prompt, error) { return a.listPrompt(l, n) },
		Parse:  func(answer chat.Answer) ([]string, error) { return a.parseNames(answer, l) },
	}
	res, err := chat.Ask(ctx, a.s, q)
	if err != nil {
		if !isUsual(err) {
			return nil, false, err
		}
		return nil, false, nil
	}
	for _, n := range res.Value {
		isClean, err := a.clean(ctx, n, true)
		if err != nil {
			return nil, false, err
		}
		if isClean {
			names = append(names, n)
		}
	}
	return names, len(names) > 0, nil
}

func (a *Asker) listPrompt(l listing, n chat.Need) (chat.Prompt, error) {
	data := prompts.Group{Least: l.least, Most: l.most, MaxWords: labeler.ChatLabel.MaxWords(), Language: a.opts.Language, Fault: n.Fault}
	fixed, err := a.fixed(l.task, data)
	if err != nil {
		return chat.Prompt{}, err
	}
	const fences = 24
	room := n.Room - fixed - fences
	var used int
	data.Others, used = lines(l.data.Others, room/5, nearbyShown)
	room -= room/5 - used
	data.Members, _ = lines(l.data.Members, room, len(l.data.Members))
	if len(data.Members) < len(l.data.Members) {
		data.Members, _ = lines(l.source, room, len(l.source))
	}
	if len(data.Members) == 0 || l.whole && len(data.Members) < len(l.data.Members) {
		return chat.Prompt{}, errNoRoom
	}
	p := chat.Prompt{Fixed: fixed}
	if p.System, p.User, err = a.prompts.Render(l.task, data); err != nil {
		return chat.Prompt{}, err
	}
	const around = 4 // tokens of a name's quotes and comma
	chars := min(nameChars, max(8, n.Chars(chat.LabelTokens-around*n.Factor, perChar)))
	p.Schema = chat.Object(chat.Field{Name: "names", Type: chat.List(l.least, l.most, chat.String(2, chars))})
	return p, nil
}

// parseNames reads a list and takes the names that keep the rules, each once, as
// many as were asked for.
func (a *Asker) parseNames(answer chat.Answer, l listing) ([]string, error) {
	var v namesAnswer
	if err := answer.Decode(&v); err != nil {
		return nil, err
	}
	if len(v.Names) == 0 {
		return nil, fault(`has no "names"`)
	}
	var names []string
	var first error
	for _, raw := range v.Names {
		n, err := a.checkName(raw, l.source)
		if err != nil {
			if first == nil {
				first = err
			}
			continue
		}
		names = append(names, n)
	}
	names = distinct(names)
	if len(names) == 0 {
		return nil, fmt.Errorf("has no name that can be used: the first %w", first)
	}
	return names[:min(len(names), l.most)], nil
}

type parentAnswer struct {
	Parent string `json:"parent"`
}

// Assign asks which of the parents fits a cluster. order is that in which they
// are listed; of more than fit into the context the first in that order are. ok
// is false where no answer was one of them.
func (a *Asker) Assign(ctx context.Context, child Name, parents []string, order []int) (parent int, ok bool, err error) {
	at := make(map[string]int, len(parents))
	for _, p := range order {
		at[key(prompts.Line(parents[p]))] = p
	}
	q := chat.Question[int]{
		Task: "assign", MaxTokens: chat.LabelTokens + 16,
		Prompt: func(n chat.Need) (chat.Prompt, error) { return a.assignPrompt(child, parents, order, n) },
		Parse: func(answer chat.Answer) (int, error) {
			var v parentAnswer
			if err := answer.Decode(&v); err != nil {
				return 0, err
			}
			if p, ok := at[key(strings.TrimSpace(v.Parent))]; ok {
				return p, nil
			}
			return 0, fault("names a parent that is not among those listed")
		},
	}
	res, err := chat.Ask(ctx, a.s, q)
	if err != nil {
		if !isUsual(err) {
			return 0, false, err
		}
		return 0, false, nil
	}
	return res.Value, true, nil
}

func (a *Asker) assignPrompt(child Name, parents []string, order []int, n chat.Need) (chat.Prompt, error) {
	data := prompts.Group{Name: prompts.Line(child.Name), Fault: n.Fault}
	fixed, err := a.fixed(prompts.Assign, data)
	if err != nil {
		return chat.Prompt{}, err
	}
	room := n.Room - fixed
	data.Description = prompts.Clip(prompts.Line(child.Description), room/4)
	room -= prompts.Tokens(data.Description) + lineTokens
	var listed []string
	for _, p := range order {
		line := prompts.Line(parents[p])
		if room -= prompts.Tokens(line) + lineTokens; room < 0 {
			break
		}
		listed = append(listed, line)
	}
	if len(listed) == 0 {
		return chat.Prompt{}, errNoRoom
	}
	data.Members = listed
	p := chat.Prompt{Fixed: fixed, Schema: chat.Object(chat.Field{Name: "parent", Type: chat.OneOf(listed...)})}
	p.System, p.User, err = a.prompts.Render(prompts.Assign, data)
	return p, err
}
