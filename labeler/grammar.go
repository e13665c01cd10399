package labeler

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// form refuses what has not the form that the profile asks for.
func (c *checked) form() error {
	switch c.Profile {
	case ChatLabel:
		return c.imperative()
	case ChatDescription:
		return c.account()
	}
	switch {
	case c.sentence():
		return &RuleError{RuleSentence, "is a sentence"}
	case c.instructs():
		return &RuleError{RuleSentence, "is an instruction, no noun phrase"}
	case c.addresses():
		return &RuleError{RuleSentence, "speaks to the reader"}
	}
	return nil
}

// sentence reports whether a label is a sentence as chat models begin them, or
// has a verb that makes one.
func (c *checked) sentence() bool {
	words := c.words
	if len(words) > 1 && openers.has(words[0]) && slices.ContainsFunc(words, verbs.has) {
		return true
	}
	if contraction.MatchString(c.label) {
		return true
	}
	if len(words) > 1 && pronouns.has(words[0]) && !c.quotes(words...) {
		return true
	}
	if len(words) > 1 && questionWords.has(words[0]) && auxiliaries.has(words[1]) && !c.quotes(words...) {
		return true
	}
	for i, w := range words {
		// "Things That Are Red" is none, nor is the title of a song.
		if i > 0 && finiteVerbs.has(w) && !relatives.has(words[i-1]) && !c.quotes(words[max(0, i-1):min(i+2, len(words))]...) {
			return true
		}
	}
	return foreignSentence.MatchString(strings.Join(words, " "))
}

// contraction begins a sentence: "It's About the Weather".
var contraction = regexp.MustCompile(`(?i)^(?:it|that|this|here|there|let|what|who|how|where)['’]s\s`)

// foreignSentence knows sentences about the texts in other languages: German,
// French, Spanish, Italian, Portuguese, Dutch, Russian, Chinese, Japanese.
var foreignSentence = regexp.MustCompile(`^(?:(?:dies|diese|das|es|hier|alle) (?:.* )?(?:ist|sind|geht|handelt|handeln)(?: |$)` +
	`|(?:ce|ces|il|ils|elles|tous|toutes) (?:.* )?(?:sont|est|agit)(?: |$)|c'est |voici ` +
	`|(?:estos|estas|esto|este|esta|todos|todas|aquí) (?:.* )?(?:son|es|están|trata)(?: |$)|son \pL+` +
	`|(?:questi|queste|questo|questa|ecco) (?:.* )?(?:sono|è)(?: |$)|sono ` +
	`|(?:estes|estas|isto|todos|todas) (?:.* )?(?:são|é)(?: |$)` +
	`|(?:dit|deze|het|alle|hier) (?:.* )?(?:zijn|is|gaat|gaan)(?: |$)` +
	`|(?:это|эти|здесь|все) ` +
	`|(?:这些|這些|这|這|以下|它们|所有).*(?:是|为|都).+|(?:これら|これ|この|以下).*(?:です|ます|である|した)$|.+(?:です|ます|でした|ました)$)`)

// instructs reports whether a label tells somebody to do something, by a verb
// that is no noun and that no member uses.
func (c *checked) instructs() bool {
	return len(c.words) > 1 && onlyVerbs.has(c.words[0]) && !c.isSaid(c.words[0])
}

// addresses reports whether a label speaks to the reader, as advertisements do.
func (c *checked) addresses() bool {
	return slices.ContainsFunc(c.words, func(w string) bool { return secondPerson.has(w) && !c.said[w] })
}

// imperative refuses a label that does not begin with the plain form of a verb.
// In another language than English it may begin with anything.
func (c *checked) imperative() error {
	fault := &RuleError{RuleImperative, "does not begin with a verb such as \"help\" or \"explain\""}
	if c.sentence() {
		return &RuleError{RuleSentence, "is a sentence"}
	}
	if len(c.words) < 2 {
		return fault
	}
	isHyphened := verbPrefixes.has(c.words[0]) && plainVerbs.has(c.words[1]) // "re-write"
	if !english(strings.Fields(c.label)) || c.isVerb(c.words[0]) || isHyphened {
		return nil
	}
	return fault
}

// isVerb says whether a word can be an imperative: a usual one of requests, one
// formed as verbs are, or one that the members use so.
func (c *checked) isVerb(w string) bool {
	if plainVerbs.has(w) {
		return true
	}
	for prefix := range strings.FieldsSeq(string(verbPrefixes)) {
		if rest, ok := strings.CutPrefix(w, prefix); ok && len(rest) > 3 && plainVerbs.has(rest) { // not "react"
			return true
		}
	}
	for _, ending := range []string{"ize", "ise", "ify", "ate"} {
		if strings.HasSuffix(w, ending) && len(w) > len(ending)+2 && !notVerbs.has(w) {
			return true
		}
	}
	for _, ending := range []string{"s", "ing", "ed", "tion", "ment", "ness", "ity"} {
		if strings.HasSuffix(w, ending) && !strings.HasSuffix(w, "ss") {
			return false
		}
	}
	return c.quotes("to", w) && !determiners.has(w)
}

