"""The groups on Spark are those of the program, whatever the partitions (seven of them: test_script.py)."""

import json

from naskh.spark import dedup, group


def test_the_groups_are_those_of_the_program_in_64_partitions(
    spark, articles, groups_of_program, groups_of_frame, tmp_path
):
    expected = groups_of_program(articles)
    assert len(expected) > 40
    frame = spark.read.json(str(articles)).repartition(3, "title")
    spark.conf.set("spark.sql.shuffle.partitions", 64)
    found = groups_of_frame(group(frame, folder=str(tmp_path)))
    spark.conf.set("spark.sql.shuffle.partitions", 4)
    assert found == expected
    # Of what was put aside only the result is left.
    assert [path.name for run in tmp_path.iterdir() for path in run.iterdir()] == ["result"]


def test_dedup_keeps_the_rows_that_the_program_keeps_in_one_partition(
    spark, articles, groups_of_program, groups_of_frame, program, tmp_path
):
    keep = "source:outlet 3,outlet 2"
    # Of articles that are alike the program keeps the first in the input, Spark that of the least id.
    records = sorted(map(json.loads, articles.read_text("utf-8").splitlines()), key=lambda record: record["id"])
    sorted_articles = tmp_path / "sorted.jsonl"
    sorted_articles.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")
    kept = program("dedup", sorted_articles, "--level", "derived", "--keep", keep, "--quiet").splitlines()
    expected = {record["id"]: record for record in map(json.loads, kept)}
    assert 0 < len(expected) < len(records)
    frame = spark.read.json(str(articles))
    spark.conf.set("spark.sql.shuffle.partitions", 1)
    found = dedup(frame, level="derived", keep=keep, folder=str(tmp_path / "put-aside"))
    assert found.columns == frame.columns
    rows = [{name: value for name, value in row.asDict().items() if value is not None} for row in found.collect()]
    # It lies there as long as the frame may be asked for.
    [result] = (tmp_path / "put-aside").glob("*/result")
    groups = groups_of_frame(spark.read.parquet(str(result)))
    spark.conf.set("spark.sql.shuffle.partitions", 4)
    assert len(rows) == len(expected)
    assert {row["id"]: row for row in rows} == expected
    assert groups == groups_of_program(articles)
