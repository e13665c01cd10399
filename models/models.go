// Package models knows which embedding models there are and where their
// files lie.
package models

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Builtin is the name of the model that is compiled into the program
// (package models/builtin). It has no files.
const Builtin = "builtin"

// A Model is one that was found.
type Model struct {
	Name string // as it was asked for
	Dir  string // its folder; "" for Builtin
	// Cached says that the folder is a snapshot in the Hugging Face cache,
	// which belongs to other programs and is only read.
	Cached bool
}

// A NotFoundError says that there is no model of that name.
type NotFoundError struct {
	Name      string
	Looked    []string // the folders that were looked at
	Installed []string // the names there are
}

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("no model %q (looked at %s)", e.Name, strings.Join(e.Looked, ", "))
}

// Hint says what to do about it.
func (e *NotFoundError) Hint() string {
	return "give the folder of a model, or one of these names: " + strings.Join(e.Installed, ", ")
}

// Find finds a model by name or by the path of its folder. home is the folder
// that holds installed models (see [Home]), or "" where there is none; the
// Hugging Face cache of the environment (see [CacheDir]) is looked at last. A
// path is what has a separator in it, or names a folder that is there; an
// installed model goes before a folder of the same name.
//
// It is an error, a *[NotFoundError], if there is none.
func Find(name, home string) (Model, error) {
	return Store{Home: home, Cache: CacheDir(os.Getenv)}.Find(name)
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

// Installed returns the names of the models in home, sorted: the folders that
// hold a config.json, but not what lies inside a model. A home that is not
// there, or cannot be read, holds none.
func Installed(home string) []string {
	if home == "" {
		return nil
	}
	var names []string
	// The function never fails, and so neither does the walk.
	_ = filepath.WalkDir(home, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return nil
		}
		if path != home && strings.HasPrefix(e.Name(), ".") {
			return fs.SkipDir // what is not whole yet
		}
		st, err := os.Stat(filepath.Join(path, "config.json"))
		if err != nil || st.IsDir() {
			return nil
		}
		if rel, err := filepath.Rel(home, path); err == nil && rel != "." {
			names = append(names, filepath.ToSlash(rel))
		}
		return fs.SkipDir
	})
	slices.Sort(names)
	return names
}

// Home is the folder of installed models: $SHEAF_HOME/models, else
// $XDG_DATA_HOME/sheaf/models, else ~/.local/share/sheaf/models; on Windows
// %LocalAppData%\sheaf\models. getenv is os.Getenv but in tests.
func Home(getenv func(string) string) (string, error) {
	dir, err := dataDir(getenv)
	if err != nil {
		return "", errors.New("no folder for models: none of SHEAF_HOME, XDG_DATA_HOME and HOME is set")
	}
	return filepath.Join(dir, "models"), nil
}

// RuntimeHome is the folder of the ONNX Runtime library, beside that of the
// models. It is "" where there can be none.
func RuntimeHome(getenv func(string) string) string {
	dir, err := dataDir(getenv)
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "runtime")
}

var errNoHome = errors.New("none of SHEAF_HOME, XDG_DATA_HOME and HOME is set")

func dataDir(getenv func(string) string) (string, error) {
	if h := getenv("SHEAF_HOME"); h != "" {
		return h, nil
	}
	if x := getenv("XDG_DATA_HOME"); filepath.IsAbs(x) {
		return filepath.Join(x, "sheaf"), nil
	}
	if runtime.GOOS == "windows" {
		if d := getenv("LocalAppData"); d != "" {
			return filepath.Join(d, "sheaf"), nil
		}
	}
	if h := getenv("HOME"); h != "" {
		return filepath.Join(h, ".local", "share", "sheaf"), nil
	}
	return "", errNoHome
}
