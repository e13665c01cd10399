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

func TestRedactSentences(t *testing.T) {
	r := New(Options{})
	for _, tt := range []struct{ text, want string }{
		{"Меня зовут Иван Петров, я живу в Москве, мой телефон +7 912 345-67-89.", "Меня зовут [PERSON_1], я живу в [LOCATION_1], мой телефон [PHONE_NUMBER_1]."},
		{"我叫王小明,住在北京市朝阳区。", "我叫[PERSON_1],住在[LOCATION_1]市朝阳区。"},
		{"my name is kwame boateng and i live in accra", "my name is [PERSON_1] and i live in [LOCATION_1]"},
		{"Mein Name ist Hans-Peter Möller und ich wohne in der Goethestraße 12, 60313 Frankfurt.", "Mein Name ist [PERSON_1] und ich wohne in der [STREET_ADDRESS_1]."},
		{"Je m'appelle Amélie et j'habite à Nantes.", "Je m'appelle [PERSON_1] et j'habite à [LOCATION_1]."},
		{"Patient John Q. Public, MRN 00123456, DOB 03/04/1961", "Patient [PERSON_1], MRN [HANDLE_1], DOB [DATE_OF_BIRTH_1]"},
		{"Passport no. C01XJFCGF has run out.", "Passport no. [PASSPORT_1] has run out."},
		{"My passport is in the drawer BACKYARDS.", "My passport is in the drawer BACKYARDS."},
		{"Mr. Abara flew to Phoenix on Tuesday, we took a train to New Westminster.", "Mr. [PERSON_1] flew to [LOCATION_1] on Tuesday, we took a train to [LOCATION_2]."},
		{"Is a flight to Mom worth it, or the train to Monday's meeting?", "Is a flight to Mom worth it, or the train to Monday's meeting?"},
		{"Meine Bank hat geschlossen, unsere Versicherung zahlt nicht.", "Meine Bank hat geschlossen, unsere Versicherung zahlt nicht."},
		{"Unser Lieferant ist zu spät und will mehr Geld. Die Deutsche Bank rief an.", "Unser Lieferant ist zu spät und will mehr Geld. Die [ORGANIZATION_1] rief an."},
		{"How do I deploy a Flask app with Docker on AWS?", "How do I deploy a Flask app with Docker on AWS?"},
	} {
		if got, _ := r.Session().Redact(tt.text); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}
