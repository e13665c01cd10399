package corpus

import (
	"encoding/json"
	"errors"
	"slices"
)

// A claudeConversation is one of Claude's export, as far as it is read.
type claudeConversation struct {
	UUID      looseText `json:"uuid"`
	Name      looseText `json:"name"`
	Title     looseText `json:"title"`
	CreatedAt looseTime `json:"created_at"`
	UpdatedAt looseTime `json:"updated_at"`
	Account   struct {
		UUID looseText `json:"uuid"`
	} `json:"account"`
	Messages []claudeMessage `json:"chat_messages"`
}

type claudeMessage struct {
	UUID        looseText         `json:"uuid"`
	Parent      looseText         `json:"parent_message_uuid"`
	Sender      looseText         `json:"sender"`
	Text        looseText         `json:"text"`
	Content     looseContent      `json:"content"`
	CreatedAt   looseTime         `json:"created_at"`
	Attachments []json.RawMessage `json:"attachments"`
	Files       []json.RawMessage `json:"files"`
}

// decodeClaude reads a conversation of Claude's export. The text of a message is
// what the export gives as such, else that of its text blocks. What was extracted
// from attached files is nobody's turn: the files are counted.
func decodeClaude(f *chatFile, raw []byte, c *Conversation) error {
	var g claudeConversation
	if err := json.Unmarshal(raw, &g); err != nil {
		return err
	}
	if g.Messages == nil {
		return errors.New(`no "chat_messages"`)
	}
	c.Ref, c.Title, c.User = string(g.UUID), string(g.Name), string(g.Account.UUID)
	if c.Title == "" {
		c.Title = string(g.Title)
	}
	c.Created, c.Updated = g.CreatedAt.Time, g.UpdatedAt.Time
	path, hasLoop := g.livePath()
	if hasLoop {
		f.cycles++
	}
	for _, m := range path {
		text := string(m.Text)
		if isBlank(text) {
			text = m.Content.text
		}
		c.Attachments += len(m.Attachments) + len(m.Files)
		f.add(c, string(m.Sender), text, "", m.CreatedAt.Time)
	}
	return nil
}

// livePath returns the messages from the first to the last one. Where two have
// the same parent, as after a prompt was edited, only the branch of the last
// message counts.
func (g *claudeConversation) livePath() (path []*claudeMessage, hasLoop bool) {
	children := make(map[looseText]int)
	at := make(map[looseText]int)
	isTree := false
	for i := range g.Messages {
		m := &g.Messages[i]
		path = append(path, m)
		if m.UUID != "" {
			at[m.UUID] = i
		}
		if m.Parent != "" {
			children[m.Parent]++
			isTree = isTree || children[m.Parent] > 1
		}
	}
	if !isTree {
		return path, false
	}
	var live []*claudeMessage
	seen := make(map[int]bool)
	for i, ok := len(g.Messages)-1, true; ok; i, ok = at[g.Messages[i].Parent] {
		if seen[i] {
			hasLoop = true
			break
		}
		seen[i] = true
		live = append(live, &g.Messages[i])
	}
	slices.Reverse(live)
	return live, hasLoop
}
