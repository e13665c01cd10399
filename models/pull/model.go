package pull

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gofrs/flock"

	"sheaf/models"
)

// stagingFolder is where files are until a model is whole, in the folder of
// models so that a rename is enough.
const stagingFolder = ".pull"

// ErrInstalled is inside the error for a model that is there already.
var ErrInstalled = errors.New("is installed already")

// Model gets a model of the catalogue, or any repository of the hub that holds
// a transformer as ONNX or a static model, and installs it. What is there
// already is not got again: the error is [ErrInstalled], beside the model.
//
// Errors that a user can do something about have a method Hint() string.
func Model(ctx context.Context, name string, opts Options) (models.Model, error) {
	opts.fill()
	w, err := plan(name, &opts)
	if err != nil {
		return models.Model{}, err
	}
	dir := filepath.Join(opts.Store.Home, filepath.FromSlash(w.installed))
	there := models.Model{Name: w.installed, Dir: dir}
	// A folder of that name where the command is run is not meant.
	if m, err := opts.Store.Find(w.installed); err == nil && m.Cached && opts.File == "" && opts.Revision == "" {
		there = m
	}
	if isThere(there.Dir) {
		return there, &Error{w.installed, fmt.Errorf("%w: %s", ErrInstalled, there.Dir), "use it, or remove it with sheaf models rm"}
	}
	staging := filepath.Join(opts.Store.Home, stagingFolder, strings.ReplaceAll(w.installed, "/", "--"))
	if err := os.MkdirAll(staging, 0o700); err != nil {
		return models.Model{}, err
	}
	lock := flock.New(staging + ".lock")
	if ok, err := lock.TryLock(); err != nil {
		return models.Model{}, err
	} else if !ok {
		return models.Model{}, &Error{w.installed, errors.New("is being pulled by another process"), "wait for it to end"}
	}
	// The lock ends with the process in any case.
	defer func() { _ = lock.Unlock() }()

	c, err := newHub(&opts)
	if err != nil {
		return models.Model{}, err
	}
	defer c.close()
	built, err := w.get(ctx, c, staging, &opts)
	if err != nil {
		return models.Model{}, err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return models.Model{}, err
	}
	if err := os.Rename(built, dir); err != nil {
		return models.Model{}, err
	}
	// The model is whole; what is left of its making is only in the way.
	if err := errors.Join(os.RemoveAll(staging), lock.Unlock(), os.Remove(lock.Path())); err != nil {
		opts.note("%v", err)
	}
	return models.Model{Name: w.installed, Dir: dir}, nil
}

// Partial says whether an interrupted pull of a model left something behind.
func Partial(store models.Store, installed string) bool {
	return store.Home != "" && models.ValidName(installed) && isThere(filepath.Join(store.Home, stagingFolder, strings.ReplaceAll(installed, "/", "--")))
}

// Discard removes what an interrupted pull of a model left behind.
func Discard(store models.Store, installed string) error {
	if store.Home == "" || !models.ValidName(installed) {
		return nil
	}
	staging := filepath.Join(store.Home, stagingFolder, strings.ReplaceAll(installed, "/", "--"))
	return errors.Join(os.RemoveAll(staging), os.RemoveAll(staging+".lock"))
}

// wanted is a model to get.
type wanted struct {
	installed  string // the name it gets
	repository string
	revision   string
	listed     bool
	entry      models.Entry
	variant    models.Variant
	precision  string
	file       string // the graph, if the user named it
}

