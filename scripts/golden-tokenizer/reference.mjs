// The reference: Hugging Face's tokenizers library, version 0.22, run from
// Node. The package is taken from the node_modules of the folder that
// SHEAF_TOKENIZERS_NODE names, else from the one beside this file.
import { createRequire } from "node:module";
import path from "node:path";

const folder = process.env.SHEAF_TOKENIZERS_NODE;
const require = createRequire(folder ? path.resolve(folder, "package.json") : import.meta.url);

export const { Tokenizer } = require("@anush008/tokenizers");

const bare = { addSpecialTokens: false };

/** A tokenizer from the text of a tokenizer.json, without its limits. */
export function load(json) {
  const tokenizer = Tokenizer.fromString(json);
  tokenizer.disableTruncation();
  tokenizer.disablePadding();
  return tokenizer;
}

/** The encodings of many texts, without the post-processor's tokens. */
export async function encode(tokenizer, texts, options = bare) {
  const encodings = [];
  for (let i = 0; i < texts.length; i += 1000) {
    encodings.push(...(await tokenizer.encodeBatch(texts.slice(i, i + 1000), options)));
  }
  return encodings;
}
