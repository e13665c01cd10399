package openai

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"sheaf/labeler/chat"
)

// Whatever a server says, a call ends with an answer or with an error that
// repeats nothing of it.
func FuzzChat(f *testing.F) {
	for _, s := range []string{
		`{"choices":[{"message":{"content":"{\"label\":\"A\"}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3}}`,
		`{"choices":[{"message":{"content":null,"reasoning":"hm"},"finish_reason":"length"}]}`,
		`{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}`,
		`{"error":"'response_format.type' must be 'json_schema' or 'text'"}`, `{"error":{"message":3}}`, `{"error":null}`, `{"choices":[{}]}`, "", "null", "\xff{",
	} {
		for _, status := range []int{200, 400, 500} {
			f.Add(s, status)
		}
	}
	f.Fuzz(func(t *testing.T, body string, status int) {
		if status < 200 || status > 599 || status == http.StatusNoContent || status == http.StatusNotModified || len(body) > 1<<16 {
			return
		}
		client, err := New(Options{Model: "m"})
		if err != nil {
			t.Fatal(err)
		}
		client.http = &http.Client{Transport: canned{body, status}, CheckRedirect: client.http.CheckRedirect}
		resp, err := client.Chat(t.Context(), request)
		var failure *chat.Failure
		switch {
		case err == nil && (resp == nil || status > 299 || !json.Valid([]byte(body))):
			t.Fatalf("status %d, %q: %+v", status, body, resp)
		case err == nil, errors.Is(err, chat.ErrOverflow):
		case !errors.As(err, &failure) || failure.Why == "":
			t.Fatalf("status %d, %q: %v", status, body, err)
		case len(body) > 3 && !strings.Contains(fmt.Sprintf("answers with status %d lost the connection or sent no valid response has the model no longer redirects to another address, which is refused", status), body) &&
			strings.Contains(err.Error(), body):
			t.Fatalf("status %d, %q: %v", status, body, err)
		}
	})
}

// canned is a transport that has one response.
type canned struct {
	body   string
	status int
}

func (c canned) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: c.status, Header: make(http.Header), Body: io.NopCloser(strings.NewReader(c.body)), Request: req}, nil
}
