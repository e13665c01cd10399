package corpus

import (
	"strings"
	"unicode"
)

// DetectLanguage returns the language of a text as an ISO 639-1 code ("en"), or ""
// where too little tells. It goes by the script and, where several languages share
// that, by their most frequent words and letters: enough to part chats by language,
// in a few kilobytes. It knows the languages of the tables below; a text in another
// one is "" or taken for a near relative.
func DetectLanguage(text string) string {
	if len(text) > 4<<10 {
		text = strings.ToValidUTF8(text[:4<<10], "")
	}
	counts := make(map[string]int)
	letters, han := 0, 0
	for _, r := range text {
		if !unicode.IsLetter(r) {
			continue
		}
		letters++
		switch {
		case unicode.In(r, unicode.Hiragana, unicode.Katakana):
			counts["ja"]++
		case unicode.Is(unicode.Han, r):
			han++
		default:
			for _, s := range scripts {
				if unicode.Is(s.table, r) {
					counts[s.name]++
					break
				}
			}
		}
	}
	if letters < 2 {
		return ""
	}
	if counts["ja"]*10 >= han { // Japanese is written with both
		counts["ja"] += han
	} else {
		counts["zh"] += han
	}
	best := "latin"
	for _, s := range [...]string{"ja", "zh", "cyrillic", "arabic", "ko", "el", "he", "hi", "th", "hy", "ka", "bn", "ta", "te"} {
		// A letter of Chinese is worth some of an alphabet: technical words are
		// Latin everywhere.
		weight := 1
		if s == "ja" || s == "zh" || s == "ko" {
			weight = 3
		}
		if n := counts[s] * weight; n > counts[best] {
			best = s
			counts[best] = n
		}
	}
	if counts[best] == 0 {
		return ""
	}
	switch best {
	case "latin", "cyrillic", "arabic":
		return languageByWords(text, best)
	}
	return best
}

// scripts are those that tell something, the frequent first. A name of two letters
// is that of the one language that is written in it.
var scripts = [...]struct {
	name  string
	table *unicode.RangeTable
}{
	{"latin", unicode.Latin}, {"cyrillic", unicode.Cyrillic}, {"arabic", unicode.Arabic}, {"ko", unicode.Hangul},
	{"el", unicode.Greek}, {"he", unicode.Hebrew}, {"hi", unicode.Devanagari}, {"th", unicode.Thai},
	{"hy", unicode.Armenian}, {"ka", unicode.Georgian}, {"bn", unicode.Bengali}, {"ta", unicode.Tamil}, {"te", unicode.Telugu},
}

// A language is known by its most frequent short words and by letters that its
// relatives do not have.
type language struct {
	code, script, letters, words string
}

