package corpus

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// allValues returns the values of a text, and how the reading ended.
func allValues(r io.Reader, mode valueMode) (values []string, err error) {
	v := newValueReader(r, mode)
	for {
		raw, err := v.next()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return values, err
		}
		values = append(values, string(raw))
	}
}

// genJSON draws a JSON value as text, with white space in it.
func genJSON(depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		blank := rapid.SampledFrom([]string{"", " ", "\n", "\r\n\t"})
		b := func() string { return blank.Draw(t, "blank") }
		kind := rapid.IntRange(0, 7).Draw(t, "kind")
		if depth == 0 {
			kind %= 4
		}
		var parts []string
		n := rapid.IntRange(0, 3).Draw(t, "n")
		switch kind {
		case 0:
			return rapid.SampledFrom([]string{"1", "-2.5e9", "true", "null", "0"}).Draw(t, "word")
		case 1, 2, 3:
			text, err := json.Marshal(rapid.StringOf(rapid.SampledFrom([]rune(`ab"\{}[],: é😀`+"\n\u2028"))).Draw(t, "text"))
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		case 4, 5:
			for range n {
				parts = append(parts, b()+genJSON(depth-1).Draw(t, "element")+b())
			}
			return "[" + strings.Join(parts, ",") + "]"
		}
		for range n {
			parts = append(parts, b()+`"k\"}"`+b()+":"+b()+genJSON(depth-1).Draw(t, "member")+b())
		}
		return "{" + strings.Join(parts, ",") + "}"
	})
}

// The values are those of encoding/json's decoder, in whatever pieces the input
// comes.
func TestValuesAreTheDecoders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var elements []string
		for range rapid.IntRange(0, 6).Draw(t, "elements") {
			elements = append(elements, genJSON(3).Draw(t, "element"))
		}
		size := rapid.IntRange(1, 40).Draw(t, "block")
		read := func(text string, mode valueMode) []string {
			v := newValueReader(iotest.HalfReader(strings.NewReader(text)), mode)
			v.block = make([]byte, size)
			var out []string
			for {
				raw, err := v.next()
				if errors.Is(err, io.EOF) {
					return out
				}
				if err != nil || v.isCut || v.isLong {
					t.Fatalf("%q: %v, cut %v, long %v", text, err, v.isCut, v.isLong)
				}
				out = append(out, string(raw))
			}
		}
		list := "[" + strings.Join(elements, " ,\n") + "]\n"
		var want []json.RawMessage
		if err := json.Unmarshal([]byte(list), &want); err != nil {
			t.Fatalf("%q: %v", list, err)
		}
		for mode, text := range map[valueMode]string{
			valuesOfArray: " " + list, valuesInARow: strings.Join(elements, "\n") + "\n", valuesOfLines: lines(elements),
		} {
			got := read(text, mode)
			if len(got) != len(want) {
				t.Fatalf("mode %d: %d values of %q, want %d", mode, len(got), text, len(want))
			}
			for i := range want {
				if compact(t, got[i]) != compact(t, string(want[i])) {
					t.Errorf("mode %d: value %d is %q, want %q", mode, i, got[i], want[i])
				}
			}
		}
	})
}

func lines(elements []string) string {
	var b strings.Builder
	for _, e := range elements {
		b.WriteString(strings.NewReplacer("\n", "", "\r", "").Replace(e) + "\n")
	}
	return b.String()
}

func compact(t *rapid.T, text string) string {
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(text)); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return b.String()
}

