"""The columns of the articles: found by their usual names or as told, and checked before any work."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from naskh._errors import DuplicateIdError, InputError

USUAL = {
    "id": ("id", "url"),
    "title": ("title", "headline"),
    "text": ("text", "content", "body"),
    "date": ("date", "published", "date_extracted"),
    "source": ("source",),
}
_STRINGS = (T.StringType, T.CharType, T.VarcharType)
_WHOLE = (T.ByteType, T.ShortType, T.IntegerType, T.LongType)
_SECONDS_A_DAY = 86_400


class Columns:
    """How the rows of a frame become articles."""

    def __init__(self, articles: DataFrame, named: dict[str, str | None]):
        self._articles = articles
        self._named = {role: name for role, name in named.items() if name is not None}
        id, text = self._strings("id", *_WHOLE), self._strings("text")
        self.title = self._strings("title")
        self.source = self._strings("source")
        self.date = self._date()
        if id is None or text is None:
            role = "id" if id is None else "text"
            wanted = " or ".join(repr(name) for name in USUAL[role])
            found = ", ".join(repr(name) for name in articles.columns)
            raise InputError(f"found a frame with only the columns {found}; expected the column {wanted} ({role})")
        self.id, self.text = id, text

    def check(self) -> int:
        """The number of articles.

        :raises InputError: if there is none, an id or a text is null, or two ids are the same.
        """
        rows = self._articles.select(self.id.alias("id"), self.text.isNull().alias("no_text"))
        counts = rows.groupBy("id").agg(F.count("*").alias("rows"), F.max("no_text").alias("no_text"))
        all_rows = F.coalesce(F.sum("rows"), F.lit(0))
        seen = counts.agg(
            all_rows.alias("articles"),
            F.max(F.col("id").isNull()).alias("no_id"),
            F.min(F.when(F.col("no_text"), F.col("id"))).alias("no_text"),
            F.min(F.when(F.col("rows") > 1, F.col("id"))).alias("twice"),
        ).collect()[0]
        if seen["articles"] == 0:
            raise InputError("found no articles; expected a frame with rows")
        if seen["no_id"]:
            raise InputError("column id: found null or an empty string; expected an id in every row")
        if seen["no_text"] is not None:
            raise InputError(f"article {seen['no_text']!r}: found null in the column text; expected a string")
        if seen["twice"] is not None:
            raise DuplicateIdError(f"found the id {seen['twice']!r} again; expected ids that differ")
        return int(seen["articles"])

    def rows(self) -> DataFrame:
        """The articles with the columns id, title, text, date (strings, or seconds) and source."""

        def or_null(column: Column | None) -> Column:
            return F.lit(None).cast("string") if column is None else column

        return self._articles.select(
            self.id.alias("id"),
            or_null(self.title).alias("title"),
            self.text.alias("text"),
            or_null(self.date).alias("date"),
            or_null(self.source).alias("source"),
        )

    def _present(self, role: str) -> list[str]:
        if role in self._named:
            name = self._named[role]
            if name not in self._articles.columns:
                found = ", ".join(repr(known) for known in self._articles.columns)
                raise InputError(f"found a frame with only the columns {found}; expected the column {name!r} ({role})")
            return [name]
        return [name for name in USUAL[role] if name in self._articles.columns]

    def _typed(self, role: str, name: str, *expected: type) -> T.DataType:
        found = self._articles.schema[name].dataType
        if not isinstance(found, expected):
            words = {"id": "strings or whole numbers", "date": "strings, dates or timestamps"}.get(role, "strings")
            raise InputError(f"column {name!r}: found {found.simpleString()}; expected {words}")
        return found

    def _strings(self, role: str, *others: type) -> Column | None:
        """The first of the columns that is not null; an empty id counts as null."""
        columns = []
        for name in self._present(role):
            self._typed(role, name, *_STRINGS, *others)
            column = _named(name).cast("string")
            columns.append(F.nullif(column, F.lit("")) if role == "id" else column)
        return F.coalesce(*columns) if columns else None

    def _date(self) -> Column | None:
        present = self._present("date")
        times = (T.DateType, T.TimestampType, T.TimestampNTZType)
        types = [self._typed("date", name, *_STRINGS, *times) for name in present]
        strings = [_named(name) for name, found in zip(present, types) if isinstance(found, _STRINGS)]
        if not present or len(strings) == len(present):
            return F.coalesce(*strings) if strings else None
        # Of columns of several types the first counts.
        column, found = _named(present[0]), types[0]
        if isinstance(found, T.DateType):
            return F.unix_date(column).cast("long") * _SECONDS_A_DAY
        if isinstance(found, T.TimestampType):
            return F.floor(F.unix_micros(column) / 1_000_000).cast("long")
        # Without a time zone it is as written.
        return column.cast("string")


def _named(name: str) -> Column:
    return F.col("`" + name.replace("`", "``") + "`")
