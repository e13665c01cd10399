// Package prompts holds what chat models are asked, as template files, and
// the means to put untrusted text into them: [Line], [Clip] and [Tokens].
package prompts

import (
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"text/template"
)

//go:embed *.tmpl
var builtin embed.FS

// The templates, by file name. All take a [Label]. Those whose names end in
// "user.tmpl" show the texts.
const (
	LabelSystem = "label-system.tmpl" // who the model is and what it answers about notes
	LabelUser   = "label-user.tmpl"   // the texts of one cluster, and the question
	ApartUser   = "apart-user.tmpl"   // the same where another cluster has nearly the same label
)

// Label is the data of the prompts that ask for a label. The texts, and Sibling,
// come from [Line]; the templates rely on it.
type Label struct {
	Members  []string // of the cluster to name
	Others   []string // of other clusters, for contrast; may be empty. For ApartUser those of the one with the label Sibling
	Sibling  string   // the label of the other cluster, for ApartUser
	MaxWords int      // of the label
	Language string   // in which the label is wanted; "" for that of the texts
	Fault    string   // what was wrong with the last answer, after "it"; "" the first time
}

// probe is a text that no template holds by itself.
const probe = "a text to look for"

// A Set is one version of all templates. It may be used by several goroutines
// at once.
type Set struct {
	templates *template.Template
	digest    string
}

// Builtin returns the templates that are compiled in.
func Builtin() *Set {
	s, err := load(builtin)
	if err != nil {
		panic("prompts: " + err.Error()) // the files were tested with the program
	}
	return s
}

// Names returns the file names of the templates.
func Names() []string { return []string{LabelSystem, LabelUser, ApartUser} }

// Load returns the templates of a folder; those that are not in it are the
// built-in ones. The error names the file: one with the ending .tmpl that is
// none of [Names], or in its folder "chats" of [ChatNames], or one that cannot be
// parsed or executed or does not show the texts. A folder without any template is
// an error too.
func Load(dir fs.FS) (*Set, error) {
	if err := checkNames(dir); err != nil {
		return nil, err
	}
	return load(overlay{dir, builtin})
}

// checkNames looks at what a folder of prompts has.
func checkNames(dir fs.FS) error {
	if _, err := fs.Stat(dir, "."); err != nil {
		return fmt.Errorf("prompts: %w", err)
	}
	n := 0
	for _, kind := range []struct {
		pattern string
		names   []string
	}{{"*.tmpl", Names()}, {chatsFolder + "/*.tmpl", ChatNames()}} {
		files, err := fs.Glob(dir, kind.pattern)
		if err != nil {
			return fmt.Errorf("prompt %w", err)
		}
		for _, f := range files {
			if !slices.Contains(kind.names, f) {
				return fmt.Errorf("prompts: %s is the name of no template", f)
			}
		}
		n += len(files)
	}
	if n == 0 {
		return errors.New("prompts: the folder has no file .tmpl")
	}
	return nil
}

// An overlay is a folder, and another one for what is not in it.
type overlay struct{ over, under fs.FS }

func (o overlay) Open(name string) (fs.File, error) {
	f, err := o.over.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return o.under.Open(name)
	}
	return f, err
}

// load reads the templates. One that cannot be read, parsed or executed gives
// an error that names it.
func load(dir fs.FS) (*Set, error) {
	s := &Set{templates: template.New("")}
	sum := sha256.New()
	for _, name := range Names() {
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, fmt.Errorf("prompt %w", err)
		}
		if _, err := s.templates.New(name).Parse(string(text)); err != nil {
			return nil, fmt.Errorf("prompt %w", err)
		}
		for _, data := range []Label{
			{Members: []string{probe}, MaxWords: 1},
			{Members: []string{probe}, Others: []string{"b"}, Sibling: "e", MaxWords: 1, Language: "c", Fault: "d"},
		} {
			out, err := s.Render(name, data)
			if err != nil {
				return nil, err
			}
			if strings.HasSuffix(name, "user.tmpl") && !strings.Contains(out, probe) {
				return nil, fmt.Errorf("prompt template: %s: it does not show the texts, which are .Members", name)
			}
		}
		// The length keeps a text from running over into the next name.
		if _, err := fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text); err != nil {
			return nil, err
		}
	}
	s.digest = fmt.Sprintf("sha256:%x", sum.Sum(nil))
	return s, nil
}

// Digest is "sha256:…" over the names and texts of the templates.
func (s *Set) Digest() string { return s.digest }

// Render executes a template. The error never holds the data's texts.
func (s *Set) Render(name string, data Label) (string, error) {
	var b strings.Builder
	if err := s.templates.ExecuteTemplate(&b, name, data); err != nil {
		return "", fmt.Errorf("prompt %w", err)
	}
	return strings.TrimSpace(b.String()), nil
}
