package main

import (
	"fmt"
	"os"
)

func main() {
	var err error
	switch os.Args[1] {
	case "gen":
		for _, n := range os.Args[3:] {
			if _, err = sets[n].path(os.Args[2]); err != nil {
				break
			}
		}
	case "fit":
		err = fit(os.Args[2:])
	case "pass":
		err = pass(os.Args[2:])
	case "cancel":
		err = cancel(os.Args[2:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
