#!/usr/bin/env python3
"""Writes kmeans/testdata/sklearn.json: what scikit-learn says of small sets.

Run from the repository's root with scikit-learn 1.2.1 (Debian 12's
python3-sklearn): /usr/bin/python3 scripts/golden-kmeans/golden.py
"""
import json

import numpy as np
import sklearn
from sklearn.cluster import KMeans
from sklearn.metrics import (calinski_harabasz_score, davies_bouldin_score,
                             silhouette_score)


def blobs(rng, n, d, k, spread):
    return rng.normal(size=(k, d))[rng.integers(k, size=n)] + spread * rng.normal(size=(n, d))


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def silhouette(x, labels):
    # From differences, not from dot products, which lose half the digits of
    # small distances.
    diff = x[:, None, :] - x[None, :, :]
    return silhouette_score(np.sqrt((diff ** 2).sum(-1)), labels, metric="precomputed")


def golden(name, x, k, seed):
    x = np.round(x, 4).astype(np.float32).astype(np.float64)
    rng = np.random.default_rng(seed)
    init = x[np.sort(rng.choice(len(x), k, replace=False))]
    lloyd = KMeans(k, init=init, n_init=1, tol=0, max_iter=300, algorithm="lloyd").fit(x)
    best = KMeans(k, n_init=10, random_state=seed, tol=0, max_iter=300).fit(x)
    return {
        "name": name, "n": len(x), "d": x.shape[1], "k": k,
        "x": [float(v) for v in x.ravel()],
        "init": [float(v) for v in init.ravel()],
        "labels": lloyd.labels_.tolist(),
        "inertia": float(lloyd.inertia_),
        "silhouette": float(silhouette(x, lloyd.labels_)),
        "calinski_harabasz": float(calinski_harabasz_score(x, lloyd.labels_)),
        "davies_bouldin": float(davies_bouldin_score(x, lloyd.labels_)),
        "best_of_10": float(best.inertia_),
    }


def shortest(o):
    """Floats of X as the shortest text that is the same float32."""
    for g in o:
        for key in ("x", "init"):
            g[key] = [float(str(np.float32(v))) for v in g[key]]
    return o


def main():
    rng = np.random.default_rng(20)
    sets = [
        golden("blobs", blobs(rng, 120, 4, 5, 0.3), 5, 1),
        golden("overlapping", blobs(rng, 150, 3, 4, 1.0), 12, 2),
        golden("unit", unit(blobs(rng, 200, 8, 9, 0.5)), 9, 3),
        golden("offset", blobs(rng, 100, 5, 6, 0.4) + 100, 6, 4),
        golden("singletons", rng.normal(size=(12, 2)), 10, 5),
    ]
    with open("kmeans/testdata/sklearn.json", "w") as f:
        json.dump({"sklearn": sklearn.__version__, "sets": shortest(sets)}, f)
        f.write("\n")


main()
