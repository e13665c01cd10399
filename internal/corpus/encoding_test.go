package corpus

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"
)

func encodeUTF16(t testing.TB, text string, order unicode.Endianness, bom unicode.BOMPolicy) string {
	t.Helper()
	s, err := unicode.UTF16(order, bom).NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEncodings(t *testing.T) {
	const russian = "купить молоко\nпозвонить врачу\n"
	for _, tt := range []struct {
		name, raw string
		want      []string
		remark    string
	}{
		{"utf-8", "é\n", []string{"é"}, ""},
		{"utf-8 with a mark", "\ufeffé\n", []string{"é"}, ""},
		{"utf-16 le", encodeUTF16(t, russian, unicode.LittleEndian, unicode.UseBOM), []string{"купить молоко", "позвонить врачу"}, ""},
		{"utf-16 be", encodeUTF16(t, russian, unicode.BigEndian, unicode.UseBOM), []string{"купить молоко", "позвонить врачу"}, ""},
		{"utf-16 le without a mark", encodeUTF16(t, russian, unicode.LittleEndian, unicode.IgnoreBOM), []string{"купить молоко", "позвонить врачу"}, ""},
		{"utf-16 be without a mark", encodeUTF16(t, russian, unicode.BigEndian, unicode.IgnoreBOM), []string{"купить молоко", "позвонить врачу"}, ""},
		{"utf-16, lone surrogate", "\xff\xfea\x00\x00\xd8b\x00\n\x00", []string{"a\ufffdb"}, "a.txt: U+FFFD stands once for UTF-16 that could not be read"},
		{"utf-16, half a character", "\xff\xfea\x00b", []string{"a\ufffd"}, "a.txt: U+FFFD stands once for UTF-16 that could not be read"},
		{"windows-1252", "\x93Stra\xdfe\x94 \x80\n", []string{"“Straße” €"}, "a.txt: not UTF-8, read as Windows-1252"},
		{"mostly utf-8", "déjà vu à la carte\nna\xefve\nx\xff\n", []string{"déjà vu à la carte", "na\ufffdve", "x\ufffd"}, "a.txt: U+FFFD stands 2 times for bytes that are not UTF-8, first in line 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			notes := readText(t, "a.txt", tt.raw, Options{})
			if got := texts(notes); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if got := strings.Join(notes.Remarks, "; "); got != tt.remark {
				t.Errorf("remarks %q, want %q", got, tt.remark)
			}
		})
	}
}

// A few zero bytes in other text do not make it UTF-16.
func TestZeroBytesAreNoUTF16(t *testing.T) {
	for _, raw := range []string{
		"buy bread\x00\n", "buy brea\x00\n", "ab\x00", "abc\x00", "\x00abc", "a\nb\nc\n\x00\n", "a\x00b\nwalk the dog\n",
		"one\x00two\x00six\x00ten\x00", strings.Repeat("words ", 1000) + "\x00",
	} {
		notes, err := ReadNotes(t.Context(), []Input{textInput("a.txt", raw)}, Options{})
		if err == nil || err.Error() != "a.txt: a binary file, not text" {
			t.Errorf("%.40q: %v, error %v", raw, notes, err)
		}
	}
	for _, text := range []string{"café", "Μαρία αγοράζει ψωμί", "שלום עולם", "a “quoted” word — and €5", "hello"} {
		raw := encodeUTF16(t, text, unicode.LittleEndian, unicode.IgnoreBOM)
		if got := texts(readText(t, "a.txt", raw, Options{})); len(got) != 1 || got[0] != text {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

// Where a pair of bytes is cut by the block that is looked at, the rest of the
// file is UTF-16 all the same.
func TestUTF16PairAcrossTheHead(t *testing.T) {
	text := strings.Repeat("a ", 1023) + "b😀 end"
	raw := encodeUTF16(t, text, unicode.LittleEndian, unicode.IgnoreBOM)
	if got := texts(readText(t, "a.txt", raw, Options{})); len(got) != 1 || got[0] != text {
		t.Errorf("got %.40q…", got)
	}
}

func TestDeclaredCharsets(t *testing.T) {
	for _, tt := range []struct{ decl, want string }{
		{`<?xml version="1.0" encoding="koi8-r"?>`, "koi8-r"},
		{`<?xml version='1.0' encoding='Shift_JIS'?>`, "Shift_JIS"},
		{`<?xml version="1.0" encoding="ISO-8859-1"?>`, ""},
		{`<?xml version="1.0" encoding="utf-8"?>`, ""},
		{`<?xml version="1.0"?>`, ""},
		{`<?xml version="1.0" encoding="a; rm b"?>`, ""},
		{`<?xml encoding=`, ""},
		{`text encoding="koi8-r"?>`, ""},
	} {
		if got := xmlCharset(tt.decl); got != tt.want {
			t.Errorf("xmlCharset(%s) = %q, want %q", tt.decl, got, tt.want)
		}
	}
}
