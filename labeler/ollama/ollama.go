// Package ollama names clusters with a chat model of a local Ollama server.
//
// It is made for models of about a billion parameters, which often answer with
// something that is no label. Every answer is checked, and of several the one is
// taken that a [judge.Judge] finds to fit; where none passes, one more is asked
// for, with the fault named, and then the label of another labeler is taken. Whatever the server does, [Labeler.Label] gives a valid
// label for each cluster and says where it came from.
//
// The server is reached through package loopback, so on this machine only, and
// a model that the server would pass on to another machine is refused before
// any text is sent.
package ollama

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/types/model"

	"sheaf/labeler"
	"sheaf/labeler/judge"
	"sheaf/labeler/loopback"
	"sheaf/labeler/prompts"
)

// Options are the settings of a [Labeler]. The zero value works.
type Options struct {
	// Host is where the server listens, in the forms of OLLAMA_HOST; "" means
	// 127.0.0.1:11434. The environment is the caller's business.
	Host string
	// Model is the chat model's name; "" means tinyllama.
	Model string

	// Temperature is at least 0; nil means 0.1.
	Temperature *float64
	TopK        int     // 0 means 3
	TopP        float64 // above 0 and at most 1; 0 means 0.8
	MaxTokens   int     // of an answer, at least 16; 0 means 32
	Seed        uint64  // of the sampling; its lower 31 bits count

	// NumCtx is the context in tokens, for the prompt and the answer, at least
	// 512; 0 means 2048. A model with a smaller one gets its own. NumCtx and
	// NumThread are the same for all calls of a run, for a change makes the
	// server load the model again.
	NumCtx    int
	NumThread int // threads of the server; 0 leaves the choice to it

	Timeout    time.Duration // of one call; 0 means 60 seconds
	RunTimeout time.Duration // of all calls of one Label; 0 means none
	KeepAlive  time.Duration // how long the server keeps the model; 0 leaves it to the server
	Workers    int           // calls at a time; 0 means 1

	// Candidates is how many labels are asked for each cluster, up to 16; 0 means
	// 3. The first is asked for with Temperature and Seed, the i-th after it with
	// Seed+i, at least the temperature 0.7, and other examples. Judge chooses
	// among them; without it the first that keeps the rules is taken, and no
	// other is asked for.
	Candidates int
	Judge      *judge.Judge

	// Language is the language of the labels, as "Dutch"; "" means that of the
	// texts.
	Language string
	// Prompts is the templates; nil means the built-in ones.
	Prompts *prompts.Set

	// Answers, where it is not nil, is asked before the server is, and given
	// what the server answers.
	Answers Answers

	// Fallback names the clusters for which the model gives no usable label,
	// and describes all of them. Without it such a cluster is "Cluster N".
	Fallback labeler.Labeler
}

// Answers keeps what a model answered, between runs. An implementation may be
// used by several goroutines at once. One that fails only costs time.
type Answers interface {
	// Get returns the answer to a request, or false. A request is bytes that
	// hold all that the answer depends on, texts of the user's among them.
	Get(ctx context.Context, request []byte) (answer []byte, ok bool)
	// Put keeps an answer, which may repeat what the texts say.
	Put(ctx context.Context, request, answer []byte)
}

// A Labeler asks a chat model. It may be used by several goroutines at once.
type Labeler struct {
	opts    Options
	server  string // host:port, for messages
	http    *http.Client
	client  *api.Client
	prompts *prompts.Set

	probeTimeout time.Duration // of Available
	backoff      time.Duration // before the second try of a call; then four times as long
}

var _ labeler.Labeler = (*Labeler)(nil)

const (
	defaultModel       = "tinyllama"
	defaultTemperature = 0.1
	defaultTopK        = 3
	defaultTopP        = 0.8
	defaultMaxTokens   = 32
	defaultNumCtx      = 2048
	defaultTimeout     = time.Minute
	defaultCandidates  = 3
	maxCandidates      = 16

	minMaxTokens = 16
	minNumCtx    = 512

	// maxBody is more than an answer or a model's description ever has.
	maxBody = 4 << 20
)

