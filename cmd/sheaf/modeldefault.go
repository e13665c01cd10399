package main

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"

	"github.com/BurntSushi/toml"

	"sheaf/internal/hint"
	"sheaf/internal/report"
)

// modelLine is the line of config.toml that names the model.
var modelLine = regexp.MustCompile(`(?m)^[ \t]*(?:model|"model"|'model')[ \t]*=.*(?:\n|\z)`)

// setDefaultModel writes the model into config.toml and returns its path; ""
// takes it out. The rest of the file stays as it is, comments included.
func (p *program) setDefaultModel(name string) (string, error) {
	path := configPath(p.getenv)
	if path == "" {
		return "", hint.Errorf("set SHEAF_HOME, or give --model with each command", "no folder for config.toml: neither HOME nor SHEAF_HOME is set")
	}
	raw, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	edited, err := withModel(raw, name)
	if err != nil {
		return "", hint.Errorf("write the line model = \"…\" into it yourself", "%s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	f, err := report.CreateAtomic(path, 0o600)
	if err != nil {
		return "", err
	}
	p.holding(f.Temp())
	defer p.holding("")
	defer f.Abort() // after Commit there is nothing left to abort
	if _, err := f.Write(edited); err != nil {
		return "", err
	}
	return path, f.Commit()
}

var errNotEditable = errors.New("the line with the model cannot be told from the rest")

// withModel is a configuration with another model, or none.
func withModel(raw []byte, name string) ([]byte, error) {
	var line []byte
	if name != "" {
		var err error
		if line, err = toml.Marshal(map[string]string{"model": name}); err != nil {
			return nil, err
		}
	}
	var edited []byte
	if at := modelLine.FindIndex(raw); at != nil {
		edited = append(append(append(edited, raw[:at[0]]...), line...), raw[at[1]:]...)
	} else {
		edited = append(edited, raw...)
		if len(raw) > 0 && raw[len(raw)-1] != '\n' {
			edited = append(edited, '\n')
		}
		edited = append(edited, line...)
	}
	// Read back: nothing but the model may be another.
	var before, after map[string]any
	if err := errors.Join(toml.Unmarshal(raw, &before), toml.Unmarshal(edited, &after)); err != nil {
		return nil, err
	}
	got, _ := after["model"].(string)
	delete(before, "model")
	delete(after, "model")
	same := func(a, b any) bool { return a == b }
	for _, values := range []map[string]any{before, after} {
		for _, v := range values {
			switch v.(type) {
			case string, int64, float64, bool:
			default:
				return nil, errNotEditable
			}
		}
	}
	if got != name || !maps.EqualFunc(before, after, same) {
		return nil, errNotEditable
	}
	return edited, nil
}
