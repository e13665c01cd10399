// Command program says whether it contains ONNX Runtime support. A test builds
// it with cgo and without.
package main

import (
	"errors"
	"fmt"

	"sheaf/engine/onnx"
)

func main() {
	_, err := onnx.Open("no such folder", onnx.Options{})
	fmt.Println(onnx.Supported(), errors.Is(err, onnx.ErrNoCgo))
}
