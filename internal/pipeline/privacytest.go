package pipeline

import (
	"context"
	"io"

	"sheaf/engine/static"
	"sheaf/internal/corpus"
	"sheaf/internal/privacy"
	"sheaf/models"
	"sheaf/models/builtin"
)

// A PrivacyTest is what an evaluation of the redaction is made with.
type PrivacyTest struct {
	Rules string // a file of the user's rules, "" for none
	JSON  bool   // else a table
}

// TestPrivacy compares what is found in labelled texts with their labels, as
// chats would find it, and writes the figures to w.
func TestPrivacy(ctx context.Context, in corpus.Input, w io.Writer, opts PrivacyTest) error {
	rules, err := readRules(opts.Rules)
	if err != nil {
		return err
	}
	space, err := static.OpenFS(builtin.ModelFS(), models.Builtin, static.Options{})
	if err != nil {
		return err
	}
	r, err := in.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	e := privacy.NewEvaluator(privacy.New(privacy.Options{Rules: rules, Known: ordinaryWords(space)}))
	err = privacy.ReadSamples(in.Name, r, func(s privacy.Sample) error {
		e.Add(s)
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	if opts.JSON {
		return e.Result().JSON(w)
	}
	return e.Result().Text(w)
}
