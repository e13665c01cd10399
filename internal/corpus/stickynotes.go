package corpus

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	_ "modernc.org/sqlite" // the driver
)

// readStickyNotes reads plum.sqlite of Windows Sticky Notes: a row of its table
// Note is a note. Rows that the app keeps only to tell other devices of their
// deletion are skipped. Notes that are still in the write-ahead log beside the
// file are read too; nothing is written, neither there nor anywhere else.
func readStickyNotes(ctx context.Context, s *source) (err error) {
	if !isSQLite(s.raw.bytes) || len(s.raw.bytes) < 100 {
		return &brokenError{where: s.name, err: errors.New("not a SQLite database"), advice: "give plum.sqlite, or name another format"}
	}
	image, fromLog, err := wholeImage([]byte(s.raw.bytes), s.raw.wal)
	s.raw.bytes, s.raw.wal = "", nil
	if err != nil {
		return s.brokenDatabase(err)
	}
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	defer func() {
		if cerr := db.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("%s: %w", s.name, cerr)
		}
	}()
	conn, err := openImage(ctx, db, image)
	if err == nil {
		err = s.readNoteTable(ctx, conn)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return s.brokenDatabase(err)
	}
	if fromLog {
		s.remark("newer notes were read from %s-wal beside it", s.name)
	}
	return nil
}

func (s *source) brokenDatabase(err error) error {
	return &brokenError{where: s.name, err: err, advice: "close Sticky Notes, copy plum.sqlite and plum.sqlite-wal, and read the copy"}
}

// wholeImage returns a database with its log applied, and whether there was
// any. It is an error if a part of it is missing, in place of which SQLite would
// read empty pages: notes would be lost without a word.
func wholeImage(db, wal []byte) (image []byte, fromLog bool, err error) {
	size := pageSize(db)
	if !isPageSize(size) {
		return nil, false, fmt.Errorf("damaged: pages of %d bytes", size)
	}
	if rest := len(db) % size; rest != 0 {
		return nil, false, fmt.Errorf("cut short or damaged: %d bytes are no whole number of pages of %d", len(db), size)
	}
	image, fromLog = applyWAL(db, wal)
	if pages := pageCount(image); pages > len(image)/size {
		return nil, false, fmt.Errorf("cut short: %d of %d pages", len(image)/size, pages)
	}
	return image, fromLog, nil
}

// openImage opens the bytes of a database that nobody vouches for.
func openImage(ctx context.Context, db *sql.DB, image []byte) (*sql.Conn, error) {
	// The log is in the image now, and an image in memory cannot have one: write
	// and read version 1 mean a database without.
	image[18], image[19] = 1, 1
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	err = conn.Raw(func(driver any) error {
		return driver.(interface{ Deserialize([]byte) error }).Deserialize(image)
	})
	if err != nil {
		return nil, err
	}
	_, err = conn.ExecContext(ctx, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA query_only = ON")
	return conn, err
}

func (s *source) readNoteTable(ctx context.Context, conn *sql.Conn) (err error) {
	columns, err := noteColumns(ctx, conn)
	if err != nil {
		return err
	}
	if err := quickCheck(ctx, conn); err != nil {
		return err
	}
	rows, err := conn.QueryContext(ctx, fmt.Sprintf(`SELECT "Text", %s, %s FROM main."Note" ORDER BY rowid`,
		columnOr(columns, "Id", "NULL"), columnOr(columns, "DeletedAt", "NULL")))
	if err != nil {
		return err
	}
	defer func() {
		if cerr := rows.Close(); err == nil {
			err = cerr
		}
	}()
	for rows.Next() {
		var text, id, deleted sql.NullString
		if err := rows.Scan(&text, &id, &deleted); err != nil {
			return err
		}
		where := s.record(s.items + 1)
		if deleted.Valid && deleted.String != "0" && deleted.String != "" {
			s.skip(where, "deleted")
			continue
		}
		s.add(where, id.String, stickyText(text.String))
	}
	return rows.Err()
}

// quickCheck has SQLite look at the structure of all pages and rows. A query
// alone passes over damage that still can be read in some way.
func quickCheck(ctx context.Context, conn *sql.Conn) error {
	var found string
	if err := conn.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&found); err != nil {
		return err
	}
	if found == "ok" {
		return nil
	}
	lines := strings.Split(found, "\n") // below a heading
	return fmt.Errorf("damaged: %s", lines[len(lines)-1])
}

// noteColumns returns the names of the columns of the table Note. A view of
// that name does not count, nor does a computed column, which table_info leaves
// out: both could make texts without end.
func noteColumns(ctx context.Context, conn *sql.Conn) (names []string, err error) {
	rows, err := conn.QueryContext(ctx, `SELECT c.name FROM main.sqlite_schema AS t, pragma_table_info('Note', 'main') AS c
		WHERE t.type = 'table' AND t.name = 'Note'`)
	if err != nil {
		return nil, err
	}
	defer func() {
		if cerr := rows.Close(); err == nil {
			err = cerr
		}
	}()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if findColumn(names, "Text") < 0 {
		return nil, fmt.Errorf("a SQLite database, but without the table Note of Sticky Notes")
	}
	return names, nil
}

// columnOr returns the column called name, quoted, or what stands for it.
func columnOr(names []string, name, otherwise string) string {
	i := findColumn(names, name)
	if i < 0 {
		return otherwise
	}
	return `"` + strings.ReplaceAll(names[i], `"`, `""`) + `"`
}

// stickyText removes the mark `\id=<uuid> ` that begins each paragraph.
func stickyText(text string) string {
	text = strings.ToValidUTF8(text, replacement) // SQLite does not check
	lines := strings.Split(unixLines(text), "\n")
	for i, line := range lines {
		if id, rest, _ := strings.Cut(line, " "); isParagraphMark(id) {
			lines[i] = rest
		}
	}
	return strings.Join(lines, "\n")
}

func isParagraphMark(s string) bool {
	uuid, ok := strings.CutPrefix(s, `\id=`)
	return ok && isUUID(uuid)
}