var languages = [...]language{
	{"en", "latin", "", "the of and to in is you that it he was for on are with as his they at be this have from or had by but not what all were we when your can said there use an each which she do how their if will my me i'm don't please would could should does about write give make help need want explain between create using find why where"},
	{"de", "latin", "äöüß", "der die das und ist nicht ich ein eine zu den mit von auf für sich des dem im auch wie bei oder aber wir wenn mir mich kann bitte wird sind einen einem einer was du es noch nur schon nach zum zur haben habe hat mein meine welche warum gibt kannst schreibe ohne über durch um"},
	{"fr", "latin", "çœèêëîïûùæ", "le la les de des du un une et est pas que qui dans pour sur au aux avec ce cette je tu il elle nous vous ils ne se sont plus par mais ou où comme mon ma mes peux peut moi être fait faire quel quelle sans c'est j'ai d'un d'une qu'il votre quels comment pourquoi écris"},
	{"es", "latin", "ñ¿¡", "el la los las de del un una y es no que en por para con se lo su al como más pero sus le ya o este sí porque esta entre cuando muy sin sobre también me hasta hay donde quien mi tu qué cómo puedo puedes quiero hacer necesito cuál son está dame escribe"},
	{"pt", "latin", "ãõ", "o a os as de do da dos das um uma e é não que em no na nos nas por para com se mais como mas ao foi ele ela seu sua ou quando muito já está eu também só pelo pela até isso entre você meu minha como fazer posso qual são quero preciso escreva"},
	{"it", "latin", "", "il lo la i gli le di del della dei delle un uno una e è non che in per con si da come ma anche nel nella al alla sono più questo questa ho ha mi ti se o cosa quando puoi vorrei perché quale posso fare mio mia dal sul essere scrivi degli dello"},
	{"nl", "latin", "", "de het een en van is niet ik dat te in op je zijn met voor er maar om aan die wat als ook naar bij dan nog hoe kan mijn wil deze dit heb heeft worden wordt door over uit geen waarom welke kun u schrijf tussen moet"},
	{"sv", "latin", "å", "och att det är som en på för med av jag inte till den i har de om ett han men var sig så från vi kan du min mig vad när hur ska eller skulle från efter mycket varför vilka finns kunna skriv"},
	{"da", "latin", "æø", "og at det er en den til af i på for med jeg ikke som der de har et kan du vi min mig hvad hvordan om men så skal fra eller være blive hvorfor hvilke meget også efter noget skriv"},
	{"no", "latin", "æø", "og at det er en den til av i på for med jeg ikke som der de har et kan du vi min meg hva hvordan om men så skal fra eller være bli hvorfor hvilke mye også etter noe skriv"},
	{"fi", "latin", "", "ja on ei se että en hän oli mutta kun niin mitä miten voi minä sinä ovat olla kuin tämä joka jos myös vain minun sen mikä miksi onko kanssa ole olen voisitko tai missä"},
	{"pl", "latin", "łąęśżźń", "i w nie na się z do to że jest jak o co ale po tak za od czy mi jego już dla ja przez przy jestem być są mam można który która jakie dlaczego proszę napisz może moje"},
	{"cs", "latin", "ěřů", "a je se v na to že s z do o jak ale za by si jsem pro k co tak po jako který které mi už nebo aby při od mám může jaké proč prosím jsou být napiš můj"},
	{"sk", "latin", "ľĺŕô", "a je sa v na to že s z do o ako ale za by si som pre k čo tak po ktorý ktoré mi už alebo aby pri od mám môže aké prečo prosím sú byť napíš môj"},
	{"hu", "latin", "őű", "a az és hogy nem is egy ez van de meg ha csak már mint kell azt volt vagy én mi ki nekem hogyan mit lehet milyen miért kérem kérlek egyik között írj"},
	{"ro", "latin", "ățșţş", "și de în la o a nu cu că pe este un din pentru mai ce sau ca care am eu sunt se al ale fi dar să cum îmi poate poți vreau despre lui unei dintre scrie"},
	{"tr", "latin", "ğış", "ve bir bu için ne de da çok ile mi ben nasıl daha olarak var en gibi ama kadar sonra olan değil mı her şey ki nedir bana o olur misin hangi neden lütfen yaz"},
	{"id", "latin", "", "yang dan di untuk dengan ini itu dari tidak saya ada adalah pada ke bisa akan atau dalam apa bagaimana juga kamu anda karena lebih sudah oleh jika seperti buatkan tolong mengapa antara"},
	{"vi", "latin", "ơưđăạảấầẩậắằẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ", "và của là có không tôi cho một được trong với các để này người khi như đã bạn những gì nào thế hãy viết"},
	{"ca", "latin", "", "el la els les de del un una i és no que en per amb es com més però al als aquest aquesta ha són jo tu què quan molt també pot meu meva seva puc fer vull necessito escriu"},
	{"ru", "cyrillic", "ыэъё", "и в не на я что он с как это по но из у за так же от мне для вы то бы о меня если или можно как мой есть когда напиши чтобы пожалуйста почему какие"},
	{"uk", "cyrillic", "іїєґ", "і в не на я що він з як це по але у за так та від мені для ви до б мене якщо або можна мій є коли напиши щоб чому будь які"},
	{"bg", "cyrillic", "", "и в не на аз че той с как това по но от за така да се са ми вие до ли ме ако или мога мой е когато напиши защо моля какво"},
	{"sr", "cyrillic", "јљњћђџ", "и у не на ја да је он са како то по али од за се су ми ви до ме ако или могу мој када напиши зашто молим шта"},
	{"ar", "arabic", "ةىأإ", "في من على إلى أن هذا هذه ما لا مع عن كيف هل التي الذي أو كان هو هي أنا كل بعد يمكن ثم لي"},
	{"fa", "arabic", "پچژگک", "و در به از که این را با است برای آن یک من می های چه خود تا بر هم اگر یا چگونه چیست کنید باید"},
	{"ur", "arabic", "ٹڈڑںےھہ", "کے میں کی ہے اور سے کا کو نے پر یہ ہیں کیا کہ ایک میری کر بھی کیسے مجھے نہیں"},
}

