// Package testchats makes up conversations, any number of them and always the
// same, and writes them in the formats that internal/corpus reads: for tests and
// measurements.
package testchats

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// A Message is one turn.
type Message struct {
	Role string // "user" or "assistant"
	Text string
	Time time.Time
}

// A Conversation is a chat of one user about one of the Topics.
type Conversation struct {
	ID, User, Title string
	Topic           int
	Messages        []Message
}

// Options says what conversations are made. The zero value makes short ones.
type Options struct {
	Turns int // messages of each; 0 is 4
	Words int // of a message, more or less; 0 is 25
	Users int // there are; 0 is one for every 20 conversations
	Seed  uint64
}

// A topic has what is asked for and what it is about.
type topic struct {
	name, tasks, things, details string
}

// The parts of a topic are separated by bars.
var topics = [...]topic{
	{"cooking", "find a recipe for|scale up|make a vegetarian version of|plan a dinner around", "lentil soup|apple pie|fried rice|mushroom risotto|flat bread", "in half an hour|for eight guests|without a blender|with what is left in the fridge"},
	{"gardening", "know when to plant|prune|fight aphids on|water", "tomatoes|climbing roses|a young pear tree|raised beds|lavender", "on a shady balcony|in heavy clay soil|before the first frost|during a dry summer"},
	{"python", "debug|speed up|write tests for|refactor", "a pandas group-by|a recursive parser|a web scraper|a date range loop|a dictionary merge", "that runs out of memory|with type hints|without extra packages|in version 3.12"},
	{"databases", "optimise|design a schema for|migrate|index", "a slow join|an orders table|an audit log|a many-to-many relation|time series rows", "in PostgreSQL|with foreign keys|for millions of rows|without downtime"},
	{"travel", "plan|find cheap trains for|pack for|compare hotels for", "a week in the Alps|a city trip with children|a night train journey|a cycling tour|a winter weekend", "on a small budget|in early spring|without flying|with two small bags"},
	{"writing", "shorten|proofread|find a title for|continue", "a cover letter|a short story about a lighthouse|a speech for a wedding|a newsletter|a limerick", "in a friendly tone|for a younger audience|in under two hundred words|without clichés"},
	{"languages", "translate|explain the grammar of|practise|correct", "a Spanish letter|the German dative|an Italian dialogue|French pronouns|a list of Dutch verbs", "for beginners|with examples|before an exam next week|as a native speaker would say it"},
	{"fitness", "build a plan for|find exercises for|recover from|track", "a first half marathon|a stiff back|weaker shoulders|interval training|a sprained ankle", "without a gym|three times a week|after forty|in ten weeks"},
	{"money", "draw up a budget for|compare|understand|calculate", "a shared flat|two savings accounts|compound interest|a mortgage offer|monthly subscriptions", "in a spreadsheet|with rising prices|over five years|on one salary"},
	{"science", "explain|find an analogy for|summarise research on|make a quiz about", "black holes|photosynthesis|plate tectonics|antibodies|quantum tunnelling", "to a ten-year-old|in three sentences|with a drawing in words|without formulas"},
	{"music", "learn|transpose|arrange|analyse", "a blues in E|a waltz for two violins|guitar chords of a folk song|a piano prelude|a drum pattern", "by ear|for beginners|a minor third higher|in an hour a day"},
	{"work", "prepare|answer|politely decline|structure", "a job interview|a complaint of a customer|an invitation to a meeting|a quarterly report|a performance review", "for tomorrow morning|in plain words|without sounding rude|on one page"},
	{"law", "understand|write|cancel|dispute", "a rental contract|a deposit claim|a gym membership|an electricity bill|a parking fine", "within the legal notice|after moving out|without a lawyer|in a letter"},
	{"games", "invent|balance|find rules for|write a quest for", "a card game for three|a fantasy village|a cooperative board game|a dungeon of mirrors|a word puzzle", "that takes twenty minutes|for mixed ages|without dice|with a surprise ending"},
	{"pets", "train|choose food for|calm|travel with", "a young beagle|an elderly cat|two guinea pigs|a nervous parrot|a rescue dog", "in a small flat|on a diet|during fireworks|without treats"},
	{"web", "centre|animate|make responsive|debug the layout of", "a navigation bar in CSS|a React form|a table with sticky headers|an image gallery|a modal dialog", "without JavaScript|on small screens|with keyboard support|in old browsers"},
}

const fillers = "also please think about the usual mistakes and tell me which step matters most because last time it went wrong near the end " +
	"so a short list with reasons would help more than long theory and if something depends on the season or the version say so first " +
	"then give one example that I can try today and another one for later when there is more time to do it properly"

// Topics is how many there are.
func Topics() int { return len(topics) }

// TopicName returns the name of one.
func TopicName(i int) string { return topics[i].name }

// Make makes the i-th conversation. It depends on nothing but i and the options.
func Make(i int, o Options) Conversation {
	turns, words, users := o.Turns, o.Words, o.Users
	if turns == 0 {
		turns = 4
	}
	if words == 0 {
		words = 25
	}
	if users == 0 {
		users = i/20 + 1
	}
	random := rand.New(rand.NewPCG(o.Seed, uint64(i)))
	pick := func(parts string) string {
		options := strings.Split(parts, "|")
		return options[random.IntN(len(options))]
	}
	at := random.IntN(len(topics))
	t := &topics[at]
	task, thing := pick(t.tasks), pick(t.things)
	c := Conversation{
		ID:    fmt.Sprintf("chat-%d-%d", o.Seed, i),
		User:  fmt.Sprintf("user-%d", random.IntN(users)),
		Title: task + " " + thing,
		Topic: at,
	}
	begin := time.Date(2024, 1, 1, 6, 0, 0, 0, time.UTC).Add(time.Duration(i) * 7 * time.Hour)
	filler := strings.Fields(fillers)
	for n := range turns {
		m := Message{Role: "user", Time: begin.Add(time.Duration(n) * time.Minute)}
		switch {
		case n == 0:
			m.Text = fmt.Sprintf("I want to %s %s %s, can you help? It is number %d on my list.", task, thing, pick(t.details), i)
		case n%2 == 0:
			m.Text = fmt.Sprintf("And what about %s %s?", pick(t.things), pick(t.details))
		default:
			m.Role = "assistant"
			m.Text = fmt.Sprintf("To %s %s, begin with the basics of %s.", task, thing, t.name)
		}
		start := random.IntN(len(filler))
		for w := strings.Count(m.Text, " "); w < words; w++ {
			m.Text += " " + filler[(start+w)%len(filler)]
		}
		c.Messages = append(c.Messages, m)
	}
	return c
}
