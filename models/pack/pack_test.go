package pack

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"sheaf/models"
)

func write(t testing.TB, dir string, files map[string]string) string {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func transformer() map[string]string {
	return map[string]string{"config.json": "{}", "tokenizer.json": "{}", "onnx/model.onnx": strings.Repeat("graph", 50_000), "onnx/model.onnx_data": "data", "README.md": "words"}
}

// contents is two models, a runtime and a chat model of a new machine.
func contents(t *testing.T) Contents {
	t.Helper()
	dir := t.TempDir()
	gguf, err := GGUF(t.Context(), "", filepath.Join(write(t, dir, map[string]string{"Tiny.gguf": "GGUF and weights"}), "Tiny.gguf"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, map[string]string{"libonnxruntime.so": "a library"})
	return Contents{
		Models: []models.Model{
			{Name: "gte-small", Dir: write(t, filepath.Join(dir, "gte-small"), transformer())},
			{Name: filepath.Join(dir, "mine"), Dir: write(t, filepath.Join(dir, "mine"), transformer())},
		},
		Runtime: []string{filepath.Join(dir, "libonnxruntime.so")}, RuntimePlatform: "linux/amd64", RuntimeVersion: "1.24.3",
		Chats: []ChatSource{gguf},
	}
}

func pack(t *testing.T, c Contents) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := Write(t.Context(), &buf, c, nil); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func installer(t testing.TB) *Installer {
	home := t.TempDir()
	return &Installer{Models: filepath.Join(home, "models"), Runtime: filepath.Join(home, "runtime"), Platform: "linux/amd64"}
}

func TestRoundTrip(t *testing.T) {
	c := contents(t)
	raw := pack(t, c)
	if again := pack(t, c); !bytes.Equal(raw, again) {
		t.Error("the same files gave other bytes")
	}
	in := installer(t)
	var chat Chat
	in.Chat = func(_ context.Context, c Chat, layer func(string) (*os.File, error)) error {
		chat = c
		f, err := layer(c.Layers[0].SHA256)
		if err != nil {
			return err
		}
		return f.Close()
	}
	var last int64
	in.Progress = func(done, total int64) {
		if done < last || done > total {
			t.Errorf("progress %d of %d after %d", done, total, last)
		}
		last = done
	}
	result, err := in.Unpack(t.Context(), bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"gte-small", "mine", "ONNX Runtime", "tiny"}; !slices.Equal(result.Installed, want) || len(result.LeftOut)+len(result.Present) > 0 {
		t.Errorf("result %+v, want %q", result, want)
	}
	if chat.Name != "tiny" || chat.Format != FormatGGUF {
		t.Errorf("chat model %+v", chat)
	}
	store := models.Store{Home: in.Models}
	for _, name := range []string{"gte-small", "mine"} {
		m, err := store.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		checks, err := models.Verify(t.Context(), m)
		if err != nil || len(checks) != 4 || slices.ContainsFunc(checks, func(c models.Check) bool { return c.State != models.Good }) {
			t.Errorf("%s: %+v, %v", name, checks, err)
		}
	}
	if raw, err := os.ReadFile(filepath.Join(in.Runtime, "libonnxruntime.so")); err != nil || string(raw) != "a library" {
		t.Errorf("the library is %q, %v", raw, err)
	}
	err = filepath.WalkDir(filepath.Dir(in.Models), func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if st, err := e.Info(); err != nil || path != filepath.Dir(in.Models) && st.Mode().Perm()&0o077 != 0 || strings.Contains(path, "unpack") {
			t.Errorf("%s: %v, %v", path, st.Mode(), err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}

	in.Progress = nil
	result, err = in.Unpack(t.Context(), bytes.NewReader(raw))
	if err != nil || !slices.Equal(result.Present, []string{"gte-small", "mine"}) {
		t.Errorf("the second time: %+v, %v", result, err)
	}
	write(t, filepath.Join(in.Models, "mine"), map[string]string{"config.json": "other"})
	if _, err = in.Unpack(t.Context(), bytes.NewReader(raw)); err == nil || !strings.Contains(err.Error(), "config.json") {
		t.Errorf("over another model of the name: %v", err)
	}
}

// A part that does not fit costs nothing else.
func TestLeftOut(t *testing.T) {
	in := installer(t)
	in.Platform = "darwin/arm64"
	in.Chat = func(context.Context, Chat, func(string) (*os.File, error)) error {
		return errors.New("Ollama is not here")
	}
	result, err := in.Unpack(t.Context(), bytes.NewReader(pack(t, contents(t))))
	if err != nil || len(result.Installed) != 2 || len(result.LeftOut) != 2 {
		t.Fatalf("%+v, %v", result, err)
	}
	if _, err := os.Stat(in.Runtime); err == nil {
		t.Error("a library for another system was installed")
	}
}

func TestWriteRefusals(t *testing.T) {
	dir := write(t, t.TempDir(), map[string]string{"half/config.json": "{}", "bad name/config.json": "{}", "bad name/tokenizer.json": "{}", "bad name/model.onnx": "x"})
	for name, c := range map[string]Contents{
		"nothing":    {},
		"built in":   {Models: []models.Model{{Name: "builtin"}}},
		"half":       {Models: []models.Model{{Name: "half", Dir: filepath.Join(dir, "half")}}},
		"bad name":   {Models: []models.Model{{Name: filepath.Join(dir, "bad name"), Dir: filepath.Join(dir, "bad name")}}},
		"twice":      {Models: []models.Model{contents(t).Models[0], contents(t).Models[0]}},
		"no library": {Runtime: []string{filepath.Join(dir, "nowhere")}},
	} {
		if err := Write(t.Context(), &bytes.Buffer{}, c, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	// A blob that is not what its name says is noticed as it is written.
	c := contents(t)
	c.Chats[0].layers[0].SHA256 = strings.Repeat("0", 64)
	if err := Write(t.Context(), &bytes.Buffer{}, c, nil); err == nil {
		t.Error("a damaged blob was packed")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Write(ctx, &bytes.Buffer{}, contents(t), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
}

type entry struct {
	header  tar.Header
	content string
}

// archive makes a pack by hand; the manifest may be anything.
func archive(t testing.TB, manifest any, entries ...entry) []byte {
	t.Helper()
	raw, isRaw := manifest.([]byte)
	if !isRaw {
		var err error
		if raw, err = json.Marshal(manifest); err != nil {
			t.Fatal(err)
		}
	}
	var buf bytes.Buffer
	zw, err := zstd.NewWriter(&buf)
	if err != nil {
		t.Fatal(err)
	}
	tw := tar.NewWriter(zw)
	for _, e := range append([]entry{{tar.Header{Name: manifestName, Typeflag: tar.TypeReg}, string(raw)}}, entries...) {
		if e.header.Typeflag == tar.TypeReg {
			e.header.Size = int64(len(e.content))
		}
		e.header.Mode = 0o600
		if err := tw.WriteHeader(&e.header); err != nil {
			t.Skip(err) // no archive can hold it
		}
		if _, err := tw.Write([]byte(e.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(tw.Close(), zw.Close()); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func regular(name, content string) entry {
	return entry{tar.Header{Name: name, Typeflag: tar.TypeReg}, content}
}

func sumOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// one is a manifest of one model with one file.
func one(name, file, content string) Manifest {
	return Manifest{Schema: 1, Models: []Model{{Name: name, Files: []models.File{{Path: file, Size: int64(len(content)), SHA256: sumOf(content)}}}}}
}

func TestUnpackRefusals(t *testing.T) {
	good := regular("models/m/f", "x")
	truncated := archive(t, one("m", "f", strings.Repeat("long", 100_000)), regular("models/m/f", strings.Repeat("long", 100_000)))
	for name, raw := range map[string][]byte{
		"no zstd":             []byte("words"),
		"empty":               {},
		"cut":                 truncated[:len(truncated)-8],
		"no manifest":         archive(t, []byte("{")),
		"other schema":        archive(t, Manifest{Schema: 2}),
		"path up":             archive(t, one("m", "../../x", "x"), regular("models/m/../../x", "x")),
		"absolute path":       archive(t, one("m", "/etc/x", "x"), regular("/etc/x", "x")),
		"backslashes":         archive(t, one("m", `..\..\x`, "x"), regular(`models/m/..\..\x`, "x")),
		"drive":               archive(t, one("m", `C:x`, "x"), regular(`models/m/C:x`, "x")),
		"hidden":              archive(t, one("m", `.x`, "x"), regular(`models/m/.x`, "x")),
		"not clean":           archive(t, one("m", `a//x`, "x"), regular(`models/m/a//x`, "x")),
		"model name up":       archive(t, one("../m", "f", "x"), regular("models/../m/f", "x")),
		"model name built in": archive(t, one("builtin", "f", "x"), regular("models/builtin/f", "x")),
		"other content":       archive(t, one("m", "f", "x"), regular("models/m/f", "y")),
		"other size":          archive(t, one("m", "f", "x"), regular("models/m/f", "xx")),
		"missing":             archive(t, one("m", "f", "x")),
		"not named":           archive(t, one("m", "f", "x"), good, regular("models/m/g", "x")),
		"twice":               archive(t, one("m", "f", "x"), good, good),
		"link":                archive(t, one("m", "f", ""), entry{tar.Header{Name: "models/m/f", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}, ""}),
		"hard link":           archive(t, one("m", "f", ""), entry{tar.Header{Name: "models/m/f", Typeflag: tar.TypeLink, Linkname: "/etc/passwd"}, ""}),
		"folder":              archive(t, one("m", "f", ""), entry{tar.Header{Name: "models/m/f", Typeflag: tar.TypeDir}, ""}),
		"device":              archive(t, one("m", "f", ""), entry{tar.Header{Name: "models/m/f", Typeflag: tar.TypeChar}, ""}),
		"too large":           archive(t, Manifest{Schema: 1, Models: []Model{{Name: "m", Files: []models.File{{Path: "f", Size: 1 << 50, SHA256: sumOf("")}}}}}),
		"sizes that overflow": archive(t, Manifest{Schema: 1, Models: []Model{{Name: "m", Files: []models.File{{Path: "f", Size: 1, SHA256: sumOf("")}, {Path: "g", Size: 1<<63 - 1, SHA256: sumOf("")}}}}}),
		"below zero":          archive(t, Manifest{Schema: 1, Models: []Model{{Name: "m", Files: []models.File{{Path: "f", Size: -1, SHA256: sumOf("")}}}}}),
		"no digest":           archive(t, Manifest{Schema: 1, Models: []Model{{Name: "m", Files: []models.File{{Path: "f"}}}}}),
		"letters differ":      archive(t, Manifest{Schema: 1, Models: []Model{{Name: "m", Files: []models.File{{Path: "f", SHA256: sumOf("")}, {Path: "F", SHA256: sumOf("")}}}}}),
		"runtime elsewhere":   archive(t, Manifest{Schema: 1, Runtime: &Runtime{Platform: "linux/amd64", Files: []models.File{{Path: "a/b", SHA256: sumOf("")}}}}),
		"other code":          archive(t, Manifest{Schema: 1, Runtime: &Runtime{Platform: "linux/amd64", Files: []models.File{{Path: "version.dll", SHA256: sumOf("")}}}}, regular("runtime/version.dll", "")),
		"model in a model":    archive(t, Manifest{Schema: 1, Models: []Model{{Name: "M", Files: []models.File{{Path: "f", SHA256: sumOf("")}}}, {Name: "m/n", Files: []models.File{{Path: "f", SHA256: sumOf("")}}}}}, regular("models/M/f", ""), regular("models/m/n/f", "")),
		"chat elsewhere":      archive(t, Manifest{Schema: 1, Chats: []Chat{{Name: "../x", Format: FormatGGUF, Layers: []Layer{{SHA256: sumOf("")}}}}}),
		"something after it":  append(archive(t, one("m", "f", "x"), good), archive(t, one("m", "f", "x"))...),
	} {
		t.Run(name, func(t *testing.T) {
			in := installer(t)
			_, err := in.Unpack(t.Context(), bytes.NewReader(raw))
			if err == nil {
				t.Fatal("taken")
			}
			var hinted interface{ Hint() string }
			if !errors.As(err, &hinted) || hinted.Hint() == "" {
				t.Errorf("%v has no hint", err)
			}
			nothing(t, in)
		})
	}
	in := installer(t)
	in.MaxBytes = 3
	if _, err := in.Unpack(t.Context(), bytes.NewReader(archive(t, one("m", "f", "four"), regular("models/m/f", "four")))); !errors.Is(err, ErrUnsafe) {
		t.Errorf("more than MaxBytes: %v", err)
	}
}

// nothing says that a refused pack left nothing behind.
func nothing(t *testing.T, in *Installer) {
	t.Helper()
	err := filepath.WalkDir(filepath.Dir(in.Models), func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			t.Errorf("left behind: %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if got := models.Installed(in.Models); got != nil {
		t.Errorf("installed: %q", got)
	}
}

// Whatever an archive names, no file appears outside the installer's folders.
func FuzzUnpack(f *testing.F) {
	f.Add("m", "f", "models/m/f", byte(tar.TypeReg), "")
	f.Add("m", "../../x", "models/m/../../x", byte(tar.TypeReg), "")
	f.Add("..", "x", "models/../x", byte(tar.TypeReg), "")
	f.Add("m", "f", "models/m/f", byte(tar.TypeSymlink), "/etc/passwd")
	f.Add("a/b", "c/d", "models/a/b/c/d", byte(tar.TypeReg), "")
	f.Fuzz(func(t *testing.T, model, file, name string, kind byte, link string) {
		content := "x"
		if kind != tar.TypeReg {
			content = ""
		}
		raw := archive(t, one(model, file, content), entry{tar.Header{Name: name, Typeflag: kind, Linkname: link}, content})
		in := installer(t)
		// One level further down, so that what climbs out can be seen.
		in.Models = filepath.Join(in.Models, "inner", "models")
		root := filepath.Dir(filepath.Dir(filepath.Dir(in.Models)))
		_, err := in.Unpack(t.Context(), bytes.NewReader(raw))
		walkErr := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() && !strings.HasPrefix(path, in.Models+string(filepath.Separator)) {
				t.Errorf("a file outside: %s", path)
			}
			if err == nil && e.Type()&fs.ModeSymlink != 0 {
				t.Errorf("a link: %s", path)
			}
			return err
		})
		if walkErr != nil {
			t.Error(walkErr)
		}
		if err == nil && !models.ValidName(model) {
			t.Errorf("the name %q was taken", model)
		}
	})
}

func TestRuntimeFile(t *testing.T) {
	for name, want := range map[string]bool{"libonnxruntime.so": true, "libonnxruntime.so.1": true, "libonnxruntime.so.1.24.3": true,
		"libonnxruntime.dylib": true, "libonnxruntime.1.24.3.dylib": true, "onnxruntime.dll": true, "DirectML.dll": true,
		"": false, "x.dll": false, "a/onnxruntime.dll": false, "libonnxruntime.so.1/x": false, "libonnxruntime_providers_shared.so": false, "../onnxruntime.dll": false} {
		if got := runtimeFile.MatchString(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}
