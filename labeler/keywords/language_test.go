package keywords

import (
	"strings"
	"testing"

	"sheaf/models/builtin"
)

func TestLabelsInLanguages(t *testing.T) {
	l := newLabeler(t)
	for _, tt := range []struct {
		language       string
		clusters, want []string
	}{
		{"de", []string{"Äpfel; Birnen; Bananen; Kirschen", "Katzen; Hunde; Kühe; Fuchs", "Fenster putzen; Staub saugen; das Bad putzen"},
			[]string{"Obst", "Tiere", "Putzen"}},
		{"fr", []string{"pommes; poires; bananes; cerises", "chats; chiens; le cheval; la grenouille"}, []string{"Fruits", "Animaux"}},
		{"es", []string{"manzanas; peras; plátanos; cerezas", "perros; gatos; la oveja; la tortuga"}, []string{"Frutas", "Animales"}},
		{"it", []string{"mele; pere; banane; ciliegie", "chitarra; violino; pianoforte; flauto"}, []string{"Frutta", "Strumenti musicali"}},
		{"pt", []string{"maçãs; peras; bananas; cerejas", "cabra; coelho; golfinho; macaco"}, []string{"Frutas", "Animais"}},
		{"nl", []string{"appels; peren; bananen; kersen", "verjaardag van papa; oma bellen; boos op mijn broer"}, []string{"Fruit", "Familieleden"}},
		{"en", []string{"apples; pears; bananas; cherries", "cats; dogs; cows; the fox"}, []string{"Fruit", "Animals"}},
		// Loanwords, names and single words of other languages are no other language.
		{"en", []string{"crème brûlée; baguette with butter; a croissant for the kids; Roquefort", "Don Quijote; Der Spiegel; La Strada; the Tagesschau"},
			[]string{"", ""}},
	} {
		for i, got := range labels(t, l, clusters(tt.clusters...)) {
			if tt.want[i] != "" && got.Text != tt.want[i] {
				t.Errorf("%s: %q, want %q (%s)", tt.clusters[i], got.Text, tt.want[i], got.Reason)
			}
		}
		for i, got := range l.languages(clusters(tt.clusters...)) {
			code := "en"
			if got.place != builtin.English {
				code = builtin.Languages[got.place]
			}
			if code != tt.language {
				t.Errorf("%s: language %s, want %s", tt.clusters[i], code, tt.language)
			}
		}
	}
}

// In a collection of two languages each cluster has its own.
func TestLanguagesOfMixedCollection(t *testing.T) {
	l := newLabeler(t)
	got := labels(t, l, clusters(
		"Fenster putzen; Wäsche aufhängen; Staub saugen; das Bad putzen; die Küche putzen",
		"mow the lawn; rake the leaves; trim the hedge; water the roses; weed the beds",
	))
	if got[0].Text != "Putzen" || got[1].Text != "Garden Work" {
		t.Errorf("labels %q and %q", got[0].Text, got[1].Text)
	}
}

// The function words of a language are in no label in it.
func TestNoFunctionWords(t *testing.T) {
	l := newLabeler(t)
	got := labels(t, l, clusters(
		"das Zorblax für den Start; der Zorblax und die Party; wer hat das Zorblax; wo ist das Zorblax",
		"die Flurbe für das Haus; meine Flurbe ist nicht da; die Flurbe und der Garten; wo ist die Flurbe",
	))
	for i, want := range []string{"Zorblax", "Flurbe"} {
		if !strings.HasPrefix(got[i].Text, want) {
			t.Errorf("label %q, want %q", got[i].Text, want)
		}
		for _, w := range []string{"das", "die", "der", "für", "ist"} {
			if strings.Contains(" "+strings.ToLower(got[i].Description)+" ", " "+w+" ") {
				t.Errorf("description %q has the word %q", got[i].Description, w)
			}
		}
	}
}
