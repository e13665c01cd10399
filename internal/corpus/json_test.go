package corpus

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestJSON(t *testing.T) {
	for _, tt := range []struct {
		name, text, column string
		want               []string
	}{
		{"texts", `["a", "b"]`, "", []string{"a", "b"}},
		{"text wins over title", `[{"title":"x","text":"a"},{"title":"y","text":"b"}]`, "", []string{"a", "b"}},
		{"any case", `[{"Title":"x","Content":"a"}]`, "", []string{"a"}},
		{"longest varied", `[{"p":"same long text","q":"one"},{"p":"same long text","q":"two"},{"p":"same long text","q":"six"}]`, "", []string{"one", "two", "six"}},
		{"chosen", `[{"title":"x","text":"a"}]`, "title", []string{"x"}},
		{"chosen, nested", `[{"a":{"b":"x"},"text":"y"}]`, "a.b", []string{"x"}},
		{"key with dots", `[{"a.b":"x","text":"y"}]`, "a.b", []string{"x"}},
		{"under notes", `{"version":"text","notes":["a","b"]}`, "", []string{"a", "b"}},
		{"deeper", `{"x":{"y":{"items":[{"text":"a"}]}}}`, "", []string{"a"}},
		{"objects before texts", `{"tags":["p","q","r","s"],"list":[{"text":"a"}]}`, "", []string{"a"}},
		{"a note with tags", `{"text":"a","tags":["p","q"]}`, "", []string{"a"}},
		{"by key", `{"k1":{"text":"a"},"k2":{"text":"b"}}`, "", []string{"a", "b"}},
		{"mixed", `["a",{"text":"b"}]`, "", []string{"a", "b"}},
		{"html", `[{"content":"<p>a <b>b</b></p><p>c</p>"}]`, "", []string{"a b\nc"}},
		{"html is only mentioned", `[{"content":"what does <p> do"}]`, "", []string{"what does <p> do"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			notes := readText(t, "a.json", tt.text, Options{Column: tt.column})
			if got := texts(notes); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// The choice of a key or column is said wherever there is one.
func TestChoiceIsSaid(t *testing.T) {
	for _, tt := range []struct {
		name, text, column string
		want               []string
	}{
		{"a.json", `[{"id":"1","text":"a"}]`, "", []string{`a.json: the text is under the key "text"`}},
		{"a.json", `[{"text":"a","size":7}]`, "", []string{`a.json: the text is under the key "text"`}},
		{"a.json", `{"text":"a","tags":["b"]}`, "", []string{`a.json: the text is under the key "text"`}},
		{"a.json", `[{"x":{"text":"a","size":7}}]`, "", nil},
		{"a.json", `[{"text":"a"}]`, "", nil},
		{"a.json", `[{"id":"1","text":"a"}]`, "text", nil},
		{"a.json", `["a","b"]`, "", nil},
		{"a.jsonl", "{\"title\":\"b\",\"content\":\"a\"}\n", "", []string{`a.jsonl: the text is under the key "content"`}},
		{"a.csv", "id,text\n1,a\n", "", []string{`a.csv: the text is column "text"`}},
		{"a.csv", "text\na\n", "", nil},
		{"a.csv", "id,text\n1,a\n", "text", nil},
	} {
		if got := readText(t, tt.name, tt.text, Options{Column: tt.column}).Remarks; !slices.Equal(got, tt.want) {
			t.Errorf("%s %s: remarks %q, want %q", tt.name, tt.text, got, tt.want)
		}
	}
}

func TestRefs(t *testing.T) {
	notes := readText(t, "a.json", `[{"id":1,"text":"a"},{"id":"x","text":"b"},{"_id":"y","text":"c"},{"id":null,"text":"d"},{"id":{},"uuid":"z","text":"e"},{"id":-1.50,"text":"f"}]`, Options{})
	var got []string
	for _, d := range notes.Documents {
		got = append(got, d.Ref)
	}
	if want := []string{"1", "x", "y", "", "z", "-1.50"}; !slices.Equal(got, want) {
		t.Errorf("refs %q, want %q", got, want)
	}
	notes = readText(t, "a.json", `{"k1":{"text":"a"},"k2":{"id":"own","text":"b"}}`, Options{})
	if a, b := notes.Documents[0].Ref, notes.Documents[1].Ref; a != "k1" || b != "own" {
		t.Errorf("refs %q and %q, want k1 and own", a, b)
	}
}

func TestJSONIsTold(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       Format
	}{
		{"-", `["a","b"]`, FormatJSON},
		{"-", "{\"text\":\"a\"}\n{\"text\":\"b\"}\n", FormatJSONL},
		{"a.json", "{\"text\":\"a\"}\n{\"text\":\"b\"}\n", FormatJSONL},
		{"-", "{\n\"text\":\"a\"\n}", FormatJSON},
		{"-", `{"textContent":"a","isTrashed":false}`, FormatKeep},
		{"-", `{"cards":[{"name":"a"}],"lists":[]}`, FormatTrello},
		{"a.txt", "[ ] call Ann\n", FormatMarkdown},
		{"a.txt", "[[Ann]] called\n", FormatLines},
		{"a.txt", "[1] a footnote\n", FormatLines},
		{"a.txt", "[\"so-called\"] notes\n", FormatLines},
		{"a.txt", "{curly} notes\n", FormatLines},
		{"a.txt", "\"quoted\"\n\"notes\"\n", FormatLines},
	} {
		if got := readText(t, tt.name, tt.text, Options{}).Files[0].Format; got != tt.want {
			t.Errorf("%s %q is read as %s, want %s", tt.name, tt.text, got, tt.want)
		}
	}
}

func TestDeepJSON(t *testing.T) {
	deep := strings.Repeat("[", 20000) + strings.Repeat("]", 20000)
	notes := readText(t, "a.jsonl", deep+"\n\"end\"\n", Options{})
	if len(notes.Skipped) != 1 || !strings.Contains(notes.Skipped[0].Reason, "exceeded max depth") {
		t.Errorf("skipped %v", notes.Skipped)
	}
	_, err := ReadNotes(t.Context(), []Input{textInput("a.json", fmt.Sprintf(`{"x":%s}`, deep))}, Options{})
	if err == nil || !strings.Contains(err.Error(), "exceeded max depth") {
		t.Errorf("error %v", err)
	}
}

func TestKeepArray(t *testing.T) {
	notes := readText(t, "a.json", "[{\"textContent\":\"a\"},\n{\"isTrashed\":true}]", Options{Format: FormatKeep})
	if len(notes.Documents) != 1 || len(notes.Skipped) != 1 || notes.Skipped[0].Source != "a.json:2" {
		t.Error(dump(notes))
	}
}
