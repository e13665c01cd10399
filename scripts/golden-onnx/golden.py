#!/usr/bin/env python3
"""Computes the vectors of the small test models with numpy alone.

    go run ./scripts/golden-onnx

writes the models into a temporary folder and runs this script on it
(Debian's python3-numpy; the interpreter is /usr/bin/python3 or $PYTHON).
The script reads what it needs from the models' own files: the weights from
the ONNX file, everything else from the JSON beside it. It computes in float64.
"""
import json
import math
import os
import re
import sys

import numpy as np


# --- the ONNX file -------------------------------------------------------

def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 2:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        else:
            raise ValueError(f"wire type {key & 7}")
        yield key >> 3, value


def weights(path):
    """The float tensors of a model by name."""
    out = {}
    with open(path, "rb") as f:
        graph = dict(fields(f.read()))[7]
    for field, value in fields(graph):
        if field != 5:
            continue
        dims, name, raw, place, kind = [], "", b"", {}, 0
        for field, v in fields(value):
            if field == 1:
                dims.append(v)
            elif field == 2:
                kind = v
            elif field == 8:
                name = v.decode()
            elif field == 9:
                raw = v
            elif field == 13:
                entry = dict(fields(v))
                place[entry[1].decode()] = entry[2].decode()
        if kind != 1:
            continue
        if place:
            with open(os.path.join(os.path.dirname(path), place["location"]), "rb") as f:
                f.seek(int(place["offset"]))
                raw = f.read(int(place["length"]))
        out[name] = np.frombuffer(raw, "<f4").astype(np.float64).reshape(dims)
    return out


# --- text to ids ---------------------------------------------------------

def tokenize(text, vocab, unknown):
    """WordPiece over lower-case ASCII words."""
    ids = []
    for word in re.findall(r"[a-z0-9]+|[^\sa-z0-9]", text.lower()):
        pieces, at = [], 0
        while at < len(word):
            end = len(word)
            prefix = "##" if at else ""
            while end > at and prefix + word[at:end] not in vocab:
                end -= 1
            if end == at:
                pieces = [unknown]
                break
            pieces.append(prefix + word[at:end])
            at = end
        ids += [vocab[p] for p in pieces]
    return ids


# --- the forward pass ----------------------------------------------------

erf = np.vectorize(math.erf)


def layer_norm(x, w, name):
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) / np.sqrt(variance + 1e-12) * w[name + ".gamma"] + w[name + ".beta"]


def linear(x, w, name):
    return x @ w[name + ".weight"] + w[name + ".bias"]


def relative_bucket(relative, buckets=32, max_distance=128):
    """Of key position - query position, as in MPNet."""
    n = -relative
    buckets //= 2
    bucket = buckets if n < 0 else 0
    n = abs(n)
    exact = buckets // 2
    if n < exact:
        return bucket + n
    large = exact + int(math.log(n / exact) / math.log(max_distance / exact) * (buckets - exact))
    return bucket + min(large, buckets - 1)


def encode(ids, w, config):
    """The hidden states of one text, without padding: tokens x hidden."""
    n, heads = len(ids), config["num_attention_heads"]
    width = config["hidden_size"] // heads
    bert = config["model_type"] == "bert"
    first = 0 if bert else config["pad_token_id"] + 1
    x = w["embeddings.word"][ids] + w["embeddings.position"][first:first + n]
    if bert:
        x = x + w["embeddings.type"][0]
    x = layer_norm(x, w, "embeddings.norm")
    bias = np.zeros((heads, n, n))
    if config["model_type"] == "mpnet":
        for q in range(n):
            for k in range(n):
                bias[:, q, k] = w["relative_attention_bias"][relative_bucket(k - q)]
    for i in range(config["num_hidden_layers"]):
        name = f"layer.{i}"
        q, k, v = (linear(x, w, f"{name}.{part}").reshape(n, heads, width).transpose(1, 0, 2)
                   for part in ("query", "key", "value"))
        scores = q @ k.transpose(0, 2, 1) / math.sqrt(width) + bias
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        scores /= scores.sum(-1, keepdims=True)
        mixed = (scores @ v).transpose(1, 0, 2).reshape(n, -1)
        x = layer_norm(linear(mixed, w, name + ".output") + x, w, name + ".norm1")
        h = linear(x, w, name + ".up")
        h = h * (erf(h / math.sqrt(2)) + 1) / 2
        x = layer_norm(linear(h, w, name + ".down") + x, w, name + ".norm2")
    return x


def pool(x, mode, skip):
    n = len(x)
    if mode == "cls_token":
        return x[0]
    if mode == "lasttoken":
        return x[-1]
    x = x[skip:]
    if mode == "max_tokens":
        return x.max(0)
    if mode == "mean_tokens":
        return x.mean(0)
    if mode == "mean_sqrt_len_tokens":
        return x.sum(0) / math.sqrt(len(x))
    if mode == "weightedmean_tokens":
        weight = np.arange(skip, n) + 1.0
        return (x * weight[:, None]).sum(0) / weight.sum()
    raise ValueError(mode)


def load(*path, default=None):
    try:
        with open(os.path.join(*path)) as f:
            return json.load(f)
    except FileNotFoundError:
        return default


def golden(folder, texts):
    config = load(folder, "config.json")
    tokenizer = load(folder, "tokenizer.json")
    pooling = load(folder, "1_Pooling", "config.json")
    prompts = load(folder, "config_sentence_transformers.json", default={"prompts": {}, "default_prompt_name": None})
    limit = load(folder, "sentence_bert_config.json")["max_seq_length"]
    normalize = any(m["type"].endswith("Normalize") for m in load(folder, "modules.json"))
    vocab, unknown = tokenizer["model"]["vocab"], tokenizer["model"]["unk_token"]
    template = [p["SpecialToken"]["id"] for p in tokenizer["post_processor"]["single"] if "SpecialToken" in p]
    first, last = (vocab[t] for t in template)
    mode = next(k[len("pooling_mode_"):] for k, on in pooling.items() if k.startswith("pooling_mode_") and on)
    prompt = prompts["prompts"].get("clustering", prompts["prompts"].get(prompts["default_prompt_name"], ""))
    skip = 0 if pooling["include_prompt"] or not prompt else 1 + len(tokenize(prompt, vocab, unknown))
    w = weights(os.path.join(folder, "model.onnx"))
    out = {"ids": [], "vectors": []}
    for text in texts:
        ids = [first] + tokenize(prompt + text, vocab, unknown)[:limit - 2] + [last]
        vector = pool(encode(ids, w, config), mode, skip)
        if normalize:
            vector = vector / np.linalg.norm(vector)
        out["ids"].append(ids)
        out["vectors"].append([round(float(x), 6) for x in vector])
    return out


def main():
    root, target = sys.argv[1:]
    texts = load(root, "texts.json")
    names = sorted(d for d in os.listdir(root) if os.path.isdir(os.path.join(root, d)))
    with open(target, "w") as f:
        f.write("{\n")
        for i, name in enumerate(names):
            f.write(",\n" if i else "")
            f.write(json.dumps(name) + ": " + json.dumps(golden(os.path.join(root, name), texts), separators=(",", ":")))
        f.write("\n}\n")


main()