func TestValuesOfBrokenJSON(t *testing.T) {
	for _, tt := range []struct {
		mode   valueMode
		text   string
		values []string
		err    error
	}{
		{valuesOfArray, `[1, {"a": 2`, []string{"1", `{"a": 2`}, io.ErrUnexpectedEOF},
		{valuesOfArray, `[1,`, []string{"1"}, io.ErrUnexpectedEOF},
		{valuesOfArray, `[1`, []string{"1"}, io.ErrUnexpectedEOF},
		{valuesOfArray, `[{} {}]`, []string{"{}"}, errBetweenValues},
		{valuesOfArray, `[]`, nil, nil},
		{valuesOfArray, `[1] 2`, []string{"1", "2"}, nil},
		{valuesOfArray, `[1,]`, []string{"1"}, nil},
		{valuesInARow, `{"a": [}]`, []string{`{"a": [}]`}, nil},
		{valuesInARow, `]1`, []string{"]1"}, nil},
		{valuesInARow, `"a\"`, []string{`"a\"`}, nil},
		{valuesOfLines, "{\"a\": \"b\n{\"c\": 1}\n\n\"\\\n1", []string{`{"a": "b`, `{"c": 1}`, `"\`, "1"}, nil},
	} {
		values, err := allValues(strings.NewReader(tt.text), tt.mode)
		if !slices.Equal(values, tt.values) || !errors.Is(err, tt.err) {
			t.Errorf("%q in mode %d: %q, error %v, want %q, %v", tt.text, tt.mode, values, err, tt.values, tt.err)
		}
	}
}

// A string that is too long is cut so that it is valid JSON still, whatever is at
// the cut.
func TestLongStringsAreCut(t *testing.T) {
	const limit = 100
	for _, unit := range []string{"a", "é", "😀", `\n`, `\\`, `\u00e9`, `\ud83d\ude00`, `\\u00`, `\"`, `x\\\"`} {
		for shift := range 13 {
			text := `{"k": "` + strings.Repeat("x", shift) + strings.Repeat(unit, limit) + `", "rest": 1}`
			for _, mode := range []valueMode{valuesInARow, valuesOfLines} {
				v := newValueReader(strings.NewReader(text+"\n{}"), mode)
				v.stringLimit = limit
				raw, err := v.next()
				if err != nil {
					t.Fatal(err)
				}
				var got struct {
					K    string
					Rest int
				}
				if err := json.Unmarshal(raw, &got); err != nil || got.Rest != 1 {
					t.Errorf("%d x %q in mode %d: %v, rest %d", shift, unit, mode, err, got.Rest)
				}
				if len(got.K) < limit/6-2 || len(raw) > limit+25 || strings.Contains(got.K, replacement) && unit != `\ud83d\ude00` {
					t.Errorf("%d x %q in mode %d: %d bytes of %d", shift, unit, mode, len(got.K), len(raw))
				}
				if raw, err = v.next(); err != nil || string(raw) != "{}" {
					t.Errorf("%d x %q in mode %d: %q follows, error %v", shift, unit, mode, raw, err)
				}
			}
		}
	}
}

func TestLongValuesAreDropped(t *testing.T) {
	long := "[" + strings.Repeat(`"aaaa",`, 200) + "1]"
	v := newValueReader(strings.NewReader("["+long+`,{"next": 1}]`), valuesOfArray)
	v.valueLimit = 1000
	if raw, err := v.next(); err != nil || !v.isLong || len(raw) != 0 {
		t.Errorf("%d bytes, long %v, error %v", len(raw), v.isLong, err)
	}
	if raw, err := v.next(); err != nil || v.isLong || string(raw) != `{"next": 1}` {
		t.Errorf("%q, long %v, error %v", raw, v.isLong, err)
	}
}

func FuzzJSONValues(f *testing.F) {
	f.Add([]byte(`[{"a": "b\"]"}, [1, 2], "c", null]`), 0)
	f.Add([]byte("{\"a\": 1}\n{\"b\": \"\\\n"), 2)
	f.Fuzz(func(t *testing.T, data []byte, mode int) {
		v := newValueReader(iotest.OneByteReader(bytes.NewReader(data)), valueMode(uint(mode)%3))
		for size, n := 0, 0; ; n++ {
			raw, err := v.next()
			if err != nil {
				break
			}
			// Between two commas an element may be missing.
			isMissing := len(raw) == 0 && v.mode == valuesOfArray
			if size += len(raw); len(raw) == 0 && !isMissing || size > len(data) || n > len(data) {
				t.Fatalf("%d bytes of %d in %d values, %d of them in the last", size, len(data), n, len(raw))
			}
		}
		values, err := allValues(bytes.NewReader(data), valuesOfArray)
		var want []json.RawMessage
		if json.Unmarshal(data, &want) == nil && want != nil && (err != nil || len(values) != len(want)) {
			t.Errorf("%d values of %q, error %v, want %d", len(values), data, err, len(want))
		}
	})
}
