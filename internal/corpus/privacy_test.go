package corpus

import (
	"fmt"
	"strings"
	"testing"

	"sheaf/internal/hint"
)

// brokenInputs are inputs with something wrong in them; every word of theirs
// that is content holds "secret" in some letter case.
var brokenInputs = [...]struct{ name, text string }{
	{"n.opml", "<opml>\n<outline text='my secret&secretdiagnosis is bad'/></opml>"},
	{"n.opml", "<opml><outline text='a secret' secret/></opml>"},
	{"n.opml", "<opml><outline text=secret/></opml>"},
	{"n.opml", "<opml><outline text='<secret'/></opml>"},
	{"n.opml", "<opml><outline secret=/></opml>"},
	{"n.opml", "<opml><outline / secret></opml>"},
	{"n.opml", "<opml><secret></opml>"},
	{"n.opml", "<opml></opml></secret>"},
	{"n.opml", "<opml><a></a secret></opml>"},
	{"n.opml", "<opml></ secret></opml>"},
	{"n.opml", "<opml>< secret></opml>"},
	{"n.opml", "<opml><? secret?></opml>"},
	{"n.opml", "<opml><!- secret></opml>"},
	{"n.opml", "<opml><!-- secret -- secret --></opml>"},
	{"n.opml", "<opml><![secret[</opml>"},
	{"n.opml", "<opml><![CDATA[secret</opml>"},
	{"n.opml", "<opml>secret]]></opml>"},
	{"n.opml", "<opml>secret\x01secret</opml>"},
	{"n.opml", "<opml>secret &#xsecret; </opml>"},
	{"n.opml", "<opml><secret\u00d7secret/></opml>"},
	{"n.opml", "<opml><secret:x:secret></opml>"},
	{"n.opml", "<opml xmlns:secret='secret'><secret:a></opml>"},
	{"n.opml", "<?xml version='secret'?><opml></opml>"},
	{"n.opml", "<secret>"},
	{"n.mm", "<map><node TEXT='secret &secret;'/></map>"},
	{"n.mm", "<map><node><richcontent>secret</secret></richcontent></node></map>"},
	{"n.enex", "<en-export><note><content>secret &secret</content></note></en-export>"},
	{"n.csv", "id,text\n1,\"secret\n2,\"secret\n"},
	{"n.csv", "id,text\n1,secret\n2,secret,secret,secret\n3,\"secret\"secret\n"},
	{"n.csv", "secret one,secret two\nsecret,\"secret\nsecret\n"},
	{"n.tsv", "id\ttext\n1\tsecret\n2\n"},
	{"n.json", `["secret" "secret"]`},
	{"n.json", `["secret`},
	{"n.json", `["secret", secret]`},
	{"n.json", `["secret \secret"]`},
	{"n.json", `[7, true, ["secret"], {"text": ["secret"]}, {"text": "secret"}]`},
	{"n.json", `"secret"`},
	{"n.json", `{"isTrashed": "secret", "title": "secret"}`},
	{"n.json", `{"isTrashed": false, "title": ["secret"]}`},
	{"n.json", `{"isTrashed": false, "listContent": "secret"}`},
	{"n.json", `{"isTrashed": false, "listContent": [{"text": {"x": "secret"}}]}`},
	{"n.json", `{"cards": [{"name": "secret", "closed": "secret"}], "lists": []}`},
	{"n.json", `{"cards": "secret", "lists": []}`},
	{"n.jsonl", "{\"text\": \"secret\"}\n{\"text\": secret}\n\"secret\nnull secret\nnsecret\nsecret\n{\"text\": 7}\n[\"secret\"]\n"},
	{"n.txt", "secret\n" + strings.Repeat("secret ", maxItem/4) + "\n"},
	{"n.txt", "secret \xe9 secret\n\x81secret"},
	{"n.txt", "secret \xe9 secret"},
	{"n.txt", "secret\x00secret"},
	{"n.txt", "%PDF-secret"},
	{"n.txt", "<html><p>secret"},
	{"n.md", "- secret\n- [ ] secret\n```\nsecret"},
	{"n.sqlite", "SQLite format 3\x00" + strings.Repeat("secret", 100)},
}

// Whatever is wrong with an input, no error, skip or remark quotes a note, for
// all three go where notes must not: to terminals, logs and bug reports.
func TestWhatIsSaidQuotesNoNote(t *testing.T) {
	said := func(t *testing.T, notes *Notes, err error) {
		t.Helper()
		var lines []string
		if err != nil {
			lines = append(lines, err.Error(), hint.Of(err))
		}
		if notes != nil {
			lines = append(lines, notes.Remarks...)
			for _, s := range notes.Skipped {
				lines = append(lines, s.Source, s.Reason)
			}
		}
		for _, line := range lines {
			if strings.Contains(strings.ToLower(line), "secret") {
				t.Errorf("%.200q quotes a note", line)
			}
		}
	}
	for i, in := range brokenInputs {
		t.Run(fmt.Sprintf("%d %s", i, in.name), func(t *testing.T) {
			for _, format := range Formats() {
				input, good := textInput(in.name, in.text), textInput("good.txt", "a note")
				notes, err := ReadNotes(t.Context(), []Input{input}, Options{Format: format})
				said(t, notes, err)
				notes, err = ReadNotes(t.Context(), []Input{input, good}, Options{Format: format})
				said(t, notes, err)
			}
		})
	}
}

// Each of the faults that the decoder knows is told in words of our own.
func TestXMLFaultsAreTold(t *testing.T) {
	for _, in := range brokenInputs[:24] {
		_, err := ReadNotes(t.Context(), []Input{textInput(in.name, in.text)}, Options{})
		if err == nil || strings.Contains(err.Error(), "not well-formed") {
			t.Errorf("%q: %v", in.text, err)
		}
	}
}
