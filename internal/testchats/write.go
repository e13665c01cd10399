package testchats

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Formats are those that Write knows, by their names in internal/corpus.
func Formats() []string {
	return []string{"chatgpt", "claude", "messages", "sharegpt", "lmsys", "wildchat", "openwebui", "whatsapp"}
}

// FolderFormats are those that WriteFolder knows.
func FolderFormats() []string { return []string{"lmstudio", "slack"} }

type object = map[string]any

// Write writes n conversations in one of Formats: the whole of a file, or a line
// for each in those of lines.
func Write(w io.Writer, format string, n int, o Options) error {
	b := bufio.NewWriterSize(w, 1<<16)
	isLines := format == "messages" || format == "lmsys" || format == "wildchat"
	for i := range n {
		c := Make(i, o)
		if format == "whatsapp" {
			writeWhatsApp(b, &c)
			continue
		}
		row, err := json.Marshal(rowOf(format, &c))
		if err != nil {
			return err
		}
		switch {
		case isLines:
		case i == 0:
			_, _ = b.WriteString("[")
		default:
			_, _ = b.WriteString(", ")
		}
		_, _ = b.Write(row)
		if isLines {
			_ = b.WriteByte('\n')
		}
	}
	if !isLines && format != "whatsapp" {
		if n == 0 {
			_ = b.WriteByte('[')
		}
		_, _ = b.WriteString("]\n")
	}
	return b.Flush() // which has the error of any of the writes before
}

func writeWhatsApp(b *bufio.Writer, c *Conversation) {
	for _, m := range c.Messages {
		author := c.User
		if m.Role != "user" {
			author = "helper"
		}
		_, _ = fmt.Fprintf(b, "[%s] %s: %s\n", m.Time.Format("02.01.06, 15:04:05"), author, m.Text)
	}
}

func rowOf(format string, c *Conversation) any {
	begin, end := c.Messages[0].Time, c.Messages[len(c.Messages)-1].Time
	var turns []object
	switch format {
	case "chatgpt":
		return chatGPT(c)
	case "claude":
		senders := map[string]string{"user": "human", "assistant": "assistant"}
		for i, m := range c.Messages {
			turns = append(turns, object{"uuid": fmt.Sprint(c.ID, "-", i), "text": m.Text, "content": []object{{"type": "text", "text": m.Text}},
				"sender": senders[m.Role], "created_at": m.Time, "attachments": []any{}, "files": []any{}})
		}
		return object{"uuid": c.ID, "name": c.Title, "created_at": begin, "updated_at": end, "account": object{"uuid": c.User}, "chat_messages": turns}
	case "sharegpt":
		from := map[string]string{"user": "human", "assistant": "gpt"}
		for _, m := range c.Messages {
			turns = append(turns, object{"from": from[m.Role], "value": m.Text})
		}
		return object{"id": c.ID, "conversations": turns}
	case "openwebui":
		messages := make(object)
		for i, m := range c.Messages {
			node := object{"id": fmt.Sprint(i), "parentId": nil, "role": m.Role, "content": m.Text, "timestamp": m.Time.Unix()}
			if i > 0 {
				node["parentId"] = fmt.Sprint(i - 1)
			}
			messages[fmt.Sprint(i)] = node
		}
		return object{"id": c.ID, "user_id": c.User, "title": c.Title, "created_at": begin.Unix(), "updated_at": end.Unix(),
			"chat": object{"title": c.Title, "history": object{"currentId": fmt.Sprint(len(c.Messages) - 1), "messages": messages}}}
	}
	for _, m := range c.Messages {
		turns = append(turns, object{"role": m.Role, "content": m.Text})
	}
	switch format {
	case "lmsys":
		return object{"conversation_id": c.ID, "model": "m", "conversation": turns, "turn": len(turns) / 2, "language": "English", "redacted": false}
	case "wildchat":
		return object{"conversation_hash": c.ID, "model": "m", "timestamp": begin, "conversation": turns, "language": "English", "hashed_ip": c.User}
	case "messages":
		return object{"id": c.ID, "user": c.User, "title": c.Title, "created": begin, "messages": turns}
	}
	panic("testchats: no format " + format)
}

func chatGPT(c *Conversation) any {
	mapping := object{"root": object{"id": "root", "parent": nil, "children": []string{"n0"}, "message": nil}}
	parent := "root"
	for i, m := range c.Messages {
		id := fmt.Sprint("n", i)
		mapping[id] = object{"id": id, "parent": parent, "children": []string{fmt.Sprint("n", i+1)}, "message": object{
			"id": id, "author": object{"role": m.Role, "name": nil, "metadata": object{}}, "create_time": m.Time.Unix(), "status": "finished_successfully",
			"content": object{"content_type": "text", "parts": []string{m.Text}}, "weight": 1, "recipient": "all", "metadata": object{}}}
		parent = id
	}
	return object{"id": c.ID, "conversation_id": c.ID, "title": c.Title, "create_time": c.Messages[0].Time.Unix(),
		"update_time": c.Messages[len(c.Messages)-1].Time.Unix(), "current_node": parent, "mapping": mapping, "user_id": c.User}
}

// WriteFolder writes n conversations in one of FolderFormats.
func WriteFolder(dir, format string, n int, o Options) error {
	write := func(name string, value any) error {
		data, err := json.Marshal(value)
		if err != nil {
			return err
		}
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		return os.WriteFile(path, data, 0o600)
	}
	users := []object{{"id": "helper", "name": "helper"}}
	for i := range n {
		c := Make(i, o)
		var err error
		switch format {
		case "lmstudio":
			err = write(fmt.Sprintf("%d.conversation.json", c.Messages[0].Time.UnixMilli()), lmStudio(&c))
		case "slack":
			var day []object
			for _, m := range c.Messages {
				message := object{"type": "message", "user": c.User, "text": m.Text, "ts": fmt.Sprintf("%d.000000", m.Time.Unix())}
				if m.Role != "user" {
					message["user"], message["bot_id"] = "helper", "B1"
				}
				day = append(day, message)
			}
			users = append(users, object{"id": c.User, "name": c.User})
			err = write(fmt.Sprintf("channel-%05d/%s.json", i, c.Messages[0].Time.Format("2006-01-02")), day)
		default:
			panic("testchats: no format " + format)
		}
		if err != nil {
			return err
		}
	}
	if format == "slack" {
		return write("users.json", users)
	}
	return nil
}

func lmStudio(c *Conversation) any {
	var messages []object
	for _, m := range c.Messages {
		content := []object{{"type": "text", "text": m.Text}}
		version := object{"type": "singleStep", "role": m.Role, "content": content}
		if m.Role != "user" {
			version = object{"type": "multiStep", "role": m.Role, "steps": []object{{"type": "contentBlock", "content": content}}}
		}
		messages = append(messages, object{"versions": []object{version}, "currentlySelected": 0})
	}
	return object{"name": c.Title, "createdAt": c.Messages[0].Time.UnixMilli(), "messages": messages}
}
