package corpus

import (
	"archive/zip"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"unicode"
)

// A treeFile is a file in a folder or in a zip archive. Nothing is ever written,
// and so its name is no more than a name.
type treeFile struct {
	name string // with slashes, clean
	open func() (io.ReadCloser, error)
}

// readFolder reads the files of a folder that hold conversations.
func (run *chatRun) readFolder(ctx context.Context, name string, fsys fs.FS, file *File) error {
	var files []treeFile
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", name, err)
		case ctx.Err() != nil:
			return ctx.Err()
		case d.Type().IsRegular():
			files = append(files, treeFile{p, func() (io.ReadCloser, error) { return fsys.Open(p) }})
		}
		return nil
	})
	if err != nil {
		return err
	}
	sum := sha256.New()
	counted := &countingReader{ctx: ctx, progress: run.progress}
	for i := range files {
		open := files[i].open
		files[i].open = func() (io.ReadCloser, error) {
			r, err := open()
			if err != nil {
				return nil, err
			}
			counted.r = r
			own := sha256.New()
			return &summedFile{io.TeeReader(counted, own), r, func() {
				// A hash takes all that is written.
				_, _ = fmt.Fprintf(sum, "%s  %s\n", hexSum(own), files[i].name)
			}}, nil
		}
	}
	file.Format, err = run.readTree(ctx, strings.TrimSuffix(name, "/"), files)
	file.SHA256 = hexSum(sum) // of the list of the sums of the files that were read
	run.bytes += counted.n
	return err
}

// A summedFile tells when it is closed.
type summedFile struct {
	io.Reader
	io.Closer
	done func()
}

func (f *summedFile) Close() error {
	f.done()
	return f.Closer.Close()
}

// maxExpansion is how many times larger than in the archive a file of it may be,
// beyond its first maxValue bytes. Chats are made ten times smaller by packing,
// seldom fifty times.
const maxExpansion = 250

// readZip reads the files of an archive that hold conversations, without
// unpacking it to the disk.
func (run *chatRun) readZip(ctx context.Context, name string, f *os.File, size int64, file *File) error {
	counted := &countingReaderAt{r: f, progress: run.progress}
	archive, err := zip.NewReader(counted, size)
	if err != nil {
		return &brokenError{where: name, err: errors.New("a zip archive that is damaged or was cut short"), advice: "download it again"}
	}
	var files []treeFile
	encrypted := 0
	for _, entry := range archive.File {
		if entry.FileInfo().IsDir() {
			continue
		}
		if entry.Flags&1 != 0 {
			encrypted++
			continue
		}
		files = append(files, treeFile{cleanName(entry.Name), func() (io.ReadCloser, error) { return openEntry(ctx, entry) }})
	}
	if encrypted > 0 && len(files) == 0 {
		return &brokenError{where: name, err: errors.New("an encrypted zip archive"), advice: "unpack it with its password, and give the folder"}
	}
	if encrypted > 0 {
		run.skip(name, fmt.Sprintf("%s encrypted", isOrAre(encrypted, "file")), true)
	}
	file.Format, err = run.readTree(ctx, name, files)
	if err != nil && len(files) == 0 {
		return err
	}
	sum := sha256.New()
	whole := &countingReader{ctx: ctx, r: io.NewSectionReader(f, 0, size), progress: func(int64) {}}
	if _, cerr := io.Copy(sum, whole); cerr != nil && err == nil {
		err = fmt.Errorf("%s: %w", name, cerr)
	}
	file.SHA256 = hexSum(sum)
	run.bytes += size
	return err
}

// isOrAre returns "1 file is", "2 files are".
func isOrAre(n int, what string) string {
	if n == 1 {
		return "1 " + what + " is"
	}
	return countOf(n, what) + " are"
}

