package pipeline

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"sheaf/models/builtin"
)

// People say things to keep a talk going: they thank, ask for more, for an
// example, for fewer words. Such sentences have no topic, and must neither stand
// for a conversation nor name a group of them.

// pleasantries are words of a talk, beside stop words, that say nothing of its
// topic.
var pleasantries = map[string]bool{"thank": true, "thanks": true, "yes": true, "yeah": true, "yep": true, "no": true, "nope": true, "ok": true, "okay": true,
	"sure": true, "perfect": true, "great": true, "good": true, "fine": true, "nice": true, "cool": true, "awesome": true, "wonderful": true, "correct": true,
	"right": true, "sounds": true, "sound": true, "bye": true, "goodbye": true, "hello": true, "hi": true, "hey": true, "please": true, "help": true,
	"assistance": true, "need": true, "now": true, "try": true, "works": true, "like": true, "lot": true, "alright": true, "exactly": true, "welcome": true}

// talkWords are, language by language, the words that sentences about the talk
// itself are made of, without accents. In English stop words and pleasantries
// belong to them; the others have their own function words here. A word of one
// of them may well have a topic, as "short" in "short stories": only a sentence
// that has no other word has none.
var talkWords = []string{
	" again another answer answers beginner bit brief briefly clarify clear concise continue detail details detailed elaborate else everything" +
		" example examples explain explanation further give hmm interesting keep lol long longer makes mean more much new newbie next oh one point question questions" +
		" quick quickly really repeat rephrase response say see sense short shorter simple simpler simply sorry still step steps thing things" +
		" understand understood wait words wow ",
	" bitte danke vielen dank schon sehr kannst konnen konntest du sie mir uns noch ein eine einen mal mehr sagen erklaren erklar genauer dazu das es ist bin ich" +
		" neu hier darin nenne nennen gib geben beispiel beispiele warum wieso weshalb wie meinst damit kurz kurzer fasse dich halte weiter und ja nein ok gut super prima" +
		" hallo guten tag morgen einfach einfacher verstehe nicht was heisst nochmal details ausfuhrlicher ",
	" merci beaucoup bien tres peux tu pouvez vous me nous en dire plus un une autre exemple exemples donne donnez moi pourquoi est ce cela ca c s il te plait" +
		" plus court bref sois soyez continue continuez et oui non ok d accord bonjour salut je suis nouveau nouvelle debutant explique expliquez encore que quoi" +
		" ne comprends pas comment simple simplement details ",
	" gracias muchas por favor puedes puede podrias decir decirme me nos mas un una otro ejemplo ejemplos da dar dame deme que es esto eso se breve corto continua" +
		" sigue y si no ok vale bien hola buenos dias soy nuevo nueva en principiante explica explicame explicar otra vez como entiendo detalles muy sencillo ",
	" grazie mille per favore puoi puo dire dirmi mi di piu un altro esempio esempi dammi perche questo e breve sii continua si no ok va bene ciao" +
		" sono nuovo nuova principiante spiega spiegami ancora come capisco non che cosa dettagli semplice ",
	" obrigado obrigada muito por favor podes pode poderia dizer me mais um outro exemplo exemplos da de porque isso e isto breve seja curto continue continua" +
		" sim nao ok bom ola sou novo nova nisso iniciante explica explique novamente como entendo o que detalhes simples ",
	" bedankt dank je u wel alsjeblieft alstublieft kun kunt kan me mij nog een meer zeggen vertellen voorbeeld voorbeelden geef waarom is dat dit kort korter" +
		" houd het ga verder door en ja nee ok goed hallo ik ben nieuw hierin beginner leg uit opnieuw hoe begrijp niet wat bedoel details eenvoudig ",
}

// talkPhrases are such sentences in scripts that write words together.
var talkPhrases = []string{"谢谢", "谢谢你", "谢谢您", "多谢", "继续", "请继续", "好的", "你好", "为什么", "举个例子", "请举例", "再说一遍", "详细一点", "简短一点",
	"謝謝", "繼續", "請繼續", "舉個例子", "ありがとう", "ありがとうございます", "続けて", "続けてください", "なぜですか", "例を挙げて", "もっと詳しく", "こんにちは", "ขอบคุณ", "ขอบคุณครับ", "ขอบคุณค่ะ", "สวัสดี"}

