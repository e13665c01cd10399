package pipeline

import (
	"context"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"sheaf/engine"
	"sheaf/models/builtin"
)

// A summary says what a conversation is about: the request in one sentence and
// the task in another, as article and paper have them.
type summary struct {
	Request, Task string
	words         string // both as the user put them
}

// The two sentences begin alike in every summary.
const (
	requestFrame = "The user's overall request for the assistant is to"
	taskFrame    = "The task is to"

	// summaryWords is the most words of each, its beginning among them.
	summaryWords = 20
)

// Of a conversation without a chat model: which sentences are looked at, and
// how one is chosen.
const (
	// Of more sentences, the first and the last are looked at: a conversation
	// opens with its request and ends with what became of it.
	firstSentences, lastSentences = 96, 32
	longestSentence               = 300 // characters of one

	openingBonus = 0.1 // for sentences of the first turn, which mostly say what is wanted
	askingBonus  = 0.1 // for sentences that ask for something, in English
	emptyCost    = 0.5 // for those with less than two words that say something: "Yes, that's fine."
	repeatCost   = 0.4 // for the second sentence, of its cosine with the first
)

// A sentence is one of a user's, after redaction.
type sentence struct {
	text    string
	opening bool // it is in the first turn
}

// sentences are those of a user's turns that can stand for the conversation.
// Code is left out, and what has no two letters.
func sentences(turns []string) []sentence {
	var out []sentence
	for i, turn := range turns {
		for line := range strings.Lines(withoutCode(turn)) {
			for line != "" {
				var s string
				s, line, _ = uniseg.FirstSentenceInString(line, -1)
				s = strings.Join(strings.Fields(s), " ")
				if hasLetters(s) {
					out = append(out, sentence{cutRunes(s, longestSentence), i == 0})
				}
			}
		}
	}
	if len(out) > firstSentences+lastSentences {
		out = append(out[:firstSentences:firstSentences], out[len(out)-lastSentences:]...)
	}
	return out
}

// withoutCode takes fenced code out of a turn, unless there is nothing else.
func withoutCode(turn string) string {
	const fence = "```"
	if !strings.Contains(turn, fence) {
		return turn
	}
	var b strings.Builder
	for i, part := range strings.Split(turn, fence) {
		if i%2 == 0 {
			b.WriteString(part)
			b.WriteByte('\n')
		}
	}
	if !hasLetters(b.String()) {
		return turn
	}
	return b.String()
}

// hasLetters says whether a text has two letters outside of placeholders.
func hasLetters(s string) bool {
	n := 0
	for _, r := range withoutPlaceholders(s) {
		if unicode.IsLetter(r) {
			n++
		}
		if n == 2 {
			return true
		}
	}
	return false
}

// summarize makes summaries of conversations, each given by the redacted turns
// of its user, out of their own sentences: those most central by their
// embeddings. A conversation without a sentence has an empty summary.
func summarize(ctx context.Context, space engine.Embedder, conversations [][]string) ([]summary, error) {
	out := make([]summary, len(conversations))
	found := make([][]sentence, len(conversations))
	var texts []string
	for i, turns := range conversations {
		found[i] = sentences(turns)
		for _, s := range found[i] {
			texts = append(texts, withoutPlaceholders(s.text))
		}
	}
	if len(texts) == 0 {
		return out, nil
	}
	e, err := space.Embed(ctx, texts, nil)
	if err != nil {
		return nil, err
	}
	row := 0
	for i, ss := range found {
		vectors := make([][]float32, len(ss))
		for j := range ss {
			vectors[j] = e.Vectors.Data[row*e.Vectors.Stride:][:e.Vectors.Cols]
			row++
		}
		first, second := central(ss, vectors)
		if first < 0 {
			continue
		}
		out[i].Request, out[i].words = framed(requestFrame, ss[first].text), ss[first].text
		if second < 0 {
			out[i].Task = framed(taskFrame, ss[first].text)
			continue
		}
		out[i].Task = framed(taskFrame, ss[second].text)
		out[i].words += "\n" + ss[second].text
	}
	return out, nil
}

