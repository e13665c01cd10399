package corpus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A slackMessage is a message of a Slack export, as far as it is read.
type slackMessage struct {
	Type        looseText         `json:"type"`
	Subtype     looseText         `json:"subtype"`
	Hidden      looseBool         `json:"hidden"`
	User        looseText         `json:"user"`
	Username    looseText         `json:"username"`
	BotID       looseText         `json:"bot_id"`
	Text        looseText         `json:"text"`
	TS          looseText         `json:"ts"`
	ThreadTS    looseText         `json:"thread_ts"`
	Replies     []json.RawMessage `json:"replies"`
	Attachments []struct {
		Pretext  looseText `json:"pretext"`
		Title    looseText `json:"title"`
		Text     looseText `json:"text"`
		Fallback looseText `json:"fallback"`
	} `json:"attachments"`
	Files []json.RawMessage `json:"files"`
	File  json.RawMessage   `json:"file"`
}

type slackUser struct {
	ID       looseText `json:"id"`
	Name     looseText `json:"name"`
	RealName looseText `json:"real_name"`
	Profile  struct {
		DisplayName looseText `json:"display_name"`
		RealName    looseText `json:"real_name"`
	} `json:"profile"`
}

// A slackDay is the file of a channel and a day.
type slackDay struct {
	treeFile
	channel string // its folder
	day     string
}

