package privacy

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// A Sample is a text whose personal data is known.
type Sample struct {
	Text  string
	Spans []Span
	Group string // samples made from one template have one group, "" if unknown
}

// A Span is personal data in the text of a Sample.
type Span struct {
	Type       string // as the data names it
	Start, End int    // bytes
}

// A SampleError is labelled data that cannot be read. It quotes none of it.
type SampleError struct{ Source, Reason string }

func (e *SampleError) Error() string { return e.Source + ": " + e.Reason }

// Hint says what to do.
func (e *SampleError) Hint() string {
	return `give a JSON array of {"full_text", "spans": [{"entity_type", "start_position", "end_position"}]}, or lines of {"text", "spans": [{"type", "start", "end"}]}`
}

// ReadSamples reads labelled data in one of two forms. The one is a JSON array
// of objects with full_text and spans of entity_type, start_position and
// end_position, as Presidio's generator writes it; the other is a JSON object
// a line with text and spans of type, start and end. Positions count
// characters, which are Unicode code points, from 0; the end is behind the
// last. template_id or group is the sample's group.
func ReadSamples(source string, r io.Reader, each func(Sample) error) error {
	br := bufio.NewReader(r)
	dec := json.NewDecoder(br)
	for {
		head, err := br.Peek(1)
		if err != nil {
			return &SampleError{source, "it is empty"}
		}
		if b := head[0]; b != ' ' && b != '\n' && b != '\r' && b != '\t' && b != 0xef && b != 0xbb && b != 0xbf {
			break
		}
		_, _ = br.Discard(1) // it was just seen
	}
	array := false
	if head, err := br.Peek(1); err == nil && head[0] == '[' {
		array = true
		if _, err := dec.Token(); err != nil {
			return &SampleError{source, "it is no JSON"}
		}
	}
	n := 0
	for ; !array || dec.More(); n++ {
		var in struct {
			FullText *string     `json:"full_text"`
			Text     *string     `json:"text"`
			Template json.Number `json:"template_id"`
			Group    string      `json:"group"`
			Spans    []struct {
				EntityType string `json:"entity_type"`
				Type       string `json:"type"`
				From       *int   `json:"start_position"`
				To         *int   `json:"end_position"`
				Start      *int   `json:"start"`
				End        *int   `json:"end"`
			} `json:"spans"`
		}
		if err := dec.Decode(&in); errors.Is(err, io.EOF) && !array {
			break
		} else if err != nil {
			return &SampleError{source, fmt.Sprintf("item %d is not in this form", n+1)}
		}
		s := Sample{Group: in.Group}
		switch {
		case in.FullText != nil:
			s.Text = *in.FullText
		case in.Text != nil:
			s.Text = *in.Text
		default:
			return &SampleError{source, fmt.Sprintf("item %d has no text", n+1)}
		}
		if in.Template != "" {
			s.Group = in.Template.String()
		}
		offsets := runeOffsets(s.Text)
		for _, sp := range in.Spans {
			typ, from, to := sp.EntityType, sp.From, sp.To
			if typ == "" {
				typ, from, to = sp.Type, sp.Start, sp.End
			}
			if typ == "" || from == nil || to == nil || *from < 0 || *to <= *from || *to >= len(offsets) {
				return &SampleError{source, fmt.Sprintf("item %d has a span without a type or outside its text", n+1)}
			}
			s.Spans = append(s.Spans, Span{typ, offsets[*from], offsets[*to]})
		}
		if err := each(s); err != nil {
			return err
		}
	}
	if n == 0 {
		return &SampleError{source, "it has no items"}
	}
	if array {
		if _, err := dec.Token(); err != nil {
			return &SampleError{source, "the array does not end"}
		}
	}
	return nil
}

// runeOffsets are the bytes at which the characters begin, and the end.
func runeOffsets(s string) []int {
	out := make([]int, 0, len(s)+1)
	for i := range s {
		out = append(out, i)
	}
	return append(out, len(s))
}

