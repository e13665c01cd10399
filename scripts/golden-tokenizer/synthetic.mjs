// Usage: node synthetic.mjs ../../engine/tokenizer/testdata
//
// Writes small tokenizer.json files of our own for tests that run without a
// real model's vocabulary: WordPiece, byte-level and other BPE, and Unigram.
import fs from "node:fs";
import path from "node:path";
import { byteCharacters, byteLevel, byteTokens, charsmap, merges, scores } from "./subwords.mjs";

const words = `the of and to in is you that it he was for on are as with his they at be this
have from or one had by word but not what all were we when your can said there use an each which
she do how their if will up other about out many then them these so some her would make like him
into time has look two more write go see number no way could people my than first water been call
who oil its now find long down day did get come made may part note list buy milk call home work
meeting idea project music song guitar cat cats dog dogs run play read book cafe istanbul strasse
naive resume un able happy embed cluster label token sep cls mask zebra`.split(/\s+/);
const endings = `s es ed ing er est ly ness ment able ful less ion tion ation ity ize ise al ic ous
ive en ish ism ist ship hood dom ward wards like ster ding ling ring ning ted ter ten nd ng nt st
th ch sh ck ll ss ee oo ou ea ai in on an at it is or ar re un e1 42 00`.split(/\s+/);
const ascii = [];
for (let c = 0x21; c < 0x7f; c++) ascii.push(String.fromCharCode(c));
const beyond = [
  ..."éèüñßẞİıŁłøåàÉÜσςΣαωжЖяЙйёәіا بחกข๑ำहि்ாक中文日本語字々〇龍かなガ゙ーㄱ가한글",
  ..."\u1112\u1161\u11ab\u1100\u302e\u302f\u0301\u0307\u0308\u0345\u1b44\u1d165\ufffd\u200d\ufe0f",
  ..."😀👩🔥🇩🏽…—–«»“”’·•№€£©°½²™µKÅΩﬁﬀ①㈱ﾊ㌔ⅷǅჯꭰᏸ𐐀𐐨𝐀𝒳𠀀𪛖𫝀𫠠𫤠",
].filter((c) => c !== " ");

function tokenizer(cased) {
  const vocab = new Map();
  const add = (token) => vocab.has(token) || vocab.set(token, vocab.size);
  ["[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].forEach(add);
  const letters = cased ? ascii : ascii.filter((c) => c === c.toLowerCase());
  for (const c of [...letters, ...beyond]) {
    add(c);
    add("##" + c);
  }
  for (const word of words) {
    add(word);
    if (cased) add(word[0].toUpperCase() + word.slice(1));
  }
  for (const ending of endings) add("##" + ending);

  const special = (content) => ({ content, ...plain, special: true });
  const added = [
    special("[PAD]"),
    special("[UNK]"),
    special("[CLS]"),
    special("[SEP]"),
    { ...special("[MASK]"), lstrip: true },
    { content: "<note>", ...plain, normalized: true },
    { content: "<note>s", ...plain, normalized: true },
    { content: "<Word>", ...plain, normalized: true, single_word: true },
    { content: "<R>", ...plain, rstrip: true },
    { content: "<LR>", ...plain, lstrip: true, rstrip: true, single_word: true },
    { content: "Café", ...plain, normalized: true, single_word: true },
    { content: "zebra", ...plain, single_word: true },
    { content: "  ", ...plain, normalized: true },
  ].map((token, i) => ({ id: vocab.get(token.content) ?? i, ...token }));
  let next = vocab.size;
  for (const token of added) token.id = vocab.get(token.content) ?? next++;

  const id = (token) => vocab.get(token);
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: !cased,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: cased
      ? { type: "BertProcessing", sep: ["[SEP]", id("[SEP]")], cls: ["[CLS]", id("[CLS]")] }
      : {
          type: "TemplateProcessing",
          single: [
            { SpecialToken: { id: "[CLS]", type_id: 0 } },
            { Sequence: { id: "A", type_id: 0 } },
            { SpecialToken: { id: "[SEP]", type_id: 0 } },
          ],
          pair: [
            { Sequence: { id: "A", type_id: 0 } },
            { Sequence: { id: "B", type_id: 1 } },
          ],
          special_tokens: Object.fromEntries(
            ["[CLS]", "[SEP]"].map((t) => [t, { id: t, ids: [id(t)], tokens: [t] }]),
          ),
        },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: cased ? 20 : 100,
      vocab: Object.fromEntries(vocab),
    },
  };
}

