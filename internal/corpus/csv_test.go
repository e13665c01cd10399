package corpus

import (
	"context"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sheaf/internal/hint"
)

func TestCSV(t *testing.T) {
	for _, tt := range []struct {
		name, text, column string
		want, refs         []string
	}{
		{"commas", "id,text\n1,a b\n2,\"c, d\"\n", "", []string{"a b", "c, d"}, []string{"1", "2"}},
		{"semicolons", "key;text\nx;a, b\ny;c\n", "", []string{"a, b", "c"}, []string{"x", "y"}},
		{"tabs", "ID\ttext\n1\ta, b\n", "", []string{"a, b"}, []string{"1"}},
		{"bars", "ID|text\n1|a, b\n", "", []string{"a, b"}, []string{"1"}},
		{"quoted newline", "text,x\n\"a\nb\",1\nc,2\n", "", []string{"a\nb", "c"}, []string{"", ""}},
		{"crlf in quotes", "text,x\r\n\"a\r\nb\",1\r\n", "", []string{"a\nb"}, []string{""}},
		{"lone cr", "text,x\ra,1\rb,2\r", "", []string{"a", "b"}, []string{"", ""}},
		{"blank after comma", "text, x\n\"a\", \"1\"\n", "", []string{"a"}, []string{""}},
		{"chosen column", "text,title\na,b\n", "title", []string{"b"}, []string{""}},
		{"chosen in another case", "Text,Title\na,b\n", " title ", []string{"b"}, []string{""}},
		{"chosen by number", "1,x a\n2,y b\n", "column 1", []string{"1", "2"}, []string{"", ""}},
		{"chosen by its place", "1,x a\n2,y b\n", "2", []string{"x a", "y b"}, []string{"", ""}},
		{"a number that stands in the first row", "1,x a\n2,y b\n", "1", []string{"1", "2"}, []string{"", ""}},
		{"chosen by its place below a header", "id,text,title\n1,a,b\n", "column 3", []string{"b"}, []string{"1"}},
		{"a name that is a number", "id,2,1\n7,a,b\n8,c,d\n", "2", []string{"2", "a", "c"}, []string{"", "", ""}},
		{"a number that is a name", "id,text,2\n7,a,b\n8,c,d\n", "2", []string{"b", "d"}, []string{"7", "8"}},
		{"chosen is the id", "id,text\n1,a\n", "id", []string{"1"}, []string{""}},
		{"longest varied text", "who,said,where\nAnn,buy some milk,here\nBob,call him,here\n", "", []string{"buy some milk", "call him"}, []string{"", ""}},
		{"constant text does not win", "what,note\nthe same long text for every row,one\nthe same long text for every row,two\nthe same long text for every row,six\n", "", []string{"one", "two", "six"}, []string{"", "", ""}},
		{"links do not win", "word,link\ncats,https://example.invalid/some/long/path\ndogs,https://example.invalid/other/long/path\n", "", []string{"cats", "dogs"}, []string{"", ""}},
		{"ids without a header", "n1,a b\nn2,c d\nn3,e f\n", "", []string{"a b", "c d", "e f"}, []string{"", "", ""}},
		{"numbers in a header", "Q1,Q2\nvery good,5\nnot so good,2\n", "", []string{"very good", "not so good"}, []string{"", ""}},
		{"one column with a header", "Text\na\nb, c\n", "", []string{"a", "b, c"}, []string{"", ""}},
		{"one column without", "a\nb, c\n", "", []string{"a", "b, c"}, []string{"", ""}},
		{"one column of common words", "time\nlist\n", "", []string{"time", "list"}, []string{"", ""}},
		{"known names only", "author,date\nAnn Lee,1\nBob Ray,2\n", "", []string{"Ann Lee", "Bob Ray"}, []string{"", ""}},
		{"empty columns at the end", "text,x,,\na,1,,\n", "", []string{"a"}, []string{""}},
		{"more empty fields than names", "text,x\na,1,,\n", "", []string{"a"}, []string{""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			notes := readText(t, "a.csv", tt.text, Options{Column: tt.column})
			refs := make([]string, len(notes.Documents))
			for i, d := range notes.Documents {
				refs[i] = d.Ref
			}
			if got := texts(notes); !slices.Equal(got, tt.want) || !slices.Equal(refs, tt.refs) {
				t.Errorf("got %q %q, want %q %q", got, refs, tt.want, tt.refs)
			}
		})
	}
}

