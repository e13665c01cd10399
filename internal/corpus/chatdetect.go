package corpus

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"sheaf/internal/hint"
)

// A chatShape is how conversations lie in a file.
type chatShape struct {
	format Format
	mode   valueMode // of JSON
	inside bool      // the list lies inside of an object
	skip   int       // bytes before it
}

// detectChats finds the shape of a file by its first bytes, which are UTF-8. A
// format that is given is taken, and only how it lies there is looked for.
func detectChats(name string, head []byte, format Format) (chatShape, error) {
	// First of all, for its dates may begin with a bracket as lists do.
	if format == FormatWhatsApp || format == FormatAuto && isWhatsApp(string(head[:min(len(head), 64<<10)])) {
		return chatShape{format: FormatWhatsApp}, nil
	}
	start := len(head) - len(bytes.TrimLeft(head, " \t\r\n"))
	isLines := formatOfExtension(name) == FormatJSONL
	var shape chatShape
	switch body := head[start:]; {
	case len(body) > 0 && body[0] == '[' && !isLines:
		shape = shapeOfList(body)
	case len(body) > 0 && (body[0] == '{' || isLines):
		shape = shapeOfObjects(body, isLines)
	}
	shape.skip += start
	if format != FormatAuto {
		shape.format = format
	}
	if shape.format == FormatAuto || shape.format == "" {
		return shape, noConversations(name)
	}
	return shape, nil
}

func noConversations(name string) error {
	names := make([]string, 0, len(ChatFormats()))
	for _, f := range ChatFormats()[1:] {
		names = append(names, string(f))
	}
	return &brokenError{where: name, err: errors.New("no conversations of a known format in it"),
		advice: "give an export in one of the formats " + strings.Join(names, ", ") + ", or name its format"}
}

// maxPeeked is how many values are looked at to find what they are.
const maxPeeked = 16

func shapeOfList(body []byte) chatShape {
	if f := formatOfElements(body); f != "" {
		return chatShape{format: f, mode: valuesOfArray}
	}
	// A list of messages is one conversation.
	if f := formatOfTurns(body); f != "" {
		return chatShape{format: f, mode: valuesInARow}
	}
	return chatShape{mode: valuesOfArray}
}

// formatOfElements returns the format of the first object of a list that shows
// one, or "".
func formatOfElements(list []byte) Format {
	for _, element := range jsonElements(list, maxPeeked) {
		if f := formatOfObject(element); f != "" {
			return f
		}
	}
	return ""
}

func shapeOfObjects(body []byte, isLines bool) chatShape {
	if !isLines {
		end := skipJSON(body, 0)
		rest := bytes.TrimLeft(body[end:], " \t\r")
		isLines = len(rest) > 1 && rest[0] == '\n' && len(bytes.TrimSpace(rest)) > 0 && bytes.IndexByte(body[:end], '\n') < 0
	}
	if isLines {
		shape := chatShape{mode: valuesOfLines}
		for i := 0; i < maxPeeked && len(body) > 0 && shape.format == ""; i++ {
			var line []byte
			line, body, _ = bytes.Cut(body, []byte("\n"))
			line = bytes.TrimSpace(line)
			if shape.format = formatOfObject(line); shape.format == "" {
				shape.format = formatOfTurns(line)
			}
		}
		return shape
	}
	if f := formatOfObject(body); f != "" {
		return chatShape{format: f, mode: valuesInARow}
	}
	for _, m := range jsonMembers(body) {
		if len(m.value) == 0 || m.value[0] != '[' {
			continue
		}
		if f := formatOfElements(m.value); f != "" {
			return chatShape{format: f, mode: valuesOfArray, inside: true, skip: m.start}
		}
	}
	return chatShape{mode: valuesInARow}
}

// formatOfObject returns the format that an object is a conversation of, or "".
func formatOfObject(b []byte) Format {
	if len(b) == 0 || b[0] != '{' {
		return ""
	}
	object := make(map[string][]byte)
	for _, m := range jsonMembers(b) {
		object[m.key] = m.value
	}
	is := func(key string, first byte) bool { return len(object[key]) > 0 && object[key][0] == first }
	switch {
	case is("mapping", '{'):
		return FormatChatGPT
	case is("chat_messages", '['):
		return FormatClaude
	case is("chat", '{'):
		for _, m := range jsonMembers(object["chat"]) {
			if m.key == "history" || m.key == "messages" {
				return FormatOpenWebUI
			}
		}
	case is("conversations", '[') && formatOfTurns(object["conversations"]) != "":
		return FormatShareGPT
	case is("conversation", '['):
		if isWildChat(object) {
			return FormatWildChat
		}
		return FormatLMSYS
	case is("messages", '['):
		for _, turn := range jsonElements(object["messages"], maxPeeked) {
			if hasKey(turn, "versions") {
				return FormatLMStudio
			}
		}
		return FormatMessages
	case is("type", '"') && is("ts", '"'):
		return FormatSlack
	case is("turns", '['), is("prompt", '"'), is("prompt", '['):
		return FormatMessages
	}
	return ""
}