// central returns the sentence nearest to the mean of all, and of the others
// the nearest that says something, and something else; -1 where there is none.
func central(ss []sentence, vectors [][]float32) (first, second int) {
	first, second = -1, -1
	if len(ss) == 0 {
		return first, second
	}
	mean := make([]float32, len(vectors[0]))
	for _, v := range vectors {
		for i, x := range v {
			mean[i] += x
		}
	}
	length := dot(mean, mean)
	score := make([]float64, len(ss))
	for i, s := range ss {
		if length > 0 {
			score[i] = dot(vectors[i], mean) / math.Sqrt(length)
		}
		if s.opening {
			score[i] += openingBonus
		}
		if asks(s.text) {
			score[i] += askingBonus
		}
		if isEmptyTalk(s.text) {
			score[i] -= emptyCost
		}
		if first < 0 || score[i] > score[first] {
			first = i
		}
	}
	for i := range ss {
		score[i] -= repeatCost * dot(vectors[i], vectors[first])
		if i != first && ss[i].text != ss[first].text && !isEmptyTalk(ss[i].text) && (second < 0 || score[i] > score[second]) {
			second = i
		}
	}
	return first, second
}

// pleasantries are words of a talk, beside stop words, that say nothing of its
// topic.
var pleasantries = map[string]bool{"thank": true, "thanks": true, "yes": true, "yeah": true, "yep": true, "no": true, "nope": true, "ok": true, "okay": true,
	"sure": true, "perfect": true, "great": true, "good": true, "fine": true, "nice": true, "cool": true, "awesome": true, "wonderful": true, "correct": true,
	"right": true, "sounds": true, "sound": true, "bye": true, "goodbye": true, "hello": true, "hi": true, "hey": true, "please": true, "help": true,
	"assistance": true, "need": true, "now": true, "try": true, "works": true, "like": true, "lot": true, "alright": true, "exactly": true, "welcome": true}

// isEmptyTalk says whether a sentence has less than two words that say something,
// or not more of them than personal data. Longer ones and those in scripts
// without spaces are taken to say something.
func isEmptyTalk(s string) bool {
	bare := withoutPlaceholders(s)
	n := 0
	for _, w := range builtin.Words(bare) {
		if !pleasantries[w] && !builtin.IsStopWord(w) {
			n++
		}
	}
	if strings.HasSuffix(s, "?") {
		return n == 0 // "What should I wear in [LOCATION_1]?"
	}
	personal := strings.Count(s, "[") - strings.Count(bare, "[")
	return (n < 2 || n <= personal) && countWords(s) < 12 && !strings.ContainsFunc(s, isUnspaced)
}

// framed puts a sentence behind the beginning of a request or a task, cut to
// the words that both may have together.
func framed(frame, s string) string {
	return frame + " " + cutWords(phrase(s), summaryWords-len(strings.Fields(frame)))
}

// countWords counts the words of a text; of scripts that write none apart, two
// characters count as one.
func countWords(s string) int {
	n, run := 0, 0
	for f := range strings.FieldsSeq(s) {
		run = 0
		for _, r := range f {
			if isUnspaced(r) {
				run++
			}
		}
		n += max(1, (run+1)/2)
	}
	return n
}

// cutWords cuts a text to so many words, without the punctuation at its end.
func cutWords(s string, most int) string {
	var kept []string
	n := 0
	for f := range strings.FieldsSeq(s) {
		w := countWords(f)
		if n+w > most {
			if rest := most - n; w > 1 && rest > 0 {
				kept = append(kept, cutRunes(f, 2*rest))
			}
			break
		}
		n += w
		kept = append(kept, f)
	}
	return strings.TrimRight(strings.Join(kept, " "), " .,;:!?…。！？、，")
}

// isUnspaced says whether a letter is of a script that writes words together.
func isUnspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// cutRunes cuts a text to so many characters.
func cutRunes(s string, most int) string {
	if len(s) <= most || utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most])
}

// withoutPlaceholders takes placeholders such as [PERSON_1] out of a redacted
// text: they say nothing of its topic.
func withoutPlaceholders(s string) string {
	if !strings.Contains(s, "[") {
		return s
	}
	var b strings.Builder
	for s != "" {
		open := strings.IndexByte(s, '[')
		if open < 0 {
			break
		}
		end := open + 1
		for end < len(s) && (s[end] >= 'A' && s[end] <= 'Z' || s[end] >= '0' && s[end] <= '9' || s[end] == '_') {
			end++
		}
		if end < len(s) && s[end] == ']' && end > open+1 && s[open+1] >= 'A' && s[open+1] <= 'Z' {
			b.WriteString(s[:open])
			s = s[end+1:]
			continue
		}
		b.WriteString(s[:end])
		s = s[end:]
	}
	b.WriteString(s)
	return b.String()
}

func dot(a, b []float32) float64 {
	sum := 0.0
	for i, x := range a {
		sum += float64(x) * float64(b[i])
	}
	return sum
}
