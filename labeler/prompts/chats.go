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

// BuiltinChats returns the templates that are compiled in.
func BuiltinChats() *Chats {
	c := &Chats{tasks: make(map[string]*template.Template)}
	sum := sha256.New()
	for _, task := range []string{Assign, Audit, Cluster, Dedupe, Facets, Propose} {
		text, err := fs.ReadFile(chatFiles, "chats/"+task+".tmpl")
		if err != nil {
			panic("prompts: " + err.Error()) // the files were tested with the program
		}
		c.tasks[task] = template.Must(template.New(task).Parse(string(text)))
		fmt.Fprintf(sum, "%s %d\n%s", task, len(text), text) //nolint:errcheck // a hash never fails
	}
	c.digest = fmt.Sprintf("sha256:%x", sum.Sum(nil))
	return c
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
