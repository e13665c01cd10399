package corpus

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const noteTable = `CREATE TABLE "Note" ("Text" varchar, "WindowPosition" varchar, "IsOpen" integer, "Theme" varchar,
	"Type" varchar, "Id" varchar primary key not null, "ParentId" varchar, "CreatedAt" bigint, "DeletedAt" bigint, "UpdatedAt" bigint)`

// plum makes a database as Sticky Notes does, runs the statements in it, and
// returns the path of a copy of its files as they lie while it is open.
func plum(t testing.TB, wal bool, statements ...string) string {
	t.Helper()
	from, to := t.TempDir(), t.TempDir()
	path := filepath.Join(from, "plum.sqlite")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	db.SetMaxOpenConns(1)
	mode := "PRAGMA journal_mode = delete"
	if wal {
		mode = "PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0"
	}
	for _, statement := range append([]string{mode}, statements...) {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	files, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), "-shm") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(from, f.Name()))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, f.Name()), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(to, "plum.sqlite")
}

const sampleRows = `INSERT INTO Note (Text, Id, DeletedAt) VALUES
	('\id=0b0f8b2c-43a1-4e0c-a0b6-0d3e8a4d1f01 Buy milk', 'one', NULL),
	('\id=0b0f8b2c-43a1-4e0c-a0b6-0d3e8a4d1f02 Call the dentist' || char(10) || '\id=0b0f8b2c-43a1-4e0c-a0b6-0d3e8a4d1f03 about Tuesday', 'two', NULL),
	('\id=0b0f8b2c-43a1-4e0c-a0b6-0d3e8a4d1f04 gone', 'three', 637000000000000000),
	('\id=0b0f8b2c-43a1-4e0c-a0b6-0d3e8a4d1f05 ', 'four', NULL),
	('\id=no-uuid stays', 'five', NULL)`

