// Stand-ins writes two transformer models with random weights into a folder, to
// measure how sheaf bench takes models of 384 and of 1,024 dimensions. Their
// vectors mean nothing.
//
//	go run ./scripts/stand-ins DIR
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"sheaf/internal/testmodel"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: stand-ins DIR")
		os.Exit(2)
	}
	small := testmodel.MiniLM()
	small.Layers, small.Intermediate = 2, 384
	large := testmodel.GTELarge()
	large.Layers, large.Intermediate = 2, 512
	for name, spec := range map[string]testmodel.Spec{"stand-in-384": small, "stand-in-1024": large} {
		if err := spec.Write(filepath.Join(os.Args[1], name)); err != nil {
			fmt.Fprintln(os.Stderr, "error:", err)
			os.Exit(1)
		}
	}
}
