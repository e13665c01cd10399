//go:build unix

package pipeline

import (
	"testing"

	"sheaf/internal/ollamatest"
)

// With a real server and a random model every stage runs to its end: a result
// that holds together, with audited texts.
func TestChatsWithOllama(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the server takes its time")
	}
	server := ollamatest.Start(t)
	server.Create("tiny")
	r := runChats(t, nil, articleChats(2), ChatsOptions{
		Common:           Common{K: 4, Seed: 1, Labeler: labelerOllama, Chat: Chat{Host: server.Host, Model: "tiny", NumThread: 1}},
		MinConversations: 1, MinUsers: 1,
	})
	write(t, r) // which checks it
	if r.Manifest.Labeling.Labeler != labelerOllama || len(r.Items) != 8 {
		t.Errorf("%+v, %d conversations", r.Manifest.Labeling, len(r.Items))
	}
	for _, it := range r.Items {
		if it.Audit["action"] == nil || it.Text == nil && it.Audit["action"] != "withhold" {
			t.Errorf("%+v", it.Conversation)
		}
	}
	t.Logf("%v", r.Manifest.Labeling.Options["by_rule"])
}
