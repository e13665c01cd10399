package keywords

import (
	"strings"

	"sheaf/models/builtin"
)

// weakConcepts say when, how many, where, in which colour or how well about
// something else, or fit nearly any group, and so hardly name one. In a note
// that has a word of another concept they do not count; where they are all
// that the notes have, as in a list of weekdays, they name it.
const weakConcepts = ";numbers;units;ordinal numbers;quantity words;units of quantity;fractions and percentages;" +
	"weekdays;months;times of day;days and weeks;how often;time;time units;periods of time;time expressions;seasons;" +
	"length units;weight units;volume units;measuring;position words;comparison words;connecting words;decision words;" +
	"sizes;colours;reds and pinks;blues and turquoises;shades of green;yellows and oranges;shades of brown;" +
	"shades of purple;greys and neutrals;appearance;properties of materials;containers;objects;places;" +
	"people;people classes;names of people;age words;ages of life;letters;question words;questions;" +
	"positive words;negative words;praise;criticism;compliments to people;product praise;product criticism;praise and thanks;" +
	"positive feedback;negative feedback;product feedback;complaints;requests;good qualities;bad qualities;character traits;" +
	"status words;done;in progress;blocked;to do;urgency;low priority;decisions;plans and intentions;wishes and hopes;" +
	"ideas and suggestions;problems and solutions;productivity;yes and no;uncertain answers;fillers and exclamations;" +
	"greetings;politeness;conversation control;gestures and body language;emoji words;talking;communication;" +
	"movement;changes and trends;growth and decline;difficulty and effort;success and failure;speed;importance;ownership;" +
	"luck;damage;cooperation;helping;rules and permission;society;data;"

func isWeak(concept string) bool { return strings.Contains(weakConcepts, ";"+concept+";") }

// vagueConcepts say nothing about a group.
const vagueConcepts = ";objects;society;appearance;data;places;requests;product feedback;"

func isVague(concept string) bool { return strings.Contains(vagueConcepts, ";"+concept+";") }

// weakIn says of each concept of a lexicon whether it is weak.
func weakIn(lex *builtin.Lexicon) []bool {
	out := make([]bool, len(lex.Concepts))
	for i, c := range lex.Concepts {
		out[i] = isWeak(c.Name)
	}
	return out
}

// isWeakText says whether all words of a text have weak concepts, and no other.
func (l *Labeler) isWeakText(text string) bool {
	terms, units := l.space.Terms(text)
	for _, t := range terms {
		for _, c := range t.Concepts {
			if !l.weak[c] {
				return false
			}
		}
	}
	return units > 0 && len(terms) == units
}
