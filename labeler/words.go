package labeler

import "strings"

// A wordList is words in lower case with a space before and after each. The
// lists are English where they do not say otherwise.
type wordList string

func (l wordList) has(w string) bool {
	return w != "" && !strings.Contains(w, " ") && strings.Contains(string(l), " "+w+" ")
}

// smallWords are lower case within an English title.
const smallWords wordList = " a an and as at but by for from if in nor of on or per the to via vs with "

// foreignWords are frequent in other languages that are written in Latin
// letters and rare in English; one of them says that a label is not English.
const foreignWords wordList = "" +
	" und der das dem ein eine mit für von im zur zum auf nicht bei aus oder beim vom über " + // German
	" et le les des du aux avec dans sur une est " + // French
	" el los las del y con para por una " + // Spanish
	" il gli dei delle della di nel " + // Italian
	" os dos das da ao um uma " + // Portuguese
	" het een voor met och för på att det og til av " + // Dutch, Swedish, Danish
	" oraz dla przez " // Polish

// openers begin a sentence about the texts, or one about the model itself.
const openers wordList = " i i'm i'll i've here here's it it's these they they're this those we sorry sure as the all "

// verbs make a sentence of what an opener begins.
const verbs wordList = "" +
	" am are is was were be can cannot can't could would will won't have has do does don't seem seems " +
	" apologize i'm i'll i've it's here's they're sorry "

// copulas stand between what is said of a label and the label.
const copulas wordList = " is be are as ist est es labeled labelled called named titled "

// labelWords are for what is asked for; aboutLabels are said of it.
const labelWords wordList = "" +
	" label title name category answer response output suggestion heading phrase call suggest propose recommend categorize json" +
	" cluster group theme topic here's here names labels etikett étiquette etiqueta titel titre título "

const aboutLabels wordList = "" +
	" a an the this that these those my your our i i'd i'll we you it it's is are be would could can might may should will do" +
	" for of to in on at as from by with and or all above below following given provided these them their here there" +
	" good best better great suitable appropriate possible potential concise short brief descriptive fitting final common general one" +
	" noun text texts note notes item items list word words term sure certainly okay ok yes based shared single" +
	" describe describes describing name named label labeled call called give following requested object format "
