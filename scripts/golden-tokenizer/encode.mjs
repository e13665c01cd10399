// Usage: node encode.mjs [OPTIONS] tokenizer.json < strings.jsonl > ids.jsonl
//
// Reads one JSON string a line and writes one JSON array of ids a line.
//   --special   the post-processor's tokens stand around them
//   --max N     no more than N ids
//   --types     type ids in the place of ids
import fs from "node:fs";
import { parseArgs } from "node:util";
import { load, encode } from "./reference.mjs";

const { values, positionals } = parseArgs({
  options: { special: { type: "boolean" }, types: { type: "boolean" }, max: { type: "string" } },
  allowPositionals: true,
});
if (positionals.length !== 1) {
  console.error("usage: node encode.mjs [--special] [--types] [--max N] tokenizer.json < strings.jsonl > ids.jsonl");
  process.exit(2);
}
const tokenizer = load(fs.readFileSync(positionals[0], "utf8"));
if (values.max) tokenizer.setTruncation(Number(values.max));
const texts = fs
  .readFileSync(0, "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line));
const encodings = await encode(tokenizer, texts, { addSpecialTokens: values.special ?? false });
const numbers = (e) => (values.types ? e.getTypeIds() : e.getIds());
process.stdout.write(encodings.map((e) => JSON.stringify(numbers(e)) + "\n").join(""));
