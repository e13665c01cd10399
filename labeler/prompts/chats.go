package prompts

import (
	"crypto/sha256"
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"text/template"
)

//go:embed chats/*.tmpl
var chatFiles embed.FS

// Chats is the templates of the steps over conversations, one file for each
// task with a system and a user part. It may be used by several goroutines at
// once.
type Chats struct {
	tasks  map[string]*template.Template
	digest string
}

// The tasks, and the data that their templates take.
const (
	Facets  = "facets"  // Facet
	Cluster = "cluster" // Group
	Propose = "propose" // Group
	Dedupe  = "dedupe"  // Group
	Assign  = "assign"  // Group
	Audit   = "audit"   // Text
)

// A Facet is the data of the question about one conversation. Texts come from
// [Line], here and below; the templates rely on it.
type Facet struct {
	Turns         []Turn
	Request, Task string // what these sentences begin with
	MaxWords      int    // of each
	Own           []OwnFacet
	Fault         string // what was wrong with the last answer, after "it"; "" the first time
}

// A Turn is one message.
type Turn struct{ Who, Text string }

// An OwnFacet is one that a user has defined.
type OwnFacet struct{ Name, Question string }

// A Group is the data of the questions about groups.
type Group struct {
	Name, Description string   // of the group that is assigned
	Members           []string // requests, groups, names or parents
	Others            []string // for contrast; may be empty
	Least, Most       int      // names that are asked for
	MaxWords          int      // of a name
	Language          string   // of what is written; "" leaves it to the model
	Fault             string
}

// A Text is the data of the question whether somebody can be identified.
type Text struct{ Text, Fault string }

// tasks are the names of all tasks, sorted.
func tasks() []string { return []string{Assign, Audit, Cluster, Dedupe, Facets, Propose} }

// chatsFolder is where the templates of tasks lie.
const chatsFolder = "chats"

// ChatNames returns the file names of the templates over conversations.
func ChatNames() []string {
	var out []string
	for _, task := range tasks() {
		out = append(out, chatsFolder+"/"+task+".tmpl")
	}
	return out
}

// BuiltinChats returns the templates that are compiled in.
func BuiltinChats() *Chats {
	c, err := loadChats(chatFiles)
	if err != nil {
		panic("prompts: " + err.Error()) // the files were tested with the program
	}
	return c
}

// LoadChats is [Load] for the templates over conversations, which lie in the
// folder's own folder "chats"; those that are not there are the built-in ones. Of
// each, the template "user" shows the texts.
func LoadChats(dir fs.FS) (*Chats, error) {
	if err := checkNames(dir); err != nil {
		return nil, err
	}
	return loadChats(overlay{dir, chatFiles})
}

func loadChats(dir fs.FS) (*Chats, error) {
	c := &Chats{tasks: make(map[string]*template.Template)}
	sum := sha256.New()
	for i, task := range tasks() {
		name := ChatNames()[i]
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, fmt.Errorf("prompt %w", err)
		}
		if c.tasks[task], err = template.New(name).Parse(string(text)); err != nil {
			return nil, fmt.Errorf("prompt %w", err)
		}
		for _, data := range samples(task) {
			_, user, err := c.Render(task, data)
			if err != nil {
				return nil, err
			}
			if !strings.Contains(user, probe) {
				return nil, fmt.Errorf("prompt template: %s: its \"user\" does not show the texts", name)
			}
		}
		fmt.Fprintf(sum, "%s %d\n%s", task, len(text), text) //nolint:errcheck // a hash never fails
	}
	c.digest = fmt.Sprintf("sha256:%x", sum.Sum(nil))
	return c, nil
}

// samples are data that a task's template is tried with, the least and all.
func samples(task string) []any {
	switch task {
	case Facets:
		turns := []Turn{{"User", probe}}
		return []any{Facet{Turns: turns}, Facet{Turns: turns, Request: "a", Task: "b", MaxWords: 1, Own: []OwnFacet{{"c", "d"}}, Fault: "e"}}
	case Audit:
		return []any{Text{Text: probe}, Text{Text: probe, Fault: "a"}}
	}
	members := []string{probe}
	return []any{Group{Members: members}, Group{Members: members, Name: "a", Description: "b", Others: members, Least: 1, Most: 2, MaxWords: 1, Language: "c", Fault: "d"}}
}

// Digest is "sha256:…" over the names and texts of the templates.
func (c *Chats) Digest() string { return c.digest }

// Render gives the two parts of a task's question. The error never holds the
// data's texts. It panics if there is no such task.
func (c *Chats) Render(task string, data any) (system, user string, err error) {
	for _, part := range []struct {
		name string
		to   *string
	}{{"system", &system}, {"user", &user}} {
		var b strings.Builder
		if err := c.tasks[task].ExecuteTemplate(&b, part.name, data); err != nil {
			return "", "", fmt.Errorf("prompt %w", err)
		}
		*part.to = strings.TrimSpace(b.String())
	}
	return system, user, nil
}
