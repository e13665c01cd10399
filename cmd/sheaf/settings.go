package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/spf13/pflag"

	"sheaf/internal/hint"
	"sheaf/internal/pipeline"
)

// settingsHelp tells where values come from; see settings.load.
const settingsHelp = `A value comes from the flag, else from the environment (SHEAF_ and the flag's name
in capitals, as SHEAF_CHAT_MODEL for --chat-model), else from config.toml (keys as
the flags), else it is the default. sheaf doctor shows those that can be set so.`

// settings is the one table of what can be set in more ways than by a flag.
// The flags, the environment, config.toml, the help text and sheaf doctor all
// come from it.
type settings struct {
	clusters clusterCount
	model    string
	adapt    adaptWeight
	lexicon  string
	provider string
	dim      int
	// maxSeqLength is named as in sentence_bert_config.json.
	maxSeqLength int
	prompt       string
	labeler      string
	chatModel    string
	ollamaHost   string
	baseURL      string
	temperature  float64
	topK         int
	topP         float64
	maxTokens    int
	candidates   int
	language     string
	promptDir    string
	numCtx       int
	numThread    int
	chatWorkers  int
	chatTimeout  time.Duration
	runTimeout   time.Duration
	keepAlive    time.Duration
	seed         uint64
	threads      int
	noCache      bool
	quiet        bool

	apiKey      string
	numParallel int // of Ollama, as far as the environment says
	flags       *pflag.FlagSet
	source      map[string]string // flag ▸ where its value came from
}

