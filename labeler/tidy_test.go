package labeler

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestTidy(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"  \n\t ", ""},
		{"Fresh Fruits", "Fresh Fruits"},
		{"  fresh \t  fruits\n", "Fresh Fruits"},
		{"\n\nFruits\nThese are all fruits.", "Fruits"},

		// quotes
		{`"Fruits"`, "Fruits"},
		{"“Fruits”", "Fruits"},
		{"„Obst“", "Obst"},
		{"« Fruits »", "Fruits"},
		{"「果物」", "果物"},
		{"'Fruits'", "Fruits"},
		{"‘Fruits’", "Fruits"},
		{`"'Fruits'"`, "Fruits"},
		{`Fruits"`, "Fruits"},
		{"Children's Toys", "Children's Toys"},
		{"children’s toys", "Children’s Toys"},
		{"Artists' Names", "Artists' Names"},
		{"'Artists' Names", "Artists Names"},

		// Markdown and HTML
		{"**Fruits**", "Fruits"},
		{"__Fruits__", "Fruits"},
		{"*Fruits* and _nuts_", "Fruits and Nuts"},
		{"## Fruits", "Fruits"},
		{"> Fruits", "Fruits"},
		{"- Fruits", "Fruits"},
		{"• Fruits", "Fruits"},
		{"`Fruits`", "Fruits"},
		{"```\nFruits\n```", "Fruits"},
		{"```json\nFruits\n```", "Fruits"},
		{"[Fruits](https://example.org/f)", "Fruits"},
		{"<b>Fruits</b>", "Fruits"},
		{"user_id errors", "user_id Errors"},
		{"A* search", "A* Search"},

		// what stands before a label
		{"Label: Fruits", "Fruits"},
		{"**Label:** Fruits", "Fruits"},
		{"Title: \"Fruits\"", "Fruits"},
		{"The label is: Fruits.", "Fruits"},
		{"Cluster label: Fruits", "Fruits"},
		{"LABEL：果物", "果物"},
		{"1. Fruits", "Fruits"},
		{"2) Fruits", "Fruits"},
		{"(3) Fruits", "Fruits"},
		{"a) Fruits", "Fruits"},
		{"1. **Label:** \"Fruits\".", "Fruits"},
		{"Label:\nFruits", "Fruits"},
		{"Label Printers", "Label Printers"},
		{".NET runtime", ".NET Runtime"},

		// what stands after it
		{"Fruits.", "Fruits"},
		{"Fruits!!!", "Fruits"},
		{"Fruits…", "Fruits"},
		{"Fruits -", "Fruits"},
		{"果物。", "果物"},
		{"Fruits (fresh)", "Fruits (Fresh)"},
		{"Fruits (", "Fruits"},
		{"(Fruits)", "Fruits"},
		{"[Fruits]", "Fruits"},
		{"Moving to the U.S.", "Moving to the U.S."},
		{"C++", "C++"},
		{"Questions about C#", "Questions About C#"},

		// case
		{"units of length", "Units of Length"},
		{"Materials For Construction And Repair", "Materials for Construction and Repair"},
		{"the art of war", "The Art of War"},
		{"things to look for", "Things to Look For"},
		{"iPhone repairs", "iPhone Repairs"},
		{"postgreSQL backups", "postgreSQL Backups"},
		{"PostgreSQL backups", "PostgreSQL Backups"},
		{"HTTP errors", "HTTP Errors"},
		{"HTTP API", "HTTP API"},
		{"NASA", "NASA"},
		{"FRESH FRUITS", "Fresh Fruits"},
		{"ANIMALS", "Animals"},
		{"FOOD AND DRINKS", "Food and Drinks"},
		{"step-by-step guides", "Step-by-Step Guides"},
		{"rock/pop music", "Rock/Pop Music"},
		{"3d printing", "3d Printing"},
		{"Vitamin A sources", "Vitamin A Sources"},
		{"obst und gemüse", "Obst und gemüse"},
		{"pommes et poires", "Pommes et poires"},
		{"животные", "Животные"},
		{"動物", "動物"},

		// code points
		{"Cafe\u0301", "Café"},
		{"\ufeffFruits\u200b", "Fruits"},
		{"Fruits\ue202\u2069", "Fruits"},
		{"Fru\xffits", "Fruits"},
		{"می\u200cخواهم", "می\u200cخواهم"},
	} {
		if got := Tidy(c.in); got != c.want {
			t.Errorf("Tidy(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestTidyBoundsItsWork(t *testing.T) {
	for _, s := range []string{
		strings.Repeat("(", 1<<20), strings.Repeat("\"'", 1<<19), strings.Repeat("1. ", 1<<18),
		strings.Repeat("label:", 1<<17), strings.Repeat("word ", 1<<18), strings.Repeat("\n", 1<<20) + "x",
	} {
		if got := Tidy(s); len(got) > maxTidy {
			t.Errorf("Tidy of %d bytes has %d", len(s), len(got))
		}
	}
}

func TestTidyOfManyLayers(t *testing.T) {
	for _, layer := range []string{"(", "1. ", "label: ", "ok, ", "-> ", "a) "} {
		if got := Tidy(strings.Repeat(layer, 6) + "fruit"); got != "Fruit" {
			t.Errorf("six times %q: %q", layer, got)
		}
		if got := Tidy(strings.Repeat(layer, 200) + "fruit"); got != "" {
			t.Errorf("200 times %q: %q", layer, got)
		}
	}
}

func FuzzTidy(f *testing.F) {
	for _, s := range []string{
		"**Label:** \"Fruits\".", "1. (a) 'x' ", "```json\nFoo\n```", "ſpam", "ı\u0307x", "*_*_ a _*", "U.S.", "[a](b)[", "FRESH FRUITS",
		"The label is: the label is: x", "<a>b</", "ŉ", "ǆ e", "\u200d\u0301a", "A\u0308 OF THE",
		"Sure! Here is a label: \"x\".", "fresh_fruits", "#tag", `\"a\" \n b`, "<think>a</think>b", "Label -> x (3 items)", "The label is is as x", "PETS", "iphone nasa", "It's. They're!",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Tidy(s)
		if again := Tidy(got); again != got {
			t.Fatalf("Tidy(%q) = %q, and once more %q", s, got, again)
		}
		if !utf8.ValidString(got) || !norm.NFC.IsNormalString(got) {
			t.Fatalf("Tidy(%q) = %q is not valid UTF-8 in NFC", s, got)
		}
		// A code point may become another, but none is added.
		if n, had := utf8.RuneCountInString(got), utf8.RuneCountInString(norm.NFC.String(strings.ToValidUTF8(s, ""))); n > had {
			t.Fatalf("Tidy(%q) = %q has %d characters, more than %d", s, got, n, had)
		}
		if strings.TrimSpace(got) != got || strings.Contains(got, "  ") || strings.ContainsAny(got, "\n\r\t\"`") {
			t.Fatalf("Tidy(%q) = %q", s, got)
		}
		if strings.ContainsFunc(got, unicode.IsControl) {
			t.Fatalf("Tidy(%q) = %q has a control character", s, got)
		}
		// Whatever comes out is judged without panic, and in all profiles.
		_ = Check(got, []string{s, got})
		for _, r := range []Rules{{Profile: ChatLabel}, {Profile: ChatDescription}, {Foreign: true, Vocabulary: known{"x": Name, "a": Common}}} {
			members := []string{s, "NASA iPhone"}
			tidy := r.Tidy(s, members)
			if again := r.Tidy(tidy, members); again != tidy || !utf8.ValidString(tidy) {
				t.Fatalf("%v: Tidy(%q) = %q, and once more %q", r.Profile, s, tidy, again)
			}
			_ = r.Check(tidy, members)
		}
	})
}
