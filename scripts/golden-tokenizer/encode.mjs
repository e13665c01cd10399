// Usage: node encode.mjs [--special] tokenizer.json < strings.jsonl > ids.jsonl
//
// Reads one JSON string a line and writes one JSON array of ids a line. With
// --special the post-processor's tokens stand around them.
import fs from "node:fs";
import { load, encode } from "./reference.mjs";

const args = process.argv.slice(2);
const special = args[0] === "--special";
if (special) args.shift();
if (args.length !== 1) {
  console.error("usage: node encode.mjs [--special] tokenizer.json < strings.jsonl > ids.jsonl");
  process.exit(2);
}
const tokenizer = load(fs.readFileSync(args[0], "utf8"));
const texts = fs
  .readFileSync(0, "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line));
const encodings = await encode(tokenizer, texts, { addSpecialTokens: special });
process.stdout.write(encodings.map((e) => JSON.stringify(e.getIds()) + "\n").join(""));