var dayName = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}\.json$`)

// slackDays returns the files of days by channel, in order.
func slackDays(files []treeFile) (days []slackDay) {
	for _, f := range files {
		dir, base := path.Split(f.name)
		if dayName.MatchString(base) && dir != "" {
			days = append(days, slackDay{f, strings.TrimSuffix(dir, "/"), strings.TrimSuffix(base, ".json")})
		}
	}
	return days
}

// isSlackExport tells a Slack export from other folders with days in them.
func isSlackExport(files []treeFile) bool {
	return slices.ContainsFunc(files, func(f treeFile) bool {
		switch path.Base(f.name) {
		case "users.json", "channels.json", "dms.json", "mpims.json", "groups.json":
			return true
		}
		return false
	})
}

// A slackReader makes conversations of the messages of one channel after the
// other: of each thread one, and of what is outside of threads one for each day.
type slackReader struct {
	chatFile
	names   map[string]string // of users by id
	threads map[string]*Conversation
	order   []*Conversation // the threads, in the order in which they begin
	lost    int             // messages that are broken
}

// readSlack reads an export of Slack.
func (run *chatRun) readSlack(ctx context.Context, name string, files []treeFile, days []slackDay) error {
	s := &slackReader{chatFile: chatFile{run: run, name: name, format: FormatSlack}}
	for _, f := range files {
		if path.Base(f.name) == "users.json" {
			if err := s.readUsers(ctx, f); err != nil {
				return err
			}
		}
	}
	groups := 0
	for i, d := range days {
		if i == 0 || d.channel != days[i-1].channel {
			s.endChannel()
			if strings.HasPrefix(path.Base(d.channel), "mpdm-") {
				groups++
			}
		}
		// The folder of a group of people is called by their names.
		where := name + "/" + d.name
		channel := path.Base(d.channel)
		if strings.HasPrefix(channel, "mpdm-") {
			channel = fmt.Sprintf("mpdm-%d", groups)
			where = name + "/" + channel + "/" + path.Base(d.name)
		}
		if err := s.readDay(ctx, d, channel, where); err != nil {
			return err
		}
	}
	s.endChannel()
	s.finish()
	return nil
}

func (s *slackReader) finish() {
	if s.lost > 0 {
		s.run.remark(s.name, "%s broken, not read", wereOf(s.lost, "message"))
	}
	s.remarks()
}

func (s *slackReader) readUsers(ctx context.Context, f treeFile) error {
	r, err := f.open()
	if err != nil {
		s.run.remark(s.name, "the names of the users could not be read: %s", treeFault(err))
		return nil
	}
	s.names = make(map[string]string)
	owners := make(map[string]int)
	err = s.eachValue(ctx, r, s.name+"/users.json", func(raw []byte) {
		var u slackUser
		if json.Unmarshal(raw, &u) != nil || u.ID == "" {
			return
		}
		name := firstText(string(u.Profile.DisplayName), string(u.Profile.RealName), string(u.RealName), string(u.Name))
		if _, isKnown := s.names[string(u.ID)]; name != "" && !isKnown {
			s.names[string(u.ID)] = name
			owners[name]++
		}
	})
	for id, name := range s.names {
		if owners[name] > 1 { // they are two people all the same
			s.names[id] = name + " (" + id + ")"
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		s.run.remark(s.name, "not all names of the users could be read")
	}
	return nil
}

// eachValue reads the elements of a list.
func (s *slackReader) eachValue(ctx context.Context, r io.ReadCloser, where string, each func(raw []byte)) (err error) {
	defer func() {
		if cerr := r.Close(); err == nil && cerr != nil {
			err = cerr
		}
	}()
	f := chatFile{run: s.run, name: where}
	text, head, err := f.decoded(r)
	if err != nil {
		return err
	}
	if i := skipBlanks(head, 0); i == len(head) || head[i] != '[' {
		return errors.New("it is no list")
	}
	s.isUTF16 = f.isUTF16
	v := newValueReader(text, valuesOfArray)
	for {
		raw, err := v.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case v.isCut, v.isLong:
			s.lost++
			continue
		}
		each(s.mend(raw, numbered(where+"#", v.count)))
	}
}

// readDay reads the messages of one channel and day.
func (s *slackReader) readDay(ctx context.Context, d slackDay, channel, where string) error {
	r, err := d.open()
	if err != nil {
		s.run.skip(where, treeFault(err), true)
		return nil
	}
	return s.readMessages(ctx, r, channel, d.day, where)
}

func (s *slackReader) readMessages(ctx context.Context, r io.ReadCloser, channel, day, where string) error {
	var messages []slackMessage
	count := 0
	err := s.eachValue(ctx, r, where, func(raw []byte) {
		count++
		var m slackMessage
		if json.Unmarshal(raw, &m) != nil {
			s.lost++
			return
		}
		messages = append(messages, m)
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if s.run.err != nil {
		return s.run.err
	}
	slices.SortStableFunc(messages, func(a, b slackMessage) int {
		return parseTime(string(a.TS)).Compare(parseTime(string(b.TS)))
	})
	rest := &Conversation{Source: where, Title: strings.TrimSpace(channel + " " + day)}
	threads := len(s.order)
	for i := range messages {
		c := rest
		if key := messages[i].thread(); key != "" {
			c = s.thread(key, channel, numbered(where+"#", i+1))
		}
		s.add(c, &messages[i])
	}
	switch {
	case err != nil:
		var broken *brokenError
		reason := "it cannot be read to its end"
		if errors.As(err, &broken) {
			reason = broken.err.Error()
		}
		s.run.skip(where, reason, true)
		if len(rest.Messages) > 0 {
			s.run.take(rest)
		}
	case len(rest.Messages) > 0, len(messages) == 0, len(s.order) == threads && !hasThread(messages):
		s.run.take(rest)
	}
	return s.run.err
}

// thread returns the key of the thread that a message is in, "" where it is in
// none.
func (m *slackMessage) thread() string {
	if m.ThreadTS == "" && len(m.Replies) > 0 {
		return string(m.TS) // as older exports have it
	}
	return string(m.ThreadTS)
}

func hasThread(messages []slackMessage) bool {
	return slices.ContainsFunc(messages, func(m slackMessage) bool { return m.thread() != "" })
}

func (s *slackReader) thread(key, channel, where string) *Conversation {
	c := s.threads[key]
	if c == nil {
		if s.threads == nil {
			s.threads = make(map[string]*Conversation)
		}
		c = &Conversation{Source: where, Title: channel}
		s.threads[key] = c
		s.order = append(s.order, c)
	}
	return c
}

// endChannel gives the threads of a channel, which may go on for many days.
func (s *slackReader) endChannel() {
	for _, c := range s.order {
		s.run.take(c)
	}
	clear(s.threads)
	s.order = nil
}

// add adds a message that somebody wrote; others tell who came and went.
func (s *slackReader) add(c *Conversation, m *slackMessage) {
	if bool(m.Hidden) || m.Type != "" && m.Type != "message" {
		return
	}
	role := RoleUser
	switch m.Subtype {
	case "", "thread_broadcast", "me_message", "file_share", "file_comment", "reply_broadcast", "document_comment":
	case "bot_message":
		role = RoleAssistant
	default:
		return
	}
	author := string(m.User)
	if name := s.names[author]; name != "" {
		author = name
	}
	if m.BotID != "" {
		role = RoleAssistant
	}
	if author == "" {
		author = firstText(string(m.Username), string(m.BotID))
	}
	content := looseContent{text: string(m.Text)}
	if isBlank(content.text) {
		content.text = ""
		for _, a := range m.Attachments {
			content.join(string(a.Pretext))
			content.join(firstText(string(a.Text), string(a.Fallback), string(a.Title)))
		}
	}
	c.Attachments += len(m.Files)
	if len(m.File) > 0 {
		c.Attachments++
	}
	c.add(role, s.plain(content.text), author, parseTime(string(m.TS)))
}

var slackMark = regexp.MustCompile(`<[^<>\n]+>`)

var slackUnescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// plain resolves what Slack writes in angle brackets: people, channels, links.
func (s *slackReader) plain(text string) string {
	text = slackMark.ReplaceAllStringFunc(text, func(mark string) string {
		inner, label, hasLabel := strings.Cut(mark[1:len(mark)-1], "|")
		switch {
		case strings.HasPrefix(inner, "@"):
			return "@" + firstText(s.names[inner[1:]], strings.TrimPrefix(label, "@"), inner[1:])
		case strings.HasPrefix(inner, "#"):
			return "#" + firstText(strings.TrimPrefix(label, "#"), inner[1:])
		case hasLabel && label != "":
			return label
		case strings.HasPrefix(inner, "!"):
			return "@" + strings.TrimPrefix(inner, "!")
		}
		return inner
	})
	return slackUnescape.Replace(text)
}

// readSlackDay reads a single file of an export: one channel's day.
func (f *chatFile) readSlackDay(ctx context.Context, r io.Reader) error {
	s := &slackReader{chatFile: *f}
	day := strings.TrimSuffix(path.Base(f.name), ".json")
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		day = ""
	}
	if err := s.readMessages(ctx, io.NopCloser(r), "", day, f.name); err != nil {
		return err
	}
	s.endChannel()
	s.finish()
	return s.run.err
}
