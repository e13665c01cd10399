//go:build 386 || arm || mips || mipsle

package purego

import "sheaf/engine/transformer"

func start(*transformer.Folder, transformer.Value) (transformer.Runner, error) {
	return nil, ErrPlatform
}
