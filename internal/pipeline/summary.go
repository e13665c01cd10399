package pipeline

import (
	"cmp"
	"context"
	"math"
	"regexp"
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
	words         string // of both and a few sentences more, what names can be made of
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

	nameSentences = 4 // beside those of the summary that names of groups rest on

	openingBonus = 0.1 // for sentences of the first turn, which mostly say what is wanted
	askingBonus  = 0.1 // for sentences that ask for something, in English
	emptyCost    = 0.5 // for those with less than two words that say something: "Yes, that's fine."
	repeatCost   = 0.4 // for the second sentence, of its cosine with the first
)

// A sentence is one of a user's, after redaction.
type sentence struct {
	text    string
	turn    int
	opening bool // it is in the first turn that has a topic
}

// sentences are those of a user's turns. Code is left out, and what has no two
// letters.
func sentences(turns []string) []sentence {
	var out []sentence
	for i, turn := range turns {
		for line := range strings.Lines(withoutCode(turn)) {
			for line != "" {
				var s string
				s, line, _ = uniseg.FirstSentenceInString(line, -1)
				s = strings.Join(strings.Fields(s), " ")
				if hasLetters(s) {
					out = append(out, sentence{text: cutRunes(s, longestSentence), turn: i})
				}
			}
		}
	}
	if len(out) > firstSentences+lastSentences {
		out = append(out[:firstSentences:firstSentences], out[len(out)-lastSentences:]...)
	}
	return out
}

// topical are those of sentences that can stand for the conversation: without
// what is about the talk alone, and without pasted code, where there is something
// else.
func topical(ss []sentence) []sentence {
	var out []sentence
	for _, keepCode := range []bool{false, true} {
		for _, s := range ss {
			if isTalk(s.text) || !keepCode && isCode(s.text) || len(out) > 0 && s.turn > out[0].turn && isFollowUp(s.text) {
				continue
			}
			s.text = withoutTalk(s.text)
			out = append(out, s)
		}
		if len(out) > 0 {
			break
		}
	}
	if len(out) == 0 {
		out = ss
	}
	for i := range out {
		out[i].opening = out[i].turn == out[0].turn
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

// summarizeSentences makes summaries of conversations, each given by the sentences
// of its user, redacted, as topical has them: those most central by their embeddings.
// A conversation without a sentence has an empty summary. So many threads work at
// once; 0 means all.
func summarizeSentences(ctx context.Context, space engine.Embedder, found [][]sentence, threads int) ([]summary, error) {
	out := make([]summary, len(found))
	var texts []string
	begin := make([]int, len(found)) // the row of a conversation's first sentence
	for i, ss := range found {
		begin[i] = len(texts)
		for _, s := range ss {
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
	return out, parallel(ctx, len(found), threads, func(i int) {
		vectors := make([][]float32, len(found[i]))
		for j := range vectors {
			vectors[j] = e.Vectors.Data[(begin[i]+j)*e.Vectors.Stride:][:e.Vectors.Cols]
		}
		out[i] = summaryOf(found[i], vectors)
	})
}

// summaryOf is the summary made of the most central of some sentences.
func summaryOf(ss []sentence, vectors [][]float32) (out summary) {
	first, second := central(ss, vectors)
	if first < 0 {
		return summary{}
	}
	out.Request, out.words = framed(requestFrame, ss[first].text), nameWords(ss[first].text)
	if second < 0 {
		out.Task = framed(taskFrame, ss[first].text)
		return out
	}
	out.Task = framed(taskFrame, ss[second].text)
	out.words += "\n" + nameWords(ss[second].text)
	// What else the user says is no part of the summary; names of groups of
	// conversations rest on it too.
	for i, n := 0, 0; i < len(ss) && n < nameSentences; i++ {
		if i != first && i != second && !isEmptyTalk(ss[i].text) {
			out.words += "\n" + nameWords(ss[i].text)
			n++
		}
	}
	return out
}

// central returns the sentence nearest to the mean of all, and of the others
// the nearest that says something, and something else; -1 where there is none.
// Of two of the opening the earlier stands first.
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
	empty := make([]bool, len(ss))
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
		if empty[i] = isEmptyTalk(s.text); empty[i] {
			score[i] -= emptyCost
		}
		if first < 0 || score[i] > score[first] {
			first = i
		}
	}
	for i := range ss {
		score[i] -= repeatCost * dot(vectors[i], vectors[first])
		if i != first && ss[i].text != ss[first].text && !empty[i] && (second < 0 || score[i] > score[second]) {
			second = i
		}
	}
	if second >= 0 && second < first && ss[first].opening { // as the user has put them
		first, second = second, first
	}
	return first, second
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
// It is cut where a clause or phrase ends, if one ends in the second half of what
// there is room for.
func cutWords(s string, most int) string {
	fields := strings.Fields(s)
	n, kept, rest := 0, 0, ""
	for ; kept < len(fields); kept++ {
		w := countWords(fields[kept])
		if n+w > most {
			if w > 1 && n < most {
				rest = cutRunes(fields[kept], 2*(most-n))
			}
			break
		}
		n += w
	}
	switch {
	case rest != "":
		fields = append(fields[:kept:kept], rest)
	case kept < len(fields):
		fields = fields[:phraseEnd(fields, kept)]
	}
	return strings.TrimRight(strings.Join(fields, " "), " .,;:!?…。！？、，")
}

// joints are words that a clause or a phrase begins with.
const joints = " when while because since before after until if unless although that which who where so and or but as by with without for from in on at into" +
	" about using via und oder aber wenn weil dass mit ohne bei fur et ou mais quand parce avec sans dans pour y o pero cuando porque con sin en para "

// phraseEnd is how many of the words to keep of those that there is room for,
// room of them, where there are more.
func phraseEnd(words []string, room int) int {
	clause, joint := 0, 0 // the last ends of either kind
	for n := room; 2*n > room; n-- {
		if clause == 0 && n > 2 && strings.ContainsAny(words[n-1][len(words[n-1])-1:], ",;:.!?)") {
			clause = n
		}
		if joint == 0 && strings.Contains(joints, " "+strings.ToLower(words[n])+" ") {
			joint = n
		}
	}
	room = cmp.Or(clause, joint, room)
	for room > 1 && isFunctionWord(words[room-1]) {
		room--
	}
	return room
}

// isFunctionWord says whether a word cannot end a sentence that was cut.
func isFunctionWord(w string) bool {
	return builtin.IsStopWord(strings.ToLower(w)) || strings.Contains(joints, " "+strings.ToLower(w)+" ")
}

// firstUnspaced is where Thai begins, which stands before the other such scripts.
const firstUnspaced = 0x0E00

// isUnspaced says whether a letter is of a script that writes words together.
func isUnspaced(r rune) bool {
	return r >= firstUnspaced && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
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

// personal is a placeholder with what joins it to the words before it.
var personal = regexp.MustCompile(`(?i:\b(?:in|at|from|to|near|of|with|for|by|on|and|between|around) )*\[[A-Z][A-Z0-9_]*\]`)

// withoutPersonal is withoutPlaceholders for words that make names: "three days
// in [LOCATION_1] with kids" has no "days in with kids".
func withoutPersonal(s string) string {
	if !strings.Contains(s, "[") {
		return s
	}
	return personal.ReplaceAllString(s, "")
}

func dot(a, b []float32) float64 {
	sum := 0.0
	for i, x := range a {
		sum += float64(x) * float64(b[i])
	}
	return sum
}
