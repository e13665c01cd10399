package tokenizer

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// fragments is what hostile strings are put together from, beside random
// characters.
var fragments = slices.Concat(
	strings.Fields(`the cats are playing with an unaffordable embedding re-reading notes STRASSE Straße ẞ
		İstanbul ISTANBUL ıstanbul café CAFÉ naïve résumé Ångström Å K Ω ΣΑΣ σας ΌΣΟΣ ὈΔΥΣΣΕΎΣ ᾳ ᾼ ﬁsh ﬀ
		Ǆungla Straẞe don't it's e.g. U.S.A. 3.14 1,000,000 $5 50% a@b.c http://x.y/z?q=1 C++ #tag @user ## ##ing ###
		東京都 日本語 中文字 한국어 글 คำไทย ภาษา नमस्ते हिन्दी தமிழ் العربية مَرْحَبًا עברית Привет ёлка Йод Україна қазақ
		ｆｕｌｌｗｉｄｔｈ ﾊﾝｶｸ ㌔ ㈱ ① ½ ² ™ 𝐁𝐨𝐥𝐝 𝒳 𐐀𐐨 ჯორჯია ᲯᲝᲠ Ꭰꭰ ꮪ 〇 々 龍 𠀀 𪛖 𫝀 𫠠 𫤠 豈 侮
		👩‍👩‍👧‍👦 👍🏽 🏳️‍🌈 🇩🇪 ❤️ ☺ 1️⃣ 🤷🏻‍♀️ [SEP] [CLS] [PAD] [UNK] [MASK] [sep] [SEP [ ] ]] [[SEP]] <note> <note>s <NOTE> <Word>
		<word> <R> <LR> zebra zebras Zebra Café café <|endoftext|> </s> <s> a[SEP]b x[MASK]y <mask> <unk> <pad>
		<extra_id_7> |||IP_ADDRESS||| [unused5] I'll they've we're I'd isn't 'sS 'LL 'reality ' '' it’s ▁ ▁the a▁b
		٣٤ १२३ Ⅷ x²y₃ 1st 2nd 12ab34 Grüße 100€ …… ?!?! -- –— {} => != /* */ i++ foo_bar fooBar \n \t`),
	[]string{
		" ", "  ", "   ", "        ", " \n", "\n ", "\n\n", " \n \n  ", "\t\t", "\u3000 \u3000", "e\ufe0f", "a\u200d", "\u0600a", "1\u20e3",
		"\u00e9\U0001f3fb", "a\U000e0100", "a\u0903", "\u0e01\u0e33", "\t", "\n", "\r\n", "\v", "\f", "\x00", "\x01", "\x1f", "\x7f", "\u0085", "\u00a0", "\u00ad",
		"\u034f", "\u061c", "\u180e", "\u1680", "\u2000", "\u2003", "\u2009", "\u200a", "\u200b", "\u200c", "\u200d",
		"\u200e", "\u2028", "\u2029", "\u202e", "\u202f", "\u205f", "\u2060", "\u2066", "\u3000", "\ufe0f", "\ufeff",
		"\ufff9", "\ufffc", "\ufffd", "\ufffe", "\uffff", "\ue000", "\uf8ff", "\U000f0000", "\U0010fffd", "\U0010ffff",
		"\U000e0001", "\U000e0067", "\U000e0100", "\u0301", "\u0300\u0323", "\u0323\u0301", "e\u0301\u0327", "\u0345\u0301",
		"\u302e", "\u302e\u0301", "\u0301\u302e", "\u1b35\u1b44\u0301", "\u0928\u094d\u093c", "\U0001d158\U0001d165",
		"\U0001d16e\U0001d165\u0334", "\u1100\u1161\u11a8", "\u1112\u1161\u11ab", "\u1100\u1161", "\uac00\u11a8", "\u11a8",
		"cafe\u0301", "A\u030a", "i\u0307", "I\u0307", "\u0130\u0307", "\u0344", "\u0340\u0341", "\u0958", "\u2126", "\u212a", "\u212b",
		"\u0d4a", "\u0bca", "\u0cca", "\u0f73\u0f71", "\u17b4\u17b5", "\u0e33", "\u0eb3", "\u06c0", "\u0622", "\ufdfa",
		"\ufb2c", "\ufb4f", "\u1e9b\u0323", "\u03d2\u0301", "\u1fee", "\u2adc", "\u0890", "\u08e2", "\U000110cd",
		"\u166d", "\U000111c9", "\u2e43", "\u2e52", "\u0c77", "\u1cf2", "\u0898", "\u08d3", "\u1abf", "\u1df6", "\ua82c",
		"\U00011938", "\U00011935\U00011930", "\u32ff", "\ua7f2", "\U00010781", "\u1c89", "\ua7cb", "\ua7dc",
		"\U00010d50", "\U00016ea0", "\U00016d68", "\U0001e000", "\U0001e130", "\U00013440", "\U0002b820", "\U0002b920",
		"\U0002ceb0", "\U0002ebf0", "\U0003134a", "\u4dc0", "\u9fff", "\u2f00", "\ufa0e",
	},
)

