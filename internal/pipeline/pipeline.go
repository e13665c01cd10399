// Package pipeline runs the stages in their order: read, embed, group, name.
// It is the only package that knows the order, and the only one that picks a
// backend. What it gives is a report.Result; writing it is the caller's.
package pipeline

import (
	"time"

	"sheaf/engine"
	"sheaf/internal/corpus"
	"sheaf/internal/report"
	"sheaf/models/builtin"
)

// A Stage is a step of a run, as Progress names it.
type Stage string

// The stages, in their order.
const (
	Reading     Stage = "reading"
	Summarizing Stage = "summing up" // of conversations, by a chat model
	Embedding   Stage = "embedding"
	Clustering  Stage = "clustering"
	Labeling    Stage = "labelling"
)

// Common is what every command that clusters is told. The zero value works.
type Common struct {
	Model     string // "", "builtin", a name or a folder
	ModelHome string // the folder of installed models
	// RuntimeDir is the folder that is looked at for the ONNX Runtime library
	// beside the usual ones; "" is none.
	RuntimeDir string
	Provider   string // "" and "cpu" are the same
	Dim        int    // of a transformer model, cut vectors to their first dimensions; 0 keeps all
	// MaxSeqLength cuts texts for a transformer model to so many tokens, special
	// ones and the prompt included; 0 is as the model says.
	MaxSeqLength int
	Prompt       string // of a transformer model, the name of the prompt before each text; "" is the model's own
	K            int    // number of clusters; 0 chooses it
	// Adapt is how far a static model is fitted to the collection: nil by its
	// size, else the weight of its own LSA block, and below 0 not at all.
	Adapt *float64
	// Lexicon is a file with the user's own concepts, as
	// builtin.ParseUserLexicon reads it; "" is none.
	Lexicon string
	Seed    uint64
	Threads int // 0 means GOMAXPROCS; it never changes a result
	// CacheDir is the folder where embeddings are kept; "" keeps none.
	CacheDir string
	NoCache  bool   // neither look embeddings up nor keep them
	Labeler  string // one of Labelers(); "" is "auto"
	Chat     Chat
	Explain  bool   // the reasons of labels go into the result
	Version  string // of sheaf, for the manifest
	// LabelsFrom is the file of an earlier result, whose clusters hand their ids
	// and labels on to the clusters that hold most of the same texts; "" is none.
	LabelsFrom string

	// Now is the clock; nil means time.Now. It is used for times alone.
	Now func() time.Time
	// Note, where it is not nil, is given a line for the user about a choice
	// that was made for them. It never holds a text.
	Note func(line string)
	// Progress, where it is not nil, is called with how much of a stage is
	// done. A total of 0 means that it is not known. Calls do not overlap.
	Progress func(stage Stage, done, total int)

	lexicon *builtin.UserLexicon // once it is read
}

// Chat is how a chat model is asked. The zero value of each field is the
// default.
type Chat struct {
	Model       string        // "tinyllama" with Ollama, else the first that the server has
	NamedModel  bool          // the user named Model
	Host        string        // of Ollama; "" is its own default on loopback
	BaseURL     string        // of another server with an OpenAI-compatible endpoint; "" is http://127.0.0.1:8080/v1
	APIKey      Secret        // that the other server wants; "" is none
	NamedHost   bool          // the user named Host or BaseURL; if it is not loopback the run ends, also where nobody would ask it
	Temperature *float64      // 0.1
	TopK        int           // 3
	TopP        float64       // 0.8
	MaxTokens   int           // 32, for a label
	Candidates  int           // 3, of which the best is taken
	Language    string        // of the labels; "" is that of the texts
	PromptDir   string        // a folder with templates in place of the built-in ones; "" is none
	NumCtx      int           // 2048 tokens
	NumThread   int           // 0 leaves it to the server
	Workers     int           // 1, calls at a time
	Timeout     time.Duration // a minute, of one call
	RunTimeout  time.Duration // of all calls; 0 is none
	KeepAlive   time.Duration // how long the server keeps the model; 0 leaves it to the server
}

// An Outcome is a result and whether something is missing in it that the
// user asked for, so that the run cannot count as done.
type Outcome struct {
	Result *report.Result
	// Incomplete says in a sentence each what is missing. The sentences are
	// among the result's warnings too.
	Incomplete []string
}

func (c *Common) note(line string) {
	if c.Note != nil {
		c.Note(line)
	}
}

func (c *Common) progress(stage Stage, done, total int) {
	if c.Progress != nil {
		c.Progress(stage, done, total)
	}
}

// stopwatch measures the stages of a run.
type stopwatch struct {
	now         func() time.Time
	start, last time.Time
}

func newStopwatch(now func() time.Time) *stopwatch {
	if now == nil {
		now = time.Now
	}
	t := now()
	return &stopwatch{now, t, t}
}

// lap is the seconds since the last lap.
func (s *stopwatch) lap() float64 {
	t := s.now()
	d := t.Sub(s.last)
	s.last = t
	return round(d)
}

func (s *stopwatch) total() float64 { return round(s.last.Sub(s.start)) }

func round(d time.Duration) float64 { return float64(d.Round(time.Millisecond).Milliseconds()) / 1000 }

func manifestEmbedding(info engine.Info) report.Embedding {
	return report.Embedding{
		Model: info.Model, Digest: info.Digest, Backend: info.Backend, Provider: info.Provider,
		Dim: info.Dim, Pooling: info.Pooling, MaxTokens: info.MaxTokens,
		TokenizerDigest: info.TokenizerDigest, LexiconDigest: orNull(info.LexiconDigest),
	}
}

// orNull is a text for the JSON result, or null where there is none.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func manifestInputs(files []corpus.File) []report.Input {
	out := make([]report.Input, len(files))
	for i, f := range files {
		out[i] = report.Input{Path: f.Path, SHA256: f.SHA256, Items: f.Items}
	}
	return out
}