// newSettings declares settings as flags in fs, with their defaults: those
// named, or all. The others can come from the environment and config.toml, so
// that what stands there is checked by every command alike.
func newSettings(fs *pflag.FlagSet, names ...string) *settings {
	s := &settings{source: make(map[string]string)}
	table := pflag.NewFlagSet("settings", pflag.ContinueOnError)
	table.VarP(&s.clusters, "clusters", "k", "number of groups, or auto")
	table.StringVar(&s.model, "model", "builtin", "embedding model: builtin, an installed model's `name`, or its folder")
	table.Var(&s.adapt, "adapt", "fit the built-in and other static models to the collection: auto, off, or a weight up to 1 of what the collection itself shows to go together")
	table.StringVar(&s.lexicon, "lexicon", "", "`file` with concepts of your own, in lines \"concept < parent: member, member\"; the parent may be left out")
	table.StringVar(&s.provider, "provider", "cpu", "what runs a transformer model: cpu or coreml")
	table.IntVar(&s.dim, "dim", 0, "cut a transformer model's vectors to their first dimensions, as Matryoshka models allow; 0 keeps all")
	table.IntVar(&s.maxSeqLength, "max-seq-length", 0, "cut texts to so many `tokens` before a transformer model sees them, for less time and memory; 0 means as the model says, and more than that is not possible")
	table.StringVar(&s.prompt, "prompt", "", "`name` of the prompt that a transformer model puts before each text (default: its own for clustering, or the one it names)")
	table.StringVar(&s.labeler, "labeler", "auto", "who names the groups: "+strings.Join(pipeline.Labelers(), ", ")+"; auto asks Ollama, or the server at --base-url, if it runs on this machine and has the chat model, else keywords")
	table.StringVar(&s.chatModel, "chat-model", "tinyllama", "Ollama's `name` of the chat model; with another server that server's, by itself the first that it has")
	table.StringVar(&s.ollamaHost, "ollama-host", "", "where Ollama listens, on this machine only (default $OLLAMA_HOST, else 127.0.0.1:11434)")
	table.StringVar(&s.baseURL, "base-url", "", "`address` of another chat model's server, on this machine only, with an OpenAI-compatible endpoint, such as llama.cpp's, llamafile or LM Studio (with --labeler openai by itself http://127.0.0.1:8080/v1); a key that it wants is in $SHEAF_API_KEY")
	table.Float64Var(&s.temperature, "temperature", 0.1, "of the chat model, 0 to 2")
	table.IntVar(&s.topK, "top-k", 3, "of the chat model: choose among so many tokens")
	table.Float64Var(&s.topP, "top-p", 0.8, "of the chat model: choose among tokens of so much probability, above 0 to 1")
	table.IntVar(&s.maxTokens, "max-tokens", 32, "most tokens of a label")
	table.IntVar(&s.candidates, "candidates", 3, "labels to ask the chat model for, for each group; the one that fits best is taken")
	table.StringVar(&s.language, "language", "", "`name` of the language of the chat model's labels (default: that of the texts)")
	table.StringVar(&s.promptDir, "prompt-dir", "", "`folder` with "+strings.Join(pipeline.PromptNames(), " or ")+" of your own, in place of what the chat model is asked by itself; for chats those of its folder chats: "+strings.ReplaceAll(strings.Join(pipeline.ChatPromptNames(), ", "), "chats/", ""))
	table.IntVar(&s.numCtx, "num-ctx", 2048, "context of the chat model in tokens; more of it holds more examples; a server other than Ollama has to have as much")
	table.IntVar(&s.numThread, "num-thread", 0, "threads of the chat model; 0 leaves it to Ollama, and other servers always choose")
	table.IntVar(&s.chatWorkers, "chat-workers", 0, "calls of the chat model at a time; 0 means $OLLAMA_NUM_PARALLEL, else 1")
	table.DurationVar(&s.chatTimeout, "chat-timeout", time.Minute, "longest time for one call of the chat model")
	table.DurationVar(&s.runTimeout, "chat-run-timeout", 0, "longest time for all calls of the chat model, after which keywords name the rest; 0 means no limit")
	table.DurationVar(&s.keepAlive, "keep-alive", 0, "how long Ollama keeps the chat model after a call; 0 leaves it to Ollama")
	table.Uint64Var(&s.seed, "seed", 1, "of all random numbers")
	table.IntVar(&s.threads, "threads", 0, "threads to use; 0 means all, and no number changes a result")
	table.BoolVar(&s.noCache, "no-cache", false, "neither look up embeddings and answers of earlier runs nor keep new ones; the built-in and other static models do neither anyway")
	table.BoolVarP(&s.quiet, "quiet", "q", false, "nothing on stderr but warnings and errors")
	table.VisitAll(func(f *pflag.Flag) { s.source[f.Name] = "default" })
	s.flags = table
	table.VisitAll(func(f *pflag.Flag) {
		if len(names) == 0 || slices.Contains(names, f.Name) {
			fs.AddFlag(f)
		}
	})
	return s
}

