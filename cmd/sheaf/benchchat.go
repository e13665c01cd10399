package main

import (
	"context"
	"io"
	"slices"

	"github.com/spf13/pflag"

	"sheaf/internal/pipeline"
)

// chatOnly are the settings of bench that say how groups are made and chat
// models asked, and embeddingOnly its flags for embedding models.
var (
	chatOnly = []string{"model", "adapt", "lexicon", "dim", "max-seq-length", "prompt", "ollama-host", "base-url", "temperature", "top-k", "top-p", "max-tokens",
		"candidates", "language", "num-ctx", "num-thread", "chat-workers", "chat-timeout", "chat-run-timeout", "keep-alive"}
	embeddingOnly = []string{"protocol", "repetitions"}
)

// checkChatFlags refuses what the kind of models that are compared has no use for.
func checkChatFlags(flags *pflag.FlagSet, isChat bool, args []string) (err error) {
	if isChat && len(args) > 0 {
		return usage("name the one that makes the groups with --model", "with --chat-models no embedding models are compared, but %q was given", args[0])
	}
	flags.Visit(func(f *pflag.Flag) {
		switch {
		case err != nil:
		case isChat && slices.Contains(embeddingOnly, f.Name):
			err = usage("leave it out", "--%s is for embedding models, and chat models are compared", f.Name)
		case !isChat && f.Name == "model":
			err = usage("name the models without it: sheaf bench "+f.Value.String()+" --data …", "--model says what makes the groups for --chat-models")
		case !isChat && (f.Name == "prompt-dir" || slices.Contains(chatOnly, f.Name)):
			err = usage("leave it out, or name chat models: --chat-models tinyllama", "--%s is for --chat-models", f.Name)
		}
	})
	return err
}

// benchChat compares chat models once the flags are read.
func (p *program) benchChat(ctx context.Context, data []string, opts pipeline.ChatBenchOptions, path, format string, s *settings) error {
	seen := make(map[string]bool)
	for _, name := range opts.ChatModels {
		if err := pipeline.CheckChatModel(name, opts.Common); err != nil {
			return usageError{err}
		}
		if seen[name] {
			return usage("give it once", "the chat model %q stands twice in --chat-models", name)
		}
		seen[name] = true
	}
	if len(opts.PromptDirs) == 0 && s.promptDir != "" { // of the environment or config.toml
		opts.PromptDirs = []string{s.promptDir}
	}
	inputs, err := p.benchInputs(ctx, data, path)
	if err != nil {
		return err
	}
	prog := p.newProgress(s.quiet, format == "json")
	defer prog.clear()
	p.equip(&opts.Common, output{}, s, prog)
	r, failed, err := pipeline.BenchChat(ctx, inputs, opts)
	if err != nil {
		return err
	}
	prog.clear()
	for _, line := range failed {
		prog.warn(line)
	}
	if err := p.writeTo(ctx, path, func(w io.Writer) error { return pipeline.WriteChatBench(w, r, format) }); err != nil {
		return err
	}
	if len(failed) > 0 {
		return errIncomplete
	}
	return nil
}
