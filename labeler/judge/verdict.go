package judge

import (
	"context"
	"fmt"
	"strings"

	"sheaf/labeler"
	"sheaf/models/builtin"
)

// A Question is what was asked for.
type Question struct {
	// Profile says what kind of text. The zero value is a note's label.
	Profile labeler.Profile
	// Language is in which language it was to be, in the user's words; "" is that
	// of the texts. What is known of a language other than theirs is not held
	// against a label.
	Language string
}

// A Verdict is what a candidate is worth.
type Verdict struct {
	Text  string // as labeler.Rules.Tidy leaves it
	Fault error  // why it cannot be taken, a *labeler.RuleError; nil for one that can
	// Score says how well it fits; nil where it breaks a rule that needs no judge.
	Score *Score
}

// Judge tidies candidates for the name, or the description, of one cluster, and
// says of each whether it may be taken: it keeps the rules of its profile, is in
// the language asked for, and names something that is in the cluster. Of those
// without a fault [Best] takes the one to show.
//
// It serves labels of notes and of chats, descriptions of chats, and names of
// parents in a hierarchy: for those, Read takes each parent as a cluster whose
// members are its children's names, weighted by their sizes.
//
// The error is ctx's own or the embedder's. It panics if there is no such cluster.
func (r *Reading) Judge(ctx context.Context, cluster int, q Question, candidates []string) ([]Verdict, error) {
	g := &r.clusters[cluster]
	rules := labeler.Rules{Profile: q.Profile, Vocabulary: r.j, Mixed: g.mixed}
	rules.Foreign = !g.isEnglish()
	if q.Language != "" {
		rules.Foreign = !strings.HasPrefix(strings.ToLower(q.Language), "en")
	}
	out := make([]Verdict, len(candidates))
	var texts []string
	var places []int
	for i, c := range candidates {
		v := &out[i]
		v.Text = rules.Tidy(c, g.evidence)
		v.Fault = rules.Check(v.Text, g.evidence)
		switch {
		case v.Fault != nil:
		case g.wasTold(v.Text):
			v.Fault = &labeler.RuleError{Rule: labeler.RuleObeys, Detail: "says what a text asks for"}
		case q.Language == "" && r.isForeign(g, v.Text):
			v.Fault = &labeler.RuleError{Rule: labeler.RuleLanguage, Detail: "is in another language than the texts"}
		case r.isOneMember(g, v.Text):
			v.Fault = &labeler.RuleError{Rule: labeler.RuleList, Detail: "is one of the texts, and the others are no kind of it"}
		}
		if v.Fault == nil {
			texts, places = append(texts, v.Text), append(places, i)
		}
	}
	if len(texts) == 0 {
		return out, nil
	}
	scores, err := r.Score(ctx, cluster, texts)
	if err != nil {
		return nil, fmt.Errorf("judge: %w", err)
	}
	for at, i := range places {
		s := &scores[at]
		out[i].Score = s
		isUnknown := q.Language != "" && !s.Known // the lexicon hardly knows that language
		if !s.Grounded() && !isUnknown && !(g.mixed && rules.SaysMixed(texts[at])) {
			out[i].Fault = &labeler.RuleError{Rule: labeler.RuleUnrelated, Detail: "names nothing that the texts are about"}
		}
	}
	return out, nil
}

// Best is the verdict without a fault that has the highest score, of equals the
// first, or -1.
func Best(verdicts []Verdict) int {
	best := -1
	for i, v := range verdicts {
		if v.Fault == nil && (best < 0 || v.Score != nil && verdicts[best].Score != nil && v.Score.Total > verdicts[best].Score.Total) {
			best = i
		}
	}
	return best
}

// Mixed says whether the members of a cluster have nothing in common that the
// lexicon knows of. It panics if there is no such cluster.
func (r *Reading) Mixed(cluster int) bool { return r.clusters[cluster].mixed }

// wasTold says whether the words of a label stand in a text that tells the model
// what to do, and in no other.
func (g *group) wasTold(label string) bool {
	found := false
	for w := range wordsOf(label) {
		switch {
		case g.words[w] > 0:
			return false
		case g.told[w]:
			found = true
		}
	}
	return found
}

// sameWords says whether a label and a text have the same words, in some form.
func sameWords(label string, ofLabel map[string]bool, text string) bool {
	ofText := wordsOf(text)
	all := func(s string, in map[string]bool) bool {
		for _, w := range builtin.Words(s) {
			if !in[w] && !builtin.IsStopWord(w) && len(w) > 1 {
				return false
			}
		}
		return true
	}
	return all(label, ofText) && all(text, ofLabel)
}

// isOneMember says whether a label is one of the texts, has no word that others
// have, and is not what they are kinds of, as "fruit" is of "fruit, apples,
// pears".
func (r *Reading) isOneMember(g *group, label string) bool {
	const fewest = 3
	if len(g.evidence) < fewest {
		return false
	}
	same := false
	words := wordsOf(label)
	for _, m := range g.evidence[:min(len(g.evidence), looked)] {
		same = same || sameWords(label, words, m)
	}
	if !same || len(words) == 0 {
		return false
	}
	const more = 1.5 // members' shares
	for w := range words {
		if g.words[w]*float64(len(g.evidence)) > more {
			return false
		}
	}
	const kinds = 0.4 // of the members
	for c := range r.j.conceptsOf(label, false) {
		if g.below[c] >= kinds || strings.Join(builtin.Words(r.j.lexicon.Lexicon().Concepts[c].Name), " ") == strings.Join(builtin.Words(label), " ") && g.concepts[c] >= kinds {
			return false
		}
	}
	return true
}
