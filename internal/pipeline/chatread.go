package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"sheaf/engine/static"
	"sheaf/internal/corpus"
	"sheaf/internal/hint"
	"sheaf/internal/privacy"
	"sheaf/internal/report"
	"sheaf/internal/store"
	"sheaf/labeler/clio"
)

// A conversation is what is kept of a conversation once it is read: nothing of it but
// redacted and audited text.
type conversation struct {
	id, source string
	ref        string   // the id that the input has, which is not written
	first      int      // the place of the one that it repeats, or itself
	users      []string // salted hashes
	turns      int      // messages of users and assistants
	language   string   // "" where it is not known

	summary  summary           // audited; zero where it is withheld
	facets   map[string]string // that the user has defined, audited
	concern  int               // 1 to 5, 0 where there is no model
	isModels bool              // a chat model wrote the summary
	withheld bool              // by the audit of the summary
	action   privacy.Action
	types    []privacy.Type // that the audit found in the summary
	reason   string

	words string // redacted: what names are made of

	*pending // nil once all are read
}

// pending is what is known of a conversation only until it is summed up.
type pending struct {
	names   *privacy.Strings // personal strings of the conversation, until the audit
	digests []byte           // of them, until they are in the census
	dialog  []clio.Turn      // what a chat model is asked about, until it was
	topic   string           // redacted: what is embedded; it goes to the topics of all
}

// conversations are all that were read.
type conversations struct {
	list   []conversation
	topics topics // of those that repeat none
	read   *corpus.Chats
	census *privacy.Census        // of the personal strings of all conversations
	found  map[privacy.Type]int   // by type, in what was redacted
	failed int                    // summaries that broke a rule after redaction
	mask   func(string) string    // takes personal data out of a file's name
	plain  func(word string) bool // it is an ordinary word

	auditor *auditor // of labels and descriptions
}

// chatReader redacts and sums up conversations as they are read.
type chatReader struct {
	opts      *ChatsOptions
	space     *static.Model
	redactor  *privacy.Redactor
	auditor   *auditor
	context   int // of the chat model in tokens; 0 without one
	pseudonym func(string) string

	out    *conversations
	byID   map[string]int
	users  map[string][]string // the pseudonyms of those who take part alone, by their ids
	window []corpus.Conversation
	bytes  int
	width  int            // of a window, in conversations
	small  int            // see smallCollection
	kept   *keptSummaries // from small conversations on, without a chat model
}

// What is held of the input at once, but for a single longer conversation.
const (
	windowChats     = 512
	windowChatBytes = 8 << 20
)

// smallCollection is up to how many conversations all are redacted anew in each
// run, which takes seconds, and a word needs few of them to be in a name.
const smallCollection = 5000

func newChatReader(space *static.Model, opts *ChatsOptions) (*chatReader, error) {
	rules, err := readRules(opts.Rules)
	if err != nil {
		return nil, err
	}
	plain := ordinaryWords(space)
	redactor := privacy.New(privacy.Options{Rules: rules, Known: plain})
	pseudonym, err := store.Pseudonyms(opts.CacheDir)
	if err != nil {
		opts.note("users have other names in each run: " + err.Error())
		if pseudonym, err = store.Pseudonyms(""); err != nil {
			return nil, err
		}
	}
	auditor := newAuditor(redactor)
	mask := func(name string) string {
		masked, _ := redactor.Session().Redact(name)
		return masked
	}
	return &chatReader{
		opts: opts, space: space, redactor: redactor, auditor: auditor, pseudonym: pseudonym,
		out:  &conversations{census: redactor.NewCensus(), found: make(map[privacy.Type]int), mask: mask, auditor: auditor, plain: plain},
		byID: make(map[string]int), users: make(map[string][]string), width: windowChats, small: smallCollection,
	}, nil
}

// close gives up what is on the disk: each summary was written when it was made.
func (c *chatReader) close() {
	_ = c.kept.close()
	_ = c.out.topics.close()
}

func readRules(file string) (*privacy.Rules, error) {
	if file == "" {
		return nil, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, hint.Errorf("check the path and its permissions", "privacy rules: %w", err)
	}
	defer f.Close()
	return privacy.ParseRules(file, f)
}

// ordinaryWords says whether the lexicon knows a word, in lower case, as
// something else than a name of somebody or something.
func ordinaryWords(space *static.Model) func(string) bool {
	lex := space.Lexicon()
	isName := make([]bool, len(lex.Concepts))
	for _, name := range []string{"names of people", "famous people", "musicians", "cities", "countries", "places", "companies", "works"} {
		if c, ok := lex.Find(name); ok {
			isName[c] = true
		}
	}
	for c := range isName {
		for _, up := range lex.Ancestors(c) {
			isName[c] = isName[c] || isName[up.Concept]
		}
	}
	return func(word string) bool {
		terms, units := space.Terms(word)
		if len(terms) == 0 || len(terms) < units {
			return false
		}
		for _, t := range terms {
			if slices.ContainsFunc(t.Concepts, func(c int32) bool { return isName[c] }) {
				return false
			}
		}
		return true
	}
}

