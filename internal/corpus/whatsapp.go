package corpus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
)

// whatsappPause is the silence that parts two conversations of one chat.
const whatsappPause = 6 * time.Hour

// readWhatsApp reads a chat that was exported as text. Everybody who writes is a
// user. A chat is one stream of messages, often of years: six hours of silence
// part two conversations. Times are taken as UTC, for the zone is not in the file.
func (f *chatFile) readWhatsApp(ctx context.Context, r io.Reader) error {
	text, err := f.wholeText(ctx, r)
	if err != nil {
		return err
	}
	order, remark := whatsappOrder(text)
	chat := &whatsappChat{file: f}
	lines := 0
	for rest := text; rest != ""; {
		if lines%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if f.run.err != nil {
			return f.run.err
		}
		var line string
		line, rest = nextLine(rest)
		lines++
		line = string(f.mend([]byte(line), numbered(f.name+":", lines)))
		if head, ok := parseWhatsApp(line); ok {
			if at, ok := head.time(order); ok {
				chat.begin(head, at, lines)
				continue
			}
		}
		chat.goOn(line, lines)
	}
	if chat.heads == 0 {
		return &brokenError{where: f.name, err: errors.New("no message of WhatsApp in it"),
			advice: "export the chat from WhatsApp again, as text"}
	}
	chat.end()
	if remark != "" {
		f.run.remark(f.name, "%s", remark)
	}
	return f.run.err
}

// wholeText reads all of r, for the order of day and month may show at the end.
func (f *chatFile) wholeText(ctx context.Context, r io.Reader) (string, error) {
	var b strings.Builder
	n, err := io.Copy(&b, io.LimitReader(&countingReader{ctx: ctx, r: r, progress: func(int64) {}}, maxInput+1))
	if err != nil {
		return "", fmt.Errorf("%s: %w", f.name, err)
	}
	if n > maxInput {
		return "", &brokenError{where: f.name, err: fmt.Errorf("larger than %d MiB", maxInput>>20), advice: "split it"}
	}
	return unixLines(b.String()), nil
}

// A whatsappChat makes conversations of messages.
type whatsappChat struct {
	file    *chatFile
	heads   int // messages and system lines
	c       *Conversation
	last    time.Time
	author  string
	at      time.Time
	text    strings.Builder
	open    bool // text is that of a message which may go on
	given   bool // some conversation was
	skipped bool // lines before the first message were met
}

// begin takes the first line of a message or of what the system says.
func (w *whatsappChat) begin(head whatsappHead, at time.Time, line int) {
	w.heads++
	w.close()
	author, text, ok := cutAuthor(head.rest)
	if !ok {
		return
	}
	if w.c != nil && at.Sub(w.last) >= whatsappPause {
		w.take()
		w.c = nil
	}
	if w.c == nil {
		w.c = &Conversation{Source: numbered(w.file.name+":", line)}
	}
	w.last = at
	w.author, w.at, w.open = author, at, true
	w.write(text)
}

// goOn takes a line that belongs to the message before it.
func (w *whatsappChat) goOn(line string, n int) {
	switch {
	case w.open:
		w.text.WriteByte('\n')
		w.write(line)
	case w.heads == 0 && !w.skipped && !isBlank(line):
		w.skipped = true
		w.file.run.skip(numbered(w.file.name+":", n), "text before the first message", true)
	}
}

// write adds a line to the message, but for what stands for a file.
func (w *whatsappChat) write(line string) {
	switch isMark := strings.HasPrefix(line, "\u200e"); {
	case isWhatsAppFile(line, isMark):
		w.c.Attachments++
	case isMark: // the system's words: deleted, encrypted, a missed call
	default:
		line = strings.TrimSuffix(line, "<This message was edited>")
		if w.text.Len() <= maxMessage { // beyond it add counts it as cut
			w.text.WriteString(line)
		}
	}
}

// close ends the message.
func (w *whatsappChat) close() {
	if w.open {
		w.c.add(RoleUser, w.text.String(), w.author, w.at)
	}
	w.text.Reset()
	w.open = false
}

func (w *whatsappChat) end() {
	w.close()
	if w.c != nil {
		w.take()
	}
	if !w.given { // nothing but the system's lines
		w.file.run.take(&Conversation{Source: w.file.name})
	}
}

// take gives a conversation in which somebody wrote or sent something.
func (w *whatsappChat) take() {
	if len(w.c.Messages)+w.c.Attachments > 0 {
		w.given = true
		w.file.run.take(w.c)
	}
}

var whatsappFile = regexp.MustCompile(`^(<[^<>]{3,200}>|\S[^\n]{0,200}\.\w{2,4} \([^()]{3,40}\)|[^<>]{0,120}<[^<>:]{2,20}: [^<>]{3,200}>)$`)

var whatsappOmitted = regexp.MustCompile(`^(image|video|audio|sticker|GIF|document|Contact card|photo|voice message|video note) omitted$`)

// isWhatsAppFile reports a line that stands for a picture or another file.
func isWhatsAppFile(line string, isMark bool) bool {
	line = strings.TrimSpace(withoutMarks(line))
	if !isMark && !strings.HasSuffix(line, ">") && !strings.HasSuffix(line, ")") {
		return false // most lines, quickly
	}
	return whatsappFile.MatchString(line) || isMark && whatsappOmitted.MatchString(line)
}

// cutAuthor parts the author from the text. Without one the line is the system's.
func cutAuthor(s string) (author, text string, ok bool) {
	author, text, ok = strings.Cut(s, ":")
	if !ok || len(author) > 120 || text != "" && text[0] != ' ' {
		return "", "", false
	}
	if strings.ContainsAny(author, "\"“”„«»") { // a name that somebody gave to a group
		return "", "", false
	}
	author = strings.TrimPrefix(strings.TrimSpace(withoutMarks(author)), "~")
	return strings.TrimSpace(author), strings.TrimPrefix(text, " "), author != ""
}

// withoutMarks takes out the marks of the direction of writing.
func withoutMarks(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u200e', r == '\u200f', '\u202a' <= r && r <= '\u202e', '\u2066' <= r && r <= '\u2069', r == '\ufeff':
			return -1
		}
		return r
	}, s)
}

// isWhatsApp reports whether a text begins as an exported chat.
func isWhatsApp(text string) bool {
	heads, lines := 0, 0
	for rest := unixLines(text); rest != "" && lines < 50; {
		var line string
		line, rest = nextLine(rest)
		if isBlank(line) {
			continue
		}
		lines++
		if _, ok := parseWhatsApp(line); ok {
			heads++
		}
	}
	return heads > 0 && heads*4 >= lines
}
