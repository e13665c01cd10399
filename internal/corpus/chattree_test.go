package corpus

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"sheaf/internal/hint"
)

// An entry is a file of a zip archive.
type entry struct{ name, text string }

const oneChat = `[{"id": "ID", "mapping": {"u": {"parent": null, "message": {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["a question"]}}}}, "current_node": "u"}]`

func chatWith(id string) string { return strings.Replace(oneChat, "ID", id, 1) }

func writeZip(t testing.TB, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		f, err := w.Create(e.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, e.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return writeFile(t, "export.zip", b.Bytes())
}

func writeFile(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestZipExports(t *testing.T) {
	for _, tt := range []struct {
		name    string
		entries []entry
		want    []string
		skipped int
	}{
		{"one list", []entry{{"user.json", `{"id": 1}`}, {"conversations.json", chatWith("a")}, {"chat.html", "<html>"}, {"x.dat", "\x00"}}, []string{"a"}, 0},
		{"several lists", []entry{
			{"conversations-10.json", chatWith("c")}, {"conversations-2.json", chatWith("b")}, {"conversations-1.json", chatWith("a")},
			{"conversations-11.json", chatWith("d")}, {"shared_conversations.json", `[{"id": "s"}]`}, {"message_feedback.json", "[]"},
		}, []string{"a", "b", "c", "d"}, 0},
		{"in a folder", []entry{{"export/conversations.json", chatWith("a")}, {"__MACOSX/export/._conversations.json", "\x00"}}, []string{"a"}, 0},
		{"paths that lead out", []entry{{"../../conversations.json", chatWith("a")}, {"/etc/conversations.json", chatWith("b")}, {`..\..\conversations.json`, chatWith("c")}}, []string{"a", "c", "b"}, 0},
		{"two of one name", []entry{{"conversations.json", chatWith("a")}, {"conversations.json", chatWith("b")}}, []string{"a", "b"}, 0},
		{"a broken one", []entry{{"conversations-1.json", chatWith("a")}, {"conversations-2.json", `{"error": 1}`}}, []string{"a"}, 1},
		{"a chat and its pictures", []entry{{"_chat.txt", "[01.02.24, 10:00:00] Ann: hello\n"}, {"0001-PHOTO.jpg", "\xff\xd8"}}, []string{"conv-"}, 0},
		{"rows", []entry{{"data/train.jsonl", `{"conversation_id": "l", "conversation": [{"role": "user", "content": "x"}]}`}, {"README.md", "# x"}}, []string{"l"}, 0},
	} {
		path := writeZip(t, tt.entries...)
		given, chats, err := readChats(t, []Input{FileInput(path)}, ChatOptions{})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got := ids(given)
		if len(got) == 1 && strings.HasPrefix(got[0], "conv-") {
			got[0] = "conv-"
		}
		if !slices.Equal(got, tt.want) || len(chats.Skipped) != tt.skipped {
			t.Errorf("%s: %v, skipped %v, want %v", tt.name, got, chats.Skipped, tt.want)
		}
		for _, c := range given {
			if strings.Contains(strings.TrimPrefix(c.Source, path), "..") || strings.ContainsAny(strings.TrimPrefix(c.Source, path), "\\\x1b") {
				t.Errorf("%s: source %q", tt.name, c.Source)
			}
		}
		if len(chats.Files) != 1 || len(chats.Files[0].SHA256) != 64 {
			t.Errorf("%s: files %v", tt.name, chats.Files)
		}
	}
}

func TestHostileZips(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it reads 100 MB on one thread")
	}
	bomb := writeZip(t, entry{"conversations.json", strings.TrimSuffix(chatWith("a"), "]") + "," + strings.Repeat(" ", 100<<20) + chatWith("b")[1:]})
	good, err := os.ReadFile(writeZip(t, entry{"conversations.json", chatWith("a")}))
	if err != nil {
		t.Fatal(err)
	}
	encrypted := slices.Clone(good)
	for _, mark := range []struct {
		signature string
		flags     int
	}{{"PK\x03\x04", 6}, {"PK\x01\x02", 8}} {
		encrypted[bytes.Index(encrypted, []byte(mark.signature))+mark.flags] |= 1
	}
	damaged := slices.Clone(good)
	damaged[bytes.Index(damaged, []byte("conversations.json"))+len("conversations.json")+20] ^= 0xff
	lying := slices.Clone(good) // about the sum of the entry
	at := bytes.Index(lying, []byte("PK\x01\x02")) + 16
	copy(lying[at:], []byte{1, 2, 3, 4})

	for _, tt := range []struct {
		name, path, want string
	}{
		{"bomb", bomb, "zip bomb"},
		{"encrypted", writeFile(t, "e.zip", encrypted), "encrypted"},
		{"cut short", writeFile(t, "c.zip", good[:len(good)-30]), "damaged or was cut short"},
		{"damaged", writeFile(t, "d.zip", damaged), "damaged"},
		{"wrong sum", writeFile(t, "s.zip", lying), "damaged"},
		{"empty", writeZip(t), "no conversations of a known format"},
		{"nothing in it", writeZip(t, entry{"a.txt", "words"}, entry{"b.json", "{}"}), "no conversations of a known format"},
	} {
		_, chats, err := readChats(t, []Input{FileInput(tt.path)}, ChatOptions{})
		said := ""
		switch {
		case err != nil:
			said = err.Error()
			if hint.Of(err) == "" {
				t.Errorf("%s: no hint", tt.name)
			}
		case len(chats.Skipped) > 0:
			said = chats.Skipped[0].Reason
		}
		if !strings.Contains(said, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, said, tt.want)
		}
	}
}

