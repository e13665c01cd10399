#!/usr/bin/python3
"""Makes internal/quality/testdata/agreement.json with scikit-learn (Debian: python3-sklearn)."""
import json
import random
import sys

import sklearn
from sklearn.metrics import homogeneity_completeness_v_measure

random.seed(1)
cases = []
for n, classes, clusters in [(1, 1, 1), (2, 2, 1), (2, 1, 2), (10, 3, 4), (50, 5, 5), (200, 20, 7), (1000, 77, 77)]:
    for noise in (0.0, 0.3, 1.0):
        y = [random.randrange(classes) for _ in range(n)]
        k = [random.randrange(clusters) if random.random() < noise else v % clusters for v in y]
        h, c, v = homogeneity_completeness_v_measure(y, k)
        cases.append({"classes": y, "clusters": k, "homogeneity": h, "completeness": c, "v": v})
json.dump({"made_with": "scikit-learn " + sklearn.__version__, "cases": cases}, sys.stdout)
