//go:build !cgo

package onnx

import "sheaf/engine/transformer"

const supported = false

func load(string) error { return ErrNoCgo }

func newSession(computation) (transformer.Runner, error) { return nil, ErrNoCgo }