func TestHeader(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       bool
	}{
		{"a text's name", "x,Note\na,b\n", true},
		{"two other names", "author,date\na,b\n", true},
		{"one other name may be a tag", "buy bread,list\nwalk the dog,home\n", false},
		{"like the rows below", "buy bread,ann\nwalk the dog,bob\nfeed the cat,ann\n", false},
		{"unlike, but it comes again", "bread,ann\nwalk the dog,bob\nfeed the cat,ann\n", false},
		{"words above phrases", "said,where\nbuy some milk,at home\ncall him now,at work\n", true},
		{"a single row below does not tell", "bread,Ann\nwalk the dog,Bob\n", false},
		{"a word above numbers", "what,score\nbuy bread,5\nwalk the dog,2\n", true},
		{"a question above dates", "Timestamp,What went well?\n2024-01-02,the food was good\n2024-01-03,the food\n", true},
		{"a number in it", "buy bread,5\nwalk the dog,2\n", false},
		{"no row below", "said,where\n", false},
	} {
		rows, err := newTable(tt.text, false).sample(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := isHeader(rows); got != tt.want {
			t.Errorf("%s: a header: %t, want %t", tt.name, got, tt.want)
		}
	}
}

// Nothing that is said of a table without a header quotes a note.
func TestHeaderlessTableIsNotQuoted(t *testing.T) {
	const text = "buy bread,ann\nwalk the dog,bob\nfeed the cat,ann\nbroken \"quote,ann\nsell,three,fields\n"
	notes := readText(t, "n.csv", text, Options{})
	if got, want := texts(notes), []string{"buy bread", "walk the dog", "feed the cat"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	said := notes.Remarks
	if len(notes.Skipped) != 2 {
		t.Errorf("skipped %v", notes.Skipped)
	}
	for _, s := range notes.Skipped {
		said = append(said, s.Reason)
	}
	_, err := ReadNotes(t.Context(), []Input{textInput("n.csv", text)}, Options{Column: "who"})
	if err == nil || err.Error() != `n.csv: no column "who"` || hint.Of(err) != "choose one of: column 1, column 2" {
		t.Errorf("error %v, hint %q", err, hint.Of(err))
	}
	for _, line := range append(said, hint.Of(err)) {
		for _, word := range []string{"bread", "ann", "dog", "sell", "three"} {
			if strings.Contains(line, word) {
				t.Errorf("%q quotes %q", line, word)
			}
		}
	}
}

func TestCSVGoesOnAfterBrokenRows(t *testing.T) {
	text := "id,text\n1,a\n2,\"b\" c\n3,\"open\n4,d\n5,e\n"
	notes := readText(t, "a.csv", text, Options{})
	if got, want := texts(notes), []string{"a", "d", "e"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	want := []Skip{
		{"a.csv:3", `broken quotes: extraneous or missing " in quoted-field`, true},
		{"a.csv:4", `broken quotes: extraneous or missing " in quoted-field`, true},
	}
	if !slices.Equal(notes.Skipped, want) {
		t.Errorf("skipped %v", notes.Skipped)
	}
	if got := notes.Documents[1].Source; got != "a.csv:5" {
		t.Errorf("the row after the broken ones is at %s", got)
	}
}

// A table of which only the header can be read loses each of its rows by itself.
func TestCSVWithBrokenRowsOnly(t *testing.T) {
	for _, text := range []string{
		"id,text\n1,\"cats\n2,\"dogs\n",
		"text\n\"cats\n\"dogs\n",
		"name,note,text,tag\n\"\"cats,x,y,z\nx,\"\"dogs,y,z\n",
	} {
		inputs := []Input{textInput("a.csv", text), textInput("b.csv", "text\na note\n")}
		notes, err := ReadNotes(t.Context(), inputs, Options{})
		if err != nil {
			t.Fatal(err)
		}
		checkNotes(t, notes)
		var lost []string
		for _, s := range notes.Skipped {
			if !s.Lost || !strings.HasPrefix(s.Reason, "broken quotes: ") {
				t.Errorf("%q: skipped %+v", text, s)
			}
			lost = append(lost, s.Source)
		}
		if !slices.Equal(lost, []string{"a.csv:2", "a.csv:3"}) || notes.Files[0].Items != 2 || len(notes.Documents) != 1 {
			t.Errorf("%q: lost %v, files %+v", text, lost, notes.Files)
		}
		_, err = ReadNotes(t.Context(), inputs[:1], Options{})
		if err == nil || !strings.HasPrefix(err.Error(), "a.csv: none of 2 items is a usable note, the first because: a.csv:2: broken quotes: ") {
			t.Errorf("%q alone: %v", text, err)
		}
	}
}

// A broken row above the header does not make a note of the header.
func TestCSVWithBrokenRowAboveTheHeader(t *testing.T) {
	notes := readText(t, "a.csv", "\"exported\" by an app,\nid,text\n1,cats\n", Options{})
	if got := texts(notes); !slices.Equal(got, []string{"cats"}) || len(notes.Skipped) != 1 || notes.Skipped[0].Source != "a.csv:1" {
		t.Errorf("got %q, skipped %v", got, notes.Skipped)
	}
}

// Each line is a note or a skip, however the quotes fall.
func TestCSVWithQuotesAtRandom(t *testing.T) {
	cell := rapid.StringOfN(rapid.RuneFrom([]rune{'"', '"', '"', 'a', ' ', ','}), 0, 8, -1)
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(cell, 1, 20).Draw(t, "lines")
		text := "id,text\n0,first\n" + strings.Join(lines, "\n") + "\n9,\"last\"\n"
		notes, err := ReadNotes(context.Background(), []Input{textInput("a.csv", text)}, Options{Column: "text"})
		if err != nil {
			t.Fatal(err)
		}
		checkNotes(t, notes)
		seen := make(map[int]bool)
		for _, d := range notes.Documents {
			seen[lineNumber(t, d.Source)] = true
		}
		for _, s := range notes.Skipped {
			n := lineNumber(t, s.Source)
			if seen[n] {
				t.Fatalf("line %d is both a note and a skip", n)
			}
			seen[n] = true
		}
		if len(seen) != len(notes.Documents)+len(notes.Skipped) || !seen[2] {
			t.Fatalf("%d lines for %d documents and %d skips", len(seen), len(notes.Documents), len(notes.Skipped))
		}
	})
}

