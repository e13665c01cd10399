package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"sheaf/internal/hint"
)

func TestReadGivesBackWhatWasWritten(t *testing.T) {
	for _, r := range []*Result{small(), nested(), hostile(), chats(), {Schema: 1}} {
		first := write(t, r, JSON, Options{})
		got, err := Read(strings.NewReader("\ufeff" + first)) // as some editors save it
		if err != nil {
			t.Fatal(err)
		}
		if second := write(t, got, JSON, Options{}); second != first {
			t.Errorf("written again:\n%s\nwant:\n%s", second, first)
		}
		for _, f := range []Format{Text, CSV} {
			if a, b := write(t, r, f, Options{All: true}), write(t, got, f, Options{All: true}); a != b {
				t.Errorf("%v of what was read:\n%s\nwant:\n%s", f, b, a)
			}
		}
	}
}

func TestReadKeepsDigits(t *testing.T) {
	r := small()
	r.Manifest.Clustering.Seed = 1<<64 - 1
	r.Manifest.Labeling.Options["seed"] = uint64(1<<64 - 1)
	got, err := Read(strings.NewReader(write(t, r, JSON, Options{})))
	if err != nil {
		t.Fatal(err)
	}
	if got.Manifest.Clustering.Seed != 1<<64-1 {
		t.Errorf("seed %d", got.Manifest.Clustering.Seed)
	}
	if seed := got.Manifest.Labeling.Options["seed"]; seed != json.Number("18446744073709551615") {
		t.Errorf("option seed %v", seed)
	}
}

func TestReadPassesOverNewKeys(t *testing.T) {
	s := write(t, small(), JSON, Options{})
	s = strings.Replace(s, `"schema": 1,`, `"later": {"a": [1, {}]}, "schema": 1, "more": null,`, 1)
	s = strings.Replace(s, `"truncated": false`, `"truncated": false, "later": [1]`, 1)
	if _, err := Read(strings.NewReader(s)); err != nil {
		t.Error(err)
	}
}

func TestReadErrors(t *testing.T) {
	s := write(t, small(), JSON, Options{})
	replace := func(from, to string) string {
		if !strings.Contains(s, from) {
			t.Fatalf("nothing to replace: %s", from)
		}
		return strings.Replace(s, from, to, 1)
	}
	for _, tt := range []struct {
		in, want, hint string
	}{
		{"", "not a result: the file is empty", "earlier run"},
		{" \n", "not a result: the file is empty", "earlier run"},
		{"pasta\nmilk\n", "not a result: it is not a JSON object", "earlier run"},
		{`[{"schema": 1}]`, "not a result: it is not a JSON object", "earlier run"},
		{"\xff\xfe{\x00}\x00", "not a result: the file is in UTF-16", "UTF-8"},
		{"{}", "not a result: no schema version", "earlier run"},
		{`{"schema": 0}`, "not a result: no schema version", "earlier run"},
		{`{"items": []}`, "not a result: no schema version", "earlier run"},
		{`{"schema": 2, "items": 7}`, "schema version 2; this version of sheaf reads 1", "newer version"},
		{`{"schema": "1"}`, "line 1: schema: it holds a JSON string", "cut short"},
		{`{"schema": 1}`, `no "manifest"`, "cut short"},
		{`{"schema": 1,}`, "line 1: invalid character '}'", "cut short"},
		{replace(`"skipped": []`, `"skip": []`), `no "skipped"`, "cut short"},
		{s[:len(s)/2], "the text ends too early", "cut short"},
		{s[:len(s)-2], "the text ends too early", "cut short"},
		{s + "x", "invalid character 'x' after top-level value", "cut short"},
		{s + "{}", "invalid character '{' after top-level value", "cut short"},
		{replace(`"manifest": {`, `"manifest": {}, "manifest": {`), `line 3: a second "manifest"`, "cut short"},
		{replace(`"clusters": [`, `"clusters": 7, "b": [`), `line 79: "clusters" is not an array`, "cut short"},
		{replace(`"size": 3`, `"size": "3"`), "line 88: clusters[0]: size holds a JSON string", "cut short"},
		{replace(`"distance": 0.125`, `"distance": 1e999`), "items[1]: distance holds a JSON number 1e999", "cut short"},
		{replace(`"distance": 0.125`, `"distance": NaN`), "invalid character 'N'", "cut short"},
		{replace(`"size": 3`, `"size": 4`), "broken result: cluster c1: its size is 4, but it holds 3", "cut short"},
		{replace(`"cluster": "c1"`, `"cluster": "c9"`), `item n1: it is listed in cluster c1, but says "c9"`, "cut short"},
		{replace(`"centroid": "`, `"centroid": "?`), "cluster c1: centroid: illegal base64", "cut short"},
	} {
		_, err := Read(strings.NewReader(tt.in))
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(hint.Of(err), tt.hint) {
			t.Errorf("Read(%.60q): %v (hint %q), want %q (hint %q)", tt.in, err, hint.Of(err), tt.want, tt.hint)
		}
	}
	if _, err := Read(iotest.ErrReader(io.ErrClosedPipe)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Read of a broken reader: %v", err)
	}
}

