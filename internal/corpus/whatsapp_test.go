package corpus

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Each is 3 April 2024, 5:06 or 17:06, as some phone writes it.
func TestWhatsAppDates(t *testing.T) {
	for _, tt := range []struct {
		head  string
		clock string
	}{
		{"03/04/2024, 17:06 - ", "17:06:00"},
		{"3/4/24, 17:06 - ", "17:06:00"},
		{"3/4/24 17:06 - ", "17:06:00"},
		{"3.4.24, 17:06 - ", "17:06:00"},
		{"03.04.24 um 17:06 - ", "17:06:00"},
		{"03-04-2024 17.06 - ", "17:06:00"},
		{"3. 4. 2024 17:06 - ", "17:06:00"},
		{"2024-04-03, 17:06 - ", "17:06:00"},
		{"2024/04/03, 17:06 - ", "17:06:00"},
		{"24/04/03, 17:06 - ", "17:06:00"}, // told by the other lines
		{"4/3/24, 5:06 PM - ", "17:06:00"},
		{"4/3/24, 5:06\u202fPM - ", "17:06:00"},
		{"4/3/24, 5:06 am - ", "05:06:00"},
		{"3/4/24 5:06 p. m. - ", "17:06:00"},
		{"3/4/2024, 5:06 a.m. - ", "05:06:00"},
		{"3/4/24, 12:06 a. m. - ", "00:06:00"},
		{"3/4/24, 12:06 p.\u00a0m. - ", "12:06:00"},
		{"2024/4/3 下午5:06 - ", "17:06:00"},
		{"2024/4/3 上午5:06 - ", "05:06:00"},
		{"2024년 4월 3일 오후 5:06, ", "17:06:00"},
		{"2024. 4. 3. 오전 5:06, ", "05:06:00"},
		{"[03.04.24, 17:06:07] ", "17:06:07"},
		{"[03/04/2024, 17:06:07] ", "17:06:07"},
		{"[2024-04-03 17:06:07] ", "17:06:07"},
		{"[4/3/24, 5:06:07 PM] ", "17:06:07"},
		{"\u200e[03.04.24, 17:06:07] ", "17:06:07"},
		{"\u200f\u202a03/04/2024, 17:06\u202c - ", "17:06:00"},
		{"٣\u200f/٤\u200f/٢٠٢٤، ٥:٠٦ م - ", "17:06:00"},
		{"3/4/2567, 17:06 - ", "17:06:00"}, // Buddhist calendar
	} {
		h, ok := parseWhatsApp(tt.head + "Ann: hi \u200ethere")
		if !ok || h.rest != "Ann: hi \u200ethere" {
			t.Errorf("%q: rest %q, found %v", tt.head, h.rest, ok)
			continue
		}
		want, err := time.Parse(time.DateTime, "2024-04-03 "+tt.clock)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, order := range h.likelyOrders() {
			at, ok := h.time(order)
			found = found || ok && at.Equal(want)
		}
		if !found {
			t.Errorf("%q is no %s in any order: %+v", tt.head, want, h)
		}
	}
	for _, line := range []string{
		"", "Ann: hi", "3/4/24", "3/4/24, 17:06", "[1] a footnote - and more", "3.4, 17:06 - x", "1234567890", "17:06 - Ann: hi",
		"[03.04.24, 17:06:07 - Ann: hi", "2024-04-03T17:06:07Z - x", "3/4/24, 25:06 - x", "3/4/24, 17:66 - x", "3.4/24, 17:06 - x", "٣", "[",
	} {
		if h, ok := parseWhatsApp(line); ok {
			t.Errorf("%q is read as %+v", line, h)
		}
	}
}

func TestWhatsAppOrder(t *testing.T) {
	chat := func(dates ...string) string {
		var b strings.Builder
		for i, d := range dates {
			fmt.Fprintf(&b, "%s, 10:%02d - Ann: x\n", d, i)
		}
		return b.String()
	}
	for _, tt := range []struct {
		dates []string
		want  dateOrder
		said  bool
	}{
		{[]string{"1/2/24", "13/2/24"}, dayFirst, false},
		{[]string{"1/2/24", "2/13/24"}, monthFirst, false},
		{[]string{"24/2/1", "24/2/13"}, yearFirst, false},
		{[]string{"2024-02-01", "2024-02-03"}, yearFirst, false},
		{[]string{"1/2/24", "2/1/24"}, monthFirst, false},         // else it goes back in time
		{[]string{"1/2/24", "2/2/24", "1/3/24"}, dayFirst, false}, // likewise
		{[]string{"6/3/2017", "8/5/2017", "9/4/2017"}, monthFirst, false},
		{[]string{"1/2/24"}, dayFirst, true},
		{[]string{"1/1/24", "2/2/24"}, dayFirst, true},
		{[]string{"13/2/24", "14/2/24", "15/2/24", "2/16/24"}, dayFirst, false}, // one that does not fit
	} {
		order, remark := whatsappOrder(chat(tt.dates...))
		if order != tt.want || (remark != "") != tt.said {
			t.Errorf("%v: order %d, remark %q, want %d, %v", tt.dates, order, remark, tt.want, tt.said)
		}
	}
}