func plan(name string, opts *Options) (*wanted, error) {
	if opts.Store.Home == "" {
		return nil, &Error{name, errors.New("there is no folder for models"), "set SHEAF_HOME"}
	}
	w := &wanted{repository: name, installed: name, revision: opts.Revision, precision: opts.Precision, file: opts.File}
	entry, variant, listed := models.Lookup(name)
	if listed {
		w.listed, w.entry, w.repository = true, entry, entry.Repository
		if opts.Precision != "" {
			v, ok := entry.Variant(opts.Precision)
			if !ok {
				return nil, &Error{name, fmt.Errorf("is not published as %s", opts.Precision), "leave out the precision"}
			}
			variant = v
		}
		w.variant, w.precision, w.installed = variant, variant.Precision, entry.Installed(variant)
		if w.revision == "" && variant.Repository == "" {
			w.revision = entry.Revision
		}
	} else if !models.ValidName(name) {
		return nil, &Error{name, errors.New("is no model of the catalogue and no repository"), "give a name that sheaf models list shows, or owner/model as on the hub"}
	} else if w.precision == models.Int8 {
		w.installed += "-" + models.Int8
	}
	if w.revision == "" {
		w.revision = "main"
	}
	if w.file != "" {
		if !strings.HasSuffix(w.file, ".onnx") || !filepath.IsLocal(filepath.FromSlash(w.file)) {
			return nil, &Error{w.file, errors.New("is no .onnx file of a repository"), "give its path in the repository, such as onnx/model_O2.onnx"}
		}
		if listed {
			w.variant = models.Variant{Precision: w.variant.Precision, File: w.file}
			w.installed = entry.Name
		}
		if stem := strings.TrimPrefix(strings.TrimSuffix(lastPart(w.file), ".onnx"), "model_"); stem != "model" {
			w.installed = strings.TrimSuffix(w.installed, "-"+models.Int8) + "-" + stem
		}
		if !models.ValidName(w.installed) {
			return nil, &Error{w.file, errors.New("gives no name to install under"), "choose another file"}
		}
	}
	return w, nil
}

// An item is a file to get and where it belongs in the model.
type item struct {
	listing *listing
	name    string // in the repository, and in the model
	sha256  string // the catalogue's, or ""
	src     source
}

// get brings a model's files together in a folder of staging.
func (w *wanted) get(ctx context.Context, c *client, staging string, opts *Options) (string, error) {
	l, err := c.list(ctx, w.repository, w.revision, staging, opts)
	if err != nil {
		return "", err
	}
	weights := l
	if w.variant.Repository != "" {
		// Another repository knows nothing of this one's revisions.
		if weights, err = c.list(ctx, w.variant.Repository, "main", staging, opts); err != nil {
			return "", err
		}
	}
	items, err := w.choose(ctx, c, l, weights, opts)
	if err != nil {
		return "", err
	}
	for i := range items {
		it := &items[i]
		if it.src, err = c.stat(ctx, it.listing, it.name, opts); err != nil {
			return "", err
		}
		if it.sha256 == "" {
			continue
		}
		if len(it.src.digest) == len(it.sha256) && it.src.digest != it.sha256 {
			return "", &Error{it.src.name, fmt.Errorf("%w: the hub has sha256 %s, the catalogue %s", ErrMismatch, it.src.digest, it.sha256), adviceMismatch}
		}
		it.src.digest = it.sha256
	}
	built := filepath.Join(staging, "model")
	if err := os.RemoveAll(built); err != nil {
		return "", err
	}
	record := models.Record{Name: w.installed, Repository: w.repository, Commit: l.commit}
	for i, it := range items {
		shared := slices.ContainsFunc(items[:i], func(o item) bool { return o.src.digest == it.src.digest })
		f, err := it.place(ctx, c, built, shared, opts)
		if err != nil {
			return "", err
		}
		if it.listing != l {
			f.Repository, f.Commit = it.listing.repository, it.listing.commit
		}
		record.Files = append(record.Files, f)
	}
	return built, models.WriteRecord(built, record)
}

// place gets a file, unless it is here already, and puts it into the model.
// shared says that the model has a file of the same content.
func (it *item) place(ctx context.Context, c *client, built string, shared bool, opts *Options) (models.File, error) {
	blob := filepath.Join(it.listing.folder, "blobs", it.src.digest)
	here := false
	if cached, ok := opts.Store.CachedBlob(it.listing.repository, it.src.digest); ok && !isThere(blob) {
		var err error
		if here, err = reuse(ctx, cached, blob, it.src.digest); err != nil {
			return models.File{}, err
		}
		if here {
			opts.note("%s: taken from the Hugging Face cache", it.src.name)
		}
	}
	if !here {
		if err := c.fetch(ctx, it.src, blob, opts); err != nil {
			return models.File{}, err
		}
	}
	target := filepath.Join(built, filepath.FromSlash(it.name))
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return models.File{}, err
	}
	// A second name costs no room. It is a copy where there can be none, and
	// where another file of the model has the same content: each is a file of
	// its own.
	if shared || os.Link(blob, target) != nil {
		if err := copyFile(blob, target); err != nil {
			return models.File{}, err
		}
	}
	sum, size, err := models.Digest(ctx, target, 64)
	f := models.File{Path: it.name, Size: size, SHA256: sum, Checked: "hub sha256"}
	switch {
	case it.sha256 != "":
		f.Checked = "catalogue"
	case len(it.src.digest) != len(sum):
		f.Checked = "hub git"
	}
	return f, err
}