// New returns a labeler for the options. It opens no connection. A host that
// is not this machine gives a [*loopback.Error], an option out of its range
// an error that names it.
func New(opts Options) (*Labeler, error) {
	base, err := loopback.ParseHost(opts.Host)
	if err != nil {
		return nil, fmt.Errorf("ollama: %w", err)
	}
	if opts.Model == "" {
		opts.Model = defaultModel
	}
	if !model.ParseName(withoutDigest(opts.Model)).IsValid() {
		return nil, fmt.Errorf("ollama: %q is not the name of a model", opts.Model)
	}
	if opts.Temperature == nil {
		t := defaultTemperature
		opts.Temperature = &t
	}
	setDefault(&opts.TopK, defaultTopK)
	setDefault(&opts.TopP, defaultTopP)
	setDefault(&opts.MaxTokens, defaultMaxTokens)
	setDefault(&opts.NumCtx, defaultNumCtx)
	setDefault(&opts.Timeout, defaultTimeout)
	setDefault(&opts.Workers, 1)
	setDefault(&opts.Candidates, defaultCandidates)
	if opts.Judge == nil {
		opts.Candidates = min(opts.Candidates, 1)
	}
	if opts.Prompts == nil {
		opts.Prompts = prompts.Builtin()
	}
	for _, c := range []struct {
		ok    bool
		name  string
		value any
		rule  string
	}{
		{*opts.Temperature >= 0 && !math.IsInf(*opts.Temperature, 1), "temperature", *opts.Temperature, "0 or more"},
		{opts.TopK > 0, "top-k", opts.TopK, "1 or more"},
		{opts.TopP > 0 && opts.TopP <= 1, "top-p", opts.TopP, "above 0 and at most 1"},
		{opts.MaxTokens >= minMaxTokens, "max-tokens", opts.MaxTokens, "16 or more"},
		{opts.NumCtx >= minNumCtx, "context", opts.NumCtx, "512 tokens or more"},
		{opts.MaxTokens <= opts.NumCtx/4, "max-tokens", opts.MaxTokens, "at most a quarter of the context"},
		{opts.NumThread >= 0, "number of threads", opts.NumThread, "0 or more"},
		{opts.Timeout > 0, "timeout", opts.Timeout, "above 0"},
		{opts.RunTimeout >= 0, "timeout of the run", opts.RunTimeout, "0 or more"},
		{opts.KeepAlive >= 0, "keep-alive", opts.KeepAlive, "0 or more"},
		{opts.Workers > 0, "number of workers", opts.Workers, "1 or more"},
		{opts.Candidates > 0 && opts.Candidates <= maxCandidates, "number of candidates", opts.Candidates, "from 1 to 16"},
	} {
		if !c.ok {
			return nil, fmt.Errorf("ollama: the %s is %v; it has to be %s", c.name, c.value, c.rule)
		}
	}
	client := loopback.Client(loopback.Options{MaxBody: maxBody})
	return &Labeler{
		opts:         opts,
		server:       base.Host,
		http:         client,
		client:       api.NewClient(base, client),
		prompts:      opts.Prompts,
		probeTimeout: 2 * time.Second,
		backoff:      250 * time.Millisecond,
	}, nil
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// otherTemperature is the least for the candidates after the first: at 0.1 a
// small model says the same once more.
const otherTemperature = 0.7

// sampling is the options of a request for the candidate of that number. What
// makes a server load the model again is the same for all of a run.
func (l *Labeler) sampling(numCtx, candidate int) map[string]any {
	temperature := *l.opts.Temperature
	if candidate > 0 {
		temperature = max(temperature, otherTemperature)
	}
	m := map[string]any{
		"temperature": temperature,
		"top_k":       l.opts.TopK,
		"top_p":       l.opts.TopP,
		"num_predict": l.opts.MaxTokens,
		"seed":        int((l.opts.Seed + uint64(candidate)) & math.MaxInt32),
		"num_ctx":     numCtx,
	}
	if l.opts.NumThread > 0 {
		m["num_thread"] = l.opts.NumThread
	}
	return m
}
