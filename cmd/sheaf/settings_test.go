package main

import (
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// How the chat model is asked comes from the flags, and how many calls at a
// time from Ollama's own setting where no flag says it.
func TestChatSettings(t *testing.T) {
	for _, tt := range []struct {
		name    string
		env     map[string]string
		args    []string
		workers int
	}{
		{"nothing", nil, nil, 1},
		{"Ollama's", map[string]string{"OLLAMA_NUM_PARALLEL": "3"}, nil, 3},
		{"Ollama's default", map[string]string{"OLLAMA_NUM_PARALLEL": "0"}, nil, 1},
		{"nonsense", map[string]string{"OLLAMA_NUM_PARALLEL": "many"}, nil, 1},
		{"too many", map[string]string{"OLLAMA_NUM_PARALLEL": "1000"}, nil, 64},
		{"the flag", map[string]string{"OLLAMA_NUM_PARALLEL": "3"}, []string{"--chat-workers", "2"}, 2},
		{"sheaf's", map[string]string{"OLLAMA_NUM_PARALLEL": "3", "SHEAF_CHAT_WORKERS": "4"}, nil, 4},
	} {
		fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
		s := newSettings(fs)
		if err := fs.Parse(tt.args); err != nil {
			t.Fatal(err)
		}
		if err := s.load(func(name string) string { return tt.env[name] }); err != nil {
			t.Fatal(err)
		}
		chat := s.common().Chat
		if chat.Workers != tt.workers {
			t.Errorf("%s: %d calls at a time, want %d", tt.name, chat.Workers, tt.workers)
		}
		if chat.Candidates != 3 || chat.NumCtx != 2048 || chat.Timeout != time.Minute || chat.RunTimeout != 0 || chat.KeepAlive != 0 || chat.PromptDir != "" || chat.Language != "" {
			t.Errorf("%s: %+v", tt.name, chat)
		}
	}
}
