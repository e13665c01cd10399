package corpus

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// A Role is whose turn a message is.
type Role string

// The roles of a message. Whatever a format calls them, a conversation has no
// others.
const (
	RoleUser      Role = "user"      // a person; in a chat among people everybody
	RoleAssistant Role = "assistant" // a chat model, or a bot among people
	RoleSystem    Role = "system"    // instructions, also those that a user has set once for all chats
	RoleTool      Role = "tool"      // what a tool gave back
)

// Roles returns every role.
func Roles() []Role { return []Role{RoleUser, RoleAssistant, RoleSystem, RoleTool} }

// A Message is one turn of a conversation.
type Message struct {
	Role   Role
	Text   string    // what is shown, never blank; at most 1 MiB
	Time   time.Time // zero where the format does not say
	Author string    // name or id of the person as the format has it, "" where it says none; personal data
}

// A Conversation is a chat of one user with a model, or a stretch of a chat among
// people: what is clustered by the steps over conversations. All of it but ID and
// the times may be personal data: it is never written as it is.
type Conversation struct {
	// ID is Ref, where that can serve as an id, or else "conv-" and 12 hex digits
	// of the SHA-256 of the messages' roles and texts. One that another
	// conversation of the run has already is followed by "~2", "~3" and so on.
	ID     string
	Ref    string // the input's own id, "" where it has none
	Title  string // "" where the format has none
	Source string // "chats.jsonl:6", the line, or "conversations.json#6", the place in the file's list
	// User is who led the conversation: an id or a name as it stands in the input,
	// only to be hashed. "" where the format does not say. See Users.
	User             string
	Created, Updated time.Time // zero where the format does not say
	Language         string    // "en", "pt", where the format says it, else ""
	Messages         []Message // in order of time; at least one is a user's

	// DuplicateOf is the ID of an earlier conversation of the run that says the
	// same, "" if it is the first. IsNear says that it does so but for a few words.
	DuplicateOf string
	IsNear      bool

	Truncated   int // messages of which only the first 1 MiB was read
	Attachments int // files and pictures beside the messages, which were not read
}

// Users returns everybody who wrote as a user: the authors of the users'
// messages in order of appearance or, where none is named, User. It is nil where
// nobody is known.
func (c *Conversation) Users() []string {
	var users []string
	for _, m := range c.Messages {
		if m.Role == RoleUser && m.Author != "" && !slices.Contains(users, m.Author) {
			users = append(users, m.Author)
		}
	}
	if users == nil && c.User != "" {
		users = []string{c.User}
	}
	return users
}

// ContentID returns the id of a conversation that has none of its own.
func (c *Conversation) ContentID() string {
	sum := sha256.New()
	for _, m := range c.Messages {
		writeSized(sum, string(m.Role))
		writeSized(sum, m.Text)
	}
	return "conv-" + hex.EncodeToString(sum.Sum(nil))[:12]
}
