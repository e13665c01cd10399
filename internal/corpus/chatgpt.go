package corpus

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// A gptConversation is one of ChatGPT's export, as far as it is read.
type gptConversation struct {
	ID             looseText          `json:"id"`
	ConversationID looseText          `json:"conversation_id"`
	UserID         looseText          `json:"user_id"`
	Title          looseText          `json:"title"`
	CreateTime     looseTime          `json:"create_time"`
	UpdateTime     looseTime          `json:"update_time"`
	CurrentNode    looseText          `json:"current_node"`
	Mapping        map[string]gptNode `json:"mapping"`
}

type gptNode struct {
	Parent  looseText   `json:"parent"`
	Message *gptMessage `json:"message"`
}

type gptMessage struct {
	Author struct {
		Role looseText `json:"role"`
	} `json:"author"`
	CreateTime looseTime   `json:"create_time"`
	Content    *gptContent `json:"content"`
	Weight     *looseText  `json:"weight"`
	Metadata   struct {
		Hidden      looseBool         `json:"is_visually_hidden_from_conversation"`
		Attachments []json.RawMessage `json:"attachments"`
	} `json:"metadata"`
}

// A gptContent has other keys for each content type.
type gptContent struct {
	ContentType  looseText         `json:"content_type"`
	Parts        []json.RawMessage `json:"parts"`
	Text         looseText         `json:"text"`
	Result       looseText         `json:"result"`
	Profile      looseText         `json:"user_profile"`
	Instructions looseText         `json:"user_instructions"`
}

// decodeChatGPT reads the live path of a conversation: the messages from its
// current node up through the parents. Hidden messages and what the model thought
// are left out. Instructions that the user has set once for all chats are a
// system's message.
func decodeChatGPT(f *chatFile, raw []byte, c *Conversation) error {
	var g gptConversation
	if err := json.Unmarshal(raw, &g); err != nil {
		return err
	}
	if g.Mapping == nil {
		return errors.New(`no "mapping", which holds the messages`)
	}
	if c.Ref = string(g.ID); c.Ref == "" {
		c.Ref = string(g.ConversationID)
	}
	c.Title, c.User = string(g.Title), string(g.UserID)
	c.Created, c.Updated = g.CreateTime.Time, g.UpdateTime.Time
	path, hasLoop := g.livePath()
	if len(path) == 0 && g.hasMessage() {
		return errNoPath
	}
	if hasLoop {
		f.cycles++
	}
	for _, m := range path {
		f.addGPT(c, m)
	}
	return nil
}

// errNoPath is the fault of a tree that is nothing but a loop.
var errNoPath = errors.New("a loop in the tree of messages: none is the last one")

func (g *gptConversation) hasMessage() bool {
	for _, node := range g.Mapping {
		if node.Message != nil {
			return true
		}
	}
	return false
}

// livePath returns the messages from the first to the current one.
func (g *gptConversation) livePath() (path []*gptMessage, hasLoop bool) {
	at := string(g.CurrentNode)
	if _, ok := g.Mapping[at]; !ok {
		at = g.lastNode()
	}
	seen := make(map[string]bool)
	for {
		node, ok := g.Mapping[at]
		if !ok {
			break
		}
		if seen[at] {
			hasLoop = true
			break
		}
		seen[at] = true
		if node.Message != nil {
			path = append(path, node.Message)
		}
		at = string(node.Parent)
	}
	slices.Reverse(path)
	return path, hasLoop
}

// lastNode is where a conversation without a current node stands: at the node
// with the latest message that is nobody's parent. Of several, the one with the
// greatest key.
func (g *gptConversation) lastNode() (last string) {
	parents := make(map[string]bool)
	for _, node := range g.Mapping {
		parents[string(node.Parent)] = true
	}
	var lastNode gptNode
	for key, node := range g.Mapping {
		if parents[key] || node.Message == nil {
			continue
		}
		later := 1
		if lastNode.Message != nil {
			later = node.Message.CreateTime.Compare(lastNode.Message.CreateTime.Time)
		}
		if later > 0 || later == 0 && key > last {
			last, lastNode = key, node
		}
	}
	return last
}

func (f *chatFile) addGPT(c *Conversation, m *gptMessage) {
	if bool(m.Metadata.Hidden) || m.Weight != nil && isZero(string(*m.Weight)) || m.Content == nil {
		return
	}
	role, text, isRead := string(m.Author.Role), "", true
	switch kind := string(m.Content.ContentType); kind {
	case "thoughts", "reasoning_recap", "model_editable_context":
		return
	case "user_editable_context":
		role = string(RoleSystem)
		text = strings.TrimSpace(string(m.Content.Profile) + "\n\n" + string(m.Content.Instructions))
	case "execution_output", "tether_quote", "tether_browsing_display", "system_error", "computer_output", "sonic_webpage":
		role = string(RoleTool)
		if text = string(m.Content.Text); text == "" {
			text = string(m.Content.Result)
		}
	default:
		text, isRead = m.Content.shown(c)
	}
	if !isRead {
		f.foreign++
	}
	c.Attachments += len(m.Metadata.Attachments)
	f.add(c, role, withoutCitations(text), "", m.CreateTime.Time)
}

// isZero reports a number that is 0 however it is written.
func isZero(s string) bool {
	return strings.Trim(s, "-0.") == "" && strings.Contains(s, "0")
}

// shown returns the text of a message that has parts, or one text.
func (g *gptContent) shown(c *Conversation) (text string, isRead bool) {
	if g.Parts == nil {
		return string(g.Text), g.Text != ""
	}
	var content looseContent
	for _, part := range g.Parts {
		if err := content.add(part, 4); err != nil {
			return content.text, false
		}
	}
	c.Attachments += content.other
	return content.text, true
}

// Where a model cites, the text has signs of the private-use area, between the
// first two of which no text is for people.
const (
	citationBegin = '\ue200'
	citationEnd   = '\ue201'
	citationLast  = '\ue2ff'
)

// withoutCitations takes citation marks out of a text, with the blank before each.
func withoutCitations(text string) string {
	if !strings.ContainsFunc(text, isCitation) {
		return text
	}
	var b strings.Builder
	for rest := text; rest != ""; {
		i := strings.IndexFunc(rest, isCitation)
		if i < 0 {
			b.WriteString(rest)
			break
		}
		before := rest[:i]
		rest = rest[i:]
		if strings.HasPrefix(rest, string(citationBegin)) {
			if end := strings.IndexRune(rest, citationEnd); end >= 0 && !strings.Contains(rest[:end], "\n") {
				before = strings.TrimRight(before, " ")
				rest = rest[end:]
			}
		}
		b.WriteString(before)
		rest = strings.TrimLeftFunc(rest, isCitation)
	}
	return b.String()
}

func isCitation(r rune) bool { return citationBegin <= r && r <= citationLast }