// Six hours of silence part two conversations, and not a second less.
func TestWhatsAppPause(t *testing.T) {
	given, _, err := readChats(t, []Input{textInput("w.txt",
		"[13.02.24, 10:00:00] Ann: a\n[13.02.24, 15:59:59] Bo: b\n[13.02.24, 21:59:58] Ann: c\n[14.02.24, 03:59:58] Bo: d\n")}, ChatOptions{})
	if err != nil || len(given) != 2 || len(given[0].Messages) != 3 {
		t.Errorf("%v, error %v", given, err)
	}
}

// What the system said long before is no conversation.
func TestWhatsAppSystemAlone(t *testing.T) {
	lines := "[13.02.24, 10:00:00] Group: \u200eMessages are encrypted.\n"
	given, chats, err := readChats(t, []Input{textInput("w.txt", lines+"[15.02.24, 10:00:00] Ann: hello\n")}, ChatOptions{})
	if err != nil || len(given) != 1 || chats.Read != 1 {
		t.Errorf("%+v, error %v", chats, err)
	}
	_, chats, err = readChats(t, []Input{textInput("w.txt", lines), numberedChats(1)}, ChatOptions{})
	if err != nil || chats.Read != 2 || chats.Reasons()[ReasonEmpty] != 1 {
		t.Errorf("%+v, error %v", chats, err)
	}
}

// What has no author is the system's, and what stands for a file is none of a text.
func TestWhatsAppLines(t *testing.T) {
	given, chats, err := readChats(t, []Input{textInput("w.txt", strings.Join([]string{
		"13/02/2024, 10:00 - Ann added Bo",
		`13/02/2024, 10:00 - Ann changed the subject from "a: b" to "c: d"`,
		"13/02/2024, 10:01 - Ann: see: this",
		"http://example.org: a line that goes on",
		"13/02/2024, 10:02 - Bo: <Medien ausgeschlossen>",
		"13/02/2024, 10:03 - Bo: DOC-1.pdf (Datei angehängt)",
		"a caption",
		"13/02/2024, 10:04 - Ann:",
		"13/02/2024, 10:05 - \u202a+1 555 0100\u202c: \u200eThis message was deleted.",
		"13/02/2024, 10:06 - ~Cy: a < b and c > d",
	}, "\n"))}, ChatOptions{})
	if err != nil || len(given) != 1 {
		t.Fatalf("%v, error %v", given, err)
	}
	var got []string
	for _, m := range given[0].Messages {
		got = append(got, m.Author+": "+m.Text)
	}
	want := []string{"Ann: see: this\nhttp://example.org: a line that goes on", "Bo: a caption", "Cy: a < b and c > d"}
	if strings.Join(got, "|") != strings.Join(want, "|") || given[0].Attachments != 2 {
		t.Errorf("%q, %d attachments, want %q; %+v", got, given[0].Attachments, want, chats)
	}
}

func TestChatSamplesOutside(t *testing.T) {
	for _, tt := range []struct {
		path   string
		format Format
		given  int
	}{
		{"chat-samples/whatsapp/short-chat.txt", FormatWhatsApp, 3},
		{"chat-samples/sharegpt/dummy_conversation.json", FormatShareGPT, 500},
		{"chat-samples/polylogue/chatgpt__native-conversation-v1.json", FormatChatGPT, 1},
		{"chat-samples/polylogue/chatgpt__representatives__sample-00.json", FormatChatGPT, 1},
		{"chat-samples/polylogue/chatgpt__representatives__sample-01.json", FormatChatGPT, 1},
		{"chat-samples/polylogue/claude-ai__representatives__sample-00.json", FormatClaude, 1},
		{"chat-samples/polylogue/origin-capability__chatgpt-export.json", FormatChatGPT, 1},
		{"chat-samples/polylogue/origin-capability__claude-ai-export.json", FormatClaude, 1},
		{"arena-hard/question-v0.1.jsonl", FormatMessages, 500},
		{"arena-hard/question-v2.0.jsonl", FormatMessages, 750},
	} {
		path := samples(t, filepath.FromSlash(tt.path))
		if _, err := os.Stat(path); err != nil {
			t.Skip("no ", path)
		}
		given, chats, err := readChats(t, []Input{FileInput(path)}, ChatOptions{})
		if err != nil {
			t.Errorf("%s: %v", tt.path, err)
			continue
		}
		if len(given) != tt.given || len(chats.Skipped) > 0 || chats.Files[0].Format != tt.format {
			t.Errorf("%s: %d given as %s, skipped %v", tt.path, len(given), chats.Files[0].Format, chats.Skipped)
		}
	}
}
