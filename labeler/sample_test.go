package labeler

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestSample(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		members := make([]string, rapid.IntRange(0, 2*maxSampleMembers).Draw(t, "members"))
		for i := range members {
			members[i] = fmt.Sprint(i)
		}
		at := rapid.IntRange(0, 2*maxSampleMembers).Draw(t, "the long one")
		head := rapid.IntRange(maxSampleBytes-8, maxSampleBytes+8).Draw(t, "bytes before")
		if at < len(members) {
			members[at] = strings.Repeat("a", head) + rapid.String().Draw(t, "text")
		}
		before := slices.Clone(members)
		sample := Sample(members)
		if !slices.Equal(members, before) {
			t.Fatal("the members were changed")
		}
		if len(sample) != min(len(members), maxSampleMembers) {
			t.Fatalf("%d of %d members", len(sample), len(members))
		}
		for i, s := range sample {
			rest := strings.TrimPrefix(members[i], s)
			switch {
			case len(s)+len(rest) != len(members[i]) || len(s) > maxSampleBytes || !utf8.ValidString(s):
				t.Fatalf("%q of %q", s, members[i])
			case len(members[i]) <= maxSampleBytes && rest != "", len(s) <= maxSampleBytes-utf8.UTFMax && rest != "":
				t.Fatalf("%d bytes of %d", len(s), len(members[i]))
			}
		}
	})
	if got := Sample([]string{strings.Repeat("\x80", 3*maxSampleBytes)}); len(got[0]) > maxSampleBytes || got[0] == "" {
		t.Errorf("%d bytes of what is not UTF-8", len(got[0]))
	}
}

// What huge members hold further on costs no time, and so cannot count.
func TestCheckLooksAtASample(t *testing.T) {
	filler := strings.Repeat("x ", maxSampleBytes/2)
	few := slices.Repeat([]string{"milk"}, maxSampleMembers)
	for _, c := range []struct {
		name    string
		label   string
		members []string
		want    Rule
	}{
		{"praise near the beginning", "Best Cheese", []string{"best cheese " + filler}, ""},
		{"praise far behind", "Best Cheese", []string{filler + " best cheese"}, RulePuffery},
		{"a sign near the beginning", "Tea | Milk", []string{"a | b" + filler}, ""},
		{"a sign far behind", "Tea | Milk", []string{filler + "a | b"}, RuleSymbols},
		{"praise in the last member", "Best Cheese", append(slices.Clone(few[1:]), "best cheese"), ""},
		{"praise behind the last", "Best Cheese", append(slices.Clone(few), "best cheese"), RulePuffery},
	} {
		if got := rule(Check(c.label, c.members)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