func TestTSVTakesQuotesAsTheyAre(t *testing.T) {
	notes := readText(t, "a.tsv", "text\tx\nthe 5\" disk\t1\n\"said\" he\t2\n", Options{})
	if got, want := texts(notes), []string{"the 5\" disk", "\"said\" he"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTablesWithoutAName(t *testing.T) {
	for _, tt := range []struct {
		text string
		want Format
	}{
		{"id,text\n1,a\n2,b\n", FormatCSV},
		{"id\ttext\n1\ta\n", FormatTSV},
		{"author;note\nAnn;a\n", FormatCSV},
		{"milk, eggs\nbread, butter\n", FormatLines},
		{"notes, ideas\nbread, milk\ncats, dogs\n", FormatLines},
		{"notes,ideas\nbread,milk\ncats,dogs\n", FormatLines},
		{"who,note\nAnn,\"a, b\"\nBob,c\n", FormatCSV},
		{"who,note,when,where\nAnn,a,b,c\nBob,d,e,f\n", FormatCSV},
		{"text, and then\nmore, of it, here\nand, so, on\n", FormatLines},
		{"note\na\n", FormatLines},
	} {
		if got := readText(t, "-", tt.text, Options{}).Files[0].Format; got != tt.want {
			t.Errorf("%q is read as %s, want %s", tt.text, got, tt.want)
		}
	}
}
