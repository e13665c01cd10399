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
	{"i have been trying to ", "help to "}, {"i've been trying to ", "help to "},
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

// having are ways to say what one has or wants, in front of what it is.
var having = regexp.MustCompile(`(?i)^(?:my |our |(?:i have|i've got|i have got|i am having|i'm having|i got|i need|i want|i would like|i'd like|i am looking for|i'm looking for|we have|we need|we want) (an? |some |the |this |these |trouble |problems |issues ))`)

// phrase is a sentence as it can stand behind "is to".
func phrase(s string) string {
	if p, ok := request(s); ok {
		return p
	}
	return "help with: " + having.ReplaceAllString(s, "$1")
}

// ownChoice is a question for what oneself may do: "what should I wear in Rome".
var ownChoice = regexp.MustCompile(`(?i)^((?:what|which|where|when|who|how)(?: \S+){0,3}?) (?:do|can|should|could|would|must|shall) (?:i|we) (\S+)`)

// states are verbs that cannot be asked for so: "what do I need".
var states = []string{"need", "want", "owe", "think", "feel", "look", "seem", "weigh", "have"}

// withoutAsker puts a question for what oneself may do without the one who
// asks: "what to wear in Rome".
func withoutAsker(s string) string {
	m := ownChoice.FindStringSubmatch(s)
	if m == nil || slices.Contains(states, strings.ToLower(strings.Trim(m[2], ".,?!"))) {
		return s
	}
	return m[1] + " to " + m[2] + s[len(m[0]):]
}

// giveMe are verbs that need not say to whom.
var giveMe = regexp.MustCompile(`(?i)^(give|show|find|get|make|write|draft|create) (?:me|us) `)

// request is what a sentence in the form of a request asks for.
func request(s string) (string, bool) {
	s = strings.ReplaceAll(s, "’", "'")
	rest := s[len(courtesies.FindString(s)):]
	for _, a := range asking {
		if len(rest) > len(a.way) && strings.EqualFold(rest[:len(a.way)], a.way) {
			return inThirdPerson(a.verb + giveMe.ReplaceAllString(lowerFirst(rest[len(a.way):]), "$1 ")), true
		}
	}
	first, _, _ := strings.Cut(rest, " ")
	first = strings.ToLower(strings.Trim(first, ",:"))
	switch {
	case strings.HasSuffix(s, "?") && slices.Contains(questions, first):
		return inThirdPerson("answer: " + withoutAsker(lowerFirst(rest))), true
	case slices.Contains(verbs, first):
		return inThirdPerson(giveMe.ReplaceAllString(lowerFirst(rest), "$1 ")), true
	}
	return "", false
}

// numerals in words say how many of something, and not what.
const numerals = " two three four five six seven eight nine ten "

// taskWords are words of a task to an assistant, whatever it is about.
const taskWords = " write create generate provide give make made include includes including included add use show explain describe" +
	" follow following follows based all final answer answers respond response responses task tasks prompt prompts assistant user" +
	" input output outputs return returns value values example examples gets each every only specific certain various different" +
	" detail details detailed ensure assume suppose consider imagine act start starting begin beginning ends ending" +
	" first second third next previous above below must should will using provided given called words word sentences sentence" +
	" instead number numbers new clear end several" +
	" schreib schreibe erstelle erstell mach mache écris écrivez rédige rédigez crée créez fais faites escribe crea haz genera scrivi fai" +
	" escreva crie faça schrijf maak skriv skapa napisz stwórz napiš vytvoř yaz oluştur viết buatkan buat tulis" +
	" напиши напишите придумай сделай сделайте создай составь расскажи опиши переделай "

// nameWords are the words of a sentence that may name what it is about: without
// the way in which it is asked for, without numerals, and without what is said in
// tasks of any kind, if there is something else.
func nameWords(s string) string {
	rest := s[len(courtesies.FindString(s)):]
	for _, a := range asking {
		if len(rest) > len(a.way) && strings.EqualFold(rest[:len(a.way)], a.way) {
			rest = rest[len(a.way):]
			break
		}
	}
	words := strings.Fields(rest)
	if len(words) > 2 && slices.Contains(verbs, strings.ToLower(words[0])) {
		words = words[1:]
	}
	words = slices.DeleteFunc(words, func(w string) bool { return strings.Contains(numerals, " "+strings.ToLower(w)+" ") })
	of := slices.DeleteFunc(slices.Clone(words), func(w string) bool {
		return strings.Contains(taskWords, " "+strings.ToLower(strings.Trim(w, ".,:;!?\"'()"))+" ")
	})
	if text := strings.Join(of, " "); hasLetters(text) {
		return text
	}
	return strings.Join(words, " ")
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
		isTheirs := i > 0 && words[i-1] == "they"
		if to, ok := thirdPerson[strings.ToLower(core)]; ok && (core != "am" || isTheirs) {
			words[i] = to + w[len(core):]
		} else if core == "was" && isTheirs {
			words[i] = "were" + w[len(core):]
		}
	}
	return strings.Join(words, " ")
}
