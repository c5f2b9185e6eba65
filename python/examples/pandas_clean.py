"""Keeps one article of each group of copies in a CSV file: pandas_clean.py IN.csv OUT.csv"""

import sys

import naskh
import pandas

articles = pandas.read_csv(sys.argv[1], dtype=str)
reasons = []
clean = naskh.dedup(articles, keep="longest", dropped=reasons.append)
clean.to_csv(sys.argv[2], index=False)
for one in reasons:
    print(f"{one.id} is a {one.relation} of {one.representative}: {one.kept} is kept")
