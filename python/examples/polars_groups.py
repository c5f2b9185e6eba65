"""Gives each article of a JSON Lines file the number of its report: polars_groups.py IN.jsonl OUT.parquet"""

import sys

import naskh
import polars

articles = polars.read_ndjson(sys.argv[1])
members = [(member.id, group.group) for group in naskh.group(articles) for member in group.members]
reports = polars.DataFrame(members, schema={"id": polars.String, "report": polars.Int64}, orient="row")
articles.join(reports, on="id", how="left", maintain_order="left").write_parquet(sys.argv[2])
print(f"{articles.height} articles, {reports['report'].n_unique()} reports told more than once")
