"""The kinds of things that articles come in: how each is read, and how what is kept of it is given back.

Pandas, Polars and pyarrow are only imported where something of theirs was given.
"""

from __future__ import annotations

import csv
import itertools
import os
from collections.abc import Iterator, Mapping
from typing import Any, Callable, Protocol, Union

from naskh import _naskh
from naskh._errors import FileError, InputError

Fields = dict[str, Union[str, None]]


class Intake(Protocol):
    """What takes articles in."""

    def __len__(self) -> int: ...
    def add_table(self, table: Any) -> None: ...
    def add_records(self, records: list[Any]) -> None: ...


_Kind = Callable[[Any, Fields, Intake], Callable[[_naskh.Kept], Any]]

#: Rows of a dataset that are read at a time, and batches that are read ahead: texts are large.
_BATCH_ROWS = 4096
_BATCHES_AHEAD = 2
#: Dicts of an iterator that are taken in at a time.
_RECORDS = 4096


def take_in(articles: Any, fields: Fields, intake: Intake) -> Callable[[_naskh.Kept], Any]:
    """Hands all of `articles` to `intake`; what it returns gives those back that are kept, in the kind that came in."""
    return _known_kind(articles)(articles, fields, intake)


def hand_over(articles: Any, fields: Fields, intake: Intake) -> None:
    """Hands all of `articles` to `intake`. Nothing is to be given back: of an iterator nothing is held."""
    kind = _known_kind(articles)
    if kind in (_iterator, _reader, _frames):
        for _ in _taken(iter(articles), fields, intake):
            pass
    else:
        kind(articles, fields, intake)


def _known_kind(articles: Any) -> _Kind:
    kind = _kind(articles)
    if kind is None:
        given = type(articles).__name__
        raise InputError(
            f"articles: found a {given}; expected a list of dicts, a frame of pandas or Polars, a table or dataset of "
            "pyarrow, or an iterator of these"
        )
    return kind


def _kind(articles: Any) -> _Kind | None:
    if isinstance(articles, (list, tuple)):
        return _frames if articles and _is_table(articles[0]) else _records
    library, name = _named(articles)
    known = {
        ("pandas", "DataFrame"): _pandas,
        ("polars", "DataFrame"): _polars,
        ("pyarrow", "Table"): _pyarrow,
        ("pyarrow", "RecordBatch"): _pyarrow,
        ("pyarrow", "RecordBatchReader"): _reader,
    }
    if (library, name) in known:
        return known[library, name]
    if library == "pyarrow" and hasattr(articles, "scanner"):
        return _dataset
    if hasattr(articles, "__arrow_c_stream__"):
        return _stream
    if isinstance(articles, Iterator):
        return _iterator
    return None


def _named(articles: Any) -> tuple[str, str]:
    for base in type(articles).__mro__:
        library = base.__module__.partition(".")[0]
        if library in ("pandas", "polars", "pyarrow") and base.__name__ in (
            "DataFrame",
            "Table",
            "RecordBatch",
            "RecordBatchReader",
        ):
            return library, base.__name__
    return type(articles).__module__.partition(".")[0], type(articles).__name__


def _is_table(item: Any) -> bool:
    return not isinstance(item, Mapping) and _kind(item) not in (None, _records, _frames, _iterator)


def _records(articles: Any, fields: Fields, intake: Intake) -> Callable[[_naskh.Kept], Any]:
    intake.add_records(list(articles))
    of_kind = tuple if isinstance(articles, tuple) else list
    return lambda kept: of_kind(itertools.compress(articles, kept.flags()))


def _pandas(frame: Any, fields: Fields, intake: Intake) -> Callable[[_naskh.Kept], Any]:
    pyarrow = _pyarrow_for("pandas")
    names = [name for name in frame.columns if isinstance(name, str)]
    columns = frame[_naskh.columns_wanted(fields, names)]
    try:
        table = pyarrow.Table.from_pandas(columns, preserve_index=False)
    except pyarrow.ArrowException as error:
        said = "; ".join(str(part) for part in error.args)
        raise InputError(f"articles: found a column with values of several kinds ({said}); expected strings") from error
    intake.add_table(table)
    return lambda kept: frame[pyarrow.array(kept).to_numpy(zero_copy_only=False)]


def _polars(frame: Any, fields: Fields, intake: Intake) -> Callable[[_naskh.Kept], Any]:
    import polars

    columns = frame.select(_naskh.columns_wanted(fields, frame.columns))
    # Columns of nothing but nulls leave Polars in a form that others do not read.
    intake.add_table(columns.with_columns(polars.selectors.by_dtype(polars.Null).cast(polars.String)))
    return lambda kept: frame.filter(polars.Series(kept))


def _pyarrow(table: Any, fields: Fields, intake: Intake) -> Callable[[_naskh.Kept], Any]:
    import pyarrow

    wanted = table.select(_naskh.columns_wanted(fields, table.schema.names))
    intake.add_table(pyarrow.Table.from_batches([wanted]) if isinstance(wanted, pyarrow.RecordBatch) else wanted)
    return lambda kept: _rows_of(table, kept)


