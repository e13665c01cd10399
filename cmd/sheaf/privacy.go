package main

import (
	"context"

	"github.com/spf13/cobra"

	"sheaf/internal/corpus"
	"sheaf/internal/pipeline"
)

func newPrivacy(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "privacy",
		Short:   "Measure how well personal data is found",
		Example: "  sheaf privacy test labelled.json",
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newPrivacyTest(p))
	cmd.Args = oneOf(cmd)
	return cmd
}

func newPrivacyTest(p *program) *cobra.Command {
	var opts pipeline.PrivacyTest
	cmd := &cobra.Command{
		Use:   "test FILE",
		Short: "Compare what is found in labelled texts with their labels",
		Long: `Test looks for personal data in texts whose personal data is labelled, as chats
does, and prints precision, recall and F2 for each type: F2 = 5PR/(4P+R), which
counts what is missed more than what is taken for nothing.

The file is a JSON array of {"full_text", "spans": [{"entity_type",
"start_position", "end_position"}]}, as Presidio's generator writes it, or has a
line {"text", "spans": [{"type", "start", "end"}]} for each text. Positions count
characters from 0; the end is behind the last.

A line of the table counts words, numbers and punctuation marks; "spans" are those
labelled, "found" those of them that are covered by half. MICRO is over all types,
ANY the same without regard to the type. GPE and LOC are read as LOCATION,
DOMAIN_NAME as URL, ZIP_CODE as POSTAL_CODE, US_DRIVER_LICENSE as DRIVER_LICENSE,
the numbers of states as NATIONAL_ID, US_BANK_NUMBER as BANK_ACCOUNT, CRYPTO as
CRYPTO_WALLET. Other types that are not sheaf's own, as DATE_TIME, TITLE and NRP,
are not claimed: they are named, and what is found there is not counted.

No text of the file is printed.

` + exitCodes,
		Example: "  sheaf privacy test labelled.json\n  sheaf privacy test --json labelled.jsonl",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("name one file, or - for standard input", "privacy test takes one file, not %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return p.privacyTest(cmd.Context(), args, opts) },
	}
	cmd.Flags().BoolVar(&opts.JSON, "json", false, "as JSON")
	cmd.Flags().StringVar(&opts.Rules, "privacy-rules", "", "`file` of words and patterns that are personal, and of those that are not (TOML)")
	return cmd
}

func (p *program) privacyTest(ctx context.Context, args []string, opts pipeline.PrivacyTest) error {
	inputs, err := p.inputs(ctx, args, corpus.FileInput)
	if err != nil {
		return err
	}
	return pipeline.TestPrivacy(ctx, inputs[0], p.stdout, opts)
}
