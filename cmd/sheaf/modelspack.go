package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"sheaf/engine/onnx"
	"sheaf/internal/hint"
	"sheaf/internal/report"
	"sheaf/models"
	"sheaf/models/pack"
)

func newModelsPack(p *program) *cobra.Command {
	var o struct {
		output  string
		runtime bool
		library string
		chats   []string
		quiet   bool
	}
	cmd := &cobra.Command{
		Use:   "pack [NAME…] -o FILE",
		Short: "Put models into one file, for a machine without a network",
		Long: `Pack writes models of this machine into one file, which sheaf models unpack
installs on another: embedding models, with --runtime the ONNX Runtime library,
and with --chat a chat model, either one that Ollama has on this machine or a file
of weights in the GGUF format.`,
		Example: "  sheaf models pack all-MiniLM-L6-v2 --runtime --chat tinyllama -o models.tar.zst\n  sheaf models pack --chat llama=weights.gguf -o chat.tar.zst",
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.output == "" {
				return usage("name it with -o, as -o models.tar.zst", "no file to write to")
			}
			if len(args) == 0 && !o.runtime && o.library == "" && len(o.chats) == 0 {
				return usage("name a model, --runtime or --chat", "nothing to pack")
			}
			c := pack.Contents{}
			store := p.modelStore()
			for _, name := range args {
				m, err := store.Find(name)
				if err != nil {
					return err
				}
				c.Models = append(c.Models, m)
			}
			if o.runtime || o.library != "" {
				lib, err := onnx.FindLibrary(p.librarySearch(o.library))
				if err != nil {
					return err
				}
				c.Runtime, c.RuntimePlatform, c.RuntimeVersion = libraryFiles(lib.Path), lib.Platform, lib.Version
			}
			for _, name := range o.chats {
				chat, err := p.findChat(cmd.Context(), name)
				if err != nil {
					return err
				}
				c.Chats = append(c.Chats, chat)
			}
			return p.packModels(cmd.Context(), c, o.output, o.quiet)
		},
		ValidArgsFunction: p.completeModels(false),
	}
	f := cmd.Flags()
	f.StringVarP(&o.output, "output", "o", "", "the `file` to write, - for standard output")
	f.BoolVar(&o.runtime, "runtime", false, "put in the ONNX Runtime library of this machine")
	f.StringVar(&o.library, "library", "", "the ONNX Runtime library to put in: a `file` or its folder")
	f.StringArrayVar(&o.chats, "chat", nil, "put in a chat model: `MODEL` of Ollama, FILE.gguf or NAME=FILE.gguf")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "nothing on stderr but warnings and errors")
	return cmd
}

// libraryFiles is the library and what has to lie beside it.
func libraryFiles(path string) []string {
	files := []string{path}
	if beside := filepath.Join(filepath.Dir(path), "DirectML.dll"); filepath.Base(path) == "onnxruntime.dll" && isFile(beside) {
		files = append(files, beside)
	}
	return files
}

// findChat finds what --chat names.
func (p *program) findChat(ctx context.Context, arg string) (pack.ChatSource, error) {
	name, file, named := strings.Cut(arg, "=")
	if !named {
		name, file = "", arg
	}
	if named || strings.EqualFold(filepath.Ext(file), ".gguf") {
		return pack.GGUF(ctx, name, file)
	}
	return pack.FindChat(arg, pack.OllamaModels(p.getenv))
}

func (p *program) packModels(ctx context.Context, c pack.Contents, output string, quiet bool) error {
	bar := p.newTransfer(quiet)
	defer bar.clear()
	progress := func(done, total int64) { bar.report("packing", done, total) }
	if output == "-" {
		if _, tty := terminal(p.stdout); tty {
			return usage("name a file with -o, or pipe the output somewhere", "a pack is not for a terminal")
		}
		return pack.Write(ctx, &endingWriter{ctx, p.stdout}, c, progress)
	}
	f, err := report.CreateAtomic(output, 0o600)
	if err != nil {
		return err
	}
	p.holding(f.Temp())
	defer p.holding("")
	defer f.Abort() // after Commit there is nothing left to abort
	if err := pack.Write(ctx, &endingWriter{ctx, f}, c, progress); err != nil {
		return err
	}
	return f.Commit()
}

func newModelsUnpack(p *program) *cobra.Command {
	var host string
	var maxGigabytes int64
	var quiet bool
	cmd := &cobra.Command{
		Use:   "unpack FILE",
		Short: "Install what sheaf models pack put into a file",
		Long: `Unpack installs the models of a pack. Everything is compared with the digests in
it before anything is installed. A chat model is handed to the Ollama of this
machine, which has to run; if it does not, the rest is installed all the same and
the exit code is 3. The digests show that a pack is whole, not who made it: a
library in it is code that this program will run.`,
		Example: "  sheaf models unpack models.tar.zst",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("name one file, or - for standard input", "%s takes one file, not %d", cmd.CommandPath(), len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			home := p.modelHome()
			if home == "" {
				return hint.Errorf("set SHEAF_HOME", "no folder for models: neither HOME nor SHEAF_HOME is set")
			}
			if maxGigabytes < 1 || maxGigabytes > 1<<20 {
				return usage("give a whole number from 1", "--max-size is %d", maxGigabytes)
			}
			ollama := pack.Ollama{Host: or(host, p.getenv("OLLAMA_HOST"))}
			if host != "" {
				if err := ollama.Check(); err != nil {
					return err
				}
			}
			in := pack.Installer{Models: home, Runtime: models.RuntimeHome(p.getenv), Platform: runtime.GOOS + "/" + runtime.GOARCH,
				Chat: ollama.Install, MaxBytes: maxGigabytes << 30}
			return p.unpackModels(cmd.Context(), args[0], &in, quiet)
		},
	}
	f := cmd.Flags()
	f.StringVar(&host, "ollama-host", "", "where Ollama listens, on this machine only (default $OLLAMA_HOST, else 127.0.0.1:11434)")
	f.Int64Var(&maxGigabytes, "max-size", pack.DefaultMaxBytes>>30, "gigabytes that a pack may hold")
	f.BoolVarP(&quiet, "quiet", "q", false, "nothing on stderr but warnings and errors")
	return cmd
}

func (p *program) unpackModels(ctx context.Context, file string, in *pack.Installer, quiet bool) error {
	if _, err := p.defaultModel(); err != nil {
		return err
	}
	source := p.stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		source = f
	}
	bar := p.newTransfer(quiet)
	defer bar.clear()
	in.Progress = func(done, total int64) { bar.report("unpacking", done, total) }
	result, err := in.Unpack(ctx, source)
	if result == nil {
		return err
	}
	for _, name := range result.Installed {
		bar.note(name + " is installed")
	}
	for _, name := range result.Present {
		bar.note(name + " was here already")
	}
	if err != nil {
		return err
	}
	for _, name := range append(result.Installed, result.Present...) {
		if m, err := p.modelStore().Find(name); err == nil && !m.Cached {
			if err := p.useIfFirst(name, bar.note); err != nil {
				return err
			}
			break
		}
	}
	for _, left := range result.LeftOut {
		line := fmt.Sprintf("%s is not installed: %v", left.Name, left.Err)
		var hinted interface{ Hint() string }
		if errors.As(left.Err, &hinted) {
			line += " (" + hinted.Hint() + ")"
		}
		bar.clear()
		say(p.stderr, "warning: "+line)
	}
	if len(result.LeftOut) > 0 {
		return errIncomplete
	}
	return nil
}
