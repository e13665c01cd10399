"""One fit of scikit-learn's or faiss's k-means, as one line of JSON.

usage: peer.py sklearn|faiss|minibatch FILE.npy K SEED

Both keep their defaults, but for one start. The inertia is computed here, in
float64 from the centroids, for every program alike.
"""
import json
import resource
import sys
import time

import numpy as np


def usage():
    r = resource.getrusage(resource.RUSAGE_SELF)
    return r.ru_utime + r.ru_stime, r.ru_maxrss / 1024


def inertia(x, c):
    c = np.asarray(c, np.float64)
    half = (c * c).sum(1) / 2
    total = 0.0
    for i in range(0, len(x), 4096):
        rows = x[i : i + 4096].astype(np.float64)
        near = (rows @ c.T - half).argmax(1)
        total += ((rows - c[near]) ** 2).sum()
    return total


def main():
    program, name, k, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    if program == "faiss":
        import faiss
    else:
        from sklearn.cluster import KMeans, MiniBatchKMeans
    x = np.load(name)
    cpu, _ = usage()
    start = time.perf_counter()
    if program == "faiss":
        model = faiss.Kmeans(x.shape[1], k, seed=seed + 1)
        model.train(x)
        model.index.search(x, 1)  # the labels, which the others give as well
        centroids, iterations = model.centroids, model.cp.niter
    else:
        kind = KMeans if program == "sklearn" else MiniBatchKMeans
        model = kind(k, n_init=1, random_state=seed).fit(x)
        centroids, iterations = model.cluster_centers_, model.n_iter_
    wall = time.perf_counter() - start
    after, peak = usage()
    print(json.dumps({
        "wall": wall, "cpu": after - cpu, "inertia": inertia(x, centroids), "iterations": int(iterations),
        "data": x.nbytes / 2**20, "peak": peak,
    }))


main()
