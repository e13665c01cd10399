// Command tinygguf writes a tiny language model with random weights as a GGUF
// file: two layers of the llama architecture, about half a megabyte.
//
//	go run ./scripts/tinygguf -o tiny.gguf
//
// An Ollama server loads it like any other model and answers in milliseconds.
// What it answers has no sense; it shows that the client, the server and the
// JSON schema between them work, where no real model is at hand. The same
// seed gives the same bytes.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(args []string, stderr io.Writer) error {
	fs := flag.NewFlagSet("tinygguf", flag.ContinueOnError)
	fs.SetOutput(stderr)
	out := fs.String("o", "tiny.gguf", "the file to write")
	seed := fs.Uint64("seed", 1, "seed of the weights")
	context := fs.Int("context", 2048, "context length the model claims, in tokens")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if *context < 1 {
		return fmt.Errorf("a context of %d tokens", *context)
	}
	f, err := os.Create(*out)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	err = write(w, shape{layers: 2, dim: 64, heads: 4, kvHeads: 2, feedForward: 128, context: *context, seed: *seed})
	if ferr := w.Flush(); err == nil {
		err = ferr
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}
