// Usage: node peer.mjs MODELS NAME THREADS TEXTS.jsonl VECTORS
//
// Opens the model in the folder MODELS/NAME once, then does what the lines on
// standard input say, and answers each with a line of JSON:
//
//   embed ORDER PART PARTS   embeds one of several parts of all batches, in the
//                            order "natural" or "sorted" of the texts; the
//                            answer is the seconds, and those of the processor
//   write ORDER              VECTORS gets the vectors as float32, in the texts'
//                            own order
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

function batches(indices) {
  const all = [];
  for (let from = 0; from < indices.length; from += batchSize) all.push(indices.slice(from, from + batchSize));
  return all;
}
const natural = texts.map((_, i) => i);
const sorted = [...natural].sort((a, b) => texts[b].length - texts[a].length);
const orders = {
  natural: { batches: batches(natural) },
  sorted: { batches: batches(sorted) },
};

async function embed(order, batches) {
  for (const batch of batches) {
    const out = await extract(
      batch.map((i) => texts[i]),
      { pooling: "mean", normalize: true },
    );
    const dim = out.dims[1];
    order.vectors ??= new Float32Array(texts.length * dim);
    batch.forEach((i, row) => order.vectors.set(out.data.subarray(row * dim, (row + 1) * dim), i * dim));
    out.dispose();
  }
}

await embed(orders.natural, orders.natural.batches.slice(0, 2)); // warms up
console.log("{}");
for await (const line of readline.createInterface({ input: process.stdin })) {
  const [command, name, part, parts] = line.split(" ");
  const order = orders[name];
  if (command === "write") {
    fs.writeFileSync(vectorsFile, order.vectors);
    console.log("{}");
    continue;
  }
  const at = (part) => Math.floor((part * order.batches.length) / parts);
  const mine = order.batches.slice(at(Number(part)), at(Number(part) + 1));
  const cpu = process.cpuUsage();
  const start = performance.now();
  await embed(order, mine);
  const seconds = (performance.now() - start) / 1e3;
  const { user, system } = process.cpuUsage(cpu);
  console.log(JSON.stringify({ seconds, cpu: (user + system) / 1e6 }));
}
