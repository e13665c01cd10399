// Usage: node tables.mjs > ../../engine/tokenizer/tables.go
//
// Asks the reference about every character there is, and writes what it thinks
// of them as Go constants. The reference takes its character properties from
// several libraries, each with a Unicode version of its own; see tables.go.
import { load, encode } from "./reference.mjs";

const hex = (c) => c.toString(16).toUpperCase();
function ranges(characters) {
  const runs = [];
  for (const c of characters) {
    const last = runs.at(-1);
    if (last && last[1] === c - 1) last[1] = c;
    else runs.push([c, c]);
  }
  return runs.map(([from, to]) => (from === to ? hex(from) : `${hex(from)}-${hex(to)}`));
}

// A model that spells its input byte by byte shows what the stages before it
// made of a text: the ids are UTF-8, the word numbers are the cuts.
const bytes = {};
for (let i = 0; i < 256; i++) {
  bytes[`<0x${i.toString(16).toUpperCase().padStart(2, "0")}>`] = i;
}
const probe = (normalizer, pre_tokenizer) =>
  load(
    JSON.stringify({
      version: "1.0",
      added_tokens: [],
      normalizer,
      pre_tokenizer,
      post_processor: null,
      decoder: null,
      model: {
        type: "BPE",
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: true,
        ignore_merges: false,
        vocab: bytes,
        merges: [],
      },
    }),
  );

const all = [];
for (let c = 0; c <= 0x10ffff; c++) {
  if (c < 0xd800 || c > 0xdfff) all.push(c);
}
const chunks = [];
for (let i = 0; i < all.length; i += 1000) chunks.push(all.slice(i, i + 1000));

// q composes with nothing, so that no text runs into the next one.
const SEPARATOR = "q#q";

/** What a normalizer makes of form(c), for every character c. */
async function normalized(normalizer, form = (c) => c, separator = SEPARATOR) {
  const tokenizer = probe(normalizer, null);
  const texts = chunks.map((chunk) =>
    chunk.map((c) => form(String.fromCodePoint(c))).join(separator),
  );
  const answer = new Map();
  (await encode(tokenizer, texts)).forEach((e, i) => {
    const parts = Buffer.from(e.getIds()).toString("utf8").split(separator);
    if (parts.length !== chunks[i].length) throw new Error("a separator was lost");
    chunks[i].forEach((c, j) => answer.set(c, parts[j]));
  });
  return answer;
}

/** The characters that a pre-tokenizer cuts out of a word, as one of their own. */
async function isolated(preTokenizer) {
  const tokenizer = probe(null, preTokenizer);
  const texts = chunks.map((chunk) =>
    chunk.map((c) => "a" + String.fromCodePoint(c) + "a").join("\n"),
  );
  const answer = [];
  (await encode(tokenizer, texts)).forEach((e, i) => {
    const ids = e.getIds();
    const numbers = e.getWordIds();
    const words = [];
    for (let from = 0, to; from < ids.length; from = to) {
      for (to = from; to < ids.length && numbers[to] === numbers[from]; ) to++;
      words.push(Buffer.from(ids.slice(from, to)).toString("utf8"));
    }
    let at = 0;
    for (const c of chunks[i]) {
      const s = String.fromCodePoint(c);
      if (words[at] === "a" + s + "a") {
        at += 1;
      } else if (words[at] === "a" && words[at + 1] === s && words[at + 2] === "a") {
        answer.push(c);
        at += 3;
      } else if (words[at] === "a" && words[at + 1] === "a") {
        at += 2; // white space
      } else {
        throw new Error(`U+${c.toString(16)} was cut in an unforeseen way`);
      }
    }
  });
  return answer;
}

const bert = (option) => ({
  type: "BertNormalizer",
  clean_text: false,
  handle_chinese_chars: false,
  strip_accents: false,
  lowercase: false,
  ...option,
});
const select = (answers, keep) => [...answers].filter(([c, s]) => keep(c, s)).map(([c]) => c);

const cleaned = await normalized(bert({ clean_text: true }));
const control = select(cleaned, (c, s) => s === "" && c !== 0 && c !== 0xfffd);
const punctuation = (await isolated({ type: "BertPreTokenizer" })).filter((c) => c >= 0x80);

const nfd = await normalized({ type: "NFD" });
const atomic = (c) => nfd.get(c) === String.fromCodePoint(c);
const stripped = await normalized(bert({ strip_accents: true }));
const nonspacing = select(stripped, (c, s) => s === "" && atomic(c));
const marks = select(await normalized({ type: "StripAccents" }), (c, s) => s === "");

