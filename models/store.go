package models

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A Store is where models are. The zero value has the built-in model alone.
type Store struct {
	Home  string // the folder of installed models (see [Home]); "" means none
	Cache string // the Hugging Face cache (see [CacheDir]), only read; "" means none
}

// Find is the function [Find] for this store. A model of the catalogue is
// found by its name there and by its repository.
func (s Store) Find(name string) (Model, error) {
	if name == "" || name == Builtin {
		return Model{Name: Builtin}, nil
	}
	var looked []string
	entry, variant, listed := Lookup(name)
	if s.Home != "" {
		names := []string{name}
		if listed && entry.Installed(variant) != name {
			names = append(names, entry.Installed(variant))
		}
		for _, n := range names {
			if !filepath.IsLocal(n) || n == "." {
				continue
			}
			dir := filepath.Join(s.Home, filepath.FromSlash(n))
			if isDir(dir) {
				return Model{Name: name, Dir: dir}, nil
			}
			looked = append(looked, dir)
		}
	}
	if isDir(name) {
		return Model{Name: name, Dir: name}, nil
	}
	looked = append(looked, name)
	repository := name
	if listed {
		repository = entry.Repository
	}
	// Only the full-precision file: a snapshot may hold several, and that is
	// the one that is taken.
	if s.Cache != "" && (!listed || variant.Precision == Full) && ValidRepository(repository) {
		if dir, ok := cachedSnapshot(s.Cache, repository); ok {
			return Model{Name: name, Dir: dir, Cached: true}, nil
		}
		looked = append(looked, filepath.Join(s.Cache, cacheFolder(repository)))
	}
	installed := []string{Builtin}
	for _, m := range s.Models() {
		installed = append(installed, m.Name)
	}
	return Model{}, &NotFoundError{name, looked, installed}
}

// Models returns the models that are there but for the built-in one: those
// that are installed, then those of the Hugging Face cache, each sorted by
// name. A model of the catalogue goes by its name there.
func (s Store) Models() []Model {
	var found []Model
	for _, name := range Installed(s.Home) {
		found = append(found, Model{Name: name, Dir: filepath.Join(s.Home, filepath.FromSlash(name))})
	}
	n := len(found)
	for _, repository := range cachedRepositories(s.Cache) {
		dir, ok := cachedSnapshot(s.Cache, repository)
		if !ok {
			continue
		}
		name := repository
		if e, _, ok := Lookup(repository); ok {
			name = e.Name
		}
		if !slices.ContainsFunc(found[:n], func(m Model) bool { return m.Name == name }) {
			found = append(found, Model{Name: name, Dir: dir, Cached: true})
		}
	}
	slices.SortFunc(found[n:], func(a, b Model) int { return strings.Compare(a.Name, b.Name) })
	return found
}

// Remove removes an installed model. Models of the Hugging Face cache and
// folders elsewhere belong to others and are refused.
func (s Store) Remove(name string) error {
	m, err := s.Find(name)
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(s.Home, m.Dir)
	switch {
	case m.Dir == "":
		return &OwnershipError{name, "it is compiled into the program"}
	case m.Cached:
		return &OwnershipError{name, "it lies in the Hugging Face cache, which other programs use too: " + m.Dir}
	case s.Home == "" || err != nil || rel == "." || !filepath.IsLocal(rel):
		return &OwnershipError{name, "it is not among the installed models: " + m.Dir}
	}
	// Renamed first: a model is there as a whole or not at all.
	gone, err := os.MkdirTemp(s.Home, ".removed-")
	if err != nil {
		return err
	}
	if err := os.Rename(m.Dir, filepath.Join(gone, "model")); err != nil {
		return errors.Join(err, os.Remove(gone))
	}
	for parent := filepath.Dir(m.Dir); parent != filepath.Clean(s.Home); parent = filepath.Dir(parent) {
		if os.Remove(parent) != nil {
			break // not empty: other models of the same owner
		}
	}
	return os.RemoveAll(gone)
}

