"""``group`` and ``dedup`` of a DataFrame."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from naskh._errors import ConfigError
from naskh.spark.columns import Columns
from naskh.spark.pipeline import Pipeline
from naskh.spark.tables import Tables

_ID = "__naskh_id"


def group(
    articles: DataFrame,
    *,
    level: str = "derived",
    window: float | None = None,
    folder: str | None = None,
    id: str | None = None,
    title: str | None = None,
    text: str | None = None,
    date: str | None = None,
    source: str | None = None,
) -> DataFrame:
    """Groups the articles that tell the same report.

    :param articles: a row an article, with columns of the usual names or those named here: id (strings or whole
        numbers) and text (strings); title, date (strings, dates or timestamps) and source if there are such.
    :param level: ``derived``, or ``copy`` to stop at lightly edited copies.
    :param window: compares only articles published within so many days.
    :param folder: where the run puts tables aside, which all executors reach; the result stays there. A local session
        needs none.
    :returns: a row for each article that is in a group: id; group, from 0 in the order of the groups' first ids;
        relation (representative, identical, copy or derived) and score against the representative; representative, its id.
    :raises naskh.InputError: before any work, for a column that is missing or of another type, a null among ids or texts,
        ids that are the same, or a frame without rows.
    :raises naskh.ConfigError: for a setting out of range.
    """
    named = {"id": id, "title": title, "text": text, "date": date, "source": source}
    members, _ = _members(articles, Columns(articles, named), level, window, folder)
    return members.select("id", "group", "relation", "score", "representative")


def dedup(
    articles: DataFrame,
    *,
    keep: str = "earliest",
    level: str = "copy",
    window: float | None = None,
    folder: str | None = None,
    id: str | None = None,
    title: str | None = None,
    text: str | None = None,
    date: str | None = None,
    source: str | None = None,
) -> DataFrame:
    """Keeps one article of each group, and each that is in none: their rows, unchanged.

    :param keep: ``earliest``; ``longest``, by content stems without page furniture; or ``source:A,B`` (of A, else of B,
        else the earliest). Of several alike it is the earliest, those without a date last, then that of the least id.
    :param level: ``copy``, or ``derived`` for all re-edited reports.

    The rest as in :func:`group`.
    """
    named = {"id": id, "title": title, "text": text, "date": date, "source": source}
    columns = Columns(articles, named)
    preference = _preference(keep, columns)
    members, tables = _members(articles, columns, level, window, folder)
    if keep.startswith("source:"):
        # The source is in the articles alone.
        sources = articles.select(columns.id.alias("id"), preference.alias("preference"))
        members = members.join(sources, "id")
    else:
        members = members.withColumn("preference", preference)
    best = Window.partitionBy("group").orderBy("preference", F.col("date").asc_nulls_last(), "id")
    dropped = members.withColumn("row", F.row_number().over(best)).where("row > 1")
    dropped = tables.put("dropped", dropped.select(F.col("id").alias(_ID)))
    return articles.withColumn(_ID, columns.id).join(dropped, _ID, "leftanti").drop(_ID)


def _members(
    articles: DataFrame, columns: Columns, level: str, window: float | None, folder: str | None
) -> tuple[DataFrame, Tables]:
    tables = Tables(articles.sparkSession, folder)
    pipeline = Pipeline(articles.sparkSession, tables, level, window)
    members = tables.put("result", pipeline.run(columns))
    tables.keep_only("result")
    return members, tables


def _preference(keep: str, columns: Columns) -> Column:
    """The least is kept."""
    if keep == "earliest":
        return F.lit(0)
    if keep == "longest":
        return -F.col("stems")
    names = keep.removeprefix("source:").split(",")
    if not keep.startswith("source:") or "" in names:
        expected = "earliest, longest, or source: and names of sources with commas between them"
        raise ConfigError(f"keep: found {keep}; expected {expected}")
    if columns.source is None:
        raise ConfigError(f"keep: found {keep}; expected a frame with a column for the source")
    place = F.lit(len(names))
    for number in reversed(range(len(names))):
        place = F.when(columns.source == names[number], number).otherwise(place)
    return place
