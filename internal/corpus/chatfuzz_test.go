package corpus

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fuzzChats reads whatever it is given as one format, alone and with another input.
// Nothing may panic, and what is read keeps the rules of every result.
func fuzzChats(f *testing.F, format Format, name string, patterns ...string) {
	seeds := 0
	for _, pattern := range patterns {
		paths, err := filepath.Glob("testdata/chats/" + pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, ".golden") {
				continue
			}
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
			seeds++
		}
	}
	if seeds == 0 {
		f.Fatalf("no samples %v", patterns)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		in := textInput(name, string(data))
		given, chats, err := readChats(t, []Input{in}, ChatOptions{Format: format, NearDuplicates: 0.9})
		if err != nil {
			if !strings.Contains(err.Error(), name) {
				t.Errorf("error %v", err)
			}
			return
		}
		again, sum, err := readChats(t, []Input{in}, ChatOptions{Format: format, NearDuplicates: 0.9})
		if err != nil || dumpChats(given, chats) != dumpChats(again, sum) {
			t.Errorf("read again: %v\n%s\nbefore\n%s", err, dumpChats(again, sum), dumpChats(given, chats))
		}
	})
}

func FuzzChats(f *testing.F) { fuzzChats(f, FormatAuto, "f", "*.json", "*.jsonl", "*.txt") }
func FuzzChatGPT(f *testing.F) {
	fuzzChats(f, FormatChatGPT, "f.json", "conversations.json", "half.json")
}
func FuzzClaude(f *testing.F)    { fuzzChats(f, FormatClaude, "f.json", "claude.json") }
func FuzzShareGPT(f *testing.F)  { fuzzChats(f, FormatShareGPT, "f.json", "sharegpt.json") }
func FuzzLMSYS(f *testing.F)     { fuzzChats(f, FormatLMSYS, "f.jsonl", "lmsys.jsonl") }
func FuzzWildChat(f *testing.F)  { fuzzChats(f, FormatWildChat, "f.jsonl", "wildchat.jsonl") }
func FuzzOpenWebUI(f *testing.F) { fuzzChats(f, FormatOpenWebUI, "f.json", "openwebui.json") }
func FuzzLMStudio(f *testing.F)  { fuzzChats(f, FormatLMStudio, "f.json", "lmstudio/*.json") }
func FuzzSlack(f *testing.F)     { fuzzChats(f, FormatSlack, "f.json", "slack/general/*.json") }
func FuzzWhatsApp(f *testing.F)  { fuzzChats(f, FormatWhatsApp, "f.txt", "whatsapp*.txt") }

func FuzzMessages(f *testing.F) {
	fuzzChats(f, FormatMessages, "f.jsonl", "openai.jsonl", "plain.json", "single.json", "mixed.jsonl")
}

// FuzzChatZip reads an archive, or what was made of one.
func FuzzChatZip(f *testing.F) {
	for _, path := range []string{
		writeZip(f, entry{"conversations.json", chatWith("a")}, entry{"user.json", "{}"}),
		writeZip(f, entry{"users.json", "[]"}, entry{"general/2024-01-01.json", `[{"type": "message", "user": "U1", "text": "x", "ts": "1704103200.1"}]`}),
	} {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		path := writeFile(t, "f.zip", append([]byte("PK\x03\x04"), strings.TrimPrefix(string(data), "PK\x03\x04")...))
		if _, _, err := readChats(t, []Input{FileInput(path)}, ChatOptions{}); err != nil && !strings.Contains(err.Error(), "f.zip") {
			t.Errorf("error %v", err)
		}
	})
}
