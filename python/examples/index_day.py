"""Adds a file of today's articles to an index, and tells of each who had the report first: index_day.py INDEX/ IN.jsonl"""

import json
import os
import sys

import naskh

folder, today = sys.argv[1:]
with naskh.Index.open(folder) if os.path.exists(folder) else naskh.Index.create(folder, window=7) as index:
    with open(today, encoding="utf-8") as lines:
        for added in index.add(map(json.loads, lines), on_conflict="skip"):
            print(f"{added.id}: {added.relation} of {added.matched}" if added.matched else f"{added.id}: new")
    index.expire(older_than="30d")