def _rows_of(table: Any, kept: _naskh.Kept) -> Any:
    """The rows of `table` that are kept: a table of a table, a batch of a batch."""
    import pyarrow

    if isinstance(table, pyarrow.RecordBatch):
        return kept.rows_of(pyarrow.Table.from_batches([table]), True).read_next_batch()
    return kept.rows_of(table, False).read_all()


def _stream(table: Any, fields: Fields, intake: Intake) -> Callable[[_naskh.Kept], Any]:
    """Whatever else has the Arrow C interface comes back as a table of pyarrow."""
    return _pyarrow(_pyarrow_for("a table of another library").table(table), fields, intake)


def _dataset(dataset: Any, fields: Fields, intake: Intake) -> Callable[[_naskh.Kept], Any]:
    """Read twice, so that the rows need not fit into memory: what is kept comes as a reader of batches."""
    import pyarrow

    def batches(columns: list[str] | None) -> Any:
        scanner = dataset.scanner(
            columns=columns, batch_size=_BATCH_ROWS, batch_readahead=_BATCHES_AHEAD, fragment_readahead=1
        )
        return scanner.to_batches()

    for batch in batches(_naskh.columns_wanted(fields, dataset.schema.names)):
        intake.add_table(pyarrow.Table.from_batches([batch]))

    def kept_batches(kept: _naskh.Kept) -> Iterator[Any]:
        seen = 0
        for batch in batches(None):
            part = kept.slice(seen, batch.num_rows)
            seen += batch.num_rows
            if len(part) < batch.num_rows:
                break
            yield _rows_of(batch, part)
        if seen != len(kept):
            raise InputError("articles: found another number of rows than before; expected a dataset that does not change")

    return lambda kept: pyarrow.RecordBatchReader.from_batches(dataset.schema, kept_batches(kept))


def _reader(reader: Any, fields: Fields, intake: Intake) -> Callable[[_naskh.Kept], Any]:
    import pyarrow

    parts = _iterator(iter(reader), fields, intake)
    return lambda kept: pyarrow.RecordBatchReader.from_batches(reader.schema, parts(kept))


def _frames(frames: Any, fields: Fields, intake: Intake) -> Callable[[_naskh.Kept], Any]:
    parts = _iterator(iter(frames), fields, intake)
    of_kind = tuple if isinstance(frames, tuple) else list
    return lambda kept: of_kind(parts(kept))


def _iterator(items: Iterator[Any], fields: Fields, intake: Intake) -> Callable[[_naskh.Kept], Any]:
    """Of dicts or of tables; they are kept until it is known which to give back, for they come but once."""
    parts = list(_taken(items, fields, intake))

    def kept_items(kept: _naskh.Kept) -> Iterator[Any]:
        seen = 0
        for rows, give_back, single in parts:
            given = give_back(kept.slice(seen, rows))
            seen += rows
            if single:
                yield given
            else:
                yield from given

    return kept_items


def _taken(
    items: Iterator[Any], fields: Fields, intake: Intake
) -> Iterator[tuple[int, Callable[[_naskh.Kept], Any], bool]]:
    """Hands over dicts, some at a time, or tables: the rows of each part, how they are given back, and whether as one."""
    for item in items:
        before = len(intake)
        if isinstance(item, Mapping):
            records = [item, *itertools.islice(itertools.takewhile(_is_record, items), _RECORDS - 1)]
            give_back, single = _records(records, fields, intake), False
        else:
            give_back, single = take_in(item, fields, intake), True
        yield len(intake) - before, give_back, single


def rows(table: Any) -> list[Any]:
    """The rows of a small table, as dicts: of a frame, or of a file with tabs between its columns."""
    if isinstance(table, (str, os.PathLike)):
        try:
            with open(table, encoding="utf-8-sig", newline="") as lines:
                return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
        except OSError as error:
            raise FileError(error.errno, error.strerror, error.filename) from error
    if isinstance(table, (list, tuple)):
        return list(table)
    to_rows = {"pandas": "to_dict", "polars": "to_dicts", "pyarrow": "to_pylist"}
    library, _ = _named(table)
    if library not in to_rows:
        given = type(table).__name__
        raise InputError(f"pairs: found a {given}; expected a list of dicts, a frame, a table, or the path of a file")
    arguments = ["records"] if library == "pandas" else []
    return list(getattr(table, to_rows[library])(*arguments))


def _is_record(item: Any) -> bool:
    if isinstance(item, Mapping):
        return True
    raise InputError(f"articles: found a {type(item).__name__} behind a dict; expected dicts alone, or tables alone")


def _pyarrow_for(what: str) -> Any:
    try:
        import pyarrow
    except ImportError as error:
        raise InputError(f"articles: found {what}, but not pyarrow, by which it is read; expected both") from error
    return pyarrow