const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: false };
const specials = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"];
const added = (id) =>
  specials.map((content) => ({ id: id(content), content, ...plain, special: true, lstrip: content === "<mask>" }));
const numbered = (tokens) => Object.fromEntries([...new Set(tokens)].map((t, i) => [t, i]));
const capitalized = words.flatMap((w) => [w, w[0].toUpperCase() + w.slice(1)]);
const document = (parts) => ({ version: "1.0", truncation: null, padding: null, ...parts, decoder: null });
const sequence = (type, id) => ({ [type]: { id, type_id: 0 } });

function bpe(parts, options) {
  return {
    type: "BPE",
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    ...options,
    ...parts,
  };
}

/** As RoBERTa: bytes, cut by a regular expression, every stage spelled as in old files. */
function byteLevelBPE() {
  const list = merges(capitalized.map((w) => [...byteLevel(" " + w)]), 500);
  const vocab = numbered([...specials.slice(0, 4), ...byteCharacters, ...list.map(([a, b]) => a + b), "<mask>"]);
  const id = (t) => vocab[t];
  return document({
    added_tokens: [
      ...added(id).map((t) => ({ ...t, normalized: true })),
      { id: Object.keys(vocab).length, content: "    ", ...plain, normalized: true },
      { id: Object.keys(vocab).length + 1, content: "<note>", ...plain, single_word: true, rstrip: true },
    ],
    normalizer: null,
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true },
    post_processor: {
      type: "RobertaProcessing",
      sep: ["</s>", id("</s>")],
      cls: ["<s>", id("<s>")],
      trim_offsets: true,
      add_prefix_space: false,
    },
    // The type is left out as in old files.
    model: { ...bpe({ vocab, merges: list.map((m) => m.join(" ")) }, { continuing_subword_prefix: "", end_of_word_suffix: "" }), type: undefined },
  });
}

/** As SentencePiece's BPE: one word, bytes for unknown characters. */
function fallbackBPE() {
  const list = merges(capitalized.map((w) => [..."▁" + w]), 400);
  const letters = ["▁", ...ascii.filter((c) => c !== "~"), ...beyond.slice(0, 30)];
  const vocab = numbered(["<unk>", "<s>", "</s>", ...byteTokens, ...letters, ...list.map(([a, b]) => a + b)]);
  const id = (t) => vocab[t];
  return document({
    added_tokens: ["<unk>", "<s>", "</s>"].map((content) => ({ id: id(content), content, ...plain, special: true })),
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "Prepend", prepend: "▁" },
        { type: "Replace", pattern: { String: " " }, content: "▁" },
      ],
    },
    pre_tokenizer: null,
    post_processor: {
      type: "TemplateProcessing",
      single: [sequence("SpecialToken", "<s>"), sequence("Sequence", "A")],
      pair: [sequence("Sequence", "A"), sequence("Sequence", "B")],
      special_tokens: { "<s>": { id: "<s>", ids: [id("<s>")], tokens: ["<s>"] } },
    },
    model: bpe({ vocab, merges: list }, { unk_token: "<unk>", fuse_unk: true, byte_fallback: true }),
  });
}

/** As CLIP: the last character of a word is another one than inside. */
function suffixBPE() {
  const end = "</w>";
  const list = merges(words.map((w) => [...w.slice(0, -1), w.at(-1) + end]), 300);
  const letters = ascii.filter((c) => c === c.toLowerCase());
  const vocab = numbered([...letters, ...letters.map((c) => c + end), ...list.map(([a, b]) => a + b), "<unk>"]);
  return document({
    added_tokens: [{ id: vocab["<unk>"], content: "<unk>", ...plain, special: true }],
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "NFC" },
        { type: "Replace", pattern: { Regex: "\\s+" }, content: " " },
        { type: "Lowercase" },
      ],
    },
    pre_tokenizer: {
      type: "Split",
      pattern: { Regex: "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+" },
      behavior: "Removed",
      invert: true,
    },
    post_processor: null,
    model: bpe({ vocab, merges: list }, { unk_token: "<unk>", end_of_word_suffix: end }),
  });
}

