package report

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func readCSV(t interface{ Fatal(...any) }, data string) [][]string {
	rows, err := csv.NewReader(strings.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestCSV(t *testing.T) {
	r := newBuilder("notes").cluster("Pets, mostly", "").cluster("Food", "").
		item(1, "cats").item(2, "say \"cheese\",\nplease").item(1, " CATS").item(2, "").result()
	ref := "r-1"
	r.Items[0].Ref, r.Items[0].Truncated, r.Manifest.Counts.Truncated = &ref, true, 1
	r.Items[3].Text = nil
	out := write(t, r, CSV, Options{})
	if strings.Count(out, "\n") != strings.Count(out, "\r\n") {
		t.Errorf("a line without CR: %q", out)
	}
	want := [][]string{
		{"id", "ref", "text", "source", "cluster", "label", "distance", "duplicate_of", "truncated"},
		{"n1", "r-1", "cats", "notes.txt:1", "c1", "Pets, mostly", "0", "", "true"},
		{"n2", "", "say \"cheese\",\nplease", "notes.txt:2", "c2", "Food", "0.125", "", "false"},
		{"n3", "", " CATS", "notes.txt:3", "c1", "Pets, mostly", "0.25", "n1", "false"},
		{"n4", "", "", "notes.txt:4", "c2", "Food", "0.375", "", "false"},
	}
	if got := readCSV(t, out); !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("read back %q, want %q", got, want)
	}
}

// No cell that comes from outside is a formula.
func TestCSVInjection(t *testing.T) {
	for text, want := range map[string]string{
		"=1+1":                      "'=1+1",
		"+1":                        "'+1",
		"-1":                        "'-1",
		"- a list item":             "'- a list item",
		"@SUM(A1)":                  "'@SUM(A1)",
		"\t=1":                      "'\t=1",
		"\r=1":                      "'\n=1",
		"\n=1":                      "'\n=1",
		"\r\n=1":                    "'\n=1",
		"＝1":                        "'＝1",
		"=cmd|' /C calc'!A0":        "'=cmd|' /C calc'!A0",
		"=HYPERLINK(\"http://x\")":  "'=HYPERLINK(\"http://x\")",
		"a=1":                       "a=1",
		" =1":                       " =1",
		"'=1":                       "'=1",
		"":                          "",
		"\",=1":                     "\",=1",
		"a\n=1":                     "a\n=1",
		"\xff=1":                    "\uFFFD=1",
		"1e3":                       "1e3",
		"old\rmac and\r\nwindows\r": "old\nmac and\nwindows\n",
	} {
		r := newBuilder("notes").cluster(text, "").item(1, text).item(1, text).result()
		for i := range r.Items {
			r.Items[i].Ref, r.Items[i].Source = &text, text
		}
		if text != "" {
			// Conversations bring their own ids.
			r.Items[0].ID = text
			r.Clusters[0].Items[0] = text
			r.Items[1].DuplicateOf = &text
		}
		rows := readCSV(t, write(t, r, CSV, Options{}))
		first, second := rows[1], rows[2]
		for i, cell := range []string{first[1], first[2], first[3], first[5]} {
			if cell != want {
				t.Errorf("%q came as %q in cell %d, want %q", text, cell, i, want)
			}
		}
		if text != "" && (first[0] != want || second[7] != want) {
			t.Errorf("%q came as %q in id, %q in duplicate_of, want %q", text, first[0], second[7], want)
		}
	}
}

func TestCSVReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyResult().Draw(t, "result")
		var b strings.Builder
		if err := Write(&b, r, CSV, Options{}); err != nil {
			t.Fatal(err)
		}
		rows := readCSV(t, b.String())
		if len(rows) != len(r.Items)+1 {
			t.Fatalf("%d rows for %d items", len(rows), len(r.Items))
		}
		for i, row := range rows[1:] {
			text := strings.ReplaceAll(strings.ReplaceAll(*r.Items[i].Text, "\r\n", "\n"), "\r", "\n")
			if row[0] != r.Items[i].ID || strings.TrimPrefix(row[2], "'") != strings.TrimPrefix(text, "'") {
				t.Fatalf("row %d is %q, want %q", i, row, text)
			}
			if row[2] != "" && strings.ContainsAny(row[2][:1], "=+-@\t\r\n") {
				t.Fatalf("row %d can be a formula: %q", i, row)
			}
		}
	})
}
