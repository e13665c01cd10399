package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"sheaf/internal/pipeline"
)

func newCache(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cache",
		Short: "Show or forget what is kept from earlier runs",
		Long: `Sheaf keeps the embeddings that transformer models computed, so that another run
over the same texts is quick and one that was interrupted goes on where it was, and
what a chat model answered, and of large collections of conversations the redacted
and audited summaries. What is kept are numbers, and answers and summaries in
encrypted form, under keyed digests, in a folder that only you can read: no text of
a note. The oldest leave when it gets large. The built-in and other static models
are quicker than looking up, and nothing of theirs is kept.

--no-cache lets a run do without.`,
		Example: "  sheaf cache info\n  sheaf cache clear",
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		&cobra.Command{
			Use:     "info",
			Short:   "Show what is kept, and how much room it takes",
			Example: "  sheaf cache info",
			Args:    noArgs,
			RunE:    func(cmd *cobra.Command, _ []string) error { return p.cacheInfo(cmd.Context()) },
		},
		&cobra.Command{
			Use:     "clear",
			Short:   "Forget all that is kept",
			Example: "  sheaf cache clear",
			Args:    noArgs,
			RunE:    func(cmd *cobra.Command, _ []string) error { return p.cacheClear(cmd.Context()) },
		},
	)
	cmd.Args = oneOf(cmd)
	return cmd
}

func (p *program) cacheInfo(ctx context.Context) error {
	dir, err := pipeline.CacheHome(p.getenv)
	if err != nil {
		return err
	}
	info, err := pipeline.InspectCache(ctx, dir)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for _, row := range [][2]string{
		{"folder", oneLine(info.Dir)},
		{"embeddings", fmt.Sprint(info.Embeddings)},
		{"answers of chat models", fmt.Sprint(info.Answers)},
		{"summaries of conversations", fmt.Sprint(info.Summaries)},
		{"files whose digest is known", fmt.Sprint(info.Digests)},
		{"models that were tried", fmt.Sprint(info.Facts)},
		{"size", fmt.Sprintf("%s of at most %s", megabytes(info.Bytes), megabytes(info.MaxBytes))},
	} {
		// A write that fails is seen at Flush.
		_, _ = fmt.Fprintf(w, "%s\t%s\n", row[0], row[1])
	}
	return w.Flush()
}

func (p *program) cacheClear(ctx context.Context) error {
	dir, err := pipeline.CacheHome(p.getenv)
	if err != nil {
		return err
	}
	info, err := pipeline.ClearCache(ctx, dir)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "forgot %d embeddings, %d answers and %d summaries, %s\n", info.Embeddings, info.Answers, info.Summaries, megabytes(info.Bytes))
	return err
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// cacheHome is the folder of what is kept, or "" where there can be none, as
// for a service without a home.
func (p *program) cacheHome() string {
	dir, err := pipeline.CacheHome(p.getenv)
	if err != nil {
		return ""
	}
	return dir
}