// cleanName is the name of an archive's entry as it can be shown: relative,
// inside of the archive, without anything that a terminal obeys.
func cleanName(name string) string {
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(strings.ReplaceAll(name, `\`, "/"), "_"))
	return strings.TrimPrefix(path.Clean("/"+name), "/")
}

func openEntry(ctx context.Context, entry *zip.File) (io.ReadCloser, error) {
	r, err := entry.Open()
	if err != nil {
		return nil, err
	}
	return &entryReader{ctx, r, int64(min(entry.CompressedSize64, 1<<50))*maxExpansion + maxValue}, nil
}

// An entryReader reads an entry of an archive up to a limit.
type entryReader struct {
	ctx  context.Context
	r    io.ReadCloser
	left int64
}

var (
	errBomb    = errors.New("it unpacks to more than 250 times its size, as only a zip bomb does")
	errDamaged = errors.New("its archive is damaged here")
)

func (e *entryReader) Read(b []byte) (int, error) {
	if err := e.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := e.r.Read(b)
	if e.left -= int64(n); e.left < 0 {
		return 0, errBomb
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = errDamaged
	}
	return n, err
}

func (e *entryReader) Close() error { return e.r.Close() }

// A countingReaderAt tells how much was read.
type countingReaderAt struct {
	r        io.ReaderAt
	n        int64
	progress func(int64)
}

func (c *countingReaderAt) ReadAt(b []byte, at int64) (int, error) {
	n, err := c.r.ReadAt(b, at)
	c.n += int64(n)
	c.progress(c.n)
	return n, err
}

// readTree reads the files of one export.
func (run *chatRun) readTree(ctx context.Context, name string, files []treeFile) (Format, error) {
	files = slices.DeleteFunc(files, func(f treeFile) bool {
		return strings.HasPrefix(f.name, "__MACOSX/") || strings.HasPrefix(path.Base(f.name), ".")
	})
	slices.SortStableFunc(files, func(a, b treeFile) int { return compareNames(a.name, b.name) })
	format := run.opts.Format
	if days := slackDays(files); len(days) > 0 && (format == FormatSlack || format == FormatAuto && isSlackExport(files)) {
		return FormatSlack, run.readSlack(ctx, name, files, days)
	}
	chosen, isExport := chatFiles(files)
	if len(chosen) == 0 {
		return FormatAuto, noConversations(name)
	}
	found, others := FormatAuto, 0
	for _, f := range chosen {
		got, err := run.readTreeFile(ctx, name, f)
		var broken *brokenError
		switch {
		case run.err != nil:
			return found, run.err
		case ctx.Err() != nil:
			return found, ctx.Err()
		case errors.As(err, &broken) && got == FormatAuto && !isExport:
			others++
		case errors.As(err, &broken):
			run.skip(broken.where, broken.err.Error(), true)
		case err != nil:
			// A folder's file that cannot be opened, an archive that is damaged.
			run.skip(name+"/"+f.name, treeFault(err), true)
		}
		if found == FormatAuto {
			found = got
		}
	}
	if found == FormatAuto && others == len(chosen) {
		return found, noConversations(name)
	}
	if others > 0 {
		run.remark(name, "%s no conversations", holds(others))
	}
	return found, nil
}

func holds(n int) string {
	if n == 1 {
		return "1 file of it holds"
	}
	return countOf(n, "file") + " of it hold"
}

// treeFault says why a file of a folder or archive cannot be read.
func treeFault(err error) string {
	for _, known := range []error{errBomb, errDamaged} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "no permission to read it"
	case errors.Is(err, zip.ErrAlgorithm):
		return "packed in a way that is not supported"
	}
	return "it cannot be read"
}

func (run *chatRun) readTreeFile(ctx context.Context, name string, f treeFile) (format Format, err error) {
	r, err := f.open()
	if err != nil {
		return FormatAuto, err
	}
	defer func() {
		if cerr := r.Close(); err == nil && cerr != nil {
			err = cerr
		}
	}()
	return run.readFile(ctx, name+"/"+f.name, r)
}

// chatFiles returns the files that may hold conversations. isExport says that
// they are those of an export whose other files are something else: ChatGPT's
// and Claude's hold the account, the projects, and pictures.
func chatFiles(files []treeFile) (chosen []treeFile, isExport bool) {
	for _, f := range files {
		base := strings.ToLower(path.Base(f.name))
		if rest, ok := strings.CutPrefix(base, "conversations"); ok && strings.HasSuffix(rest, ".json") &&
			strings.Trim(strings.TrimSuffix(rest, ".json"), "-_ ()0123456789") == "" {
			chosen = append(chosen, f)
		}
	}
	if len(chosen) > 0 {
		return chosen, true
	}
	for _, f := range files {
		switch strings.ToLower(path.Ext(f.name)) {
		case ".json", ".jsonl", ".ndjson", ".txt":
			chosen = append(chosen, f)
		}
	}
	return chosen, false
}

// compareNames orders names as people do: part by part, numbers by their value.
func compareNames(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		if n, m := leadingDigits(x), leadingDigits(y); n > 0 && m > 0 {
			p, q := strings.TrimLeft(x[:n], "0"), strings.TrimLeft(y[:m], "0")
			if c := cmp.Or(cmp.Compare(len(p), len(q)), cmp.Compare(p, q)); c != 0 {
				return c
			}
			x, y = x[n:], y[m:]
			continue
		}
		if x[0] != y[0] {
			return cmp.Compare(x[0], y[0])
		}
		x, y = x[1:], y[1:]
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(a, b))
}

func leadingDigits(s string) int {
	return len(s) - len(strings.TrimLeft(s, "0123456789"))
}
