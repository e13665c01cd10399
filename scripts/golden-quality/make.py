#!/usr/bin/python3
"""Makes internal/quality/testdata/agreement.json.gz with scikit-learn and SciPy (Debian: python3-sklearn):

    scripts/golden-quality/make.py > internal/quality/testdata/agreement.json.gz
"""
import gzip
import json
import random
import sys
import warnings

import numpy as np
import scipy
import sklearn
from scipy.optimize import linear_sum_assignment
from sklearn import metrics
from sklearn.metrics.cluster import contingency_matrix

warnings.simplefilter("ignore")
random.seed(1)
MEANS = ["arithmetic", "geometric", "min", "max"]


def case(name, y, k):
    h, c, v = metrics.homogeneity_completeness_v_measure(y, k)
    table = contingency_matrix(y, k) if y else np.zeros((0, 0))
    rows, cols = linear_sum_assignment(table, maximize=True)
    return {
        "name": name, "classes": y, "clusters": k, "homogeneity": h, "completeness": c, "v": v,
        "nmi": [metrics.normalized_mutual_info_score(y, k, average_method=m) for m in MEANS],
        "ami": [metrics.adjusted_mutual_info_score(y, k, average_method=m) for m in MEANS],
        "ari": metrics.adjusted_rand_score(y, k),
        "fowlkes_mallows": float(metrics.fowlkes_mallows_score(y, k)),
        "accuracy": float(table[rows, cols].sum()) / len(y) if y else 1.0,
        "purity": float(table.max(axis=0).sum()) / len(y) if y else 1.0,
    }


singles = list(range(10))
cases = [
    case("nothing", [], []),
    case("one item", [0], [0]),
    case("one group each", [0] * 10, [0] * 10),
    case("one class", [0] * 10, [i % 3 for i in range(10)]),
    case("one cluster", [i % 3 for i in range(10)], [0] * 10),
    case("all single", singles, singles),
    case("single classes in one cluster", singles, [0] * 10),
    case("one class in single clusters", [0] * 10, singles),
    case("single clusters", [i % 3 for i in range(9)], list(range(9))),
    case("the same", [i % 4 for i in range(20)], [3 - i % 4 for i in range(20)]),
    case("independent", [i % 4 for i in range(16)], [i // 4 for i in range(16)]),
    case("two items apart", [0, 0], [0, 1]),
]
for n, classes, clusters in [(2, 2, 1), (10, 3, 4), (50, 5, 5), (200, 20, 7), (1000, 77, 77), (5000, 150, 120)]:
    for noise in (0.0, 0.3, 1.0):
        y = [random.randrange(classes) for _ in range(n)]
        k = [random.randrange(clusters) if random.random() < noise else v % clusters for v in y]
        cases.append(case("%d items, noise %g" % (n, noise), y, k))
for r in range(1000):
    n = random.randrange(3, 120)
    classes, clusters, noise = random.randrange(2, n), random.randrange(2, n), random.random()
    y = [random.randrange(classes) for _ in range(n)]
    k = [random.randrange(clusters) if random.random() < noise else v % clusters for v in y]
    cases.append(case("random %d" % r, y, k))
text = json.dumps({"made_with": "scikit-learn %s, SciPy %s" % (sklearn.__version__, scipy.__version__), "cases": cases})
sys.stdout.buffer.write(gzip.compress(text.encode(), mtime=0))
