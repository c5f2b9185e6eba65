"""The script and the example, as they are run."""

import runpy
import sys
from pathlib import Path

import pytest

from naskh.spark import script

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_script_on_parquet_in_seven_partitions(spark, articles, groups_of_program, groups_of_frame, tmp_path):
    table, output = tmp_path / "articles.parquet", tmp_path / "groups"
    spark.read.json(str(articles)).withColumnRenamed("text", "words").write.parquet(str(table))
    options = ["--level", "copy", "--window", "3"]
    spark.conf.set("spark.sql.shuffle.partitions", 7)
    assert script.main(["group", str(table), "-o", str(output), "--text-field", "words", *options]) == 0
    spark.conf.set("spark.sql.shuffle.partitions", 4)
    expected = groups_of_program(articles, *options)
    assert len(expected) > 40
    assert groups_of_frame(spark.read.parquet(str(output))) == expected


def test_trouble_is_one_line_and_2(spark, articles, tmp_path, capsys):
    for arguments, says in [
        (["group", str(articles), "-o", str(tmp_path / "out"), "--text-field", "words"], "expected the column 'words'"),
        (["dedup", str(articles), "-o", str(tmp_path / "out"), "--keep", "best"], "keep: found best"),
        (["group", str(tmp_path / "none.jsonl"), "-o", str(tmp_path / "out")], "none.jsonl"),
    ]:
        assert script.main(arguments) == 2
        told = capsys.readouterr().err.splitlines()
        assert len(told) == 1 and told[0].startswith("naskh-spark: ") and says in told[0]
    assert not (tmp_path / "out").exists()


def test_the_form_is_told_by_the_name(spark, tmp_path):
    (tmp_path / "some.jsonl").write_text('{"id": "a", "text": "b"}\n')
    read = lambda name, form=None: script.read(spark, [str(tmp_path / name)], form).collect()
    assert read("some.jsonl") == read("some.jsonl", "jsonl")
    (tmp_path / "some.jsonl").rename(tmp_path / "some.txt")
    with pytest.raises(Exception):
        read("some.txt")
    assert read("some.txt", "jsonl")[0].id == "a"


def test_the_example(spark, articles, tmp_path, monkeypatch, capsys):
    table = tmp_path / "in.parquet"
    spark.read.json(str(articles)).limit(60).write.parquet(str(table))
    # It takes the session that there is.
    monkeypatch.setattr(sys, "argv", ["spark.py", str(table), str(tmp_path / "out.parquet")])
    runpy.run_path(str(EXAMPLES / "spark.py"), run_name="__main__")
    kept = spark.read.parquet(str(tmp_path / "out.parquet")).count()
    assert capsys.readouterr().out.splitlines()[-1] == f"60 articles, {kept} kept"
    assert 0 < kept < 60