func envName(flag string) string {
	return "SHEAF_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// load fills in what no flag has set, from the environment and config.toml,
// and checks all values.
func (s *settings) load(getenv func(string) string) error {
	config, path, err := readConfig(getenv)
	if err != nil {
		return err
	}
	var names []string
	s.flags.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	for _, key := range slices.Sorted(maps.Keys(config)) {
		if !slices.Contains(names, key) {
			return hint.Errorf("the keys are "+strings.Join(names, ", "), "%s: unknown key %q", path, key)
		}
	}
	for _, name := range names {
		f := s.flags.Lookup(name)
		switch v, inConfig := config[name]; {
		case f.Changed:
			s.source[name] = "flag"
		case getenv(envName(name)) != "":
			if err := f.Value.Set(getenv(envName(name))); err != nil {
				return usage("unset it, or give it a value as --"+name+" takes it", "environment variable %s: %w", envName(name), err)
			}
			s.source[name] = envName(name)
		case inConfig:
			if err := f.Value.Set(v); err != nil {
				return hint.Errorf("correct the value, or remove the line", "%s: key %q: %w", path, name, err)
			}
			s.source[name] = path
		}
	}
	if n, err := strconv.Atoi(getenv("OLLAMA_NUM_PARALLEL")); err == nil { // Ollama's own, which may be anything
		s.numParallel = min(max(n, 0), maxWorkers)
	}
	s.apiKey = strings.TrimSpace(getenv("SHEAF_API_KEY")) // no flag and no key of the file: others can read those
	return s.check()
}

// check refuses what is wrong whatever the input holds.
func (s *settings) check() error {
	if !slices.Contains(pipeline.Labelers(), s.labeler) {
		return s.wrong("labeler", s.labeler, "choose one of "+strings.Join(pipeline.Labelers(), ", "))
	}
	if s.labeler != "openai" && s.baseURL == "" && !pipeline.ValidChatModel(s.chatModel) {
		return s.wrong("chat-model", s.chatModel, "give the name of a model as Ollama lists it, such as tinyllama or llama3.2:1b")
	}
	if s.provider != "cpu" && s.provider != "coreml" {
		return s.wrong("provider", s.provider, "choose cpu or coreml")
	}
	if !(s.temperature >= 0 && s.temperature <= 2) {
		return s.wrong("temperature", s.temperature, "give a number from 0 to 2")
	}
	if !(s.topP > 0 && s.topP <= 1) {
		return s.wrong("top-p", s.topP, "give a number above 0, at most 1")
	}
	for _, v := range []struct {
		name      string
		value, lo time.Duration
	}{{"chat-timeout", s.chatTimeout, time.Millisecond}, {"chat-run-timeout", s.runTimeout, 0}, {"keep-alive", s.keepAlive, 0}} {
		if v.value < v.lo {
			return s.wrong(v.name, v.value, "give a time such as 90s or 5m")
		}
	}
	for _, v := range []struct {
		name    string
		value   int
		lo, hi  int
		allowed string
	}{
		{"top-k", s.topK, 1, 1000, "from 1 to 1000"},
		{"max-tokens", s.maxTokens, 16, 512, "from 16 to 512"},
		{"candidates", s.candidates, 1, 16, "from 1 to 16"},
		{"num-ctx", s.numCtx, max(512, 4*s.maxTokens), 1 << 20, "from 512, and four times --max-tokens, to 1048576"},
		{"num-thread", s.numThread, 0, 4096, "from 0 to 4096"},
		{"chat-workers", s.chatWorkers, 0, maxWorkers, "from 0 to 64"},
		{"threads", s.threads, 0, 4096, "from 0 to 4096"},
		{"dim", s.dim, 0, 1 << 16, "from 0 to 65536"},
		{"max-seq-length", s.maxSeqLength, 0, 1 << 20, "from 0 to 1048576"},
	} {
		if v.value < v.lo || v.value > v.hi {
			return s.wrong(v.name, v.value, "give a whole number "+v.allowed)
		}
	}
	return nil
}

// maxWorkers is more calls at a time than a machine of one user serves.
const maxWorkers = 64

// wrong says that a setting has a value it cannot have, and where it has it
// from.
func (s *settings) wrong(name string, value any, how string) error {
	switch source := s.source[name]; source {
	case "flag", "default":
		return usage(how, "--%s is %v", name, value)
	case envName(name):
		return usage(how, "environment variable %s is %v", source, value)
	default:
		return hint.Errorf(how, "%s: %s is %v", source, name, value)
	}
}

// reads is all that a command reads, "-" being standard input: its inputs and
// the lexicon.
func (s *settings) reads(args []string) []string {
	if s.lexicon == "" {
		return args
	}
	if len(args) == 0 {
		args = []string{"-"}
	}
	return append(slices.Clip(args), s.lexicon)
}

// common is the settings as the pipeline takes them.
func (s *settings) common() pipeline.Common {
	return pipeline.Common{
		Model: s.model, Adapt: s.adapt.weight, Lexicon: s.lexicon, Provider: s.provider, Dim: s.dim, MaxSeqLength: s.maxSeqLength, Prompt: s.prompt, K: int(s.clusters), Seed: s.seed, Threads: s.threads,
		Labeler: s.labeler, Version: version, NoCache: s.noCache,
		Chat: pipeline.Chat{
			Model: s.chatModel, NamedModel: s.source["chat-model"] != "default",
			Host: s.ollamaHost, NamedHost: s.source["ollama-host"] != "default" || s.source["base-url"] != "default",
			BaseURL: s.baseURL, APIKey: pipeline.Secret(s.apiKey), Temperature: &s.temperature,
			TopK: s.topK, TopP: s.topP, MaxTokens: s.maxTokens,
			Candidates: s.candidates, Language: s.language, PromptDir: s.promptDir,
			NumCtx: s.numCtx, NumThread: s.numThread, Workers: cmp.Or(s.chatWorkers, s.numParallel, 1),
			Timeout: s.chatTimeout, RunTimeout: s.runTimeout, KeepAlive: s.keepAlive,
		},
	}
}

// clusterCount is the value of --clusters: 0 is "auto".
type clusterCount int

func (c *clusterCount) String() string {
	if *c == 0 {
		return "auto"
	}
	return strconv.Itoa(int(*c))
}

func (c *clusterCount) Type() string { return "auto|N" }

func (c *clusterCount) Set(v string) error {
	if strings.EqualFold(v, "auto") {
		*c = 0
		return nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > math.MaxInt32 {
		return fmt.Errorf("%q is neither auto nor a whole number from 1", v)
	}
	*c = clusterCount(n)
	return nil
}

// adaptWeight is the value of --adapt: nil is "auto", below 0 "off".
type adaptWeight struct{ weight *float64 }

func (a *adaptWeight) String() string {
	switch {
	case a.weight == nil:
		return "auto"
	case *a.weight < 0:
		return "off"
	}
	return strconv.FormatFloat(*a.weight, 'g', -1, 64)
}

func (a *adaptWeight) Type() string { return "auto|off|0..1" }

func (a *adaptWeight) Set(v string) error {
	off := -1.0
	switch strings.ToLower(v) {
	case "auto":
		a.weight = nil
		return nil
	case "off":
		a.weight = &off
		return nil
	}
	w, err := strconv.ParseFloat(v, 64)
	if err != nil || !(w >= 0 && w <= 1) {
		return fmt.Errorf("%q is neither auto nor off nor a number from 0 to 1", v)
	}
	a.weight = &w
	return nil
}

// configPath is where config.toml is looked for: $SHEAF_HOME, else
// $XDG_CONFIG_HOME/sheaf, else ~/.config/sheaf; on Windows %AppData%\sheaf.
func configPath(getenv func(string) string) string {
	switch {
	case getenv("SHEAF_HOME") != "":
		return filepath.Join(getenv("SHEAF_HOME"), "config.toml")
	case filepath.IsAbs(getenv("XDG_CONFIG_HOME")):
		return filepath.Join(getenv("XDG_CONFIG_HOME"), "sheaf", "config.toml")
	case runtime.GOOS == "windows" && getenv("AppData") != "":
		return filepath.Join(getenv("AppData"), "sheaf", "config.toml")
	case getenv("HOME") != "":
		return filepath.Join(getenv("HOME"), ".config", "sheaf", "config.toml")
	}
	return ""
}

// readConfig reads config.toml into strings as a flag would take them. There
// need not be one.
func readConfig(getenv func(string) string) (map[string]string, string, error) {
	path := configPath(getenv)
	if path == "" {
		return nil, "", nil
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, path, nil
	}
	if err != nil {
		return nil, path, hint.Errorf("make it a readable file, or set SHEAF_HOME to another folder", "configuration: %w", err)
	}
	var values map[string]any
	if err := toml.Unmarshal(raw, &values); err != nil {
		return nil, path, hint.Errorf("correct the file; a line reads key = value", "%s: %w", path, err)
	}
	out := make(map[string]string, len(values))
	for _, k := range slices.Sorted(maps.Keys(values)) {
		v := values[k]
		switch v.(type) {
		case string, int64, float64, bool:
			out[k] = fmt.Sprint(v)
		default:
			return nil, path, hint.Errorf("give it one text, number, true or false", "%s: key %q holds a list or a table", path, k)
		}
	}
	return out, path, nil
}