// isTalk says whether a sentence is about the talk alone: "Can you say more?"
func isTalk(s string) bool {
	bare := withoutPlaceholders(s)
	if len(bare) != len(s) && hasOnlyStopWords(bare) {
		return false // "What about [LOCATION_1]?"
	}
	if strings.ContainsFunc(bare, isUnspaced) {
		return slices.Contains(talkPhrases, strings.TrimFunc(bare, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }))
	}
	words := slices.DeleteFunc(builtin.Words(bare), func(w string) bool { return !strings.ContainsFunc(w, unicode.IsLetter) })
	languages := talkLanguages()
	all := languageSet(1)<<len(talkWords) - 1
	for _, w := range words {
		in := languages[w]
		if builtin.IsStopWord(w) || pleasantries[w] {
			in |= 1
		}
		if all &= in; all == 0 {
			return false
		}
	}
	return len(words) > 0
}

// A languageSet has a bit for each of some languages.
type languageSet uint8

// talkLanguages are the languages, by their places in talkWords, in which a word is
// about the talk.
var talkLanguages = sync.OnceValue(func() map[string]languageSet {
	out := make(map[string]languageSet)
	for lang, list := range talkWords {
		for w := range strings.FieldsSeq(list) {
			out[w] |= 1 << lang
		}
	}
	return out
})

// codeSigns are seldom in what people say, and codeMarks even less.
const codeSigns = "{}[]()<>=;_\\|$#*&^`~+%@/"

var codeMarks = []string{"==", "!=", "=>", "->", "::", "();", "):", ") {", "){", "};", "</", "/>", "+=", "&&", "||", "${", "\\n", "#include", "import "}

// isCode says whether a line is of a program that somebody has pasted without a fence
// around it, or of a formula or a log. What asks for something in words is not.
func isCode(s string) bool {
	bare := withoutPlaceholders(s)
	signs, all := 0, 0
	for _, r := range bare {
		switch {
		case unicode.IsSpace(r):
			continue
		case isUnspaced(r):
			return false
		case r < utf8.RuneSelf && strings.IndexByte(codeSigns, byte(r)) >= 0:
			signs++
		}
		all++
	}
	isMarked := signs > 1 && slices.ContainsFunc(codeMarks, func(m string) bool { return strings.Contains(bare, m) })
	return (isMarked || 9*signs >= all) && !asks(s)
}

// formWords are, language by language as talkWords, what an answer can be asked to
// look or sound like, and what points at it. "Can you put that in a table?" has no topic behind a request
// that has one; as a request of its own, "How do I make a table?" has.
var formWords = []string{
	" bullet bulleted bullets casual casually column columns different draft easier edit email fewer formal formally format formatted friendlier friendly funnier" +
		" funny heading headings informal language line lines list listed lists longer markdown message mine note notes order paragraph paragraphs plain points polite politer" +
		" politely professional professionally put reformat reword rewrite row rows sentence sentences shorten simplify sorted spreadsheet style summarise summarize" +
		" summary table tables text title titles tone translate translated translation try turn version versions write written different english german french" +
		" spanish italian portuguese dutch better best sure wrong right error same first second third last use using work worked working check checked change changed add added ",
	" tabelle liste stichpunkte stichpunkten aufzahlung absatz satz satze satzen mach mache machen als form formlicher freundlicher text umschreiben schreib schreibe" +
		" ubersetze ubersetzen deutsch englisch kurzen kurze zusammenfassen zusammenfassung tabellenform spalten zeilen in auf es das andere anders besser sicher das dies dieses diese sie ihn davon oben ",
	" tableau liste puces points paragraphe phrase phrases mets mettre mettez fais faire faites forme texte ecris reecris traduis traduire francais anglais resume resumer" +
		" colonnes lignes ton formel dans mieux autrement sur ca cela ceci le la les l celui celle dessus ",
	" tabla lista puntos vinetas parrafo frase frases pon ponlo poner hazlo haz hacer forma texto escribe reescribe traduce traducir espanol ingles resumen resume" +
		" columnas filas tono formal mejor otra seguro eso esto lo la los las ello ",
	" tabella lista elenco punti paragrafo frase frasi metti mettilo mettere fai farlo fare forma testo scrivi riscrivi traduci tradurre italiano inglese riassunto riassumi" +
		" colonne righe tono formale meglio sicuro questo quello cio lo la li le ",
	" tabela lista pontos topicos paragrafo frase frases poe por colocar coloca faz fazer forma texto escreve reescreve traduz traduzir portugues ingles resumo resume" +
		" colunas linhas tom formal melhor certeza isso isto o a os as ",
	" tabel lijst opsomming punten alinea zin zinnen zet zetten maak maken vorm tekst schrijf herschrijf vertaal vertalen nederlands engels samenvatting samenvatten" +
		" kolommen rijen toon formeel beter zeker dat dit het deze die ze ",
}