func TestStickyNotes(t *testing.T) {
	for _, wal := range []bool{false, true} {
		path := plum(t, wal, noteTable, sampleRows)
		notes, err := ReadNotes(t.Context(), []Input{FileInput(path)}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		checkNotes(t, notes)
		want := []string{"Buy milk", "Call the dentist\nabout Tuesday", `\id=no-uuid stays`}
		if got := texts(notes); !slices.Equal(got, want) {
			t.Errorf("log %t: got %q, want %q", wal, got, want)
		}
		skipped := []Skip{{path + "#3", "deleted", false}, {path + "#4", "empty", false}}
		if !slices.Equal(notes.Skipped, skipped) {
			t.Errorf("log %t: skipped %v", wal, notes.Skipped)
		}
		if d := notes.Documents[1]; d.Ref != "two" || d.Source != path+"#2" {
			t.Errorf("log %t: second note is %q at %s", wal, d.Ref, d.Source)
		}
		if wal != (len(notes.Remarks) == 1) {
			t.Errorf("log %t: remarks %q", wal, notes.Remarks)
		}
		left, err := os.ReadDir(filepath.Dir(path))
		if err != nil || wal && len(left) != 2 || !wal && len(left) != 1 {
			t.Errorf("log %t: files beside it: %v %v", wal, left, err)
		}
	}
}

// The log is applied as SQLite applies it: changed, added and freed pages, and
// nothing of a transaction that was not committed.
func TestWriteAheadLog(t *testing.T) {
	fill := `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
		INSERT INTO Note (Text, Id) SELECT 'note ' || i || ' ' || hex(zeroblob(300)), i FROM n`
	path := plum(t, true, noteTable, fill, "PRAGMA wal_checkpoint(truncate)",
		"DELETE FROM Note WHERE CAST(Id AS integer) % 3 = 0",
		"UPDATE Note SET Text = 'changed ' || Id WHERE CAST(Id AS integer) % 5 = 0",
		"VACUUM",
		"INSERT INTO Note (Text, Id) VALUES ('the last', 'z')",
		"PRAGMA cache_size = 1", "PRAGMA cache_spill = 1",
		"BEGIN", strings.ReplaceAll(fill, "'note '", "'never '||hex(randomblob(8))||' '")+" WHERE i NOT IN (SELECT CAST(Id AS integer) FROM Note)")
	notes, err := ReadNotes(t.Context(), []Input{FileInput(path)}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for i := 1; i <= 400; i++ {
		switch {
		case i%3 == 0:
		case i%5 == 0:
			want = append(want, "changed")
		default:
			want = append(want, "note")
		}
	}
	want = append(want, "the")
	var got []string
	for _, text := range texts(notes) {
		word, _, _ := strings.Cut(text, " ")
		got = append(got, word)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %d notes %q, want %d", len(got), got, len(want))
	}
}

func TestLogBesideALinkedDatabase(t *testing.T) {
	path := plum(t, true, noteTable, sampleRows)
	link := filepath.Join(t.TempDir(), "link.sqlite")
	if err := os.Symlink(path, link); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	notes, err := ReadNotes(t.Context(), []Input{FileInput(link)}, Options{})
	if err != nil || len(notes.Documents) != 3 {
		t.Errorf("%v, error %v", notes, err)
	}
}

func TestDamagedLogIsLeftOut(t *testing.T) {
	path := plum(t, true, noteTable, "INSERT INTO Note (Text, Id) VALUES ('old', '1')",
		"PRAGMA wal_checkpoint(truncate)", "INSERT INTO Note (Text, Id) VALUES ('new', '2')")
	wal, err := os.ReadFile(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	db, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := applyWAL(db, wal); !ok {
		t.Fatal("the log is not applied as it is")
	}
	for i := 0; i < len(wal); i += 7 {
		broken := slices.Clone(wal)
		broken[i] ^= 0x10
		if image, ok := applyWAL(db, broken); ok || !slices.Equal(image, db) {
			t.Errorf("a flipped bit at %d is not seen", i)
			break
		}
	}
	for n := range walHeader + frameHeader {
		if _, ok := applyWAL(db, wal[:n]); ok {
			t.Errorf("a log of %d bytes is applied", n)
		}
	}
}

func TestOtherDatabases(t *testing.T) {
	for _, tt := range []struct{ name, statement, want string }{
		{"no table", "CREATE TABLE other (x)", "without the table Note"},
		{"a view", "CREATE VIEW Note AS WITH RECURSIVE n(Text) AS (SELECT 'a' UNION ALL SELECT 'b' FROM n) SELECT Text FROM n", "without the table Note"},
		{"no text", "CREATE TABLE Note (x)", "without the table Note"},
		{"a computed text", "CREATE TABLE Note (x, Text AS (hex(zeroblob(9000000)))); INSERT INTO Note (x) VALUES (1)", "without the table Note"},
	} {
		path := plum(t, false, tt.statement)
		_, err := ReadNotes(t.Context(), []Input{FileInput(path)}, Options{})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

// Wherever a database is cut, no note is lost without an error.
func TestTruncatedDatabase(t *testing.T) {
	fill := `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
		INSERT INTO Note (Text, Id) SELECT 'note ' || i || ' ' || hex(zeroblob(100)), 'x' || i FROM n`
	path := plum(t, false, noteTable, sampleRows, fill)
	db, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{16, 18, 99, 100, 512, 4096, len(db) / 2, len(db) - 4096, len(db) - 2000, len(db) - 1} {
		_, err := ReadNotes(context.Background(), []Input{textInput("plum.sqlite", string(db[:n]))}, Options{})
		if err == nil {
			t.Errorf("%d of %d bytes and no error", n, len(db))
		}
	}
	if notes := readText(t, "plum.sqlite", string(db), Options{}); len(notes.Documents) != 103 {
		t.Errorf("%d notes of the whole", len(notes.Documents))
	}
}

func TestDamagedDatabase(t *testing.T) {
	path := plum(t, false, "PRAGMA page_size = 1024", noteTable, sampleRows)
	db, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		at   int
		with string
		want string
	}{
		{"page size", 16, "\x00\x07", "plum.sqlite: damaged: pages of 7 bytes"},
		{"page count", 28, "\x00\x00\x01\x00", "plum.sqlite: cut short: "},
		{"the page of the table", 1024, strings.Repeat("\x00", 1024), "plum.sqlite: "},
		{"the cells of the table", 1024 + 8, "\xff\xff\xff\xff", "plum.sqlite: damaged: "},
	} {
		broken := slices.Clone(db)
		copy(broken[tt.at:], tt.with)
		_, err := ReadNotes(t.Context(), []Input{textInput("plum.sqlite", string(broken))}, Options{})
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %s…", tt.name, err, tt.want)
		}
	}
}
