package privacy

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestSessionNumbersPersons(t *testing.T) {
	s := New(Options{}).Session()
	got := s.RedactAll([]string{
		"jake called. Jake Miller is a friend.",
		"Is Jake's number 4111 1111 1111 1111?",
		"Ask Mary, not JAKE.",
	})
	want := []string{
		"[PERSON_1] called. [PERSON_1] is a friend.",
		"Is [PERSON_1]'s number [CREDIT_CARD_1]?",
		"Ask [PERSON_2], not [PERSON_1].",
	}
	for i := range want {
		if got[i].Text != want[i] {
			t.Errorf("text %d: %q, want %q", i, got[i].Text, want[i])
		}
	}
}

func TestRules(t *testing.T) {
	rules, err := ParseRules("rules.toml", strings.NewReader(`
allow = ["Tokyo"]
[[rule]]
type = "PROJECT"
words = ["Night Owl"]
[[rule]]
type = "EMPLOYEE"
pattern = 'E-\d{6}'
`))
	if err != nil {
		t.Fatal(err)
	}
	got, _ := New(Options{Rules: rules}).Session().Redact("Tokyo: E-123456 builds night-owl and Nightowl in London")
	if want := "Tokyo: [EMPLOYEE_1] builds [PROJECT_1] and [PROJECT_1] in [LOCATION_1]"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for _, bad := range []string{"x = 1", "[[rule]]\ntype='a'\nwords=['b']", "[[rule]]\ntype='A'", "[[rule]]\ntype='A'\npattern='('", "secret-word"} {
		if _, err := ParseRules("f", strings.NewReader(bad)); err == nil {
			t.Errorf("%q is taken", bad)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%v quotes the file", err)
		}
	}
}

type judge struct {
	score int
	err   error
}

func (j judge) Identifiable(context.Context, string) (int, error) { return j.score, j.err }

func TestAudit(t *testing.T) {
	r := New(Options{})
	s := r.Session()
	s.Redact("My friend Søren Müller-Lüdenscheidt, I mean Jake, said so. Mail soren.mueller@example.org")
	for _, tt := range []struct {
		in    Audit
		judge Judge
		want  Action
	}{
		{Audit{Stage: Summary, Text: "The task is to sort a table."}, nil, Keep},
		{Audit{Stage: Summary, Text: "The task is to help JAKE."}, nil, Redact},
		{Audit{Stage: Label, Text: "Help Jake's friends"}, nil, AskAgain},
		{Audit{Stage: Label, Text: "Help Jake's friends", Final: true}, nil, Withhold},
		{Audit{Stage: Label, Text: "Sort tables"}, judge{score: 3}, Keep},
		{Audit{Stage: Label, Text: "Sort tables"}, judge{score: 2}, AskAgain},
		{Audit{Stage: Label, Text: "Sort tables", Final: true}, judge{score: 1}, Withhold},
	} {
		tt.in.Names = s.Strings()
		v, err := NewAuditor(r, tt.judge).Audit(context.Background(), tt.in)
		if err != nil || v.Action != tt.want {
			t.Errorf("%+v: %+v, %v; want %s", tt.in, v, err, tt.want)
		}
		if (v.Reason == "") != (v.Action == Keep) || strings.Contains(strings.ToLower(v.Reason), "jake") {
			t.Errorf("%+v: reason %q", tt.in, v.Reason)
		}
		if strings.Contains(strings.ToLower(v.Text), "jake") {
			t.Errorf("%+v: text %q", tt.in, v.Text)
		}
	}
	broken := errors.New("no answer")
	if _, err := NewAuditor(r, judge{err: broken}).Audit(context.Background(), Audit{Stage: Label, Text: "Sort"}); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if _, err := NewAuditor(r, judge{score: 7}).Audit(context.Background(), Audit{Stage: Label, Text: "Sort"}); err == nil {
		t.Error("a score of 7 is taken")
	}
}
