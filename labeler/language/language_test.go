package language_test

import (
	"slices"
	"strings"
	"testing"

	"sheaf/engine/static"
	"sheaf/labeler/language"
	"sheaf/models/builtin"
)

func detector(t *testing.T) *language.Detector {
	t.Helper()
	glossary, err := builtin.ReadGlossary(builtin.ModelFS())
	if err != nil {
		t.Fatal(err)
	}
	m, err := static.OpenFS(builtin.ModelFS(), "builtin", static.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return language.New(glossary, m)
}

var (
	english = []string{"buy milk and eggs on the way home", "call the dentist about Tuesday", "where did I put the keys", "the garden needs water"}
	foreign = map[string][]string{
		"de": {"Milch und Eier auf dem Heimweg kaufen", "wegen Dienstag den Zahnarzt anrufen", "wo sind meine Schlüssel", "der Garten braucht Wasser"},
		"fr": {"acheter du lait et des œufs en rentrant", "appeler le dentiste pour mardi", "où sont mes clés", "le jardin a besoin d'eau"},
		"es": {"comprar leche y huevos de camino a casa", "llamar al dentista por lo del martes", "dónde están mis llaves", "el jardín necesita agua"},
		"it": {"comprare il latte e le uova tornando a casa", "chiamare il dentista per martedì", "dove sono le mie chiavi", "il giardino ha bisogno d'acqua"},
		"pt": {"comprar leite e ovos no caminho para casa", "ligar ao dentista por causa da terça-feira", "onde estão as minhas chaves", "o jardim precisa de água"},
		"nl": {"melk en eieren kopen op weg naar huis", "de tandarts bellen over dinsdag", "waar zijn mijn sleutels", "de tuin heeft water nodig"},
	}
)

func TestOf(t *testing.T) {
	d := detector(t)
	if got := d.Of([][]string{english}); got[0] != builtin.English {
		t.Errorf("English is %d", got[0])
	}
	for i, code := range builtin.Languages {
		texts := foreign[code]
		if texts == nil {
			t.Fatalf("no texts in %q", code)
		}
		if got := d.Of([][]string{texts}); got[0] != i {
			t.Errorf("%s is %d, want %d", code, got[0], i)
		}
		// Beside as many English texts each group keeps its own.
		if got := d.Of([][]string{english, texts}); !slices.Equal(got, []int{builtin.English, i}) {
			t.Errorf("English and %s are %v", code, got)
		}
	}
}

// A group that tells little by itself is in the language of the others; in
// doubt, and where there is nothing to read, it is English.
func TestOfLittle(t *testing.T) {
	d := detector(t)
	de := slices.Index(builtin.Languages[:], "de")
	names := []string{"Berlin", "Hannah"}
	if got := d.Of([][]string{foreign["de"], foreign["de"], names}); got[2] != de {
		t.Errorf("names among German notes are %d", got[2])
	}
	if got := d.Of([][]string{english, english, names}); got[2] != builtin.English {
		t.Errorf("names among English notes are %d", got[2])
	}
	for name, texts := range map[string][]string{"nothing": nil, "empty": {"", " "}, "numbers": {"12", "3.5"}, "emoji": {"🐈"}, "not UTF-8": {"\xff\xfe"}} {
		if got := d.Of([][]string{texts}); got[0] != builtin.English {
			t.Errorf("%s: %d", name, got[0])
		}
	}
	if got := d.Of(nil); len(got) != 0 {
		t.Errorf("no groups: %v", got)
	}
}

// Only the beginning of a text is read, up to a whole character.
func TestOfLongText(t *testing.T) {
	long := strings.Repeat("und ", 1023) + "Großen" + strings.Repeat(" the and of", 1<<16)
	if got := detector(t).Of([][]string{{long}}); got[0] != slices.Index(builtin.Languages[:], "de") {
		t.Errorf("%d", got[0])
	}
}

func TestWords(t *testing.T) {
	if got := language.Words("L'ampoule de l’Été, c'est 2!"); !slices.Equal(got, []string{"l", "ampoule", "de", "l", "ete", "c", "est", "2"}) {
		t.Errorf("%q", got)
	}
}
