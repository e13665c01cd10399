package corpus

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// What exports have in them that no format allows: each is named and counted,
// nothing is lost in silence, and the rest is read.
func TestBadChats(t *testing.T) {
	const loop = `{"id": "loop", "current_node": "a", "mapping": {
		"a": {"parent": "b", "message": {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["round"]}}},
		"b": {"parent": "a", "message": {"author": {"role": "assistant"}, "content": {"content_type": "text", "parts": ["and round"]}}}}}`
	one := oneChat[1 : len(oneChat)-1]
	plain := func(id, role, text string) string {
		return fmt.Sprintf(`{"id": %q, "messages": [{"role": %q, "content": %q}]}`, id, role, text)
	}
	lines := func(l ...string) string { return strings.Join(l, "\n") + "\n" }
	utf16le := func(s string) string {
		b := []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune(s)) {
			b = append(b, byte(u), byte(u>>8))
		}
		return string(b)
	}
	for name, tt := range map[string]struct {
		text    string
		given   int
		skipped []string // reasons
		remarks []string // parts of
		check   func(given []Conversation) bool
	}{
		"half an export":           {"[" + one + `, {"id": "b", "mapping": {"u": {"parent": null, "mess`, 1, []string{"broken JSON: it does not end"}, nil, nil},
		"half a line":              {lines(plain("a", "user", "x")) + `{"id": "b", "messages": [{"role": "user", "con`, 1, []string{"broken JSON"}, nil, nil},
		"a list that does not end": {"[" + one + ",", 1, []string{"cut short"}, nil, nil},
		"an unknown version":       {"[" + one + `, {"id": "v9", "mapping": [{"nodes": 9}]}, {"version": 9, "data": {}}]`, 1, []string{`"mapping" is of the type array`, `no "mapping"`}, nil, nil},
		"an unknown content":       {`[` + strings.Replace(one, `"text", "parts": ["a question"]`, `"hologram", "frames": [1, 2]`, 1) + "," + one + "]", 1, []string{ReasonEmpty}, []string{"of an unknown kind"}, nil},
		"a loop in the tree":       {"[" + loop + "]", 1, nil, []string{"a loop in the tree"}, func(g []Conversation) bool { return len(g[0].Messages) == 2 }},
		"a parent that is nowhere": {"[" + strings.Replace(one, `"parent": null`, `"parent": "gone"`, 1) + "]", 1, nil, nil, func(g []Conversation) bool { return len(g[0].Messages) == 1 }},
		"a node that is nowhere":   {"[" + strings.Replace(one, `"current_node": "u"`, `"current_node": "gone"`, 1) + "]", 1, nil, nil, func(g []Conversation) bool { return len(g[0].Messages) == 1 }},
		"ids that are there twice": {lines(plain("a", "user", "x"), plain("a", "user", "y"), plain("a", "user", "z")), 3, nil, nil, func(g []Conversation) bool { return slices.Equal(ids(g), []string{"a", "a~2", "a~3"}) }},
		"empty conversations":      {lines(`{"id": "a", "messages": []}`, plain("b", "user", " \t"), plain("c", "user", "x")), 1, []string{ReasonEmpty, ReasonEmpty}, nil, nil},
		"only assistant turns":     {lines(plain("a", "assistant", "hello"), plain("b", "system", "be kind"), plain("c", "user", "x")), 1, []string{ReasonNoUser, ReasonNoUser}, nil, nil},
		"an unknown role":          {lines(plain("a", "oracle", "hello"), plain("b", "user", "x")), 1, []string{ReasonNoUser}, []string{"unknown role"}, nil},
		"mixed encodings": {lines(plain("a", "user", "caf\u00e9"), strings.Replace(plain("b", "user", "caf#"), "#", "\xe9", 1), strings.Replace(plain("c", "user", "caf\u00e9 \u00fcber \u00e4hnlich #"), "#", "\xff", 1)), 3, nil, []string{"Windows-1252", "U+FFFD"}, func(g []Conversation) bool {
			return g[1].Messages[0].Text == "caf\u00e9" && strings.HasPrefix(g[2].Messages[0].Text, "caf\u00e9 ")
		}},
		"UTF-16":                    {utf16le(lines(plain("a", "user", "caf\u00e9"), plain("b", "user", "x"))), 2, nil, nil, func(g []Conversation) bool { return g[0].Messages[0].Text == "caf\u00e9" }},
		"half a surrogate":          {lines(`{"id": "a", "messages": [{"role": "user", "content": "x \ud83d y"}]}`), 1, nil, nil, nil},
		"a comma too many":          {"[" + one + ",," + chatWith("b")[1:], 2, []string{"broken JSON"}, nil, nil},
		"no comma":                  {"[" + one + " " + chatWith("b")[1:], 1, []string{"something else than a comma"}, nil, nil},
		"brackets behind the list":  {"[" + one + "]]}] ,", 1, []string{"broken JSON", "broken JSON"}, nil, nil},
		"another list behind it":    {"[" + one + "]\n" + chatWith("b"), 1, []string{"of the type array"}, nil, nil},
		"numbers and text among it": {`[1, "x", null, true, ` + one + "]", 1, []string{"of the type number", "of the type string", `no "mapping"`, "of the type bool"}, nil, nil},
		"a number for a message":    {lines(`{"id": "a", "messages": [{"role": "user", "content": 3}]}`, `{"id": "b", "messages": 7}`, plain("c", "user", "x")), 1, []string{ReasonEmpty, `"messages" is of the type number`}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			given, chats, err := readChats(t, []Input{textInput("export", tt.text)}, ChatOptions{}) // which counts
			if err != nil {
				t.Fatal(err)
			}
			var reasons []string
			for _, s := range chats.Skipped {
				reasons = append(reasons, s.Reason)
				if !strings.HasPrefix(s.Source, "export") {
					t.Errorf("skipped %+v", s)
				}
			}
			matches := len(reasons) == len(tt.skipped)
			for i := range reasons {
				matches = matches && strings.Contains(reasons[i], tt.skipped[i])
			}
			remarks := strings.Join(chats.Remarks, "\n")
			for _, r := range tt.remarks {
				matches = matches && strings.Contains(remarks, r)
			}
			if len(given) != tt.given || !matches || len(chats.Remarks) != len(tt.remarks) || tt.check != nil && !tt.check(given) {
				t.Errorf("given %+v\nskipped %q, want %q\nremarks %q, want %q", given, reasons, tt.skipped, chats.Remarks, tt.remarks)
			}
		})
	}
}

