"""``naskh-spark``: groups, or keeps one article of each group, of Parquet or JSON Lines; writes Parquet.

Run it with ``spark-submit``, which brings the cluster: ``spark-submit $(naskh-spark --path) group IN -o OUT``; or as
it is, on this machine.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

ROLES = ("id", "title", "text", "date", "source")
JSON_LINES = (".jsonl", ".ndjson", ".json")
PACKED = (".gz", ".bz2", ".zst", ".zstd")


def main(arguments: list[str] | None = None) -> int:
    """Runs it. Returns 0, or 2 with a line on standard error where the input or an option is not as it should be."""
    options = _parser().parse_args(arguments)
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    from naskh import Error
    from naskh.spark import dedup, group

    spark = SparkSession.builder.appName("naskh").getOrCreate()
    named = {role: getattr(options, f"{role}_field") for role in ROLES}
    settings = {"level": options.level, "window": options.window, "folder": options.folder, **named}
    try:
        articles = read(spark, options.input, options.format)
        if options.command == "group":
            found = group(articles, **settings)
        else:
            found = dedup(articles, keep=options.keep, **settings)
        found.write.mode("overwrite" if options.overwrite else "errorifexists").parquet(options.output)
    except (Error, PySparkException) as error:
        print(f"naskh-spark: {str(error).strip().splitlines()[0]}", file=sys.stderr)
        return 2
    return 0


def read(spark: SparkSession, paths: list[str], form: str | None) -> DataFrame:
    """The articles in files or folders, all of one form: the one given, or what the first name ends in."""
    if form is None:
        name = paths[0].lower().rstrip("/")
        for ending in PACKED:
            name = name.removesuffix(ending)
        form = "jsonl" if name.endswith(JSON_LINES) else "parquet"
    if form == "jsonl":
        return spark.read.option("mode", "FAILFAST").json(paths)
    return spark.read.parquet(*paths)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="naskh-spark", description="Groups Arabic news articles on Apache Spark.")
    parser.add_argument("--path", action="version", version=__file__, help="print where this script is, and end")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, says, level in (
        ("group", "write the members of all groups: id, group, relation, score, representative", "derived"),
        ("dedup", "write one article of each group, and those in none, as they are", "copy"),
    ):
        command = commands.add_parser(name, help=says, description=says)
        command.add_argument("input", nargs="+", help="files or folders of Parquet or JSON Lines, local or not")
        command.add_argument("-o", "--output", required=True, help="a folder for Parquet, which must not be there")
        command.add_argument("--overwrite", action="store_true", help="replace the folder if it is there")
        command.add_argument("--format", choices=("parquet", "jsonl"), help="the form of the input")
        command.add_argument("--level", choices=("copy", "derived"), default=level)
        command.add_argument("--window", type=float, metavar="DAYS", help="compare only articles so many days apart")
        command.add_argument("--folder", help="where tables are put aside; all executors must reach it")
        for role in ROLES:
            command.add_argument(f"--{role}-field", metavar="NAME", help=f"the column of the {role}")
        if name == "dedup":
            command.add_argument("--keep", default="earliest", help="earliest, longest, or source:A,B")
    return parser


if __name__ == "__main__":
    sys.exit(main())