// read reads, redacts and sums up all conversations; model may be nil.
func (c *chatReader) read(ctx context.Context, inputs []corpus.Input, model *chatModel) (*conversations, error) {
	if model != nil {
		c.context = model.session.Context()
	}
	o := c.opts.Corpus
	total := int(inputBytes(inputs))
	personal := 0
	o.IsPersonal = func(id string) bool {
		isPersonal := c.isPersonal(id)
		if isPersonal {
			personal++
		}
		return isPersonal
	}
	o.Progress = func(n int64) { c.opts.progress(Reading, int(n), total) }
	var err error
	c.out.read, err = corpus.StreamChats(ctx, inputs, o, func(conv corpus.Conversation) error {
		for _, m := range conv.Messages {
			c.bytes += len(m.Text)
		}
		c.window = append(c.window, conv)
		if len(c.window) < c.width && c.bytes < windowChatBytes {
			return nil
		}
		return c.flush(ctx)
	})
	if err != nil {
		return nil, err
	}
	if err := c.flush(ctx); err != nil {
		return nil, err
	}
	if model != nil {
		if err := model.sumUp(ctx, c); err != nil {
			return nil, err
		}
		if err := c.takeTopics(c.out.list); err != nil {
			return nil, err
		}
	}
	for i := range c.out.list {
		conv := &c.out.list[i]
		if conv.action != "" && conv.action != privacy.Keep {
			c.out.failed++
		}
	}
	if err := c.auditAgain(ctx); err != nil {
		return nil, err
	}
	c.out.shareWords()
	for _, remark := range c.out.read.Remarks {
		c.opts.note(remark)
	}
	if personal > 0 {
		c.opts.note(fmt.Sprintf("ids by which somebody may be known: %d; those conversations have ids of their contents instead", personal))
	}
	return c.out, nil
}

// joined is where an id has two words in one: "EmiliaOduya".
var joined = regexp.MustCompile(`(\p{Ll}{2})(\p{Lu}\p{Ll}{2})`)

// isPersonal says whether somebody may be known by an id.
func (c *chatReader) isPersonal(id string) bool {
	return len(c.redactor.Find(joined.ReplaceAllString(id, "$1 $2"))) > 0
}

// inputBytes is how many bytes the inputs have together, or 0 where one does
// not say.
func inputBytes(inputs []corpus.Input) (total int64) {
	for _, in := range inputs {
		info, err := os.Stat(in.Name)
		if err != nil || !info.Mode().IsRegular() || strings.EqualFold(filepath.Ext(in.Name), ".zip") {
			return 0
		}
		total += info.Size()
	}
	return total
}

// audit looks at a summary before it is kept. What fails is redacted or withheld.
func (c *chatReader) audit(ctx context.Context, conv *conversation) error {
	return c.auditOnce(ctx, conv, true)
}

// auditOnce is audit; unless the audit is final, its action may be to ask again.
func (c *chatReader) auditOnce(ctx context.Context, conv *conversation, final bool) error {
	s := &conv.summary
	if *s == (summary{}) {
		return nil
	}
	conv.action, conv.types, conv.reason = privacy.Keep, nil, ""
	texts := []*string{&s.Request, &s.Task, &s.words}
	own := slices.Sorted(maps.Keys(conv.facets))
	values := make([]string, len(own))
	for i, name := range own {
		values[i] = conv.facets[name]
		texts = append(texts, &values[i])
	}
	for i, text := range texts {
		in := privacy.Audit{Stage: privacy.Summary, Text: *text, Names: conv.names, Final: final}
		audit := c.auditor.audit
		if i == 2 { // the same words again
			audit = c.auditor.rules.Audit
		}
		v, err := audit(ctx, in)
		switch {
		case err != nil:
			return err
		case v.Action == privacy.Withhold:
			conv.withheld, conv.action, conv.reason = true, v.Action, v.Reason
			conv.summary, conv.facets, conv.words = summary{}, nil, ""
			return nil
		case v.Action == privacy.AskAgain:
			conv.action = v.Action
			return nil
		case v.Action == privacy.Redact:
			conv.action, conv.reason = v.Action, v.Reason
			conv.types = append(conv.types, v.Types...)
		}
		*text = v.Text
	}
	for i, name := range own {
		conv.facets[name] = values[i]
	}
	slices.Sort(conv.types)
	conv.types = slices.Compact(conv.types)
	conv.words = withoutPersonal(s.words)
	if conv.isModels {
		conv.topic = conv.words
	}
	s.words = ""
	return nil
}