// languageByWords returns the language of a script of which the most words are.
func languageByWords(text, script string) string {
	scores := make([]int, len(languages))
	counts := make(map[string]int)
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && r != '\'' && r != '\u2019' && !unicode.Is(unicode.Mn, r)
	}) {
		counts[strings.Trim(strings.ReplaceAll(word, "\u2019", "'"), "'")]++
	}
	best, second := -1, -1
	for i := range languages {
		l := &languages[i]
		if l.script != script {
			continue
		}
		for word := range strings.FieldsSeq(l.words) {
			scores[i] += 3 * counts[word]
		}
		for _, r := range l.letters {
			scores[i] += 2 * strings.Count(text, string(r))
		}
		switch {
		case best < 0 || scores[i] > scores[best]:
			best, second = i, best
		case second < 0 || scores[i] > scores[second]:
			second = i
		}
	}
	if scores[best] == 0 {
		return ""
	}
	if scores[best] == scores[second] {
		return "" // as far as that goes, it could be either
	}
	return languages[best].code
}

// IsFunctionWord says whether a word, in lower case, is one of the most frequent of a
// language, given by its code, and so says nothing of a topic. Of a language that is
// not in the tables it knows none.
func IsFunctionWord(code, word string) bool {
	for i := range languages {
		if languages[i].code == code {
			return strings.Contains(" "+languages[i].words+" ", " "+word+" ")
		}
	}
	return false
}

// languageNames are the names under which formats give a language, each with a
// blank before it.
const languageNames = " english=en german=de french=fr spanish=es portuguese=pt italian=it dutch=nl swedish=sv danish=da norwegian=no " +
	"finnish=fi polish=pl czech=cs slovak=sk hungarian=hu romanian=ro turkish=tr indonesian=id vietnamese=vi " +
	"catalan=ca russian=ru ukrainian=uk bulgarian=bg serbian=sr arabic=ar persian=fa farsi=fa urdu=ur japanese=ja " +
	"chinese=zh korean=ko greek=el hebrew=he hindi=hi thai=th armenian=hy georgian=ka bengali=bn tamil=ta telugu=te " +
	"malay=ms croatian=hr slovenian=sl lithuanian=lt latvian=lv estonian=et icelandic=is basque=eu galician=gl " +
	"irish=ga welsh=cy albanian=sq macedonian=mk belarusian=be kazakh=kk uzbek=uz azerbaijani=az mongolian=mn " +
	"swahili=sw afrikaans=af latin=la esperanto=eo tagalog=tl filipino=tl marathi=mr gujarati=gu punjabi=pa " +
	"kannada=kn malayalam=ml sinhala=si nepali=ne burmese=my khmer=km lao=lo amharic=am somali=so hausa=ha " +
	"yoruba=yo zulu=zu xhosa=xh maori=mi hawaiian=haw scots=sco norwegianbokmal=no nynorsk=no bokmal=no deutsch=de " +
	"español=es français=fr "

// LanguageCode returns the code of a language that is given by a code, a locale
// ("pt-BR") or its English name, "" for what is none.
func LanguageCode(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if len(s) > 40 {
		return ""
	}
	if i := strings.Index(languageNames, " "+s+"="); i >= 0 && s != "" {
		code, _, _ := strings.Cut(languageNames[i+len(s)+2:], " ")
		return code
	}
	code, _, _ := strings.Cut(strings.ReplaceAll(s, "_", "-"), "-")
	if len(code) != 2 && len(code) != 3 {
		return ""
	}
	for i := range len(code) {
		if code[i] < 'a' || code[i] > 'z' {
			return ""
		}
	}
	switch code {
	case "nb", "nn":
		return "no"
	case "und", "unk", "mul", "zxx":
		return ""
	case "eng":
		return "en"
	}
	return code
}