func isWildChat(object map[string][]byte) bool {
	for _, key := range []string{"conversation_hash", "hashed_ip", "turn_identifier", "toxic", "country"} {
		if object[key] != nil {
			return true
		}
	}
	for _, turn := range jsonElements(object["conversation"], 1) {
		return hasKey(turn, "hashed_ip") || hasKey(turn, "turn_identifier") || hasKey(turn, "toxic")
	}
	return false
}

// formatOfTurns returns the format of a list of messages, or "".
func formatOfTurns(list []byte) Format {
	for _, turn := range jsonElements(list, maxPeeked) {
		switch {
		case hasKey(turn, "from") && hasKey(turn, "value"):
			return FormatShareGPT
		case hasKey(turn, "role") && (hasKey(turn, "content") || hasKey(turn, "text")):
			return FormatMessages
		}
	}
	return ""
}

func hasKey(object []byte, key string) bool {
	for _, m := range jsonMembers(object) {
		if m.key == key {
			return true
		}
	}
	return false
}

// A jsonMember is a member of an object, the value perhaps without its end.
type jsonMember struct {
	key   string
	start int // of the value, in the object
	value []byte
}

// jsonMembers returns the members of an object of which the end may be missing,
// as far as they can be made out.
func jsonMembers(b []byte) (members []jsonMember) {
	if len(b) == 0 || b[0] != '{' {
		return nil
	}
	for i := skipBlanks(b, 1); i < len(b) && b[i] == '"'; {
		end := skipJSON(b, i)
		var key string
		if json.Unmarshal(b[i:end], &key) != nil {
			break
		}
		if i = skipBlanks(b, end); i == len(b) || b[i] != ':' {
			break
		}
		i = skipBlanks(b, i+1)
		end = skipJSON(b, i)
		members = append(members, jsonMember{key, i, b[i:end]})
		if i = skipBlanks(b, end); i == len(b) || b[i] != ',' {
			break
		}
		i = skipBlanks(b, i+1)
	}
	return members
}

// jsonElements returns up to most elements of an array, likewise.
func jsonElements(b []byte, most int) (elements [][]byte) {
	if len(b) == 0 || b[0] != '[' {
		return nil
	}
	for i := skipBlanks(b, 1); i < len(b) && b[i] != ']' && len(elements) < most; {
		end := skipJSON(b, i)
		elements = append(elements, b[i:end])
		if i = skipBlanks(b, end); i == len(b) || b[i] != ',' {
			break
		}
		i = skipBlanks(b, i+1)
	}
	return elements
}

func skipBlanks(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}

// skipJSON returns where the value ends that begins at i, len(b) at the latest.
func skipJSON(b []byte, i int) int {
	depth := 0
	for ; i < len(b); i++ {
		switch b[i] {
		case '"':
			for i++; i < len(b) && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
			if i >= len(b) {
				return len(b)
			}
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			} else if depth < 0 {
				return i
			}
		case ',', ':', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return i
			}
		}
	}
	return len(b)
}

// noChats says why no conversation was found.
func noChats(c *Chats, bytes int64) error {
	name := countOf(len(c.Files), "input")
	if len(c.Files) == 1 {
		name = c.Files[0].Path
	}
	const advice = "give the export of a chat app: conversations.json, its zip, or another format that --input-format lists"
	switch {
	case bytes == 0:
		return hint.Errorf(advice, "%s: empty", name)
	case len(c.Skipped) == 0:
		return hint.Errorf(advice, "%s: no conversations", name)
	}
	first := c.Skipped[0]
	if len(c.Skipped) == 1 {
		return hint.Errorf("look at the file, or name its format", "%s: no usable conversation: %s", first.Source, first.Reason)
	}
	return hint.Errorf("look at the file, or name its format", "%s: none of %d items is a usable conversation, the first because: %s: %s",
		name, len(c.Skipped), first.Source, first.Reason)
}