// Of a message of 100 MB the first MiB is read, whatever the format, and the rest of
// the export with it.
func TestHugeMessages(t *testing.T) {
	size := 8 << 20
	if os.Getenv("SHEAF_VERIFY") != "" {
		size = 100 << 20
	}
	for format, parts := range map[Format][2]string{
		FormatMessages: {`{"id": "a", "messages": [{"role": "user", "content": "`, `"}]}` + "\n" + `{"id": "b", "messages": [{"role": "user", "content": "x"}]}`},
		FormatClaude:   {`[{"uuid": "a", "chat_messages": [{"sender": "human", "text": "`, `"}]}, {"uuid": "b", "chat_messages": [{"sender": "human", "text": "x"}]}]`},
		FormatWhatsApp: {"[01.02.24, 10:00:00] Ann: ", "\n[02.02.24, 10:00:00] Ann: x\n"},
	} {
		in := Input{Name: "export", Open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader(parts[0]), &repeated{line: "long ", left: size}, strings.NewReader(parts[1]))), nil
		}}
		given, chats, err := readChats(t, []Input{in}, ChatOptions{Format: format})
		if err != nil || len(given) != 2 || len(given[0].Messages[0].Text) > maxMessage || len(given[0].Messages[0].Text) < maxMessage/2 ||
			len(chats.Remarks) != 1 || !strings.Contains(chats.Remarks[0], "longer than 1 MiB") {
			t.Errorf("%s: %d given, %+v, %v", format, len(given), chats, err)
		}
	}
}
