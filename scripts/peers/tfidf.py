#!/usr/bin/python3
"""The baseline of models/builtin/CARD.md: TF-IDF and k-means by scikit-learn (Debian: python3-sklearn).

    scripts/peers/tfidf.py DIR     DIR holds banking77 and clinc150, as for scripts/eval-builtin
"""
import csv
import json
import sys
import time

from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import v_measure_score


def collections(root):
    with open(root + "/banking77/test.csv", encoding="utf8") as f:
        rows = list(csv.DictReader(f))
    yield "banking77 test", [r["text"] for r in rows], [r["category"] for r in rows]
    with open(root + "/clinc150/data_full.json", encoding="utf8") as f:
        rows = json.load(f)["test"]
    yield "clinc150 test, intents", [t for t, _ in rows], [l for _, l in rows]


for name, texts, labels in collections(sys.argv[1]):
    start = time.time()
    vectors = TfidfVectorizer(sublinear_tf=True, stop_words="english").fit_transform(texts)
    found = KMeans(len(set(labels)), n_init=10, random_state=1).fit(vectors).labels_
    print(f"| {name} | {len(texts)} | {len(set(labels))} | {v_measure_score(labels, found):.3f} | {time.time() - start:.1f} s |")
