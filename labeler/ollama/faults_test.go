package ollama

import (
	"encoding/json"
	"testing"

	"github.com/ollama/ollama/api"

	"sheaf/internal/ollamatest"
)

// replaced is the body of an answer that the proxy makes up.
func replaced(n int) []byte {
	body, err := json.Marshal(api.ChatResponse{Model: "tinyllama", Done: true, DoneReason: "stop",
		Message: api.Message{Role: "assistant", Content: ollamatest.Replacement(n)}, Metrics: api.Metrics{PromptEvalCount: 99}})
	if err != nil {
		panic(err)
	}
	return body
}

// Whatever happens to the responses of a server that is played, every run ends
// well.
func TestFaults(t *testing.T) {
	s := play(t, always(t, labelJSON("Things of the House"), "stop"))
	proxy := ollamatest.NewProxy(t, s.URL)
	proxy.Content = replaced
	client, err := New(Options{Host: proxy.URL})
	if err != nil {
		t.Fatal(err)
	}
	proxy.Check(t, client, 30)
}
