package corpus

import "testing"

func TestDetectLanguage(t *testing.T) {
	for _, tt := range []struct{ want, text string }{
		{"en", "How do I get the dog to stop barking when the bell rings?"},
		{"en", "write a python script that renames files"},
		{"de", "Wie bekomme ich den Hund dazu, nicht mehr zu bellen?"},
		{"fr", "Comment est-ce que je peux apprendre à nager ?"},
		{"es", "¿Cómo puedo aprender a nadar en una semana?"},
		{"pt", "Como posso aprender a nadar em uma semana? Não sei nada."},
		{"it", "Come posso imparare a nuotare in una settimana? Vorrei un piano."},
		{"nl", "Hoe kan ik in een week leren zwemmen? Ik heb het nog niet geprobeerd."},
		{"sv", "Hur kan jag lära mig att simma på en vecka?"},
		{"fi", "Miten voin oppia uimaan? Se on minulle vaikeaa."},
		{"pl", "Jak mogę nauczyć się pływać? Proszę o plan."},
		{"cs", "Jak se můžu naučit plavat? Prosím o plán na týden."},
		{"hu", "Hogyan tanulhatok meg úszni? Kérlek, írj egy tervet."},
		{"ro", "Cum pot să învăț să înot? Vreau un plan pentru o săptămână."},
		{"tr", "Yüzmeyi nasıl öğrenebilirim? Bana bir plan yaz."},
		{"id", "Bagaimana saya bisa belajar berenang dalam seminggu?"},
		{"vi", "Làm thế nào để tôi học bơi trong một tuần?"},
		{"ru", "Как я могу научиться плавать за неделю?"},
		{"uk", "Як мені навчитися плавати за тиждень? Що для цього потрібно?"},
		{"bg", "Как мога да се науча да плувам за една седмица? Моля за план."},
		{"ar", "كيف يمكن أن أتعلم السباحة في أسبوع؟"},
		{"fa", "چگونه می توانم شنا یاد بگیرم؟"},
		{"zh", "我怎么能在一周内学会游泳？请用 Python 写一个计划"},
		{"ja", "一週間で泳げるようになるにはどうすればいいですか"},
		{"ko", "일주일 만에 수영을 배우려면 어떻게 해야 하나요?"},
		{"el", "Πώς μπορώ να μάθω κολύμπι;"},
		{"he", "איך אני יכול ללמוד לשחות?"},
		{"hi", "मैं तैरना कैसे सीख सकता हूँ?"},
		{"th", "ฉันจะเรียนว่ายน้ำได้อย่างไร"},
		{"", ""},
		{"", "12345 !?"},
		{"", "xyzzy plugh"},
		{"", "👍"},
	} {
		if got := DetectLanguage(tt.text); got != tt.want {
			t.Errorf("%q is %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestLanguageCode(t *testing.T) {
	for name, want := range map[string]string{
		"English": "en", "en": "en", "pt-BR": "pt", "zh_CN": "zh", " German ": "de", "unknown": "", "": "", "klingon tongue": "", "nb": "no", "x1": "",
	} {
		if got := LanguageCode(name); got != want {
			t.Errorf("LanguageCode(%q) = %q, want %q", name, got, want)
		}
	}
}