// A character with a combining class changes places with U+0334 (class 1)
// before it or with U+0345 (class 240) after it, unless its class is the same.
const before = await normalized({ type: "NFD" }, (c) => "a" + c + "\u0334");
const after = await normalized({ type: "NFD" }, (c) => "a\u0345" + c);
const combining = all.filter((c) => {
  const s = String.fromCodePoint(c);
  return atomic(c) && (before.get(c) !== "a" + s + "\u0334" || after.get(c) !== "a\u0345" + s);
});

const space = new Set([9, 10, 11, 12, 13, 32, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000]);
for (let c = 0x2000; c <= 0x200a; c++) space.add(c);
const notWord = new Set(await isolated({ type: "Whitespace" }));
const word = all.filter((c) => c >= 0x80 && !notWord.has(c) && !space.has(c));

/** The characters beyond ASCII that a class of regular expressions has. */
async function matched(regex, separator) {
  const replace = { type: "Replace", pattern: { Regex: regex }, content: "" };
  const answer = await normalized(replace, (c) => c, separator);
  return select(answer, (c, s) => s === "" && c >= 0x80);
}
const letter = await matched("\\p{L}", "1#1");
const number = await matched("\\p{N}");
// Of the other categories only what came with Unicode 15.1 and 16, as Go has 15.
const newer = new Set();
const added = `897 1B4E-1B4F 1B7F 1C89-1C8A 2427-2429 2FFC-2FFF 31E4-31E5 31EF A7CB-A7CD A7DA-A7DC 105C0-105F3
  10D40-10D65 10D69-10D85 10D8E-10D8F 10EC2-10EC4 10EFC 11380-113E2 116D0-116E3 11BC0-11BE1 11BF0-11BF9 11F5A
  13460-143FA 16100-16139 16D40-16D79 18CFF 1CC00-1CCF9 1CD00-1CEB3 1E5D0-1E5FA 1E5FF 1F8B2-1F8BB 1F8C0-1F8C1
  1FA89 1FA8F 1FABE 1FAC6 1FADC 1FADF 1FAE9 1FBCB-1FBEF 2EBF0-2EE5D`;
for (const range of added.split(/\s+/)) {
  const [from, to = from] = range.split("-").map((s) => parseInt(s, 16));
  for (let c = from; c <= to; c++) newer.add(c);
}
const categories = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Cf".split(" ");
const newerCategories = [];
for (const name of categories) {
  const found = (await matched(`\\p{${name}}`, "\u0001\u0002\u0001")).filter((c) => newer.has(c));
  if (found.length > 0) newerCategories.push(name + ":", ...ranges(found));
}
const digits = [{ type: "WhitespaceSplit" }, { type: "Digits", individual_digits: true }];
const known = new Set(number);
const newerNumber = (await isolated({ type: "Sequence", pretokenizers: digits })).filter((c) => c >= 0x80 && !known.has(c));

function constant(name, comment, characters, fields = ranges(characters)) {
  const lines = [];
  let line = "";
  for (const range of fields) {
    if (line.length + range.length > 88) {
      lines.push(line);
      line = "";
    }
    line += range + " ";
  }
  lines.push(line.trimEnd());
  const text = lines.map((l) => `\t"${l}"`).join(" +\n");
  return `\n// ${comment}\nconst ${name} = "" +\n${text}\n`;
}

process.stdout.write(
  `// Code generated by scripts/golden-tokenizer/tables.mjs; DO NOT EDIT.

package tokenizer

// What the reference, Hugging Face's tokenizers 0.22, thinks of each
// character. It is asked, not derived from package unicode, because it uses
// several libraries that stopped at different versions of Unicode, while Go's
// tables move on with the toolchain.
` +
    constant("controlRanges", "controlRanges is what BERT's cleaning drops: Cc, Cf and Co of Unicode 8, but for white space.", control) +
    constant("punctuationRanges", "punctuationRanges is P of Unicode 8, without ASCII.", punctuation) +
    constant("nonspacingRanges", "nonspacingRanges is Mn of Unicode 8.", nonspacing) +
    constant("markRanges", "markRanges is M of Unicode 9.", marks) +
    constant("combiningRanges", "combiningRanges has a canonical combining class other than 0 in Unicode 9.", combining) +
    constant("wordRanges", "wordRanges is \\w of Unicode 16, without ASCII.", word) +
    constant("letterRanges", "letterRanges is \\p{L} of Unicode 16, without ASCII.", letter) +
    constant("numberRanges", "numberRanges is \\p{N} of Unicode 16, without ASCII.", number) +
    constant("newerCategoryRanges", "newerCategoryRanges is what the general categories of Unicode 16 have more than those of 15.", [], newerCategories) +
    constant("newerNumberRanges", "newerNumberRanges is what N of Unicode 17, which the Digits pre-tokenizer looks at, has more.", newerNumber),
);
