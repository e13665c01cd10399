package main

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"sheaf/internal/corpus"
)

// A chatSelection is which conversations a command reads, as flags.
type chatSelection struct {
	format, from, to, match string
	roles, languages        []string
	sample                  int
	near                    float64
}

func (c *chatSelection) flags(f *pflag.FlagSet) {
	f.StringVar(&c.format, "input-format", "auto", "format of the input: "+chatFormatNames())
	f.StringVar(&c.from, "from", "", "only conversations that began on this `date` or later, as 2025-03-31")
	f.StringVar(&c.to, "to", "", "only conversations that began before this `date`")
	f.StringSliceVar(&c.roles, "role", nil, "only messages of these roles: "+strings.Join(roleNames(), ", ")+"; user is always among them")
	f.StringSliceVar(&c.languages, "in-language", nil, "only conversations in these languages, as en,de")
	f.StringVar(&c.match, "match", "", "only conversations of which a message matches the regular `expression`")
	f.IntVar(&c.sample, "sample", 0, "so many conversations, drawn at random by --seed; 0 takes all")
	f.Float64Var(&c.near, "near-duplicates", 0, "similarity from which a conversation repeats an earlier one, above 0 to 1; 0 looks for exact copies alone")
}

// options are the flags as the corpus takes them.
func (c *chatSelection) options(seed uint64) (o corpus.ChatOptions, err error) {
	if o.Format, err = corpus.ParseChatFormat(c.format); err != nil {
		return o, usageError{err}
	}
	for _, d := range []struct {
		name, value string
		to          *time.Time
	}{{"from", c.from, &o.From}, {"to", c.to, &o.To}} {
		if d.value == "" {
			continue
		}
		if *d.to, err = parseDate(d.value); err != nil {
			return o, usage("give a date as 2025-03-31, or with a time as 2025-03-31T18:00:00Z", "--%s is %q", d.name, d.value)
		}
	}
	for _, r := range c.roles {
		if !slices.Contains(roleNames(), r) {
			return o, usage("choose among "+strings.Join(roleNames(), ", "), "--role is %q", r)
		}
		o.Roles = append(o.Roles, corpus.Role(r))
	}
	if o.Roles != nil && !slices.Contains(o.Roles, corpus.RoleUser) {
		o.Roles = append(o.Roles, corpus.RoleUser)
	}
	o.Languages = c.languages
	if c.match != "" {
		if o.Match, err = regexp.Compile(c.match); err != nil {
			return o, usage("give an expression as Go's package regexp reads it", "--match: %v", err)
		}
	}
	if c.sample < 0 {
		return o, usage("give a whole number from 0", "--sample is %d", c.sample)
	}
	if !(c.near >= 0 && c.near <= 1) {
		return o, usage("give a number from 0 to 1", "--near-duplicates is %v", c.near)
	}
	o.Sample, o.Seed, o.NearDuplicates = c.sample, seed, c.near
	return o, nil
}

func parseDate(s string) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, nil
	}
	return time.Parse(time.RFC3339, s)
}
