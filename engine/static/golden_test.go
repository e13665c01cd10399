package static_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"math"
	"os"
	"strings"
	"testing"

	"sheaf/engine/static"
)

var update = flag.Bool("update", false, "write the digest of the built-in model's vectors")

// The built-in model gives these texts the same bits on every platform, and so
// do a user's concepts. The digests change with the model alone: after `make
// model`, run this test with -update.
func TestSameBitsEverywhere(t *testing.T) {
	sameBits(t, "testdata/builtin.sha256", openBuiltin(t))
	sameBits(t, "testdata/user.sha256", openWith(t, "Fans < names of people: howard jones, zoltan\nOur Kitchen: pasta, leaky tap, tap\n"+
		"Cards < our kitchen, payments: card, ice-cream, café\nhamsters < cards: xx1"))
}

func sameBits(t *testing.T, file string, m *static.Model) {
	t.Helper()
	texts := []string{
		"pasta", "thomas dolby", "howard jones", "kilometers", "book a table", "the leaky tap in the kitchen",
		"My card was not accepted!", "ICE-CREAM", "mother's day", "café crème", "hamsters", "supercalifragilistic",
		"", "🎉", "日本語", "a b c 1 2 3", "x", strings.Repeat("long notes about gardens and music ", 200),
	}
	e, err := m.Embed(t.Context(), texts, nil)
	if err != nil {
		t.Fatal(err)
	}
	var bits []byte
	for _, x := range e.Vectors.Data {
		bits = binary.LittleEndian.AppendUint32(bits, math.Float32bits(x))
	}
	sum := sha256.Sum256(bits)
	got := []byte(hex.EncodeToString(sum[:]) + "\n")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the vectors have the digest %s, want %s", got, want)
	}
}
