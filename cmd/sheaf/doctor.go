package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"sheaf/internal/pipeline"
	"sheaf/models"
	"sheaf/models/pull"
)

func newDoctor(p *program) *cobra.Command {
	var s *settings
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Show what is here, what is missing and what would be contacted",
		Long: `Doctor looks at this machine: the models, the ONNX Runtime library, the chat
model's server if there is one, the settings and where each comes from. It changes
nothing, and the only address it contacts is that server's on this machine.`,
		Example: "  sheaf doctor",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.load(p.getenv); err != nil {
				return err
			}
			return p.doctor(cmd.Context(), s)
		},
	}
	s = newSettings(cmd.Flags())
	return cmd
}

func (p *program) doctor(ctx context.Context, s *settings) error {
	c := s.common()
	home := p.modelHome()
	c.ModelHome, c.RuntimeDir = home, p.runtimeHome()
	if c.Chat.Host == "" {
		if c.Chat.Host = p.getenv("OLLAMA_HOST"); c.Chat.Host != "" {
			s.ollamaHost, s.source["ollama-host"] = c.Chat.Host, "OLLAMA_HOST"
		}
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) {
		// A write that fails is seen at Flush.
		_, _ = fmt.Fprintf(w, "%s\t%s\n", name, oneLine(fmt.Sprintf(format, args...)))
	}
	row("sheaf", "%s", strings.TrimPrefix(versionLine(), "sheaf "))

	start := time.Now()
	info, err := pipeline.ModelInfo(&c)
	if err != nil {
		row("embedding", "missing: %v", err)
	} else {
		row("embedding", "%s: %s, %d dimensions, ready in %d ms", info.Model, info.Backend, info.Dim, time.Since(start).Milliseconds())
	}
	here, cached := []string{models.Builtin}, []string{}
	store := p.modelStore()
	for _, m := range store.Models() {
		if m.Cached {
			cached = append(cached, m.Name)
		} else {
			here = append(here, m.Name)
		}
	}
	row("models", "%s in %s", strings.Join(here, ", "), or(home, "no folder: neither HOME nor SHEAF_HOME is set"))
	row("hugging face", "%s in the cache %s", or(strings.Join(cached, ", "), "no usable model"), or(store.Cache, "that is not there"))
	row("runtime", "%s", p.runtimeLine())
	chat, contacts := pipeline.ChatStatus(ctx, &c)
	row("chat model", "%s", chat)
	if err := ctx.Err(); err != nil {
		return err
	}
	row("would contact", "%s", contacts)
	row("would pull from", "%s and %s, in models pull and runtime pull alone", withoutUser(pull.Endpoint(p.getenv)), withoutUser(pull.RuntimeServer(p.getenv)))
	row("configuration", "%s", describePath(configPath(p.getenv)))
	if err := w.Flush(); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(p.stdout, "\nsettings:"); err != nil {
		return err
	}
	return printSettings(p.stdout, s)
}

func describePath(path string) string {
	if path == "" {
		return "none: neither HOME nor SHEAF_HOME is set"
	}
	if _, err := os.Stat(path); err != nil {
		return path + " (not there)"
	}
	return path
}

// withoutUser takes the name and password out of an address, for what is
// printed here is pasted into reports.
func withoutUser(s string) string {
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return s
	}
	scheme, _, ok := strings.Cut(s, "://")
	if !ok {
		return "…" + s[at:]
	}
	return scheme + "://…" + s[at:]
}

func printSettings(out io.Writer, s *settings) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	s.flags.VisitAll(func(f *pflag.Flag) {
		value := f.Value.String()
		if f.Name == "ollama-host" || f.Name == "base-url" {
			value = withoutUser(value)
		}
		_, _ = fmt.Fprintf(w, "  %s\t%s\t(%s)\n", f.Name, oneLine(value), oneLine(s.source[f.Name])) // seen at Flush
	})
	return w.Flush()
}
