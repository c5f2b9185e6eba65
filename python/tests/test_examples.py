"""Each script in `examples/` does what its first line says."""

import datetime
import json
import subprocess
import sys
from pathlib import Path

import naskh
import pandas
import polars
import pyarrow
import pyarrow.parquet

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def run(name, *arguments):
    command = [sys.executable, EXAMPLES / name, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_pandas(newsroom, tmp_path):
    path, out = tmp_path / "in.csv", tmp_path / "out.csv"
    pandas.DataFrame(newsroom).to_csv(path, index=False)
    said = run("pandas_clean.py", path, out)
    kept = naskh.dedup(newsroom, keep="longest")
    assert list(pandas.read_csv(out)["id"]) == [article["id"] for article in kept]
    assert len(said.splitlines()) == len(newsroom) - len(kept) > 0


def test_polars(newsroom_file, newsroom, tmp_path):
    out = tmp_path / "out.parquet"
    run("polars_groups.py", newsroom_file, out)
    found = polars.read_parquet(out)
    assert list(found["id"]) == [article["id"] for article in newsroom]
    report = {member.id: group.group for group in naskh.group(newsroom) for member in group.members}
    assert list(found["report"]) == [report.get(article["id"]) for article in newsroom]


def test_a_folder_of_parquet(newsroom, tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out.parquet"
    folder.mkdir()
    table = pyarrow.Table.from_pylist(newsroom)
    pyarrow.parquet.write_table(table[:6], folder / "1.parquet")
    pyarrow.parquet.write_table(table[6:], folder / "2.parquet")
    run("parquet_folder.py", folder, out)
    assert pyarrow.parquet.read_table(out).to_pylist() == naskh.dedup(newsroom)


def test_an_index_day_by_day(newsroom, tmp_path):
    # Of these days, for what is longer ago is forgotten.
    shift = datetime.datetime.now(datetime.timezone.utc).date() - datetime.date(2026, 4, 15)
    articles = [
        {**article, "date": str(datetime.date.fromisoformat(article["date"]) + shift)} for article in newsroom[:-1]
    ]
    said = ""
    for morning in (articles[:8], articles):
        path = tmp_path / "morning.jsonl"
        path.write_text("".join(json.dumps(article) + "\n" for article in morning), encoding="utf-8")
        said += run("index_day.py", tmp_path / "index", path)
    with naskh.Index.create(tmp_path / "at once") as index:
        told = index.add(articles)
        expected = [f"{one.id}: {one.relation} of {one.matched}" if one.matched else f"{one.id}: new" for one in told]
        assert said.splitlines() == expected
        assert any("derived of" in line for line in expected)
        with naskh.Index.open(tmp_path / "index", readonly=True) as kept:
            assert kept.groups(singletons=True) == index.groups(singletons=True)