// choose picks the files that a model needs: its companions from its own
// repository, its weights from the one that publishes them.
func (w *wanted) choose(ctx context.Context, c *client, l, weights *listing, opts *Options) ([]item, error) {
	var items []item
	for _, name := range l.files {
		if models.Companion(name) {
			items = append(items, item{listing: l, name: name})
		}
	}
	for _, name := range []string{"config.json", "tokenizer.json"} {
		if !slices.Contains(l.files, name) {
			return nil, &Error{l.repository, fmt.Errorf("has no %s", name), "choose another repository: one with a tokenizer.json and weights as ONNX, or a Model2Vec model"}
		}
	}
	file, err := w.weightsFile(ctx, c, l, weights, opts)
	if err != nil {
		return nil, err
	}
	items = append(items, item{listing: weights, name: file, sha256: w.variant.SHA256})
	for _, name := range weights.files {
		if models.ExternalData(file, name) {
			items = append(items, item{listing: weights, name: name})
		}
	}
	return items, nil
}

// weightsFile is the file with the weights.
func (w *wanted) weightsFile(ctx context.Context, c *client, l, weights *listing, opts *Options) (string, error) {
	var graphs []string
	for _, name := range weights.files {
		if dir := path.Dir(name); strings.HasSuffix(name, ".onnx") && (dir == "." || dir == "onnx") {
			graphs = append(graphs, name)
		}
	}
	missing := func(name string) error {
		if len(graphs) == 0 {
			return &Error{weights.repository, fmt.Errorf("has no %s", name), "choose another repository: one with weights as ONNX, or a Model2Vec model"}
		}
		return &Error{weights.repository, fmt.Errorf("has no %s", name), "choose with --file: " + strings.Join(graphs, ", ")}
	}
	name := w.file
	if name == "" && w.listed {
		name = w.variant.File
	}
	if name != "" {
		if !slices.Contains(weights.files, name) {
			return "", missing(name)
		}
		return name, nil
	}
	if w.precision == models.Int8 {
		for _, name := range []string{"onnx/model_quantized.onnx", "model_quantized.onnx", "onnx/model_int8.onnx", "model_int8.onnx"} {
			if slices.Contains(graphs, name) {
				return name, nil
			}
		}
		return "", missing("onnx/model_quantized.onnx")
	}
	// Static models are often published with an ONNX graph beside the table.
	if slices.Contains(weights.files, models.StaticWeights) {
		static, err := isStatic(ctx, c, l, opts)
		if err != nil {
			return "", err
		}
		if static {
			return models.StaticWeights, nil
		}
	}
	if graph := models.Graph(graphs); graph != "" {
		return graph, nil
	}
	return "", missing("model.onnx")
}

// isStatic reads from config.json whether a repository holds a Model2Vec
// model.
func isStatic(ctx context.Context, c *client, l *listing, opts *Options) (bool, error) {
	src, err := c.stat(ctx, l, "config.json", opts)
	if err != nil {
		return false, err
	}
	blob := filepath.Join(l.folder, "blobs", src.digest)
	if err := c.fetch(ctx, src, blob, opts); err != nil {
		return false, err
	}
	raw, err := os.ReadFile(blob)
	if err != nil {
		return false, err
	}
	var config struct {
		Type string `json:"model_type"`
	}
	if err := json.Unmarshal(raw, &config); err != nil {
		return false, &Error{src.name, err, "choose another repository"}
	}
	return config.Type == "model2vec", nil
}