// blocks is where random characters are drawn from, each block as often as the
// others.
var blocks = [][2]rune{
	{0x20, 0x7e}, {0x20, 0x7e}, {0x20, 0x7e}, {0x00, 0x1f}, {0x7f, 0xff}, {0x100, 0x24f}, {0x250, 0x36f}, {0x300, 0x36f},
	{0x370, 0x3ff}, {0x400, 0x52f}, {0x530, 0x5ff}, {0x600, 0x6ff}, {0x700, 0x8ff}, {0x900, 0xdff}, {0xe00, 0xeff},
	{0xf00, 0xfff}, {0x1000, 0x10ff}, {0x1100, 0x11ff}, {0x1200, 0x17ff}, {0x1800, 0x1aff}, {0x1b00, 0x1cff},
	{0x1d00, 0x1dff}, {0x1e00, 0x1fff}, {0x2000, 0x206f}, {0x2070, 0x2bff}, {0x2c00, 0x2e7f}, {0x2e80, 0x33ff},
	{0x3400, 0x4dff}, {0x4e00, 0x9fff}, {0xa000, 0xabff}, {0xac00, 0xd7ff}, {0xe000, 0xf8ff}, {0xf900, 0xfaff},
	{0xfb00, 0xfeff}, {0xff00, 0xffff}, {0x10000, 0x10fff}, {0x11000, 0x11fff}, {0x12000, 0x16fff}, {0x17000, 0x1cfff},
	{0x1d000, 0x1d7ff}, {0x1d800, 0x1efff}, {0x1f000, 0x1faff}, {0x20000, 0x2ffff}, {0x30000, 0xdffff},
	{0xe0000, 0xe01ff}, {0xf0000, 0x10ffff},
}

// hostileStrings returns n strings that tokenizers get wrong; the same for the
// same seed. They are valid UTF-8, as the reference takes nothing else.
func hostileStrings(seed uint64, n int) []string {
	r := rand.New(rand.NewPCG(seed, 0))
	pick := func(s []string) string { return s[r.IntN(len(s))] }
	texts := make([]string, n)
	for i := range texts {
		var b strings.Builder
		separator := pick([]string{" ", " ", " ", "", "", "-", "\u3000"})
		for range 1 + r.IntN(10) {
			switch r.IntN(12) {
			case 0, 1, 2, 3, 4, 5:
				b.WriteString(pick(fragments))
			case 6: // a case the fragment does not have
				b.WriteString(strings.ToUpper(pick(fragments)))
			case 7: // a run of marks, also longer than 30
				b.WriteString(pick([]string{"a", "e", "K", "\u05d0", "\u0915"}))
				for range r.IntN(8) * r.IntN(8) {
					b.WriteRune(0x300 + r.Int32N(0x70))
				}
			case 8: // a word around the longest that is looked at
				b.WriteString(strings.Repeat(pick([]string{"a", "é", "ab", "中", "\u0301", "x\u0301", "ㄱ", "가"}), 1+r.IntN(110)))
			default:
				block := blocks[r.IntN(len(blocks))]
				for range 1 + r.IntN(5) {
					c := block[0] + r.Int32N(block[1]-block[0]+1)
					if 0xd800 <= c && c <= 0xdfff {
						c = 0xfffd
					}
					b.WriteRune(c)
				}
			}
			b.WriteString(separator)
		}
		texts[i] = b.String()
	}
	return texts
}
