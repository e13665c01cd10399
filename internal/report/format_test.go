package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"sheaf/internal/hint"
)

func TestParseFormat(t *testing.T) {
	for _, name := range Formats() {
		f, err := ParseFormat(name)
		if err != nil || f.String() != name {
			t.Errorf("ParseFormat(%q) = %v, %v", name, f, err)
		}
	}
	for _, tt := range []struct {
		name, want string
		planned    bool
	}{
		{"html", `format "html" does not exist yet`, true},
		{"xml", `unknown format "xml"`, false},
		{"", `unknown format ""`, false},
		{"JSON", `unknown format "JSON"`, false},
	} {
		_, err := ParseFormat(tt.name)
		var fe *FormatError
		if !errors.As(err, &fe) || fe.Planned != tt.planned || err.Error() != tt.want {
			t.Errorf("ParseFormat(%q): %v, want %v", tt.name, err, tt.want)
		}
		if got, want := hint.Of(err), "use one of text, md, json, csv"; got != want {
			t.Errorf("ParseFormat(%q): hint %q, want %q", tt.name, got, want)
		}
	}
}

func TestWriteRefusesBrokenResults(t *testing.T) {
	nan := math.NaN()
	for _, tt := range []struct {
		want  string
		spoil func(*Result)
	}{
		{`clusters[1]: id "c1"`, func(r *Result) { r.Clusters[1].ID = "c1" }},
		{`items[1]: id ""`, func(r *Result) { r.Items[1].ID = "" }},
		{`cluster c1: level -1`, func(r *Result) { r.Clusters[0].Level = -1 }},
		{`cluster c1: its parent "c9" does not exist`, func(r *Result) { r.Clusters[0].Parent = ptr("c9") }},
		{`cluster c1: its parent c1 is not on a higher level`, func(r *Result) { r.Clusters[0].Parent = ptr("c1") }},
		{`cluster c1: it is a parent and has items`, func(r *Result) { r.Clusters[0].Level = 1 }},
		{`cluster c1: its size is 4, but it holds 3`, func(r *Result) { r.Clusters[0].Size++ }},
		{`cluster c1: its item "n9" does not exist`, func(r *Result) { r.Clusters[0].Items[0] = "n9" }},
		{`item n3: it is listed twice`, func(r *Result) { r.Clusters[0].Items[0] = "n3" }},
		{`item n1: it is listed in cluster c1, but says "c2"`, func(r *Result) { r.Items[0].Cluster = "c2" }},
		{`item n1: it is in no cluster`, func(r *Result) {
			r.Clusters[0].Items = r.Clusters[0].Items[1:]
			r.Clusters[0].Size--
		}},
		{`item n2: it repeats "n9"`, func(r *Result) { r.Items[1].DuplicateOf = ptr("n9") }},
		{`item n2: it nearly repeats "n9", which does not exist`, func(r *Result) { r.Items[1].NearDuplicateOf = ptr("n9") }},
		{`item n2: it nearly repeats n2, and one of them is a duplicate otherwise`, func(r *Result) { r.Items[1].NearDuplicateOf = ptr("n2") }},
		{`item n2: it repeats n2, which is a duplicate itself`, func(r *Result) { r.Items[1].DuplicateOf = ptr("n2") }},
		{`manifest.counts: {Read:5`, func(r *Result) { r.Skipped = []Skipped{{"x", "y"}} }},
		{`manifest.counts: {Read:5`, func(r *Result) { r.Items[0].Truncated = true }},
		{`manifest.clustering.inertia: NaN`, func(r *Result) { r.Manifest.Clustering.Inertia = nan }},
		{`manifest.seconds.total: +Inf`, func(r *Result) { r.Manifest.Seconds.Total = math.Inf(1) }},
		{`manifest.embedding.adapt: beta NaN`, func(r *Result) { r.Manifest.Embedding.Adapt.Beta = nan }},
		{`k 2 has score NaN`, func(r *Result) { r.Manifest.Clustering.KCandidates[0].Score = nan }},
		{`manifest.labeling.options: json`, func(r *Result) { r.Manifest.Labeling.Options["top_p"] = nan }},
		{`item n1: its distance is -Inf`, func(r *Result) { r.Items[0].Distance = math.Inf(-1) }},
		{`item n1: json`, func(r *Result) {
			r.Items[0].Conversation = &Conversation{Audit: map[string]any{"score": nan}}
		}},
		{`cluster c1: centroid: element 1 is NaN`, func(r *Result) {
			r.Clusters[0].Centroid = EncodeCentroid([]float32{0, float32(nan)})
		}},
		{`cluster c2: its centroid has 3 dimensions`, func(r *Result) {
			r.Clusters[1].Centroid = EncodeCentroid([]float32{0, 1, 2})
		}},
	} {
		r := small()
		tt.spoil(r)
		for _, f := range []Format{Text, Markdown, JSON, CSV} {
			var out bytes.Buffer
			err := Write(&out, r, f, Options{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Write %v: error %v, want %q", f, err, tt.want)
			}
			if out.Len() > 0 {
				t.Errorf("%s: Write %v wrote %q", tt.want, f, out.String())
			}
		}
	}
}

func ptr[T any](v T) *T { return &v }

// failAfter is a writer that fails after n bytes.
type failAfter int

func (f *failAfter) Write(p []byte) (int, error) {
	if len(p) > int(*f) {
		n := int(*f)
		*f = 0
		return n, errFull
	}
	*f -= failAfter(len(p))
	return len(p), nil
}

var errFull = errors.New("disk full")

func TestWriteErrorsArrive(t *testing.T) {
	r := large(5000)
	for _, f := range []Format{Text, Markdown, JSON, CSV} {
		for _, n := range []failAfter{0, 1000, 100_000} {
			if err := Write(&n, r, f, Options{All: true}); !errors.Is(err, errFull) {
				t.Errorf("Write %v to a full disk: %v", f, err)
			}
		}
	}
}

// chunks keeps the size of the largest piece that is written at once.
type chunks struct{ largest, total int }

func (c *chunks) Write(p []byte) (int, error) {
	c.largest = max(c.largest, len(p))
	c.total += len(p)
	return len(p), nil
}

// No format gathers its output before it writes it.
func TestWriteStreams(t *testing.T) {
	r := large(20_000)
	for _, f := range []Format{Text, Markdown, JSON, CSV} {
		var c chunks
		if err := Write(&c, r, f, Options{All: true}); err != nil {
			t.Fatal(err)
		}
		if c.total < 1_000_000 || c.largest > 64<<10 {
			t.Errorf("%v: %d bytes came in pieces of up to %d", f, c.total, c.largest)
		}
	}
}

// A run that could use nothing has a result too.
func TestWriteEmpty(t *testing.T) {
	for f, want := range map[Format]string{
		Text:     "0 items in 0 clusters, 1 skipped (empty 1)\n",
		Markdown: "",
		CSV:      "id,ref,text,source,cluster,label,distance,duplicate_of,truncated\r\n",
	} {
		r := &Result{Skipped: []Skipped{{"a:1", "empty"}}}
		r.Manifest.Counts.Read, r.Manifest.Counts.Skipped = 1, 1
		if got := write(t, r, f, Options{}); got != want {
			t.Errorf("%v: %q, want %q", f, got, want)
		}
	}
}

func TestGolden(t *testing.T) {
	for name, r := range map[string]*Result{
		"small": small(), "nested": nested(), "hostile": hostile(), "chats": chats(),
	} {
		for _, f := range []Format{Markdown, JSON, CSV} {
			golden(t, fmt.Sprintf("%s.%v", name, f), []byte(write(t, r, f, Options{})))
		}
		for _, width := range []int{40, 80, 200} {
			golden(t, fmt.Sprintf("%s.%d.text", name, width), []byte(write(t, r, Text, Options{Width: width})))
		}
	}
	golden(t, "nested.all.text", []byte(write(t, nested(), Text, Options{All: true})))
	golden(t, "nested.explain.text", []byte(write(t, nested(), Text, Options{Explain: true, ASCII: true, Width: 60})))
	golden(t, "hostile.all.text", []byte(write(t, hostile(), Text, Options{All: true, Width: 40})))
	golden(t, "chats.color.text", []byte(write(t, chats(), Text, Options{Color: true})))
}

func BenchmarkWrite(b *testing.B) {
	r := large(100_000)
	for _, f := range []Format{Text, Markdown, JSON, CSV} {
		b.Run(f.String(), func(b *testing.B) {
			b.ReportAllocs()
			var out bytes.Buffer
			if err := Write(&out, r, f, Options{All: true}); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(out.Len()))
			for b.Loop() {
				if err := Write(io.Discard, r, f, Options{All: true}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
