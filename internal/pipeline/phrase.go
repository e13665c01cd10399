package pipeline

import (
	"regexp"
	"slices"
	"strings"
)

// A sentence in English that asks for something becomes what is asked for:
// "Could you please fix my code?" is "fix their code". What is no request by
// its form, or not English, stands as it is behind "help with:".

// courtesies are what may stand before a request, without its meaning.
var courtesies = regexp.MustCompile(`(?i)^(?:(?:hi there|hello there|hey there|hi|hello|hey|good (?:morning|afternoon|evening)|thank you|thanks|okay|ok|so|well|also|and|then|now|great|sorry|actually|yes|just)(?:[,.!:]+\s*|\s+))+`)

// asking are ways to ask, of those that begin alike the longest first; what
// follows is a verb, or stands behind the one given.
var asking = []struct{ way, verb string }{
	{"i would like you to ", ""}, {"i'd like you to ", ""}, {"i want you to ", ""}, {"i need you to ", ""},
	{"can you please ", ""}, {"could you please ", ""}, {"would you please ", ""}, {"will you please ", ""},
	{"can you help me to ", "help "}, {"could you help me to ", "help "}, {"can you help me ", "help "}, {"could you help me ", "help "},
	{"please help me to ", "help "}, {"please help me ", "help "}, {"help me to ", "help "}, {"help me ", "help "},
	{"would you mind ", "help with "}, {"i need help with ", "help with "}, {"i want help with ", "help with "}, {"i need some help with ", "help with "},
	{"can you ", ""}, {"could you ", ""}, {"would you ", ""}, {"will you ", ""}, {"please ", ""},
	{"how do i ", "explain how to "}, {"how can i ", "explain how to "}, {"how should i ", "explain how to "}, {"how would i ", "explain how to "},
	{"how do you ", "explain how to "}, {"how do we ", "explain how to "}, {"how can we ", "explain how to "}, {"how to ", "explain how to "},
	{"i would like to ", "help to "}, {"i'd like to ", "help to "}, {"i want to ", "help to "}, {"i need to ", "help to "}, {"i am trying to ", "help to "}, {"i'm trying to ", "help to "},
}

// questions begin a question that is asked as it stands.
var questions = []string{"what", "what's", "which", "who", "who's", "whose", "where", "where's", "when", "why", "how", "is", "are", "was", "were",
	"do", "does", "did", "should", "can", "could", "will", "would", "has", "have", "am"}

// verbs are imperatives that a request begins with most often.
var verbs = []string{"add", "advise", "analyse", "analyze", "answer", "book", "brainstorm", "build", "calculate", "change", "check", "classify", "clean",
	"compare", "complete", "compose", "convert", "correct", "create", "debug", "define", "describe", "design", "develop", "discuss", "draft", "edit",
	"estimate", "evaluate", "explain", "extract", "fill", "find", "fix", "format", "generate", "get", "give", "help", "identify", "implement", "improve",
	"invent", "list", "look", "make", "name", "optimize", "organize", "outline", "plan", "play", "prepare", "propose", "provide", "read", "recommend",
	"refactor", "remove", "rephrase", "reply", "reserve", "respond", "review", "rewrite", "search", "send", "set", "share", "show", "simplify", "solve",
	"sort", "suggest", "summarise", "summarize", "teach", "tell", "test", "translate", "turn", "update", "use", "verify", "write"}

// The user is spoken of, not to.
var thirdPerson = map[string]string{
	"i": "they", "i'm": "they are", "i've": "they have", "i'd": "they would", "i'll": "they will", "am": "are",
	"me": "them", "my": "their", "mine": "theirs", "myself": "themselves",
}

// asks says whether a sentence asks for something by its form.
func asks(s string) bool {
	if strings.HasSuffix(s, "?") {
		return true
	}
	_, ok := request(s)
	return ok
}

// phrase is a sentence as it can stand behind "is to".
func phrase(s string) string {
	if p, ok := request(s); ok {
		return p
	}
	return "help with: " + s
}

// request is what a sentence in the form of a request asks for.
func request(s string) (string, bool) {
	s = strings.ReplaceAll(s, "’", "'")
	rest := s[len(courtesies.FindString(s)):]
	for _, a := range asking {
		if len(rest) > len(a.way) && strings.EqualFold(rest[:len(a.way)], a.way) {
			return inThirdPerson(a.verb + lowerFirst(rest[len(a.way):])), true
		}
	}
	first, _, _ := strings.Cut(rest, " ")
	first = strings.ToLower(strings.Trim(first, ",:"))
	switch {
	case strings.HasSuffix(s, "?") && slices.Contains(questions, first):
		return inThirdPerson("answer: " + lowerFirst(rest)), true
	case slices.Contains(verbs, first):
		return inThirdPerson(lowerFirst(rest)), true
	}
	return "", false
}

// lowerFirst takes the capital off the beginning of a sentence, but not off "I",
// an abbreviation or a placeholder.
func lowerFirst(s string) string {
	if len(s) > 1 && s[0] >= 'A' && s[0] <= 'Z' && (s[1] >= 'a' && s[1] <= 'z' || s[1] == '\'') {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}

func inThirdPerson(s string) string {
	words := strings.Fields(s)
	for i, w := range words {
		core := strings.TrimRight(w, ".,;:!?")
		if to, ok := thirdPerson[strings.ToLower(core)]; ok && (core != "am" || i > 0 && words[i-1] == "they") {
			words[i] = to + w[len(core):]
		}
	}
	return strings.Join(words, " ")
}
