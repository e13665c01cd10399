package corpus

import (
	"strings"
	"time"
	"unicode/utf8"
)

// maxMessage bounds the text of one message, as maxItem does that of a note.
const maxMessage = maxItem

// add adds a message, unless it shows nothing. The texts of a run of messages
// stay as they are but for white space around them and carriage returns.
func (c *Conversation) add(role Role, text, author string, at time.Time) {
	text = trim(unixLines(text))
	if isBlank(text) {
		return
	}
	if len(text) > maxMessage {
		end := maxMessage
		for end > 0 && !utf8.RuneStart(text[end]) {
			end--
		}
		text = strings.Clone(text[:end])
		c.Truncated++
	}
	c.Messages = append(c.Messages, Message{Role: role, Text: text, Time: at, Author: strings.TrimSpace(author)})
}

// roleOf returns the role that a format calls by this name. What is unknown is
// read as a tool's: nobody's own words.
func roleOf(name string) (role Role, isKnown bool) {
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "user", "human", "prompter", "customer", "client", "usr", "person":
		return RoleUser, true
	case "assistant", "gpt", "chatgpt", "bot", "model", "ai", "chatbot", "agent", "bard", "bing", "claude", "gemini", "llm":
		return RoleAssistant, true
	case "system", "developer", "instruction", "instructions", "context":
		return RoleSystem, true
	case "tool", "function", "observation", "tool_response", "tool_result", "function_response", "function_call",
		"tool_call", "ipython", "environment":
		return RoleTool, true
	}
	return RoleTool, false
}

// setTimes fills in the times that the format does not say by those of the
// messages.
func (c *Conversation) setTimes() {
	var first, last time.Time
	for _, m := range c.Messages {
		if m.Time.IsZero() {
			continue
		}
		if first.IsZero() || m.Time.Before(first) {
			first = m.Time
		}
		if m.Time.After(last) {
			last = m.Time
		}
	}
	if c.Created.IsZero() {
		c.Created = first
	}
	if c.Updated.IsZero() {
		c.Updated = last
	}
	if c.Updated.IsZero() {
		c.Updated = c.Created
	}
}
