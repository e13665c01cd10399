// Usage: node peer.mjs MODELS NAME THREADS TEXTS.jsonl VECTORS
//
// Opens the model in the folder MODELS/NAME once, then for each line on
// standard input, "natural" or "sorted", embeds all texts in that order, and
// answers with a line of JSON: the seconds it took, and those of the
// processor. Then VECTORS holds the vectors as float32, in the texts' order.
import fs from "node:fs";
import readline from "node:readline";
import { env, pipeline } from "@huggingface/transformers";

const batchSize = 32;
const [models, name, threads, textsFile, vectorsFile] = process.argv.slice(2);
env.allowRemoteModels = false;
env.localModelPath = models;
const extract = await pipeline("feature-extraction", name, {
  device: "cpu",
  dtype: "fp32",
  subfolder: "",
  session_options: { intraOpNumThreads: Number(threads), interOpNumThreads: 1 },
});
const texts = fs
  .readFileSync(textsFile, "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line));

// Sorting is in the time of the one that sorts.
const orders = {
  natural: (texts) => texts.map((_, i) => i),
  sorted: (texts) => orders.natural(texts).sort((a, b) => texts[b].length - texts[a].length),
};

async function embed(texts, order) {
  const indices = orders[order](texts);
  let vectors;
  for (let from = 0; from < indices.length; from += batchSize) {
    const batch = indices.slice(from, from + batchSize);
    const out = await extract(
      batch.map((i) => texts[i]),
      { pooling: "mean", normalize: true },
    );
    const dim = out.dims[1];
    vectors ??= new Float32Array(texts.length * dim);
    batch.forEach((i, row) => vectors.set(out.data.subarray(row * dim, (row + 1) * dim), i * dim));
    out.dispose();
  }
  return vectors;
}

await embed(texts.slice(0, 2 * batchSize), "natural"); // warms up
console.log(JSON.stringify({ ready: true }));
for await (const order of readline.createInterface({ input: process.stdin })) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const vectors = await embed(texts, order);
  const seconds = (performance.now() - start) / 1e3;
  const { user, system } = process.cpuUsage(cpu);
  fs.writeFileSync(vectorsFile, vectors);
  console.log(JSON.stringify({ seconds, cpu: (user + system) / 1e6 }));
}
