package corpus

import (
	"fmt"
	"strings"
	"testing"

	"sheaf/internal/hint"
)

// brokenChats are inputs with something wrong in them; every word of theirs that
// is content, a name or an id holds "secret" in some letter case.
var brokenChats = [...]string{
	`[{"mapping": {"secret": {"parent": "secret", "message": {"author": {"role": "secret"}, "content": {"parts": ["secret", {"secret": 1}, 7]}}}}}]`,
	`[{"id": "secret id", "mapping": {"secret": {"message": "secret"}}}, {"mapping": "secret"}, "secret", {"secret": "secret"}]`,
	`[{"mapping": {"secret": {"message": {"author": "secret", "content": "secret"}}}}]`,
	`[{"mapping": {"secret": {"message": {"author": {"role": "user"}, "content": {"content_type": "secret", "parts": "secret"}}}}}]`,
	`[{"mapping": {"secret": {"parent": null, "message": {"author": {"role": "user"}, "content": {"parts": ["secret`,
	`[{"mapping": {}} secret "secret"]`,
	`[{"mapping": {}}, secret]`,
	`[{"mapping": {"secret": \secret}}]`,
	`[{"chat_messages": "secret"}, {"chat_messages": [{"sender": "secret", "text": "secret"}]}, {"chat_messages": [{"sender": ["secret"], "content": {"secret": "secret"}}]}]`,
	`[{"chat_messages": [{"sender": "human", "text": "secret", "attachments": "secret"}]}]`,
	"{\"messages\": [{\"role\": \"user\", \"content\": \"secret\"}]}\n{\"messages\": [secret]}\n\"secret\n{\"messages\": \"secret\"}\nsecret\n[\"secret\"]\n",
	`{"messages": [{"role": "SECRET", "content": {"text": {"text": ["secret"]}}}, "secret"]}`,
	`{"messages": {"secret": "secret"}}`,
	`[{"conversations": [{"from": "secret", "value": "secret"}]}, {"conversations": "secret"}, {"conversations": [["secret"]]}]`,
	`[{"conversation": [{"role": "secret", "content": "secret"}, "secret"], "language": "secret"}, {"conversation": "secret"}]`,
	`[{"chat": {"history": {"currentId": "secret", "messages": {"secret": "secret"}}}}, {"chat": {"messages": "secret"}}]`,
	`[{"chat": {"history": {"currentId": "secret", "messages": {"secret": {"parentId": "secret", "role": "secret", "content": "secret"}}}}}]`,
	`{"messages": [{"versions": "secret", "currentlySelected": "secret"}]}`,
	`{"messages": [{"versions": [{"role": "secret", "content": "secret", "steps": "secret"}], "currentlySelected": 99}]}`,
	`[{"type": "message", "ts": "secret", "user": "secret", "text": "secret <@secret>"}, {"type": "secret", "ts": "secret"}, "secret", secret]`,
	"1/2/24, 10:00 - Secret: secret\nsecret\n40/40/24, 10:00 - Secret: secret\n",
	"secret\n1/2/24, 10:00 - Secret\n",
	"1/2/24, 10:00 - secret \xff: secret\n",
	`{"secret": "secret"}`,
	"secret",
	"\x00secret",
	"PK\x03\x04secret",
	`{"messages": [{"role": "user", "content": "secret \xff\xfe secret"}]}`,
	`{"messages": [{"role": "user", "content": "secret` + "\xff\xc3" + `secret"}], "id": 1e99999, "created": {"$date": "secret"}}`,
	strings.Repeat(`[`, 20000) + `"secret"`,
	`{"messages": ` + strings.Repeat(`[`, 20000) + `"secret"` + strings.Repeat(`]`, 20000) + `}`,
	strings.Repeat(`{"secret":`, 20000),
}

// Whatever is wrong with an input, no error, hint, skip or remark quotes a message,
// a name or an id, for all go where conversations must not.
func TestWhatIsSaidQuotesNoMessage(t *testing.T) {
	said := func(t *testing.T, chats *Chats, err error) {
		t.Helper()
		var lines []string
		if err != nil {
			lines = append(lines, err.Error(), hint.Of(err))
		}
		if chats != nil {
			lines = append(lines, chats.Remarks...)
			for _, s := range chats.Skipped {
				lines = append(lines, s.Source, s.Reason)
			}
			for reason := range chats.Reasons() {
				lines = append(lines, reason)
			}
		}
		for _, line := range lines {
			if strings.Contains(strings.ToLower(line), "secret") {
				t.Errorf("%.200q quotes a message", line)
			}
		}
	}
	for i, text := range brokenChats {
		for _, name := range []string{"n.json", "n.jsonl", "n.txt"} {
			t.Run(fmt.Sprintf("%d %s", i, name), func(t *testing.T) {
				for _, format := range ChatFormats() {
					input := textInput(name, text)
					_, chats, err := readChats(t, []Input{input}, ChatOptions{Format: format})
					said(t, chats, err)
					_, chats, err = readChats(t, []Input{input, numberedChats(1)}, ChatOptions{Format: format})
					said(t, chats, err)
				}
			})
		}
	}
}
