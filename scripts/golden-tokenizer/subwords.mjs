// Small BPE and Unigram models and a normalization table, made from a list of
// words: enough of each for tests that run without a real model's vocabulary.

/** The visible characters that byte-level BPE writes for the 256 bytes. */
export const byteCharacters = (() => {
  const printable = (c) => (c >= 0x21 && c <= 0x7e) || (c >= 0xa1 && c <= 0xac) || c >= 0xae;
  let next = 0x100;
  return Array.from({ length: 256 }, (_, c) => String.fromCodePoint(printable(c) ? c : next++));
})();

/** How byte-level BPE writes a text. */
export const byteLevel = (text) => [...Buffer.from(text)].map((c) => byteCharacters[c]).join("");

export const byteTokens = Array.from(
  { length: 256 },
  (_, c) => `<0x${c.toString(16).toUpperCase().padStart(2, "0")}>`,
);

/**
 * The first count merges of BPE for words, the first ones being the most
 * frequent. Each word is an array of symbols; join makes one of two.
 */
export function merges(words, count, join = (a, b) => a + b) {
  const spelled = words.map((symbols, i) => ({ symbols: [...symbols], weight: 1 / (i + 10) }));
  const answer = [];
  while (answer.length < count) {
    const pairs = new Map();
    for (const { symbols, weight } of spelled) {
      for (let i = 0; i + 1 < symbols.length; i++) {
        const key = JSON.stringify([symbols[i], symbols[i + 1]]);
        pairs.set(key, (pairs.get(key) ?? 0) + weight);
      }
    }
    if (pairs.size === 0) break;
    const [best] = [...pairs].reduce((a, b) => (b[1] > a[1] || (b[1] === a[1] && b[0] < a[0]) ? b : a));
    const [left, right] = JSON.parse(best);
    answer.push([left, right]);
    for (const { symbols } of spelled) {
      for (let i = 0; i + 1 < symbols.length; i++) {
        if (symbols[i] === left && symbols[i + 1] === right) symbols.splice(i, 2, join(left, right));
      }
    }
  }
  return answer;
}

/** Tokens with the logarithms of their probabilities, from words that come less and less often. */
export function scores(words, characters, count) {
  const weights = new Map();
  words.forEach((word, i) => {
    const letters = [...word];
    for (let from = 0; from < letters.length; from++) {
      for (let to = from + 1; to <= letters.length; to++) {
        const piece = letters.slice(from, to).join("");
        const length = to - from;
        weights.set(piece, (weights.get(piece) ?? 0) + length ** 2 / (i + 10));
      }
    }
  });
  const kept = [...weights].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, count);
  for (const c of characters) if (!kept.some(([piece]) => piece === c)) kept.push([c, 0.05]);
  const total = kept.reduce((sum, [, w]) => sum + w, 0);
  return kept.map(([piece, w]) => [piece, Math.round(Math.log(w / total) * 1e6) / 1e6]);
}

/**
 * A precompiled_charsmap in base64 that replaces the keys of map by its values:
 * a double-array trie as the Darts-clone library writes it, then the values.
 */
export function charsmap(map) {
  const root = { children: new Map() };
  const values = [];
  let length = 0;
  for (const [from, to] of map) {
    let node = root;
    for (const c of Buffer.from(from)) {
      if (!node.children.has(c)) node.children.set(c, { children: new Map() });
      node = node.children.get(c);
    }
    node.value = length;
    const bytes = Buffer.concat([Buffer.from(to), Buffer.of(0)]);
    values.push(bytes);
    length += bytes.length;
  }
  const units = [];
  const taken = new Set([0]);
  const bases = new Set();
  // The children of a node stand at base ^ label; two nodes never share a base.
  const place = (node, position, label) => {
    const labels = [...node.children.keys()].sort((a, b) => a - b);
    const needed = node.value === undefined ? labels : [0, ...labels];
    let base = 1;
    while (bases.has(base) || needed.some((c) => taken.has(base ^ c))) base++;
    bases.add(base);
    for (const c of needed) taken.add(base ^ c);
    units[position] = ((((position ^ base) << 10) | label) >>> 0) | (node.value === undefined ? 0 : 1 << 8);
    if (node.value !== undefined) units[base] = ((1 << 31) | node.value) >>> 0;
    for (const c of labels) place(node.children.get(c), base ^ c, c);
  };
  place(root, 0, 0);
  const size = (Math.max(...taken) | 0xff) + 1;
  const trie = Buffer.alloc(4 + 4 * size);
  trie.writeUInt32LE(4 * size, 0);
  units.forEach((unit, i) => trie.writeUInt32LE(unit >>> 0, 4 + 4 * i));
  return Buffer.concat([trie, ...values]).toString("base64");
}
