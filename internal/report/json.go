package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// writeJSON writes r in schema version 1, which is the one it has whatever
// r.Schema says, indented by two spaces. One element at a time is in memory
// beside r, so a result of any size is written in a stream.
func writeJSON(w *bufio.Writer, r *Result) error {
	e := newEncoder(w)
	e.text(fmt.Sprintf("{\n  \"schema\": %d,\n  \"manifest\": ", Schema))
	e.value("manifest", "  ", jsonManifest(&r.Manifest))
	chats := r.Manifest.Privacy != nil
	writeArray(e, "clusters", r.Clusters, func(c Cluster) any { return jsonCluster(c, chats) })
	writeArray(e, "items", r.Items, func(it Item) any { return jsonItem(it) })
	writeArray(e, "skipped", r.Skipped, func(s Skipped) any {
		return Skipped{Source: utf8Text(s.Source), Reason: utf8Text(s.Reason)}
	})
	e.text("\n}\n")
	return e.err
}

// An encoder writes JSON values into a frame written by hand. It stops at the
// first error.
type encoder struct {
	w   *bufio.Writer
	buf bytes.Buffer
	enc *json.Encoder
	err error
}

func newEncoder(w *bufio.Writer) *encoder {
	e := &encoder{w: w}
	e.enc = json.NewEncoder(&e.buf)
	e.enc.SetEscapeHTML(false)
	return e
}

func (e *encoder) text(s string) {
	if e.err == nil {
		_, e.err = e.w.WriteString(s)
	}
}

// value writes v, whose first line is already indented by prefix.
func (e *encoder) value(name, prefix string, v any) {
	if e.err != nil {
		return
	}
	e.buf.Reset()
	e.enc.SetIndent(prefix, "  ")
	if err := e.enc.Encode(v); err != nil {
		e.err = fmt.Errorf("write %s: %w", name, err)
		return
	}
	_, e.err = e.w.Write(bytes.TrimSuffix(e.buf.Bytes(), []byte("\n")))
}

func writeArray[T any](e *encoder, name string, elems []T, shape func(T) any) {
	e.text(",\n  \"" + name + "\": [")
	for i, elem := range elems {
		if i > 0 {
			e.text(",")
		}
		e.text("\n    ")
		e.value(name, "    ", shape(elem))
	}
	if len(elems) > 0 {
		e.text("\n  ")
	}
	e.text("]")
}

// The functions below give each part the shape it has in JSON: no list and no
// table is ever null, and text is valid UTF-8. A path of the file system need
// not be; encoding/json would write what is not as an escape, and so the same
// result differently once it was read back.

func jsonManifest(m *Manifest) *Manifest {
	c := *m
	c.Command = utf8Text(c.Command)
	c.Inputs = make([]Input, len(m.Inputs))
	for i, in := range m.Inputs {
		in.Path = utf8Text(in.Path)
		c.Inputs[i] = in
	}
	c.Embedding.Model = utf8Text(c.Embedding.Model)
	if p := c.Embedding.Prompt; p != nil {
		c.Embedding.Prompt = new(utf8Text(*p))
	}
	c.Embedding.Defaults = make([]string, len(m.Embedding.Defaults))
	for i, s := range m.Embedding.Defaults {
		c.Embedding.Defaults[i] = utf8Text(s)
	}
	c.Clustering.KCandidates = list(c.Clustering.KCandidates)
	if m := c.Labeling.Model; m != nil {
		c.Labeling.Model = new(utf8Text(*m))
	}
	c.Labeling.Options = table(c.Labeling.Options)
	if c.Privacy != nil {
		p := *c.Privacy
		p.Found = table(p.Found)
		c.Privacy = &p
	}
	if c.Assign != nil {
		a := *c.Assign
		a.Result, a.NewClusters = utf8Text(a.Result), list(a.NewClusters)
		c.Assign = &a
	}
	if c.LabelsFrom != nil {
		from := *c.LabelsFrom
		from.Path, from.Gone = utf8Text(from.Path), list(from.Gone)
		c.LabelsFrom = &from
	}
	c.Warnings = make([]string, len(m.Warnings))
	for i, s := range m.Warnings {
		c.Warnings[i] = utf8Text(s)
	}
	return &c
}

// A chatsCluster has facets even where there are none: in chats, every key is
// always there.
type chatsCluster struct {
	Cluster
	Facets map[string]map[string]int `json:"facets"`
}

func jsonCluster(c Cluster, chats bool) any {
	c.Label = utf8Text(c.Label)
	c.Description = utf8Text(c.Description)
	c.LabelReason = utf8Text(c.LabelReason)
	c.Items = list(c.Items)
	if chats {
		return chatsCluster{c, table(c.Facets)}
	}
	return c
}

func jsonItem(it Item) Item {
	it.Ref = utf8Ref(it.Ref)
	it.Text = utf8Ref(it.Text)
	it.Source = utf8Text(it.Source)
	if c := it.Conversation; c != nil {
		it.Conversation = &Conversation{
			Request:  utf8Ref(c.Request),
			Task:     utf8Ref(c.Task),
			Turns:    c.Turns,
			Language: utf8Ref(c.Language),
			User:     c.User,
			Facets:   table(c.Facets),
			Audit:    c.Audit,
		}
	}
	return it
}

func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func table[V any](m map[string]V) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return m
}

func utf8Text(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func utf8Ref(s *string) *string {
	if s == nil {
		return nil
	}
	v := utf8Text(*s)
	return &v
}
