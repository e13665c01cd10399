package tokenizer

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// golden is testdata/golden.json: what the reference made of strings. A
// tokenizer may have ids for the first of the strings only. The many variants
// have sums of the ids, which take less room.
type golden struct {
	Strings []string              `json:"strings"`
	IDs     map[string][][]uint32 `json:"ids"`
	Sums    map[string][]string   `json:"sums"`
}

// sum returns a short name for a list of ids.
func sum(ids []uint32) string {
	h := fnv.New32a()
	fmt.Fprint(h, ids)
	return fmt.Sprintf("%08x", h.Sum32())
}

// oneThread skips a test that shares nothing between threads, where the race
// detector would see nothing and takes ten times as long.
func oneThread(t *testing.T) {
	t.Helper()
	if raceEnabled && testing.Short() {
		t.Skip("-short under the race detector: one thread alone")
	}
}

func TestGolden(t *testing.T) {
	oneThread(t)
	const file = "testdata/golden.json"
	tokenizers := ours(t)
	for name, data := range real(t) {
		tokenizers[name] = data
	}
	if *update {
		writeGolden(t, file, tokenizers)
	}
	var g golden
	unmarshal(t, readFile(t, file), &g)
	for name, ids := range g.IDs {
		t.Run(name, func(t *testing.T) {
			data, ok := tokenizers[name]
			if !ok {
				t.Skip("SHEAF_TESTDATA is not set: no vocabulary of " + name)
			}
			report(t, parse(t, data), g.Strings[:len(ids)], ids, true)
		})
	}
	for name, sums := range g.Sums {
		t.Run(name, func(t *testing.T) {
			tok := parse(t, tokenizers[name])
			for i, want := range sums {
				if ids := tok.Encode(g.Strings[i], true); sum(ids) != want {
					t.Errorf("%+q gives %v; TestReference shows what it should", g.Strings[i], ids)
				}
			}
		})
	}
}

func writeGolden(t *testing.T, file string, tokenizers map[string][]byte) {
	t.Helper()
	needReference(t)
	if len(real(t)) == 0 {
		t.Fatal("-update needs SHEAF_TESTDATA")
	}
	g := golden{
		Strings: slices.Concat(noteTexts, hostileStrings(1, 100), fragments),
		IDs:     map[string][][]uint32{},
		Sums:    map[string][]string{},
	}
	variants := variants(t)
	for name, data := range tokenizers {
		ids := referenceIDs(t, data, g.Strings, "--special")
		if _, ok := variants[name]; !ok {
			g.IDs[name] = ids[:200]
			continue
		}
		for _, ids := range ids {
			g.Sums[name] = append(g.Sums[name], sum(ids))
		}
	}
	// One string or list of ids a line, so that a change shows where it is.
	var out bytes.Buffer
	fmt.Fprintf(&out, "{\"strings\": [\n%s\n],\n\"ids\": {", lines(t, g.Strings))
	for i, name := range slices.Sorted(maps.Keys(g.IDs)) {
		if i > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, "\n%q: [\n%s\n]", name, lines(t, g.IDs[name]))
	}
	out.WriteString("\n},\n\"sums\": {")
	for i, name := range slices.Sorted(maps.Keys(g.Sums)) {
		if i > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, "\n%q: %s", name, marshal(t, g.Sums[name]))
	}
	out.WriteString("\n}}\n")
	if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func lines[T any](tb testing.TB, values []T) string {
	text := make([]string, len(values))
	for i, v := range values {
		text[i] = string(marshal(tb, v))
	}
	return strings.Join(text, ",\n")
}
