package labeler

// A Profile says what kind of text a cluster is described by, and with that
// which rules it has to keep; see [Rules].
type Profile int

const (
	// NoteLabel is the name of a group of notes: a noun phrase of at most six
	// words, in title case where it is English.
	NoteLabel Profile = iota
	// ChatLabel is the name of a group of requests: an imperative of at most ten
	// words that completes "The user asks the assistant to …", such as "Help
	// implement frontend components".
	ChatLabel
	// ChatDescription is what goes with a ChatLabel: two sentences in the past
	// tense.
	ChatDescription
)

// String is what a message calls a text of the profile.
func (p Profile) String() string {
	if p == ChatDescription {
		return "description"
	}
	return "label"
}

// MaxWords is how many words a text of the profile may have.
func (p Profile) MaxWords() int {
	switch p {
	case ChatLabel:
		return 10
	case ChatDescription:
		return 60
	}
	return MaxWords
}

// MaxChars is how many characters (code points) a text of the profile may have.
func (p Profile) MaxChars() int {
	switch p {
	case ChatLabel:
		return 100
	case ChatDescription:
		return 480
	}
	return MaxChars
}

// A Meaning is what a [Vocabulary] knows of a word or phrase.
type Meaning int

const (
	// Unknown is a word that the vocabulary does not have.
	Unknown Meaning = iota
	// Common is a general word, a place or a term of a field: "fruit", "Greek".
	Common
	// Name is the name of a person, company or product, and nothing else.
	Name
)

// A Vocabulary knows the words of a language. *judge.Judge is one.
type Vocabulary interface {
	// Meaning says what a word or a phrase of a few words is. Letter case makes
	// no difference.
	Meaning(phrase string) Meaning
}

// Rules are what a text has to keep to describe a cluster. The zero value is
// those of a note's label, without a vocabulary.
type Rules struct {
	Profile Profile
	// Vocabulary finds names that the texts do not have. Without it only those
	// are found that change a name of the texts.
	Vocabulary Vocabulary
	// Foreign says that a text in another language than English is wanted: it gets
	// no title case, and a word that the vocabulary lacks is no name.
	Foreign bool
	// Mixed says that the members share nothing. Such a cluster may be called
	// "Miscellaneous", which says so.
	Mixed bool
}
