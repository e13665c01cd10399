package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"sheaf/internal/corpus"
	"sheaf/internal/hint"
	"sheaf/internal/pipeline"
	"sheaf/internal/report"
)

func newReview(p *program) *cobra.Command {
	var (
		path, format string
		n            int
		seed         uint64
	)
	cmd := &cobra.Command{
		Use:   "review RESULT.json FILE...",
		Short: "Look at summaries beside their conversations, and say what you think",
		Long: `Review draws summaries of a result at random, shows each below its conversation,
and asks whether it is meaningful and whether it is clean: nobody can be
identified by it. Answers are y, n, s (skip) and q (stop); they are read from
standard input. The verdicts go to RESULT.review.json after each answer, ids and
answers alone, and a later review goes on where one was stopped. At the end stand
the shares with their confidence intervals.

The conversations are shown as they are: do this where nobody looks over your
shoulder.

` + exitCodes,
		Example: "  sheaf chats review chats.json conversations.json",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usage("run sheaf chats review RESULT.json conversations.json", "name a result and the files that it was made from")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := corpus.ParseChatFormat(format)
			if err != nil {
				return usageError{err}
			}
			if n < 1 {
				return usage("give a whole number from 1", "--number is %d", n)
			}
			if path == "" {
				path = strings.TrimSuffix(args[0], ".json") + ".review.json"
			}
			return p.review(cmd.Context(), args, path, f, seed, n)
		},
	}
	fs := cmd.Flags()
	fs.StringVarP(&path, "output", "o", "", "`file` of the verdicts (default RESULT.review.json)")
	fs.StringVar(&format, "input-format", "auto", "format of the conversations: "+chatFormatNames())
	fs.IntVarP(&n, "number", "n", 20, "summaries to look at")
	fs.Uint64Var(&seed, "seed", 1, "of what is drawn")
	return cmd
}

func (p *program) review(ctx context.Context, args []string, path string, format corpus.Format, seed uint64, n int) error {
	raw, err := os.ReadFile(args[0])
	if err != nil {
		return hint.Errorf("name the JSON that sheaf chats wrote", "result: %w", err)
	}
	result, err := report.Read(strings.NewReader(string(raw)))
	if err != nil {
		return err
	}
	review, err := pipeline.ReadReview(path)
	if err != nil {
		return err
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(raw))
	if review.Result != "" && review.Result != sum {
		return hint.Errorf("name another file with -o", "%s holds verdicts on another result", path)
	}
	review.Result, review.Seed = sum, seed
	inputs, err := p.inputs(ctx, args[1:], corpus.PathInput)
	if err != nil {
		return err
	}
	pairs, err := pipeline.ReviewPairs(ctx, result, inputs, corpus.ChatOptions{Format: format}, review.Verdicts, seed, n)
	if err != nil {
		return err
	}
	in := bufio.NewReader(&interruptible{ctx: ctx, r: p.stdin})
	for i, pair := range pairs {
		v, more, err := p.judge(in, pair, i+1, len(pairs))
		if err != nil {
			return err
		}
		if v != nil {
			review.Add(*v)
			if err := writeReview(path, review); err != nil {
				return err
			}
		}
		if !more {
			break
		}
	}
	for _, line := range review.Lines() {
		if _, err := fmt.Fprintln(p.stdout, line); err != nil {
			return err
		}
	}
	return nil
}

// judge shows a pair and takes a verdict; nil skips it. more is false once the
// user has had enough.
func (p *program) judge(in *bufio.Reader, pair pipeline.Pair, i, of int) (v *pipeline.Verdict, more bool, err error) {
	const most = 2000 // characters of a message
	var b strings.Builder
	fmt.Fprintf(&b, "\n%d of %d, %s\n\n", i, of, pair.ID)
	for _, m := range pair.Conversation.Messages {
		text := []rune(m.Text)
		if len(text) > most {
			text = append(text[:most], '…')
		}
		fmt.Fprintf(&b, "  %s: %s\n", m.Role, strings.ReplaceAll(string(text), "\n", "\n    "))
	}
	fmt.Fprintf(&b, "\nSummary: %s\n", pair.Summary)
	if _, err := io.WriteString(p.stderr, strings.Map(printable, b.String())); err != nil {
		return nil, false, err
	}
	v = &pipeline.Verdict{ID: pair.ID}
	for _, q := range []struct {
		text string
		to   *bool
	}{{"Is it meaningful", &v.Meaningful}, {"Is it clean, so that nobody can be identified by it", &v.Clean}} {
		answer, err := p.askUser(in, q.text+"? [y/n/s/q] ")
		switch {
		case err != nil:
			return nil, false, err
		case answer == 'q':
			return nil, false, nil
		case answer == 's':
			return nil, true, nil
		}
		*q.to = answer == 'y'
	}
	return v, true, nil
}

// askUser asks until the answer is one of those; the end of the input is q.
func (p *program) askUser(in *bufio.Reader, question string) (byte, error) {
	for {
		if _, err := io.WriteString(p.stderr, question); err != nil {
			return 0, err
		}
		line, err := in.ReadString('\n')
		answer := strings.ToLower(strings.TrimSpace(line))
		if len(answer) > 0 && strings.ContainsRune("ynsq", rune(answer[0])) {
			return answer[0], nil
		}
		if errors.Is(err, io.EOF) {
			return 'q', nil
		}
		if err != nil {
			return 0, err
		}
	}
}

func writeReview(path string, r *pipeline.Review) error {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	f, err := report.CreateAtomic(path, 0o600)
	if err != nil {
		return err
	}
	defer f.Abort() // after Commit there is nothing left to abort
	if _, err := f.Write(append(raw, '\n')); err != nil {
		return err
	}
	return f.Commit()
}