// account refuses a description that is not two sentences in the past tense.
func (c *checked) account() error {
	sentences := splitSentences(c.label)
	if len(sentences) != 2 {
		return &RuleError{RuleTense, "is not two sentences"}
	}
	if !english(strings.Fields(c.label)) {
		return nil
	}
	for _, s := range sentences {
		if words := tokens(s); !pastTense(words) {
			return &RuleError{RuleTense, "is not in the past tense"}
		}
	}
	return nil
}

// pastTense says whether a sentence has a verb in the past tense and none in
// the present after its subject.
func pastTense(words []string) bool {
	past := false
	for i, w := range words {
		before := ""
		if i > 0 {
			before = words[i-1]
		}
		switch {
		case presentVerbs.has(w) && !relatives.has(before) && !past:
			return false
		case pastVerbs.has(w), strings.HasSuffix(w, "ed") && len(w) > 4 && !determiners.has(before) && before != "be":
			past = true
		case subjects.has(before) && !past && (plainVerbs.has(w) || strings.HasSuffix(w, "s") && plainVerbs.has(thirdPerson(w))):
			return false // "users ask", "the user asks"
		}
	}
	return past
}

// thirdPerson undoes the ending of "asks", "discusses" and "tries".
func thirdPerson(w string) string {
	switch {
	case strings.HasSuffix(w, "ies"):
		return w[:len(w)-3] + "y"
	case strings.HasSuffix(w, "sses"), strings.HasSuffix(w, "ches"), strings.HasSuffix(w, "shes"), strings.HasSuffix(w, "xes"):
		return w[:len(w)-2]
	}
	return strings.TrimSuffix(w, "s")
}

// splitSentences divides a text after full stops, question and exclamation
// marks. Those of abbreviations and numbers end nothing.
func splitSentences(s string) []string {
	var out []string
	start := 0
	for i, r := range s {
		if !strings.ContainsRune(".!?。！？", r) {
			continue
		}
		end := i + utf8.RuneLen(r)
		next, _ := utf8.DecodeRuneInString(strings.TrimLeft(s[end:], " \"'”’)"))
		follows := end == len(s) || !isASCIILetter(r, s[end:])
		word := s[start:i]
		if at := strings.LastIndexByte(word, ' '); at >= 0 {
			word = word[at+1:]
		}
		if !follows || r == '.' && (abbreviated.has(strings.ToLower(word)) || unicode.IsLower(next)) {
			continue
		}
		if t := strings.TrimSpace(s[start:end]); strings.ContainsFunc(t, isWordRune) {
			out = append(out, t)
		}
		start = end
	}
	if t := strings.TrimSpace(s[start:]); strings.ContainsFunc(t, isWordRune) {
		out = append(out, t)
	}
	return out
}

// isASCIILetter says whether a mark of ASCII stands within a word: "Node.js".
func isASCIILetter(mark rune, after string) bool {
	next, _ := utf8.DecodeRuneInString(after)
	return mark < utf8.RuneSelf && isWordRune(next)
}

// pronouns are subjects; "IT" is none in a label.
const pronouns wordList = " i we they he she "

// questionWords and auxiliaries begin a question.
const questionWords wordList = " what why when where who whom whose which how "

const auxiliaries wordList = " is are was were do does did can could should would will have has am may might must "

// finiteVerbs make a sentence wherever they stand; relatives before them do not.
const finiteVerbs wordList = " is are was were am isn't aren't wasn't weren't has hasn't haven't cannot can't doesn't couldn't "

const relatives wordList = " that which who whom what where when must not "

const secondPerson wordList = " you your yours yourself you'll you're "

const determiners wordList = " a an the this that these those their his her its my our your any some each every "

// onlyVerbs are imperatives that are hardly ever nouns.
const onlyVerbs wordList = "" +
	" learn discover explore understand enjoy let's lets meet find get become keep make create improve explain describe" +
	" identify provide avoid choose ensure implement include introduce achieve boost embrace experience unleash unlock" +
	" elevate master celebrate tell give bring begin consider imagine remember "

// abbreviated are followed by a full stop within a sentence.
const abbreviated wordList = " e.g i.e etc vs mr mrs ms dr prof no st inc e g i "

// subjects are who does something in a description of chats.
const subjects wordList = "" +
	" user users they he she people person customer customers student students developer developers requester requesters" +
	" individual individuals someone somebody assistant conversation conversations chat chats request requests question questions" +
	" task tasks discussion discussions topic topics "

// presentVerbs are forms that only the present tense has.
const presentVerbs wordList = " is are am has isn't aren't does doesn't don't wants seeks asks needs includes involves "