// Mapping says which type of ours a type of labelled data is. A type that is
// one of ours is itself; any other is not claimed, and what is found there
// counts neither for nor against.
func Mapping(label string) (Type, bool) {
	switch label {
	case "GPE", "LOC":
		return Location, true
	case "DOMAIN_NAME":
		return URL, true
	case "ZIP_CODE":
		return PostalCode, true
	case "US_DRIVER_LICENSE":
		return DriverLicense, true
	case "US_ITIN", "UK_NHS", "UK_NINO", "ES_NIF", "IT_FISCAL_CODE", "PL_PESEL", "SG_NRIC_FIN", "AU_TFN", "AU_MEDICARE", "IN_PAN", "IN_AADHAAR", "FI_PERSONAL_IDENTITY_CODE":
		return NationalID, true
	case "US_PASSPORT":
		return Passport, true
	case "US_BANK_NUMBER":
		return BankAccount, true
	case "CRYPTO":
		return CryptoWallet, true
	}
	if slices.Contains(builtinTypes, Type(label)) && Type(label) != Nationality {
		return Type(label), true
	}
	return "", false
}

// A Score counts the tokens of one type: those that are labelled and found
// (True), found only, and labelled only. Tokens are words, numbers and
// punctuation marks.
type Score struct {
	Type  Type `json:"type"`
	Spans int  `json:"spans"` // labelled
	// Found are the labelled spans that a finding of the type covers by half.
	Found     int     `json:"spans_found"`
	True      int     `json:"true_positives"`
	FalsePos  int     `json:"false_positives"`
	FalseNeg  int     `json:"false_negatives"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F2        float64 `json:"f2"`
}

// rate fills in the ratios; one over nothing is 0.
func (s *Score) rate() {
	ratio := func(a, b int) float64 {
		if b == 0 {
			return 0
		}
		return float64(a) / float64(b)
	}
	s.Precision = ratio(s.True, s.True+s.FalsePos)
	s.Recall = ratio(s.True, s.True+s.FalseNeg)
	s.F2 = 0
	if d := 4*s.Precision + s.Recall; d > 0 {
		s.F2 = 5 * s.Precision * s.Recall / d
	}
}

// An Evaluation is how well findings fit labelled data.
type Evaluation struct {
	Samples int     `json:"samples"`
	Types   []Score `json:"types"` // by name
	Micro   Score   `json:"micro"` // over all claimed types
	// Strict is Micro with places and postal codes told from the address that
	// they stand in.
	Strict Score `json:"strict"`
	// Any is the same without regard to the type: whether what is personal is
	// taken out at all.
	Any       Score    `json:"any_type"`
	Unclaimed []string `json:"unclaimed"` // types of the data that are not ours
}

// An Evaluator adds up samples.
type Evaluator struct {
	r       *Redactor
	samples int
	types   map[Type]*Score
	any     Score
	strict  Score
	left    map[string]bool
}

// NewEvaluator begins an evaluation of r.
func NewEvaluator(r *Redactor) *Evaluator {
	return &Evaluator{r: r, types: map[Type]*Score{}, left: map[string]bool{}}
}

func (e *Evaluator) of(t Type) *Score {
	if e.types[t] == nil {
		e.types[t] = &Score{Type: t}
	}
	return e.types[t]
}

// Add looks for personal data in a sample and compares.
func (e *Evaluator) Add(in Sample) {
	e.samples++
	found := e.r.Find(in.Text)
	sc := newScan(e.r, in.Text)
	for _, span := range in.Spans {
		t, ok := Mapping(span.Type)
		if !ok {
			if validType(span.Type) && len(span.Type) <= 40 {
				e.left[span.Type] = true
			} else {
				e.left["others"] = true // a label may be anything; it is not printed
			}
			continue
		}
		e.of(t).Spans++
		e.any.Spans++
		typed, all := 0, 0
		for _, f := range found {
			n := max(0, min(f.End, span.End)-max(f.Start, span.Start))
			all += n
			if f.Type == t {
				typed += n
			}
		}
		if 2*typed >= span.End-span.Start {
			e.of(t).Found++
		}
		if 2*all >= span.End-span.Start {
			e.any.Found++
		}
	}
	for _, tok := range sc.tokens {
		label, claimed, labelled := Type(""), true, false
		for _, span := range in.Spans {
			if tok.start < span.End && tok.end > span.Start {
				label, claimed = Mapping(span.Type)
				labelled = true
			}
		}
		if !claimed {
			continue
		}
		guess := Type("")
		for _, f := range found {
			if tok.start < f.End && tok.end > f.Start && f.Type != Nationality {
				guess = f.Type
			}
		}
		switch {
		case labelled && (guess == label || inAddress(guess) && inAddress(label)):
			e.of(label).True++
		default:
			if labelled {
				e.of(label).FalseNeg++
			}
			if guess != "" {
				e.of(guess).FalsePos++
			}
		}
		if labelled && guess == label {
			e.strict.True++
		} else {
			if labelled {
				e.strict.FalseNeg++
			}
			if guess != "" {
				e.strict.FalsePos++
			}
		}
		switch {
		case labelled && guess != "":
			e.any.True++
		case labelled:
			e.any.FalseNeg++
		case guess != "":
			e.any.FalsePos++
		}
	}
}

// inAddress tells whether a type is an address or a part of one. Where an
// address ends and its town begins is a matter of taste: data labels both as
// one span or as two, and either counts as found.
func inAddress(t Type) bool { return t == StreetAddress || t == Location || t == PostalCode }

// Result is what was added up so far.
func (e *Evaluator) Result() Evaluation {
	out := Evaluation{Samples: e.samples, Any: e.any, Strict: e.strict, Unclaimed: []string{}}
	for _, s := range e.types {
		s.rate()
		out.Types = append(out.Types, *s)
		out.Micro.Spans += s.Spans
		out.Micro.Found += s.Found
		out.Micro.True += s.True
		out.Micro.FalsePos += s.FalsePos
		out.Micro.FalseNeg += s.FalseNeg
	}
	slices.SortFunc(out.Types, func(a, b Score) int { return bytes.Compare([]byte(a.Type), []byte(b.Type)) })
	out.Micro.Type, out.Any.Type, out.Strict.Type = "MICRO", "ANY", "STRICT"
	out.Strict.Spans, out.Strict.Found = out.Micro.Spans, out.Micro.Found
	out.Micro.rate()
	out.Strict.rate()
	out.Any.rate()
	for t := range e.left {
		out.Unclaimed = append(out.Unclaimed, t)
	}
	slices.Sort(out.Unclaimed)
	return out
}

// Text writes an evaluation as a table.
func (e Evaluation) Text(w io.Writer) error {
	b := &bytes.Buffer{}
	fmt.Fprintf(b, "%-16s %7s %7s %9s %9s %9s\n", "type", "spans", "found", "precision", "recall", "F2")
	row := func(s Score) {
		fmt.Fprintf(b, "%-16s %7d %7d %9s %9s %9s\n", s.Type, s.Spans, s.Found, figure(s.Precision), figure(s.Recall), figure(s.F2))
	}
	for _, s := range e.Types {
		row(s)
	}
	row(e.Micro)
	row(e.Strict)
	row(e.Any)
	if len(e.Unclaimed) > 0 {
		fmt.Fprintf(b, "not claimed, not counted: %s\n", strings.Join(e.Unclaimed, ", "))
	}
	_, err := w.Write(b.Bytes())
	return err
}

// JSON writes an evaluation as one indented object.
func (e Evaluation) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(e)
}

func figure(v float64) string { return fmt.Sprintf("%.3f", math.Round(v*1000)/1000) }
