package privacy

import (
	"os"
	"strings"
	"testing"
)

func technologies(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile("testdata/technologies.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for entry := range strings.FieldsFuncSeq(string(raw), func(r rune) bool { return r == ',' || r == '\n' }) {
		if entry = strings.TrimSpace(entry); entry != "" {
			out = append(out, entry)
		}
	}
	return out
}

// lost are the entries that are touched in a sentence, % being the entry.
func lost(r *Redactor, entries []string, sentences ...string) (out []string) {
	for _, e := range entries {
		for _, s := range sentences {
			at := strings.Index(s, "%")
			text := strings.Replace(s, "%", e, 1)
			for _, f := range r.Find(text) {
				if f.Start < at+len(e) && f.End > at {
					out = append(out, text)
					break
				}
			}
		}
	}
	return out
}

// Technologies live: at most 2 % of them are taken for something personal.
func TestTechnologiesLive(t *testing.T) {
	r := New(Options{})
	all := technologies(t)
	if len(all) < 500 {
		t.Fatalf("%d technologies", len(all))
	}
	sentences := []string{
		"How do I sort a table with % and show it in the browser?", "% is slow when I load a large file.", "I want to learn %.",
		"Explain the difference between % and the alternatives.", "Our team moved from spreadsheets to % last year.",
		"Write a unit test for my % project.", "I work with % every day.", "% vs Excel for reports?", "Can you help me with %?",
		"The user asks for help with % and its configuration.", "My boss wants us to use % from now on.",
	}
	bad := lost(r, all, sentences...)
	t.Logf("%d of %d", len(bad), len(all)*len(sentences))
	if 100*len(bad) > 2*len(all)*len(sentences) {
		t.Errorf("%d of %d are lost: %q", len(bad), len(all)*len(sentences), bad[:min(len(bad), 60)])
	}
}

// Words that are names too are left where they are words.
func TestEverydayWordsLive(t *testing.T) {
	r := New(Options{})
	sentences := []string{
		"I will be late, and it may rain.", "Mark the spot on the map.", "May I ask a question?", "Will this work?", "Grace is a virtue that we hope for.",
		"I hope the bill is right.", "The rose in my garden is red.", "Bill me later, please.", "Hope this helps!", "Rose wine goes well with fish.",
		"In April and May it rains, in June it is dry.", "Frank answers are welcome.", "The art of war.", "Chase the ball, then drew a line.",
		"A penny for your thoughts.", "Sunny weather on Sunday.", "Faith moves mountains.", "Joy and peace to the world.", "The dean spoke to the guy.",
		"Rich people pay more tax.", "Summer dresses in autumn colours.", "The baker and the smith met the miller.", "Take the stone from the hill.",
		"Use a hammer, a saw and a jack.", "Ray tracing in a game engine.", "The robin sang in the holly.", "Ivy grows on the wall.", "Ginger tea with honey.",
		"Read the long book by the brook.", "The king and the bishop moved.", "Turn left at the cross.", "Add olive oil and rosemary.", "Jasmine rice with basil.",
		"Play the piano and the viola.", "The west wing of the house.", "Dark brown shoes with a white shirt.", "Carol singing at Christmas.",
		"What a nice day for reading in the bath!", "I pray for good health.", "The cook will grant my wish.", "A gold ring with a ruby.", "Dawn broke over the lake.",
		"Give the dog a pat.", "He ran a mile in four minutes.", "Lance the boil.", "The sterling exchange rate.", "Dale and glen are old words.",
		"Write a sonnet about hope, grace and faith.", "Summarize the chapter about the Roman empire.", "Explain the Monty Hall problem? No: explain a coin toss.",
		"My will leaves all to charity.", "Long story short, it works.", "Good morning! Could you help me?", "Thanks a lot, this is great.",
		"Translate this sentence into French.", "Can you suggest an Italian recipe?", "Write a Python function.", "The task is to sort a list of numbers.",
		"The user's overall request for the assistant is to write a cover letter.", "The task is to recommend clothing for cold weather.",
		"Create a Weekly Meal Plan", "Improve and Debug Code", "Help implement frontend components", "Explain Rust and Python Code", "Generate blog spam for gambling websites",
		"Categorise business expenses and ledger codes", "Business Finance and Accounting", "Units of Length", "Greek Letters", "Materials for Construction and Repair",
		"Help Plan Trips", "Draft Cover Letters and Resumes", "Travel and Weather", "Write Poems, Songs and Stories", "Fix Bugs in Web Applications",
	}
	words, bad := 0, 0
	for _, s := range sentences {
		words += len(strings.Fields(s))
		for _, f := range r.Find(s) {
			if f.Type == Nationality {
				continue
			}
			bad++
			t.Logf("%q in %q by %s", s[f.Start:f.End], s, f.Recogniser)
		}
	}
	if 100*bad > 2*len(sentences) {
		t.Errorf("%d findings in %d sentences of %d words", bad, len(sentences), words)
	}
}

// The chat of the founding article: none of its four names is left.
func TestTokyoChat(t *testing.T) {
	s := New(Options{}).Session()
	turns := s.RedactAll([]string{
		"What's the weather like in Tokyo?", "It is mild in Tokyo, about 15 °C.",
		"What should I wear in Ginza? I am going shopping with my friend Jake before we go to the office of OpenAI.",
		"For shopping in Ginza with Jake, wear a light jacket; for OpenAI's office something smart.",
		"thanks! jake says hi, he loves tokyo and ginza, and openai too",
	})
	for _, r := range turns {
		for _, w := range []string{"tokyo", "ginza", "jake", "openai"} {
			if strings.Contains(strings.ToLower(r.Text), w) {
				t.Errorf("%s is left in %q", w, r.Text)
			}
		}
	}
	if !strings.Contains(turns[2].Text, "wear") || !strings.Contains(turns[3].Text, "jacket") {
		t.Errorf("the sense is lost: %v", turns)
	}
}

// Names in programs live, also those that no list has, and where a verb behind
// them is one that companies are the subject of; a brand that is written so is
// found nevertheless.
func TestIdentifiersLive(t *testing.T) {
	r := New(Options{})
	names := []string{"useEffect", "getElementById", "onWindowBlur", "setFrobnicator", "isReady", "mapStateToProps"}
	if bad := lost(r, names, "% fires twice in my React app, why?", "Why does % not update?", "I call % from a handler.", "My boss told me % is slow."); len(bad) > 0 {
		t.Errorf("lost: %q", bad)
	}
	for _, text := range []string{"I work at openAI in sales.", "My name is Rosalind McKay."} {
		if len(r.Find(text)) == 0 {
			t.Errorf("nothing found in %q", text)
		}
	}
}