// pastVerbs are the irregular ones, and those of three or four letters.
const pastVerbs wordList = "" +
	" was were had did wasn't weren't hadn't didn't sought wrote made got gave took went came saw knew thought found told said" +
	" felt left kept began brought bought chose ran built sent spent led dealt held met lost paid sold taught understood spoke" +
	" broke drew drove fell flew forgot grew heard hid meant read rose sang shot showed slept stood stole swam threw won wore" +
	" put set let used tied" + " "

// verbPrefixes stand before verbs.
const verbPrefixes wordList = " re de un pre over auto co out mis dis "

// notVerbs end as verbs do.
const notVerbs wordList = " prize size climate chocolate private corporate ultimate certificate candidate debate rate date date plate state estate" +
	" exercise enterprise franchise merchandise noise promise expertise otherwise likewise paradise concise precise wise appropriate separate adequate" +
	" accurate delicate immediate intermediate late mate gate fate template senate climate pirate chocolate "

// plainVerbs are the verbs of requests, in their plain form.
const plainVerbs wordList = "" +
	" accept access account achieve act adapt add address adjust advise advocate agree aid align analyse analyze animate announce" +
	" answer apologize apply appraise approach approve argue arrange articulate ask assemble assess assign assist attack attach" +
	" audit augment author automate avoid back backtest balance bake base batch beautify begin benchmark bet blend block blog book" +
	" boost brainstorm break brew bring browse budget build bypass calculate calibrate call cancel capture care carry cast catch" +
	" categorise categorize change character characterise characterize chart chat cheat check choose cite claim clarify classify clean" +
	" clear clone close cluster coach code collect combine comment commit communicate compare compile complete compose compress" +
	" compute conceal conceptualize condense conduct configure confirm connect construct consult contact contrast contribute" +
	" control convert convince cook copy correct counsel count counterfeit cover craft crack create criticise criticize critique" +
	" crop cure curate customise customize cut dance deal debate debug decide decipher declare decode decompose decorate decrease" +
	" deduce deepen defend define delegate delete deliver demonstrate deploy derive describe design detail detect determine develop" +
	" devise diagnose diagram differentiate digitize direct disable discover discuss display distinguish distribute divide document" +
	" double download draft draw drive earn edit educate elaborate eliminate embed emulate enable encode encourage encrypt enforce" +
	" engage engineer enhance ensure enter escape establish estimate evade evaluate examine exchange execute exercise expand explain" +
	" exploit explore export express extend extract facilitate fabricate feed fetch file fill filter finalize find finish fit fix" +
	" flag flirt fold follow forecast forge format formulate foster frame gather generate get give grade graph greet grow guard" +
	" guess guide hack handle harass harmonize heal help hide highlight hire host hunt identify illustrate imagine impersonate" +
	" implement import improve include incorporate increase infer inform initialise initialize innovate insert inspect inspire" +
	" install instruct insult integrate interpret interview introduce invent invest investigate invite join judge justify keep kill" +
	" label launch lay lead learn lend let leverage limit link list listen live load locate log look lose lower maintain make" +
	" manage manipulate manufacture map mark market mask measure mediate meet memorise memorize mentor merge migrate mimic" +
	" minimise minimize mitigate mix mock model moderate modernise modernize modify monitor move name narrate navigate negotiate" +
	" normalise normalize note notify obfuscate obtain offer open operate optimise optimize order organise organize outline overcome" +
	" pack paint paraphrase parse participate pass patch pay perform persuade phrase pick pitch place plan play plot point polish" +
	" populate port portray pose post practice practise pray predict prepare present preserve prevent price print prioritise" +
	" prioritize process procure produce profile program promote prompt proofread propose prove provide publish pull purchase push" +
	" put query question quiz quote raise rank rate read reason recall recast receive recognise recognize recommend reconcile" +
	" record recover reduce refactor refine reflect reform refute register reject relate release remove rename render repair" +
	" repeat rephrase replace replicate reply report represent reproduce request research reserve reset reshape resize resolve" +
	" respond restore restructure resume retell retrieve return reverse review revise rewrite ride rob role-play roleplay rotate" +
	" route run save say scale scan schedule score scrape screen script search secure see select sell send separate sequence serve" +
	" set settle share shift shop shorten show shuffle sign simplify simulate sing skip smuggle socialise solve sort source speak" +
	" specify spell split spot spread spy stalk standardize start state steal stop store stream strengthen stretch structure study" +
	" style submit suggest sum summarise summarize supply support survey sustain swap switch synthesise synthesize tackle tailor take" +
	" talk target taste teach tell test think threaten tie time title trace track trade train transcribe transfer transform translate" +
	" transport travel treat trim troubleshoot try tune turn tutor tweak understand undo uninstall unit unlock update upgrade upload" +
	" use utilise utilize validate value verify version view visit visualise visualize wait walk warn wash watch weigh win wipe work" +
	" wrap write "