// isFollowUp says whether a sentence, said after a request, asks for no more than
// another form of the answer.
func isFollowUp(s string) bool {
	bare := withoutPlaceholders(s)
	if len(bare) != len(s) || strings.ContainsFunc(bare, isUnspaced) {
		return false
	}
	words := slices.DeleteFunc(builtin.Words(bare), func(w string) bool { return !strings.ContainsFunc(w, unicode.IsLetter) })
	for lang, list := range talkWords {
		isOther := func(w string) bool {
			in := " " + w + " "
			return !strings.Contains(list, in) && !strings.Contains(formWords[lang], in) && (lang > 0 || !builtin.IsStopWord(w) && !pleasantries[w])
		}
		if !slices.ContainsFunc(words, isOther) {
			return true
		}
	}
	return false
}

// talkOpeners begin what people put behind a request without a full stop:
// "explain decorators Thanks", "a lasagna I am new to this".
var talkOpeners = []string{"please", "thanks", "thank", "i", "i'm", "can", "could", "sorry", "be", "give", "explain", "keep", "make"}

// withoutTalk takes from the beginning and the end of a sentence what is about
// the talk alone: "Quick question: how do I …", "…, thanks".
func withoutTalk(s string) string {
	for range 3 { // Hi, quick question:
		i := strings.IndexAny(s, ",:;!")
		if i < 0 || i+1 >= len(s) || s[i+1] != ' ' {
			break
		}
		head, tail := s[:i], strings.TrimLeft(s[i+1:], " ")
		if !isTalk(head) || hasOnlyStopWords(head) && !isGreeting(head) || !hasLetters(tail) || isTalk(tail) {
			break
		}
		s = tail
	}
	words := strings.Fields(s)
	for i := 1; i < len(words); i++ {
		last, _ := utf8.DecodeLastRuneInString(words[i-1])
		first, _ := utf8.DecodeRuneInString(words[i])
		isClause := strings.ContainsRune(",;:—–", last)
		isRunOn := unicode.IsUpper(first) && unicode.IsLetter(last) && slices.Contains(talkOpeners, strings.ToLower(strings.TrimRight(words[i], ".,!?")))
		if !isClause && !isRunOn {
			continue
		}
		tail, head := strings.Join(words[i:], " "), strings.Join(words[:i], " ")
		if isTalk(tail) && !hasOnlyStopWords(tail) && hasLetters(head) && !isTalk(head) {
			return strings.TrimRight(head, " ,;:—–")
		}
	}
	return s
}

// isGreeting says whether a text is a greeting, which may be a stop word.
func isGreeting(s string) bool { return pleasantries[strings.ToLower(strings.TrimSpace(s))] }

// hasOnlyStopWords says whether a text is made of English function words, but for
// "please": ", why?" belongs to what is asked.
func hasOnlyStopWords(s string) bool {
	return !slices.ContainsFunc(builtin.Words(s), func(w string) bool { return w == "please" || !builtin.IsStopWord(w) })
}

// isEmptyTalk says whether a sentence has less than two words that say something,
// or not more of them than personal data. Longer ones and those in scripts
// without spaces are taken to say something.
func isEmptyTalk(s string) bool {
	if isTalk(s) {
		return true
	}
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
