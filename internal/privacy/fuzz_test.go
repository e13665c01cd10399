package privacy

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sheaf/internal/privacy/planted"
)

// check holds what must be true of every text.
func check(t interface {
	Errorf(format string, args ...any)
}, r *Redactor, text string) {
	s := r.Session()
	got, found := s.Redact(text)
	last := 0
	rest := got
	for _, f := range found {
		if f.Start < last || f.End <= f.Start || f.End > len(text) {
			t.Errorf("span %d-%d of %d bytes behind %d", f.Start, f.End, len(text), last)
			return
		}
		if f.Score <= 0 || f.Score > 1 {
			t.Errorf("score %v", f.Score)
		}
		// What lies between the findings is as it was.
		if !strings.HasPrefix(rest, text[last:f.Start]) {
			t.Errorf("the text before %d is changed", f.Start)
			return
		}
		rest = rest[f.Start-last:]
		_, _, n := placeholder(rest)
		if n == 0 {
			t.Errorf("no placeholder for the finding at %d", f.Start)
			return
		}
		rest = rest[n:]
		last = f.End
	}
	if rest != text[last:] {
		t.Errorf("the text behind %d is changed", last)
	}
	// A placeholder is not redacted.
	for _, f := range r.Find(got) {
		if strings.Contains(got[f.Start:f.End], "[") {
			for i := f.Start; i < f.End; i++ {
				if _, _, n := placeholder(got[i:]); n > 0 && i+n <= f.End {
					t.Errorf("a placeholder is redacted by %s", f.Recogniser)
				}
			}
		}
	}
}

func FuzzRedact(f *testing.F) {
	for _, s := range []string{
		"My friend Jake (jake@example.org, +1 212 555 0123) lives at 12 Main St, Apt 4, Austin, TX 78701.",
		"[PERSON_1] and Dr. Müller-Lüdenscheidt's IBAN DE89 3704 0044 0532 0130 00", "меня зовут Иван Петров", "我叫王小明,住在北京", "اسمي محمد",
		"password: hunter2! -----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY----- eyJhbGciOi.eyJzdWIiOi.x", "a.b.c.d://://[x_1][A_1]@@@..--::1 ::ffff:1.2.3.4",
		"Smith, Jones and Brown & Co. of the University of X-Y", "born 1/2/1980, aged 44, SSN 123-45-6789, 4111 1111 1111 1111", "\xff\xfe\x00é́ ﬁ ǅ İ ß",
	} {
		f.Add(s)
	}
	r := New(Options{})
	f.Fuzz(func(t *testing.T, text string) { check(t, r, text) })
}

func FuzzRules(f *testing.F) {
	f.Add("allow = [\"x\"]\n[[rule]]\ntype = \"A\"\nwords = [\"b c\"]\n[[rule]]\ntype = \"B\"\npattern = 'c+'\n", "a b-c cc bc")
	f.Fuzz(func(t *testing.T, rules, text string) {
		parsed, err := ParseRules("rules", strings.NewReader(rules))
		if err != nil {
			return
		}
		check(t, New(Options{Rules: parsed}), text)
	})
}

func FuzzReadSamples(f *testing.F) {
	f.Add([]byte(`[{"full_text": "Jake", "spans": [{"entity_type": "PERSON", "start_position": 0, "end_position": 4}]}]`))
	f.Add([]byte(`{"text": "é Jake", "spans": [{"type": "PERSON", "start": 2, "end": 6}]}`))
	r := New(Options{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		e := NewEvaluator(r)
		if err := ReadSamples("f", bytes.NewReader(raw), func(s Sample) error { e.Add(s); return nil }); err != nil {
			return
		}
		for _, s := range append(e.Result().Types, e.Result().Micro) {
			if s.Precision < 0 || s.Precision > 1 || s.Recall > 1 || s.F2 > 1 {
				t.Errorf("%+v", s)
			}
		}
	})
}

// A redacted text is redacted to itself, and a name that was redacted once is
// not let back in any spelling.
func TestRedactIsIdempotent(t *testing.T) {
	r := New(Options{})
	for _, c := range planted.Conversations(3, 150) {
		s := r.Session()
		for _, red := range s.RedactAll(c.Turns) {
			again, found := r.Session().Redact(red.Text)
			if again != red.Text && len(found) > 0 {
				// Without what it was found by, a word may look like a name that it
				// did not before; what was replaced stays replaced.
				check(t, r, red.Text)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) { check(t, r, rapid.String().Draw(t, "text")) })
}

func TestNamesDoNotComeBack(t *testing.T) {
	r := New(Options{})
	s := r.Session()
	s.Redact("My friend Søren Müller-Lüdenscheidt and Anne-Marie O'Connor work at Brightmoor Analytics GmbH. Call +44 7911 123456. Ask Grace Hill.")
	auditor := NewAuditor(r, nil)
	for _, text := range []string{
		"soren helps", "SØREN helps", "Mueller Luedenscheidt", "muller-ludenscheidt's table", "Annemarie asks", "anne marie asks", "Anne-Marie", "OConnor", "O’Connor's",
		"o'connor", "brightmoor analytics", "BrightmoorAnalytics", "447911123456", "+44-7911-123-456", "Grace asks", "Hill's",
	} {
		v, err := auditor.Audit(context.Background(), Audit{Stage: Label, Text: "Plan a trip with " + text, Names: s.Strings()})
		if err != nil || v.Action != AskAgain {
			t.Errorf("%q passes: %+v, %v", text, v, err)
		}
	}
	for _, text := range []string{"Plan a trip up the hill with grace", "Sort a table of numbers", "Call friends about work"} {
		v, err := auditor.Audit(context.Background(), Audit{Stage: Label, Text: text, Names: s.Strings()})
		if err != nil || v.Action != Keep {
			t.Errorf("%q does not pass: %+v, %v", text, v, err)
		}
	}
}

func BenchmarkRedact(b *testing.B) {
	r := New(Options{})
	conversations := planted.Conversations(2, 200)
	bytes := 0
	for _, c := range conversations {
		for _, t := range c.Turns {
			bytes += len(t)
		}
	}
	// Ordinary text, which has less to find.
	prose := strings.Repeat("The quick solution is to sort the rows by date before you join the tables, since the database keeps an index for it. "+
		"If that is too slow for 10,000 rows, look at the plan that the engine prints and move the filter in front. ", 500)
	b.Run("planted", func(b *testing.B) {
		b.SetBytes(int64(bytes))
		b.ReportAllocs()
		for b.Loop() {
			for _, c := range conversations {
				r.Session().RedactAll(c.Turns)
			}
		}
	})
	b.Run("prose", func(b *testing.B) {
		b.SetBytes(int64(len(prose)))
		b.ReportAllocs()
		for b.Loop() {
			r.Find(prose)
		}
	})
	// The floor: reading the text once and looking each word up.
	b.Run("tokens", func(b *testing.B) {
		b.SetBytes(int64(len(prose)))
		for b.Loop() {
			newScan(r, prose)
		}
	})
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New(Options{})
	}
}
