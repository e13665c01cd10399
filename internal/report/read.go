package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"sheaf/internal/hint"
)

const (
	hintNotResult = "give the file of an earlier run, such as `sheaf notes --json -o result.json` writes"
	hintDamaged   = "the file was cut short or changed; undo the change, or make it again from its inputs"
)

// Read reads a result as [Write] writes it in JSON. Keys that this version
// does not know are passed over. The error, which names the line where there
// is one, is for what is not JSON, for a later schema, and for a result that
// contradicts itself.
//
// Numbers in the options of a labeler, in facets and in audits come as
// json.Number, so that none loses digits. Every list and table is non-nil,
// but for an item's audit, which may be null.
func Read(rd io.Reader) (*Result, error) {
	data, err := io.ReadAll(rd)
	if err != nil {
		return nil, fmt.Errorf("read result: %w", err)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if err := sniff(data); err != nil {
		return nil, err
	}
	r, err := decode(data)
	if err != nil {
		return nil, err
	}
	if _, err := check(r); err != nil {
		return nil, hint.Errorf(hintDamaged, "broken result: %w", err)
	}
	return r, nil
}

// sniff refuses what is clearly something else, in words that fit it better
// than a syntax error would.
func sniff(data []byte) error {
	body := bytes.TrimLeft(data, " \t\r\n")
	switch {
	case len(body) == 0:
		return hint.Errorf(hintNotResult, "not a result: the file is empty")
	case bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")):
		return hint.Errorf("save the file as UTF-8; -o writes it so, where a shell's > may not",
			"not a result: the file is in UTF-16")
	case body[0] != '{':
		return hint.Errorf(hintNotResult, "not a result: it is not a JSON object")
	}
	return nil
}

// decode reads the parts of a result one by one, so that a schema too new is
// seen before anything in it can look wrong, and an error names the element.
func decode(data []byte) (*Result, error) {
	d := &decoder{data: data, dec: json.NewDecoder(bytes.NewReader(data))}
	d.dec.UseNumber()
	r := new(Result)
	parts := []string{"schema", "manifest", "clusters", "items", "skipped"}
	missing := slices.Clone(parts)

	d.token() // the brace, see sniff
	for d.err == nil && d.dec.More() {
		key, _ := d.token().(string)
		if slices.Contains(parts, key) {
			i := slices.Index(missing, key)
			if i < 0 {
				return nil, d.broken(fmt.Errorf("a second %q", key))
			}
			missing = slices.Delete(missing, i, i+1)
		}
		switch key {
		case "schema":
			d.value(key, &r.Schema)
			if d.err == nil && r.Schema > Schema {
				return nil, hint.Errorf("use a newer version of sheaf, or make the result again with this one",
					"the result has schema version %d; this version of sheaf reads %d", r.Schema, Schema)
			}
		case "manifest":
			d.value(key, &r.Manifest)
		case "clusters":
			r.Clusters = readArray[Cluster](d, key)
		case "items":
			r.Items = readArray[Item](d, key)
		case "skipped":
			r.Skipped = readArray[Skipped](d, key)
		default:
			var unknown json.RawMessage
			d.value(key, &unknown)
		}
	}
	d.token() // the brace at the end
	if d.err != nil {
		return nil, d.broken(d.err)
	}
	if slices.Contains(missing, "schema") || r.Schema < 1 {
		return nil, hint.Errorf(hintNotResult, "not a result: no schema version in it")
	}
	if len(missing) > 0 {
		return nil, hint.Errorf(hintDamaged, "broken result: no %q in it", missing[0])
	}
	if rest := bytes.TrimSpace(data[d.dec.InputOffset():]); len(rest) > 0 {
		return nil, d.broken(errors.New("more text after the end"))
	}
	fillEmpty(r)
	return r, nil
}

// A decoder reads JSON and stops at the first error.
type decoder struct {
	data []byte
	dec  *json.Decoder
	part string // where it stands, such as items[3]
	base int64  // where the value that is being read begins
	err  error
}

func (d *decoder) token() json.Token {
	if d.err != nil {
		return nil
	}
	d.base = d.dec.InputOffset()
	var t json.Token
	t, d.err = d.dec.Token()
	return t
}

func (d *decoder) value(part string, v any) {
	if d.err != nil {
		return
	}
	d.part = part
	d.base = d.dec.InputOffset()
	d.err = d.dec.Decode(v)
}

// readArray also takes null for an empty array.
func readArray[T any](d *decoder, name string) []T {
	d.part = name
	elems := []T{}
	switch t := d.token(); {
	case d.err != nil || t == nil:
		return elems
	case t != json.Delim('['):
		d.err = fmt.Errorf("%q is not an array", name)
		return elems
	}
	for d.err == nil && d.dec.More() {
		var elem T
		d.value(fmt.Sprintf("%s[%d]", name, len(elems)), &elem)
		elems = append(elems, elem)
	}
	d.token()
	return elems
}

// broken says where and why the text cannot be read.
func (d *decoder) broken(err error) error {
	at := d.base
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	// A decoder counts from different places for different errors, so the
	// text is parsed again, as a whole, for the place.
	if whole := json.Unmarshal(d.data, new(json.RawMessage)); errors.As(whole, &syntax) {
		err, at = syntax, syntax.Offset-1
		if syntax.Error() == "unexpected end of JSON input" {
			err = errors.New("the text ends too early")
		}
	} else if errors.As(err, &kind) {
		err = fmt.Errorf("%s: it holds a JSON %s", d.part, kind.Value)
		if kind.Field != "" {
			err = fmt.Errorf("%s: %s holds a JSON %s", d.part, kind.Field, kind.Value)
		}
		at += kind.Offset - 1
	}
	at = min(max(at, 0), int64(len(d.data)))
	line := 1 + bytes.Count(d.data[:at], []byte("\n"))
	return hint.Errorf(hintDamaged, "broken result: line %d: %w", line, err)
}

// fillEmpty puts empty lists and tables where the file had null or nothing.
func fillEmpty(r *Result) {
	m := &r.Manifest
	m.Inputs = list(m.Inputs)
	m.Embedding.Defaults = list(m.Embedding.Defaults)
	m.Clustering.KCandidates = list(m.Clustering.KCandidates)
	m.Labeling.Options = table(m.Labeling.Options)
	m.Warnings = list(m.Warnings)
	if m.Privacy != nil {
		m.Privacy.Found = table(m.Privacy.Found)
	}
	if m.Assign != nil {
		m.Assign.NewClusters = list(m.Assign.NewClusters)
	}
	if m.LabelsFrom != nil {
		m.LabelsFrom.Gone = list(m.LabelsFrom.Gone)
	}
	for i := range r.Clusters {
		c := &r.Clusters[i]
		c.Items = list(c.Items)
		if m.Privacy != nil {
			c.Facets = table(c.Facets)
		}
	}
	for i := range r.Items {
		if c := r.Items[i].Conversation; c != nil {
			c.Facets = table(c.Facets)
		}
	}
}