// auditAgain looks in all summaries for what was found to be personal in any
// conversation: who is plainly named in one may have been missed in another.
// Only what is put out is looked through, twice: to tell names from the words
// that some conversation has as a name, and to take the names out.
func (c *chatReader) auditAgain(ctx context.Context) error {
	list, census := c.out.list, c.out.census
	found := make([][]uint64, len(list))
	err := parallel(ctx, len(list), c.opts.Threads, func(i int) {
		conv := &list[i]
		texts := []string{conv.words, conv.summary.Request}
		if own := strings.TrimPrefix(conv.summary.Task, taskFrame); !strings.HasSuffix(conv.summary.Request, own) {
			texts = append(texts, conv.summary.Task)
		}
		for _, value := range conv.facets {
			texts = append(texts, value)
		}
		found[i] = census.Find(texts...)
	})
	if err != nil {
		return err
	}
	for _, f := range found {
		census.Count(f)
	}
	census.Drop()
	errs := make([]error, len(list))
	err = parallel(ctx, len(list), c.opts.Threads, func(i int) {
		if len(found[i]) > 0 {
			errs[i] = c.withoutOthers(ctx, &list[i])
		}
	})
	return cmp.Or(err, errors.Join(errs...))
}

// withoutOthers takes out of a summary and all beside it what is personal in any
// conversation.
func (c *chatReader) withoutOthers(ctx context.Context, conv *conversation) error {
	texts := []*string{&conv.words, &conv.summary.Request, &conv.summary.Task}
	own := slices.Sorted(maps.Keys(conv.facets))
	values := make([]string, len(own))
	for i, name := range own {
		values[i] = conv.facets[name]
		texts = append(texts, &values[i])
	}
	for _, text := range texts {
		if *text == "" {
			continue
		}
		v, err := c.auditor.rules.Audit(ctx, privacy.Audit{Stage: privacy.Summary, Text: *text, Others: c.out.census, Final: true})
		if err != nil {
			return err
		}
		if v.Action != privacy.Redact {
			continue
		}
		*text = v.Text
		if text != &conv.words {
			conv.action, conv.reason = v.Action, v.Reason
			conv.types = slices.Compact(slices.Sorted(slices.Values(append(conv.types, v.Types...))))
		}
	}
	for i, name := range own {
		conv.facets[name] = values[i]
	}
	conv.words = withoutPersonal(conv.words)
	return nil
}

// parallel calls do for each number below n on so many threads; 0 means all.
func parallel(ctx context.Context, n, threads int, do func(i int)) error {
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	var mu sync.Mutex
	next := 0
	var workers sync.WaitGroup
	for range min(threads, n) {
		workers.Go(func() {
			for ctx.Err() == nil {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= n {
					return
				}
				do(i)
			}
		})
	}
	workers.Wait()
	return ctx.Err()
}

// file is an input's name without its folder, which may be called like its
// owner, and without what is personal in it.
func (c *conversations) file(name string) string {
	if name == "-" {
		return name
	}
	return c.mask(path.Base(filepath.ToSlash(name)))
}

func (c *conversations) inputs() []report.Input {
	out := manifestInputs(c.read.Files)
	for i := range out {
		out[i].Path = c.file(out[i].Path)
	}
	return out
}

func (c *conversations) skipped() []report.Skipped {
	var out []report.Skipped
	for _, s := range c.read.Skipped {
		out = append(out, report.Skipped{Source: c.file(s.Source), Reason: s.Reason})
	}
	return out
}

func (c *conversations) lost() (n int) {
	for _, s := range c.read.Skipped {
		if s.Lost {
			n++
		}
	}
	return n
}

func (c *conversations) warnings() []string {
	out := []string{}
	for _, reason := range slices.Sorted(maps.Keys(c.read.LeftOut)) {
		out = append(out, fmt.Sprintf("%d conversations were left out: %s", c.read.LeftOut[reason], reason))
	}
	return out
}

// texts are the conversations that repeat no other, in the order of their topics,
// each with those that repeat it.
func (c *conversations) texts() (texts []text) {
	at := make(map[int]int)
	for i := range c.list {
		ch := &c.list[i]
		if ch.first == i {
			at[i] = len(texts)
			texts = append(texts, text{})
		}
		t := &texts[at[ch.first]]
		doc := corpus.Document{ID: ch.id, Source: ch.source}
		if ch.first == i {
			doc.Text = ch.words
		}
		t.docs = append(t.docs, doc)
		t.order = append(t.order, i)
	}
	return texts
}

// languages are those of the texts of a collection.
func (c *conversations) languages(col *collection) []string {
	out := make([]string, len(col.texts))
	for i := range col.texts {
		out[i] = c.list[col.texts[i].order[0]].language
	}
	return out
}
