package corpus

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"
)

// A plainConversation is a conversation in the form that this package documents,
// which is a superset of OpenAI's; docs/chats.md describes it to users. Only messages,
// and in each role and content, have to be there.
type plainConversation struct {
	ID       looseText      `json:"id"`
	User     looseText      `json:"user"`
	UserID   looseText      `json:"user_id"`
	Title    looseText      `json:"title"`
	Language looseText      `json:"language"`
	Created  looseTime      `json:"created"`
	Updated  looseTime      `json:"updated"`
	Messages []plainMessage `json:"messages"`

	// What others call the same, or give in its place.
	UID        looseText      `json:"uid"`
	QuestionID looseText      `json:"question_id"`
	CreatedAt  looseTime      `json:"created_at"`
	UpdatedAt  looseTime      `json:"updated_at"`
	Timestamp  looseTime      `json:"timestamp"`
	Turns      []plainMessage `json:"turns"`
	Prompt     looseContent   `json:"prompt"`
	Response   looseContent   `json:"response"`
}

type plainMessage struct {
	Role    looseText    `json:"role"`
	Content looseContent `json:"content"`
	Text    looseText    `json:"text"` // instead of content
	Author  looseText    `json:"author"`
	Name    looseText    `json:"name"` // instead of author
	Time    looseTime    `json:"time"`

	Sender    looseText `json:"sender"`    // instead of role
	Type      looseText `json:"type"`      // instead of role
	Timestamp looseTime `json:"timestamp"` // instead of time
	CreatedAt looseTime `json:"created_at"`
}

// messages returns the turns of a conversation that has some.
func (g *plainConversation) messages() []plainMessage {
	switch {
	case g.Messages != nil:
		return g.Messages
	case g.Turns != nil: // questions only, so that roles may be missing
		for i := range g.Turns {
			if t := &g.Turns[i]; t.Role+t.Sender+t.Type == "" {
				t.Role = looseText(RoleUser)
			}
		}
		return g.Turns
	case g.Prompt.text != "":
		return []plainMessage{
			{Role: looseText(RoleUser), Content: g.Prompt},
			{Role: looseText(RoleAssistant), Content: g.Response},
		}
	}
	return nil
}

// decodeMessages reads an object with messages, or a list of them.
func decodeMessages(f *chatFile, raw []byte, c *Conversation) error {
	var g plainConversation
	if isJSONList(raw) {
		if err := json.Unmarshal(raw, &g.Messages); err != nil {
			return err
		}
	} else if err := json.Unmarshal(raw, &g); err != nil {
		return err
	}
	messages := g.messages()
	if messages == nil {
		return errors.New(`no "messages"`)
	}
	c.Ref = firstText(string(g.ID), string(g.UID), string(g.QuestionID))
	c.Title, c.Language = string(g.Title), string(g.Language)
	c.User = firstText(string(g.User), string(g.UserID))
	c.Created = firstTime(g.Created, g.CreatedAt, g.Timestamp)
	c.Updated = firstTime(g.Updated, g.UpdatedAt)
	for i := range messages {
		m := &messages[i]
		role := firstText(string(m.Role), string(m.Sender), string(m.Type))
		c.Attachments += m.Content.other
		text := firstText(m.Content.text, string(m.Text))
		f.add(c, role, text, firstText(string(m.Author), string(m.Name)), firstTime(m.Time, m.Timestamp, m.CreatedAt))
	}
	return nil
}

func isJSONList(raw []byte) bool {
	raw = bytes.TrimSpace(raw)
	return len(raw) > 0 && raw[0] == '['
}

func firstText(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func firstTime(times ...looseTime) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t.Time
		}
	}
	return time.Time{}
}

// A sharegptConversation is one of ShareGPT's kind.
type sharegptConversation struct {
	ID       looseText      `json:"id"`
	Title    looseText      `json:"title"`
	Language looseText      `json:"language"`
	Lang     looseText      `json:"lang"`
	System   looseText      `json:"system"`
	Turns    []sharegptTurn `json:"conversations"`
}

// A sharegptTurn has the two names of its kind, or those of OpenAI's.
type sharegptTurn struct {
	From    looseText    `json:"from"`
	Value   looseContent `json:"value"`
	Role    looseText    `json:"role"`
	Content looseContent `json:"content"`
	Text    looseText    `json:"text"`
}

func decodeShareGPT(f *chatFile, raw []byte, c *Conversation) error {
	var g sharegptConversation
	if isJSONList(raw) {
		if err := json.Unmarshal(raw, &g.Turns); err != nil {
			return err
		}
	} else if err := json.Unmarshal(raw, &g); err != nil {
		return err
	}
	if g.Turns == nil {
		return errors.New(`no "conversations", which holds the messages`)
	}
	c.Ref, c.Title, c.Language = string(g.ID), string(g.Title), firstText(string(g.Language), string(g.Lang))
	c.add(RoleSystem, string(g.System), "", time.Time{})
	for i := range g.Turns {
		t := &g.Turns[i]
		c.Attachments += t.Value.other + t.Content.other
		f.add(c, firstText(string(t.From), string(t.Role)), firstText(t.Value.text, t.Content.text, string(t.Text)), "", time.Time{})
	}
	return nil
}

// An arenaConversation is a row of LMSYS-Chat-1M or of WildChat.
type arenaConversation struct {
	ConversationID   looseText   `json:"conversation_id"`
	ConversationHash looseText   `json:"conversation_hash"`
	Language         looseText   `json:"language"`
	Timestamp        looseTime   `json:"timestamp"`
	HashedIP         looseText   `json:"hashed_ip"`
	Turns            []arenaTurn `json:"conversation"`
}

type arenaTurn struct {
	Role      looseText    `json:"role"`
	Content   looseContent `json:"content"`
	HashedIP  looseText    `json:"hashed_ip"`
	Language  looseText    `json:"language"`
	Timestamp looseTime    `json:"timestamp"`
}

// decodeArena reads a row of LMSYS-Chat-1M or WildChat. The latter's hashed_ip is
// its user.
func decodeArena(f *chatFile, raw []byte, c *Conversation) error {
	var g arenaConversation
	if err := json.Unmarshal(raw, &g); err != nil {
		return err
	}
	if g.Turns == nil {
		return errors.New(`no "conversation", which holds the messages`)
	}
	c.Ref = firstText(string(g.ConversationID), string(g.ConversationHash))
	c.Language, c.User = string(g.Language), string(g.HashedIP)
	for i := range g.Turns {
		t := &g.Turns[i]
		if role, _ := roleOf(string(t.Role)); role == RoleUser {
			c.User = firstText(c.User, string(t.HashedIP))
			c.Language = firstText(c.Language, string(t.Language))
		}
		c.Attachments += t.Content.other
		f.add(c, string(t.Role), t.Content.text, "", t.Timestamp.Time)
	}
	// The row's time is that of its last answer.
	c.setTimes()
	if c.Created.IsZero() {
		c.Created = g.Timestamp.Time
	}
	if !g.Timestamp.IsZero() {
		c.Updated = g.Timestamp.Time
	}
	return nil
}
