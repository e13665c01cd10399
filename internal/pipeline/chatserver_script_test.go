package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"sheaf/internal/corpus"
	"sheaf/internal/report"
)

// A question is what a scripted model is asked.
type question struct {
	task         string // "facets", "cluster", "propose", "dedupe", "assign", "audit"
	system, user string
}

// tasks are known by how their system prompts begin.
var tasks = map[string]string{
	"You sum up": "facets", "You descri": "cluster", "You propos": "propose", "You clean ": "dedupe", "You put a ": "assign", "You check ": "audit",
}

// fence is what stands between <name> and </name>, a line each, without bullets.
func (q question) fence(name string) []string {
	_, rest, _ := strings.Cut(q.user, "<"+name+">\n")
	inside, _, _ := strings.Cut(rest, "\n</"+name+">")
	var out []string
	for l := range strings.SplitSeq(inside, "\n") {
		out = append(out, strings.TrimPrefix(l, "- "))
	}
	return out
}

// A scriptedModel plays Ollama with a model that answers by a script.
type scriptedModel struct {
	*httptest.Server
	mu    sync.Mutex
	asked map[string]int // by task
	all   []string       // bodies of the requests
}

// playModel answers with what the script says; an answer that is no text goes as
// JSON.
func playModel(t testing.TB, script func(q question) any) *scriptedModel {
	t.Helper()
	s := &scriptedModel{asked: make(map[string]int)}
	send := func(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) } // the client may have gone
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/show", func(w http.ResponseWriter, _ *http.Request) { send(w, map[string]any{}) })
	mux.HandleFunc("GET /api/tags", func(w http.ResponseWriter, _ *http.Request) {
		send(w, map[string]any{"models": []map[string]string{{"name": "tinyllama:latest", "digest": "aa"}}})
	})
	mux.HandleFunc("POST /api/chat", func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		var req struct {
			Messages []struct{ Role, Content string }
		}
		if err := json.Unmarshal(body.Bytes(), &req); err != nil {
			t.Errorf("chat: %v", err)
			return
		}
		var q question
		for _, m := range req.Messages {
			if m.Role == "system" {
				q.system = m.Content
			} else {
				q.user = m.Content
			}
		}
		if q.task = tasks[q.system[:min(10, len(q.system))]]; q.task == "" {
			t.Errorf("unknown question: %.60s", q.system)
		}
		s.mu.Lock()
		s.asked[q.task]++
		s.all = append(s.all, body.String())
		s.mu.Unlock()
		content, isText := script(q).(string)
		if !isText {
			raw, err := json.Marshal(script(q))
			if err != nil {
				t.Error(err)
			}
			content = string(raw)
		}
		send(w, map[string]any{"model": "tinyllama", "message": map[string]string{"role": "assistant", "content": content}, "done": true, "done_reason": "stop", "prompt_eval_count": 100})
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *scriptedModel) count(task string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[task]
}

type object = map[string]any

// articleTopics are the four clusters of the example, each with how its
// conversations begin and what they are summed up as.
var articleTopics = []struct{ say, task, name string }{
	{"Please sort my business expenses into categories: travel, meals, office rent, item", "categorize business expenses", "Categorize business expenses"},
	{"Generate ambiguous business transactions with ledger codes for test number", "generate business transactions and ledger codes", "Generate ambiguous transactions and ledger codes"},
	{"Improve this Python code that validates models with Pydantic and Instructor, class", "improve code with Pydantic and Instructor", "Improve code with Pydantic and Instructor"},
	{"Explain concurrent programming in Rust with threads and channels, example", "explain concurrent programming in Rust", "Explain concurrent programming in Rust"},
}

// byArticle answers as a good model would.
func byArticle(q question) any {
	switch q.task {
	case "facets":
		for _, t := range articleTopics {
			if strings.Contains(q.user, t.say) {
				return object{"request": "The user's overall request for the assistant is to " + t.task, "task": "The task is to " + t.task, "language": "English", "concern": 1}
			}
		}
	case "cluster":
		members := strings.Join(q.fence("requests"), "\n")
		in := func(s string) bool { return strings.Contains(members, s) }
		switch {
		case in("Categorize") && in("ledger codes"):
			return object{"description": "The user asked for help with business finance. They sorted costs.", "name": "Handle business finance data"}
		case in("Pydantic") && in("Rust"):
			return object{"description": "The user asked for help with code. They wanted it to be better.", "name": "Improve and explain code"}
		}
		for _, t := range articleTopics {
			if in(t.task) {
				return object{"description": "The user asked to " + t.task + ". They wanted a result.", "name": t.name}
			}
		}
	case "propose":
		return object{"names": []string{"Manage business financial data", "Improve and debug code", "Explain Rust and Python code"}}
	case "assign":
		group := strings.Join(q.fence("group"), "\n")
		if strings.Contains(group, "xpenses") || strings.Contains(group, "ledger") {
			return object{"parent": "Manage business financial data"}
		}
		return object{"parent": "Improve and debug code"}
	case "audit":
		return object{"score": 5}
	}
	return "I do not know."
}

// articleChats are conversations about the four topics, so many each, of as many
// users.
func articleChats(each int) string {
	var b strings.Builder
	for i := range each {
		for k, t := range articleTopics {
			fmt.Fprintf(&b, `{"id":"%d-%d","user":"user%d@example.org","messages":[{"role":"user","content":"%s %d."},{"role":"assistant","content":"Here you are."}]}`+"\n", k, i, i, t.say, i)
		}
	}
	return b.String()
}

// runChats runs over conversations in JSON lines, with a model or without.
func runChats(t testing.TB, model *scriptedModel, input string, opts ChatsOptions) *report.Result {
	t.Helper()
	switch {
	case opts.Labeler != "":
	case model == nil:
		opts.Labeler = labelerKeywords
	default:
		opts.Labeler, opts.Chat.Host = labelerOllama, model.URL
	}
	out, err := Chats(context.Background(), []corpus.Input{textInput("chats.jsonl", input)}, opts)
	if err != nil {
		t.Fatal(err)
	}
	return out.Result
}

// write is a result as JSON, but for what differs between two runs.
func write(t testing.TB, r *report.Result) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(&b, r, report.JSON, report.Options{}); err != nil {
		t.Fatal(err)
	}
	times := regexp.MustCompile(`(?s)"created": "[^"]*"|"seconds": \{[^}]*\}`)
	return times.ReplaceAllString(b.String(), "")
}
