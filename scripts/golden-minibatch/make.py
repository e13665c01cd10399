#!/usr/bin/env python3
"""Writes internal/bench/testdata/minibatch.json: the V-measures that scikit-learn's
MiniBatchKMeans reaches on vectors which the test makes again from their seed.

Run from the repository's root with scikit-learn 1.2.1 (Debian 12's
python3-sklearn): /usr/bin/python3 scripts/golden-minibatch/make.py
"""
import hashlib
import json
import warnings

import numpy as np
import sklearn
from sklearn.cluster import MiniBatchKMeans
from sklearn.metrics import v_measure_score

SEEDS = 10
DRAWS = 6
BATCH = 500


class Numbers:
    """splitmix64 (Steele, Lea and Flood 2014), a whole array at a time."""

    def __init__(self, seed):
        self.state = np.uint64(seed)

    def uniform(self, count):
        with np.errstate(over="ignore"):
            z = self.state + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
            if count:
                self.state = z[-1]
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            z = z ^ (z >> np.uint64(31))
        return (z >> np.uint64(11)).astype(np.float64) / 2.0 ** 53

    def about_normal(self, count):
        # Sums of twelve, one after another, so that every language gives the same.
        u = self.uniform(12 * count).reshape(count, 12)
        total = np.zeros(count)
        for t in range(12):
            total = total + u[:, t]
        return total - 6


def vectors(s):
    """Unit vectors around k centres; with skew, the first classes are the larger."""
    rng = Numbers(s["seed"])
    centres = rng.about_normal(s["k"] * s["d"]).reshape(s["k"], s["d"])
    u = rng.uniform(2 * s["n"]).reshape(s["n"], 2)
    share = u[:, 0] * u[:, 1] if s["skew"] else u[:, 0]
    labels = (share * s["k"]).astype(int)
    x = centres[labels] + s["spread"] * rng.about_normal(s["n"] * s["d"]).reshape(s["n"], s["d"])
    square = np.zeros(s["n"])
    for t in range(s["d"]):
        square = square + x[:, t] * x[:, t]
    return (x / np.sqrt(square)[:, None]).astype("<f4"), labels


def measure(s, x, labels):
    out = []
    for seed in range(SEEDS):
        fit = MiniBatchKMeans(s["k"], batch_size=BATCH, random_state=seed).fit(x)
        out.append(v_measure_score(labels, fit.labels_))
    return out


def main():
    warnings.simplefilter("ignore")  # of n_init's default, which later versions change
    # Of a set the median of ten seeds still moves by a point with the seeds, so
    # there are several sets of each kind, as there are in MTEB.
    kinds = [
        {"name": "apart", "n": 3000, "d": 32, "k": 20, "spread": 1.0, "skew": False},
        {"name": "overlapping", "n": 3000, "d": 64, "k": 40, "spread": 2.0, "skew": False},
        {"name": "unequal", "n": 4000, "d": 48, "k": 30, "spread": 1.5, "skew": True},
    ]
    sets = []
    for kind in kinds:
        for draw in range(DRAWS):
            s = dict(kind, seed=len(sets) + 1)
            x, labels = vectors(s)
            s["sha256"] = hashlib.sha256(x.tobytes()).hexdigest()
            s["v"] = measure(s, x, labels)
            sets.append(s)
            print(s["name"], draw, np.median(s["v"]), np.std(s["v"]))
    with open("internal/bench/testdata/minibatch.json", "w") as f:
        json.dump({"sklearn": sklearn.__version__, "batch": BATCH, "sets": sets}, f, indent=1)
        f.write("\n")


main()
