package bench

import (
	"sheaf/internal/quality"
)

// An Answer is what a chat model said for a group, as far as it was judged.
type Answer struct {
	Rule     string // the rule that it breaks, or what else is wrong with it; "" for one that can be taken
	Invented bool   // it has a name that is in no text
}

// A Named is what one chat model made of one group.
type Named struct {
	Label   string
	IsModel bool    // the label is the model's; else another labeler took its place
	Fit     float64 // of the label, from the judge; see labeler/judge
	Answers []Answer
}

// Calls is what the questions to one model took.
type Calls struct {
	Seconds       []float64 // of each call that brought an answer
	Sent          int       // calls, those that brought none among them
	Read, Written int       // tokens, as far as the server tells
}

// A ChatRow is one chat model with one set of prompts.
type ChatRow struct {
	Model        string `json:"model"`
	Prompts      string `json:"prompts"` // "built-in" or the folder
	Server       string `json:"server,omitempty"`
	Digest       string `json:"digest,omitempty"`
	PromptDigest string `json:"prompt_digest,omitempty"`

	// Passed is the share of the groups that have a label of the model's, which
	// is one that keeps all rules and is about the texts.
	Passed quality.Interval `json:"passed"`
	// Fit is the mean of the judge's score over all groups, 0 where the model
	// gave no label; FitOfPassed over those with one.
	Fit         quality.Interval `json:"fit"`
	FitOfPassed float64          `json:"fit_of_passed"`

	Answers       int            `json:"answers"`        // of the model, good or not
	AnswersPassed float64        `json:"answers_passed"` // share of them that can be taken
	Invented      int            `json:"invented_names"` // answers with a name that is in no text
	Faults        map[string]int `json:"faults"`         // rule ▸ answers that break it

	SecondsPerGroup quality.Interval `json:"seconds_per_group"` // of calls; its interval is over calls
	CallsPerGroup   float64          `json:"calls_per_group"`
	ReadPerGroup    float64          `json:"tokens_read_per_group"`
	WrittenPerGroup float64          `json:"tokens_written_per_group"`
	LoadSeconds     float64          `json:"load_seconds"` // of a first question of a few words

	Warnings []string `json:"warnings,omitempty"`
	Error    string   `json:"error,omitempty"` // why there is nothing else
}

// A ChatGroup is a group and what each row calls it.
type ChatGroup struct {
	Set      string      `json:"set"`
	Name     string      `json:"name,omitempty"` // the user's own
	Size     int         `json:"size"`           // texts, copies among them
	Examples []string    `json:"examples"`       // the nearest to the centroid
	Labels   []ChatLabel `json:"labels"`         // in the order of the rows that were measured
}

// A ChatLabel is the label that one row gives a group.
type ChatLabel struct {
	Model   string  `json:"model"`
	Prompts string  `json:"prompts"`
	Label   string  `json:"label"`
	Source  string  `json:"source"` // "model" or "keywords"
	Fit     float64 `json:"fit"`
}

// A ChatReport is all of a comparison of chat models.
type ChatReport struct {
	Schema    int            `json:"schema"`
	Sheaf     string         `json:"sheaf"`
	Machine   string         `json:"machine"`
	Embedding string         `json:"embedding"` // the model that the groups were made with
	Seed      uint64         `json:"seed"`
	Options   map[string]any `json:"options"` // how the models were asked
	Sets      []SetInfo      `json:"sets"`
	Models    []ChatRow      `json:"models"`
	Groups    []ChatGroup    `json:"groups"`
	Labelled  bool           `json:"labelled"` // the groups are the user's own
}

// SummariseChat fills in the figures of a row from what it made of all groups.
// Equal seeds give equal intervals.
func SummariseChat(row *ChatRow, named []Named, calls *Calls, seed uint64) {
	n := float64(max(len(named), 1))
	row.Faults = make(map[string]int)
	var passed, fit []float64
	good, own := 0, 0
	for _, g := range named {
		p, f := 0.0, 0.0
		if g.IsModel {
			p, f = 1, g.Fit
			own++
			row.FitOfPassed += g.Fit
		}
		passed, fit = append(passed, p), append(fit, f)
		for _, a := range g.Answers {
			row.Answers++
			switch {
			case a.Rule == "":
				good++
			default:
				row.Faults[a.Rule]++
			}
			if a.Invented {
				row.Invented++
			}
		}
	}
	row.FitOfPassed /= float64(max(own, 1))
	row.AnswersPassed = float64(good) / float64(max(row.Answers, 1))
	opts := quality.BootstrapOptions{Seed: seed}
	if len(named) > 0 {
		row.Passed, row.Fit = meanInterval(passed, 1, opts), meanInterval(fit, 1, opts)
	}
	if len(calls.Seconds) > 0 {
		row.SecondsPerGroup = meanInterval(calls.Seconds, float64(len(calls.Seconds))/n, opts)
	}
	row.CallsPerGroup = float64(calls.Sent) / n
	row.ReadPerGroup, row.WrittenPerGroup = float64(calls.Read)/n, float64(calls.Written)/n
}

// meanInterval is the mean of values, times a factor, and its bootstrap interval.
func meanInterval(values []float64, factor float64, opts quality.BootstrapOptions) quality.Interval {
	return quality.Bootstrap(len(values), opts, func(rows []int) float64 {
		sum := 0.0
		for _, r := range rows {
			sum += values[r]
		}
		return factor * sum / float64(len(rows))
	})
}
