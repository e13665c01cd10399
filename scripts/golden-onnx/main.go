// Command golden-onnx writes internal/testmodel/testdata/golden.json: the
// vectors of the small test models, computed by golden.py. Run it from the
// repository's root, with Debian's python3-numpy installed:
//
//	go run ./scripts/golden-onnx
//
// With an argument it writes a model of a known shape into that folder
// instead, for trying things by hand:
//
//	go run ./scripts/golden-onnx -shape minilm FOLDER
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"sheaf/internal/testmodel"
)

func main() {
	shape := flag.String("shape", "", "write one model of this shape into the folder given: minilm, gte-large, small")
	flag.Parse()
	if err := run(*shape, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "golden-onnx:", err)
		os.Exit(1)
	}
}

func run(shape string, args []string) error {
	if shape == "" {
		return writeGolden(filepath.Join("internal", "testmodel", "testdata", "golden.json"))
	}
	specs := map[string]testmodel.Spec{
		"minilm": testmodel.MiniLM(), "gte-large": testmodel.GTELarge(), "small": testmodel.Small(testmodel.BERT, "mean_tokens"),
	}
	spec, ok := specs[shape]
	if !ok || len(args) != 1 {
		return errors.New("want -shape minilm, gte-large or small, and a folder")
	}
	return spec.Write(args[0])
}

func writeGolden(target string) (err error) {
	root, err := os.MkdirTemp("", "golden-onnx")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(root)) }()
	for _, c := range testmodel.Cases() {
		if err := c.Spec.Write(filepath.Join(root, c.Name)); err != nil {
			return err
		}
	}
	texts, err := json.Marshal(testmodel.Texts())
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(root, "texts.json"), texts, 0o600); err != nil {
		return err
	}
	python := os.Getenv("PYTHON")
	if python == "" {
		python = "/usr/bin/python3"
	}
	cmd := exec.Command(python, filepath.Join("scripts", "golden-onnx", "golden.py"), root, target)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}
