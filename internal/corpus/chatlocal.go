package corpus

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"
)

// An openWebUIChat is one of Open WebUI's export.
type openWebUIChat struct {
	ID        looseText `json:"id"`
	UserID    looseText `json:"user_id"`
	Title     looseText `json:"title"`
	CreatedAt looseTime `json:"created_at"`
	UpdatedAt looseTime `json:"updated_at"`
	Chat      *struct {
		Title     looseText          `json:"title"`
		Timestamp looseTime          `json:"timestamp"`
		System    looseText          `json:"system"`
		Messages  []openWebUIMessage `json:"messages"`
		History   struct {
			CurrentID looseText                   `json:"currentId"`
			Messages  map[string]openWebUIMessage `json:"messages"`
		} `json:"history"`
	} `json:"chat"`
}

type openWebUIMessage struct {
	Parent    looseText         `json:"parentId"`
	Role      looseText         `json:"role"`
	Content   looseContent      `json:"content"`
	Timestamp looseTime         `json:"timestamp"`
	Files     []json.RawMessage `json:"files"`
}

// decodeOpenWebUI reads the live path of a chat, from the current message of its
// history up through the parents, or else its list of messages.
func decodeOpenWebUI(f *chatFile, raw []byte, c *Conversation) error {
	var g openWebUIChat
	if err := json.Unmarshal(raw, &g); err != nil {
		return err
	}
	if g.Chat == nil {
		return errors.New(`no "chat", which holds the messages`)
	}
	c.Ref, c.User = string(g.ID), string(g.UserID)
	c.Title = firstText(string(g.Title), string(g.Chat.Title))
	c.Created, c.Updated = firstTime(g.CreatedAt, g.Chat.Timestamp), g.UpdatedAt.Time
	path := g.Chat.Messages
	if live, hasLoop := livePath(g.Chat.History.Messages, string(g.Chat.History.CurrentID)); len(live) > 0 {
		path = live
		if hasLoop {
			f.cycles++
		}
	} else if len(path) == 0 && len(g.Chat.History.Messages) > 0 {
		return errNoPath
	}
	c.add(RoleSystem, string(g.Chat.System), "", time.Time{})
	for i := range path {
		m := &path[i]
		c.Attachments += m.Content.other + len(m.Files)
		f.add(c, string(m.Role), m.Content.text, "", m.Timestamp.Time)
	}
	return nil
}

// livePath returns the messages from the first to the one with the key at.
func livePath(messages map[string]openWebUIMessage, at string) (path []openWebUIMessage, hasLoop bool) {
	if _, ok := messages[at]; !ok {
		at = lastMessage(messages)
	}
	seen := make(map[string]bool)
	for {
		m, ok := messages[at]
		if !ok {
			break
		}
		if seen[at] {
			hasLoop = true
			break
		}
		seen[at] = true
		path = append(path, m)
		at = string(m.Parent)
	}
	slices.Reverse(path)
	return path, hasLoop
}

// lastMessage is the latest message that is nobody's parent.
func lastMessage(messages map[string]openWebUIMessage) (last string) {
	parents := make(map[string]bool)
	for _, m := range messages {
		parents[string(m.Parent)] = true
	}
	for _, key := range slices.Sorted(maps.Keys(messages)) {
		if !parents[key] && (last == "" || !messages[key].Timestamp.Before(messages[last].Timestamp.Time)) {
			last = key
		}
	}
	return last
}

// An lmStudioChat is a conversation file of LM Studio.
type lmStudioChat struct {
	Name         looseText `json:"name"`
	CreatedAt    looseTime `json:"createdAt"`
	SystemPrompt looseText `json:"systemPrompt"`
	Messages     []struct {
		lmStudioVersion                   // of older files, which have no versions
		Versions        []lmStudioVersion `json:"versions"`
		Selected        looseText         `json:"currentlySelected"`
	} `json:"messages"`
}

type lmStudioVersion struct {
	Role    looseText    `json:"role"`
	Content looseContent `json:"content"`
	Steps   []struct {
		Content looseContent `json:"content"`
		Style   struct {
			Type looseText `json:"type"` // "thinking"
		} `json:"style"`
	} `json:"steps"`
}

// decodeLMStudio reads a conversation of LM Studio: of each message the version
// that is selected.
func decodeLMStudio(f *chatFile, raw []byte, c *Conversation) error {
	var g lmStudioChat
	if err := json.Unmarshal(raw, &g); err != nil {
		return err
	}
	if g.Messages == nil {
		return errors.New(`no "messages"`)
	}
	c.Title, c.Created = string(g.Name), g.CreatedAt.Time
	c.add(RoleSystem, string(g.SystemPrompt), "", time.Time{})
	for i := range g.Messages {
		m := &g.Messages[i]
		version := &m.lmStudioVersion
		if n := len(m.Versions); n > 0 {
			selected, err := strconv.Atoi(string(m.Selected))
			if err != nil || selected < 0 || selected >= n {
				selected = n - 1
			}
			version = &m.Versions[selected]
		}
		content := version.Content
		for _, step := range version.Steps {
			if step.Style.Type != "thinking" {
				content.join(step.Content.text)
				content.other += step.Content.other
			}
		}
		c.Attachments += content.other
		role := string(version.Role)
		if role == "" && version.Steps != nil {
			role = "assistant"
		}
		f.add(c, role, content.text, "", time.Time{})
	}
	return nil
}
