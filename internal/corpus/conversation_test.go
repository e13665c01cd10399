package corpus

import (
	"regexp"
	"slices"
	"testing"
)

func TestContentID(t *testing.T) {
	id := func(words ...string) string {
		c := Conversation{}
		for i := 0; i+1 < len(words); i += 2 {
			c.Messages = append(c.Messages, Message{Role: Role(words[i]), Text: words[i+1], Author: "Ann"})
		}
		return c.ContentID()
	}
	a := id("user", "hello", "assistant", "hi")
	if !regexp.MustCompile(`^conv-[0-9a-f]{12}$`).MatchString(a) {
		t.Errorf("id %q", a)
	}
	for _, other := range []string{
		id("user", "hello"), id("user", "hell", "assistant", "ohi"), id("assistant", "hello", "user", "hi"), id("user", "helloassistanthi"),
	} {
		if other == a {
			t.Errorf("different messages have the id %s", a)
		}
	}
	if b := id("user", "hello", "assistant", "hi"); b != a {
		t.Errorf("%s and %s for the same messages", a, b)
	}
}

func TestUsers(t *testing.T) {
	for _, tt := range []struct {
		c    Conversation
		want []string
	}{
		{Conversation{}, nil},
		{Conversation{User: "u1", Messages: []Message{{Role: RoleUser}}}, []string{"u1"}},
		{Conversation{Messages: []Message{{Role: RoleAssistant, Author: "bot"}}}, nil},
		{Conversation{User: "u1", Messages: []Message{
			{Role: RoleUser, Author: "Bo"}, {Role: RoleUser, Author: "Al"}, {Role: RoleUser, Author: "Bo"}, {Role: RoleTool, Author: "x"},
		}}, []string{"Bo", "Al"}},
	} {
		if got := tt.c.Users(); !slices.Equal(got, tt.want) {
			t.Errorf("%+v: users %q, want %q", tt.c, got, tt.want)
		}
	}
}
