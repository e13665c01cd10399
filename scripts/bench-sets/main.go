// Bench-sets writes the labelled collections that README's table of models is
// made with as CSV files, text and label, into a folder:
//
//	SHEAF_TESTDATA=… go run ./scripts/bench-sets DIR
//	sheaf bench builtin POTION STAND-INS… --label-column label --data DIR/banking77.csv …
package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"

	"sheaf/internal/testsets"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: bench-sets DIR")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(out string) error {
	dir, err := testsets.Dir()
	if err != nil {
		return err
	}
	all, err := testsets.All(dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	for i, name := range []string{"banking77", "clinc150", "clinc150-domains", "snips", "sgd"} {
		if err := write(filepath.Join(out, name+".csv"), &all[i]); err != nil {
			return err
		}
	}
	return nil
}

func write(path string, set *testsets.Set) error {
	rows := [][]string{{"text", "label"}}
	for i, text := range set.Texts {
		rows = append(rows, []string{text, set.Groups[i]})
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	if err := w.WriteAll(rows); err != nil {
		_ = f.Close() // the first error counts
		return err
	}
	return f.Close()
}
