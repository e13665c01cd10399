package openai

import (
	"encoding/json"
	"fmt"
	"testing"

	"sheaf/internal/ollamatest"
)

// replaced is the body of an answer that the proxy makes up.
func replaced(n int) []byte {
	content, err := json.Marshal(ollamatest.Replacement(n))
	if err != nil {
		panic(err)
	}
	return fmt.Appendf(nil, `{"choices":[{"finish_reason":"stop","message":{"content":%s}}],"usage":{"prompt_tokens":99}}`, content)
}

// Whatever happens to the responses of a server, every run ends well.
func TestFaults(t *testing.T) {
	proxy := ollamatest.NewProxy(t, llamaCPP(t).URL)
	proxy.Content = replaced
	client, err := New(Options{BaseURL: proxy.URL + "/v1"})
	if err != nil {
		t.Fatal(err)
	}
	proxy.Check(t, client, 30)
}