// An OwnershipError says that a model is not ours to remove.
type OwnershipError struct{ Name, Reason string }

func (e *OwnershipError) Error() string {
	return fmt.Sprintf("model %q is not removed: %s", e.Name, e.Reason)
}

// Hint says what to do about it.
func (e *OwnershipError) Hint() string {
	return "run sheaf models list to see which models are installed"
}

// ValidName says whether a model may be installed under a name: one or two
// parts of letters, digits, ".", "_" and "-", such as "gte-small" and
// "owner/model", that no system reads in another way.
func ValidName(name string) bool {
	return name != Builtin && ValidRepository(name)
}

// ValidRepository says whether id can be a repository of the hub: "model" or
// "owner/model".
func ValidRepository(id string) bool {
	parts := strings.Split(id, "/")
	if len(parts) > 2 {
		return false
	}
	for _, p := range parts {
		if p == "" || len(p) > 96 || strings.HasPrefix(p, ".") || strings.HasSuffix(p, ".") || strings.Contains(p, "--") ||
			strings.Trim(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != "" || !filepath.IsLocal(p) {
			return false
		}
	}
	return true
}

// The files of a model beside its weights, in the order in which they are
// listed. Those that a repository lacks are left out.
var companions = []string{
	"config.json",
	"tokenizer.json",
	"tokenizer_config.json",
	"modules.json",
	"1_Pooling/config.json",
	"config_sentence_transformers.json",
	"special_tokens_map.json",
}

// StaticWeights is the file with the table of a static model.
const StaticWeights = "model.safetensors"

// Companion says whether a file of a repository, slash-separated, belongs to
// an embedding model beside its weights.
func Companion(name string) bool {
	if slices.Contains(companions, name) {
		return true
	}
	ok, err := path.Match("sentence_*_config.json", name)
	return err == nil && ok
}

// ExternalData says whether file can hold tensors of the ONNX graph, both
// slash-separated: "model.onnx_data", "model.onnx.data", "model.onnx_data_1".
func ExternalData(graph, file string) bool {
	rest, ok := strings.CutPrefix(file, graph)
	return ok && (strings.HasPrefix(rest, "_data") || strings.HasPrefix(rest, ".data"))
}

// Graph chooses among the files of a model the ONNX graph that is taken where
// none is named: model.onnx, then onnx/model.onnx, else the only one. It is
// "" where there is none or no such one.
func Graph(files []string) string {
	var graphs []string
	for _, f := range files {
		if dir := path.Dir(f); strings.HasSuffix(f, ".onnx") && (dir == "." || dir == "onnx") {
			graphs = append(graphs, f)
		}
	}
	for _, name := range []string{"model.onnx", "onnx/model.onnx"} {
		if slices.Contains(graphs, name) {
			return name
		}
	}
	if len(graphs) == 1 {
		return graphs[0]
	}
	return ""
}

// Files returns the files that a model needs of those in dir, slash-separated
// and sorted: the weights and what goes with them. It is nil where dir holds
// no model that can be used.
func Files(dir string) []string {
	var all []string
	// The function never fails, and so neither does the walk. Links are what a
	// snapshot of the cache is made of, and are followed.
	_ = filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if e.IsDir() {
			if strings.HasPrefix(e.Name(), ".") && p != dir {
				return fs.SkipDir
			}
			return nil
		}
		if st, err := os.Stat(p); err != nil || !st.Mode().IsRegular() {
			return nil
		}
		if rel, err := filepath.Rel(dir, p); err == nil {
			all = append(all, filepath.ToSlash(rel))
		}
		return nil
	})
	graph := Graph(all)
	static := graph == "" && isStatic(filepath.Join(dir, StaticWeights))
	if graph == "" && !static || !slices.Contains(all, "tokenizer.json") {
		return nil
	}
	keep := slices.DeleteFunc(all, func(f string) bool {
		return !Companion(f) && f != graph && (graph == "" || !ExternalData(graph, f)) && (!static || f != StaticWeights)
	})
	slices.Sort(keep)
	return keep
}