/** A prefix marks the characters inside a word. */
function prefixBPE() {
  const join = (a, b) => a + b.slice(2);
  const list = merges(words.map((w) => [...w].map((c, i) => (i === 0 ? c : "##" + c))), 300, join);
  const letters = [...ascii, ...beyond.slice(0, 10)];
  const vocab = numbered(["<unk>", ...letters, ...letters.map((c) => "##" + c), ...list.map(([a, b]) => join(a, b))]);
  return document({
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: "WhitespaceSplit" },
    post_processor: null,
    model: bpe({ vocab, merges: list }, { unk_token: "<unk>", continuing_subword_prefix: "##" }),
  });
}

/** Spells the bytes of each word, and a bar before all characters but its first: it shows what the stages before it did. */
function bytes() {
  return document({
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    model: bpe({ vocab: numbered(byteTokens), merges: [] }, { continuing_subword_prefix: "|", byte_fallback: true }),
  });
}

/** As XLM-R: blanks are visible, the characters are normalized by a table. */
function unigram() {
  const letters = ["▁", ...ascii, ...beyond.slice(0, 40)];
  const pieces = scores(capitalized.map((w) => "▁" + w), letters, 700);
  const vocab = [...specials.slice(0, 4).map((t) => [t, 0]), ...pieces, ["<mask>", 0]];
  const id = (t) => vocab.findIndex(([token]) => token === t);
  const map = new Map([
    ["\t", " "], ["\n", " "], ["\r", " "], ["\r\n", " "], ["\u0085", " "], ["\u00a0", " "], ["\u3000", " "],
    ["\u0001", ""], ["\u007f", ""], ["\u00ad", ""], ["\u200b", " "], ["\u200d", " "], ["\ufeff", ""], ["\ufffd", ""],
    ["e\u0301", "é"], ["A\u030a", "Å"], ["\u0301", "´"], ["\u20e3", "□"],
  ]);
  for (const c of "ﬁﬀ①½²™㈱㌔ﾊﾝｶｸｆｕｌｗｉｄｔｈⅧᾼ…\u1100\uac00\ufdfa\u212b\u2126") {
    if (c.normalize("NFKC") !== c) map.set(c, c.normalize("NFKC"));
  }
  return document({
    added_tokens: added(id),
    normalizer: { type: "Precompiled", precompiled_charsmap: charsmap(map) },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "WhitespaceSplit" },
        { type: "Metaspace", replacement: "▁", str_rep: "▁", add_prefix_space: true },
      ],
    },
    post_processor: {
      type: "TemplateProcessing",
      single: [sequence("SpecialToken", "<s>"), sequence("Sequence", "A"), sequence("SpecialToken", "</s>")],
      pair: [sequence("Sequence", "A"), sequence("Sequence", "B")],
      special_tokens: Object.fromEntries(["<s>", "</s>"].map((t) => [t, { id: t, ids: [id(t)], tokens: [t] }])),
    },
    model: { type: "Unigram", unk_id: id("<unk>"), vocab },
  });
}

// Ten entries a line keep the files readable and their changes small.
function write(file, value) {
  const { vocab, merges } = value.model;
  const lines = (entries) => {
    const out = [];
    for (let i = 0; i < entries.length; i += 10) out.push(entries.slice(i, i + 10).join(", "));
    return out.join(",\n");
  };
  const entries = Array.isArray(vocab)
    ? `[\n${lines(vocab.map((e) => JSON.stringify(e)))}\n]`
    : `{\n${lines(Object.entries(vocab).sort((a, b) => a[1] - b[1]).map(([t, n]) => `${JSON.stringify(t)}: ${n}`))}\n}`;
  value.model.vocab = "VOCAB";
  if (merges) value.model.merges = "MERGES";
  const text = JSON.stringify(value, null, 1)
    .replace('"VOCAB"', () => entries)
    .replace('"MERGES"', () => `[\n${lines(merges.map((m) => JSON.stringify(m)))}\n]`);
  fs.writeFileSync(file, text + "\n");
}

const [, , folder] = process.argv;
if (!folder) {
  console.error("usage: node synthetic.mjs FOLDER");
  process.exit(2);
}
const files = {
  cased: tokenizer(true),
  uncased: tokenizer(false),
  bytelevel: byteLevelBPE(),
  fallback: fallbackBPE(),
  suffix: suffixBPE(),
  prefix: prefixBPE(),
  bytes: bytes(),
  unigram: unigram(),
};
for (const [name, value] of Object.entries(files)) write(path.join(folder, name + ".json"), value);
