// Usage: node synthetic.mjs ../../engine/tokenizer/testdata
//
// Writes cased.json and uncased.json: small tokenizer.json files of our own
// for tests that run without a real model's vocabulary.
import fs from "node:fs";
import path from "node:path";

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

  const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: false };
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

// Ten vocabulary entries a line keep the file readable and its changes small.
function write(file, value) {
  const { vocab } = value.model;
  value.model.vocab = "VOCAB";
  const entries = Object.entries(vocab).sort((a, b) => a[1] - b[1]);
  const lines = [];
  for (let i = 0; i < entries.length; i += 10) {
    lines.push(entries.slice(i, i + 10).map(([t, n]) => `${JSON.stringify(t)}: ${n}`).join(", "));
  }
  const text = JSON.stringify(value, null, 1).replace('"VOCAB"', () => `{\n${lines.join(",\n")}\n}`);
  fs.writeFileSync(file, text + "\n");
}

const [, , folder] = process.argv;
if (!folder) {
  console.error("usage: node synthetic.mjs FOLDER");
  process.exit(2);
}
write(path.join(folder, "cased.json"), tokenizer(true));
write(path.join(folder, "uncased.json"), tokenizer(false));
