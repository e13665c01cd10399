package corpus

import "errors"

// A brokenError says that the content of an input is not what its format asks
// for, so that none of it can be trusted.
type brokenError struct {
	where  string // the input, with the line where it is known
	format Format // FormatAuto where it is broken before that shows
	err    error
	advice string
}

func (e *brokenError) Error() string { return e.where + ": " + e.err.Error() }
func (e *brokenError) Unwrap() error { return e.err }
func (e *brokenError) Hint() string  { return e.advice }

// withFormat adds to an error of broken content the format it was read as.
func withFormat(err error, format Format) error {
	var broken *brokenError
	if errors.As(err, &broken) {
		broken.format = format
	}
	return err
}

// A notesMark is how far the reading had come.
type notesMark struct{ documents, skipped, blank, remarks int }

func (n *Notes) mark() notesMark {
	return notesMark{len(n.Documents), len(n.Skipped), n.Blank, len(n.Remarks)}
}

// cutTo takes back what was read after the mark.
func (n *Notes) cutTo(m notesMark) {
	n.Documents, n.Skipped, n.Remarks = n.Documents[:m.documents], n.Skipped[:m.skipped], n.Remarks[:m.remarks]
	n.Blank = m.blank
}