// A result is any that holds together, with any text in it.
func anyResult() *rapid.Generator[*Result] {
	return rapid.Custom(func(t *rapid.T) *Result {
		b := newBuilder(rapid.SampledFrom([]string{"notes", "chats", "assign"}).Draw(t, "command"))
		text, isChats := rapid.String(), rapid.Bool().Draw(t, "chats")
		k := rapid.IntRange(1, 4).Draw(t, "k")
		top := ""
		if k > 1 && rapid.Bool().Draw(t, "hierarchy") {
			top = "top"
		}
		for range k {
			b.cluster(text.Draw(t, "label"), top)
		}
		if top != "" {
			b.parent(1, text.Draw(t, "parent"), "")
			b.r.Clusters[k].ID = top
		}
		for range rapid.IntRange(0, 20).Draw(t, "n") {
			b.item(rapid.IntRange(1, k).Draw(t, "cluster"), text.Draw(t, "text"))
			it := &b.r.Items[len(b.r.Items)-1]
			it.Distance = rapid.Float64Range(0, 4).Draw(t, "distance")
			it.Truncated = rapid.Bool().Draw(t, "truncated")
			it.Ref = rapid.Ptr(text, true).Draw(t, "ref")
			if isChats {
				it.Conversation = &Conversation{
					Request: rapid.Ptr(text, true).Draw(t, "request"),
					Turns:   rapid.Ptr(rapid.Int(), true).Draw(t, "turns"),
					Facets:  map[string]any{text.Draw(t, "facet"): rapid.Float64Range(-1e9, 1e9).Draw(t, "value")},
				}
			}
		}
		for range rapid.IntRange(0, 3).Draw(t, "skips") {
			b.skip(text.Draw(t, "source"), text.Draw(t, "reason"))
		}
		r := b.result()
		r.Manifest.Warnings = rapid.SliceOfN(text, 0, 2).Draw(t, "warnings")
		if isChats {
			r.Manifest.Privacy = &Privacy{Found: rapid.MapOfN(text, rapid.Int(), 0, 3).Draw(t, "found")}
		}
		return r
	})
}

func TestWriteReadWrite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var first, second bytes.Buffer
		if err := Write(&first, anyResult().Draw(t, "result"), JSON, Options{}); err != nil {
			t.Fatal(err)
		}
		r, err := Read(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if err := Write(&second, r, JSON, Options{}); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Fatalf("written again:\n%s\nwant:\n%s", second.Bytes(), first.Bytes())
		}
	})
}

// Whatever Read takes can be written in every format, and read again.
func FuzzRead(f *testing.F) {
	for _, r := range []*Result{small(), nested(), chats(), {}} {
		var b bytes.Buffer
		if err := Write(&b, r, JSON, Options{}); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
		f.Add(b.Bytes()[:b.Len()/2])
	}
	f.Add([]byte(`{"schema":1,"manifest":{},"clusters":null,"items":[],"skipped":[]}`))
	f.Add([]byte(`{"schema":2}`))
	f.Add([]byte("- pasta\n- milk\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Read(bytes.NewReader(data))
		if err != nil {
			if hint.Of(err) == "" {
				t.Fatalf("no hint: %v", err)
			}
			return
		}
		for _, format := range []Format{Text, Markdown, CSV} {
			if err := Write(io.Discard, r, format, Options{}); err != nil {
				t.Fatalf("%v: %v", format, err)
			}
		}
		var b bytes.Buffer
		if err := Write(&b, r, JSON, Options{}); err != nil {
			t.Fatal(err)
		}
		again, err := Read(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(r, again) {
			t.Fatalf("read again: %+v, want %+v", again, r)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	var out bytes.Buffer
	if err := Write(&out, large(100_000), JSON, Options{}); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(out.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(bytes.NewReader(out.Bytes())); err != nil {
			b.Fatal(err)
		}
	}
}