// Nothing outside of a folder is read through its links.
func TestFolderLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege there")
	}
	outside := writeFile(t, "secret.json", []byte(chatWith("outside")))
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.json"), []byte(chatWith("inside")), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{"b.json": outside, "c": filepath.Dir(outside), "d": "."} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	given, chats, err := readChats(t, []Input{PathInput(dir)}, ChatOptions{})
	if err != nil || !slices.Equal(ids(given), []string{"inside"}) {
		t.Errorf("%v, %+v, error %v", ids(given), chats, err)
	}
}

// What a file is called and where it lies makes no difference: a folder, and a zip
// of it, give the same conversations.
func TestZipOfFolder(t *testing.T) {
	for _, name := range []string{"slack", "lmstudio"} {
		root := filepath.Join("testdata", "chats", name)
		var entries []entry
		err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			rel, _ := filepath.Rel(root, path)
			entries = append(entries, entry{filepath.ToSlash(rel), string(data)})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(entries)
		folder, _, err := readChats(t, []Input{PathInput(root)}, ChatOptions{})
		if err != nil {
			t.Fatal(err)
		}
		archive, _, err := readChats(t, []Input{FileInput(writeZip(t, entries...))}, ChatOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, given := range [][]Conversation{folder, archive} {
			for i := range given {
				given[i].Source = ""
			}
		}
		if a, b := dumpChats(folder, &Chats{}), dumpChats(archive, &Chats{}); a != b {
			t.Errorf("%s: the folder gives\n%s\nthe archive\n%s", name, a, b)
		}
	}
}

func TestCompareNames(t *testing.T) {
	names := []string{"a", "a-1", "a-02", "a-3", "a-10", "a-010", "a-9999999999999999999999", "b", "b1c", "b1d"}
	for i, a := range names {
		for j, b := range names {
			got, want := compareNames(a, b), 0
			switch {
			case i < j:
				want = -1
			case i > j:
				want = 1
			}
			if got != want && !(strings.HasSuffix(a, "10") && strings.HasSuffix(b, "10")) {
				t.Errorf("compareNames(%q, %q) = %d", a, b, got)
			}
		}
	}
	if compareNames("a-10", "a-010") == 0 || compareNames("a-10", "a-010") != -compareNames("a-010", "a-10") {
		t.Error("two names are one")
	}
}
