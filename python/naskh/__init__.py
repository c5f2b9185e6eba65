"""Finds the Arabic news articles that tell the same report, and groups them.

Articles come as a list of dicts, a frame of pandas or Polars, a table or dataset of pyarrow, anything else with the Arrow C
interface, or an iterator of these. Their fields are found by the usual names (`id`, `url`; `title`, `headline`; `text`,
`content`, `body`; `date`, `published`, `date_extracted`; `source`) or named by keyword arguments: `text="article_text"`.

    >>> import naskh
    >>> naskh.group([{"id": "a", "text": "…"}, {"id": "b", "text": "…"}])
    >>> clean = naskh.dedup(frame)

`naskh.Index` keeps articles from one run to the next, so that each new one asks whether its report is there already.

What is found is what the command line finds, to the byte, whatever the kind of the articles and the number of threads.
"""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Mapping
from typing import Any, Callable, Optional, TypeVar, Union

from naskh import _articles, _naskh, _results
from naskh._errors import ClosedError, ConfigError, DuplicateIdError, Error, FileError, InputError, LockedError
from naskh._index import Index
from naskh._naskh import PROFILE, Model, Stage, Token, Tokenizer, __version__
from naskh._results import (
    Added,
    Comparison,
    Contribution,
    Dropped,
    Fit,
    Group,
    Match,
    Matches,
    Member,
    Passage,
    Place,
    Update,
    Wording,
)

__all__ = [
    "PROFILE",
    "Added",
    "ClosedError",
    "Comparison",
    "ConfigError",
    "Contribution",
    "Dropped",
    "DuplicateIdError",
    "Error",
    "FileError",
    "Fit",
    "Group",
    "Index",
    "InputError",
    "LockedError",
    "Match",
    "Matches",
    "Member",
    "Model",
    "Passage",
    "Place",
    "Stage",
    "Token",
    "Tokenizer",
    "Update",
    "Wording",
    "__version__",
    "compare",
    "dedup",
    "evaluate",
    "fit",
    "group",
]

_Articles = TypeVar("_Articles")
_Path = Union[str, "os.PathLike[str]"]
_Model = Union[Model, str, "os.PathLike[str]", None]
_Progress = Optional[Callable[[Stage], object]]

#: Memory to keep within, in bytes; what exceeds it waits in temporary files.
_MEMORY = 2 << 30


def group(
    articles: Any,
    *,
    level: str = "derived",
    window: float | None = None,
    threshold: float | None = None,
    model: _Model = None,
    updates: bool = False,
    singletons: bool = False,
    id: str | None = None,
    title: str | None = None,
    text: str | None = None,
    date: str | None = None,
    source: str | None = None,
    memory: int = _MEMORY,
    temp: _Path | None = None,
    threads: int | None = None,
    progress: _Progress = None,
) -> list[Group]:
    """Groups articles that tell the same report.

    Parameters
    ----------
    articles
        See the package.
    level
        Up to which relation articles belong together: `copy` (lightly edited), `derived` (re-edited) or, as a preview,
        `event` (the same occurrence, independently written).
    window
        Compare articles at most so many days apart; those without a date are compared with all.
    threshold, model
        The score from 0 to 1 from which on two articles belong together, and a model made by `fit` or a file of one, in
        the place of those that ship with naskh.
    updates
        Also tell the updates of the members of a group: later articles that repeat much of one under a new lead.
    singletons
        Also give the articles that are in no group, as groups of one.
    id, title, text, date, source
        The names of the fields, where they are not the usual ones.
    memory, temp
        Bytes to keep within, and the folder for what exceeds them.
    threads
        As many as the machine has, if not given. What is found does not depend on it.
    progress
        Is called with a `Stage` some times a second.

    Raises
    ------
    InputError
        If the articles are not what they should be; all are looked over before the first is worked on, but those of a
        dataset or an iterator as they come.
    ConfigError
        If an option does not fit.
    """
    detector = _naskh.Detector(level, window=window, threshold=threshold, model=_read(model), updates=updates)
    fields: _articles.Fields = {"id": id, "title": title, "text": text, "date": date, "source": source}
    intake = _naskh.Intake(fields, exact=False, memory=memory, temp=temp, threads=threads, progress=progress)
    _articles.take_in(articles, fields, intake)
    lines = intake.finish().group(detector, singletons)
    return [_results.group(line) for line in lines]


def dedup(
    articles: _Articles,
    *,
    keep: str = "earliest",
    level: str | None = None,
    exact: bool = False,
    window: float | None = None,
    threshold: float | None = None,
    model: _Model = None,
    dropped: Callable[[Dropped], object] | None = None,
    id: str | None = None,
    title: str | None = None,
    text: str | None = None,
    date: str | None = None,
    source: str | None = None,
    memory: int = _MEMORY,
    temp: _Path | None = None,
    threads: int | None = None,
    progress: _Progress = None,
) -> _Articles:
    """Keeps one article of each group of copies, its row as it came, in the order of the rows.

    What is returned is of the kind of `articles`: a list for a list, a frame for a frame. For a dataset, which is read
    twice, it is a `pyarrow.RecordBatchReader`; for an iterator an iterator; for any other table with the Arrow C interface
    a `pyarrow.Table`.

    Parameters
    ----------
    articles
        See the package.
    keep
        Which one is kept: `earliest`; `longest`, by words that are not page furniture; `first`, of the rows; or
        `source:A,B`, of A, else of B, else the earliest. Of several alike it is the earliest, those without a date last.
    level
        Up to which relation articles belong together: `copy`, if not given, or `derived`.
    exact
        Only articles that are identical after normalisation belong together: much quicker.
    dropped
        Is called with a `Dropped` for each article that is not kept, in their order: `dropped=reasons.append`.

    The others are those of `group`.
    """
    if exact and not (level is None and model is None and threshold is None):
        raise ConfigError("exact: found level, model or threshold with it; expected none, for no two are compared")
    if level == "event":
        raise ConfigError("level: found event; expected copy or derived")
    detector = _naskh.Detector(level or "copy", window=window, threshold=threshold, model=_read(model))
    _naskh.check_keep(keep)
    fields: _articles.Fields = {"id": id, "title": title, "text": text, "date": date, "source": source}
    intake = _naskh.Intake(fields, exact=exact, memory=memory, temp=temp, threads=threads, progress=progress)
    give_back = _articles.take_in(articles, fields, intake)
    kept, reasons = intake.finish().dedup(detector, exact, keep)
    if dropped is not None:
        for reason in reasons:
            dropped(_results.dropped(reason))
    result: _Articles = give_back(kept)
    return result


def compare(
    a: Mapping[str, Any] | str,
    b: Mapping[str, Any] | str,
    *,
    level: str = "derived",
    threshold: float | None = None,
    model: _Model = None,
    id: str | None = None,
    title: str | None = None,
    text: str | None = None,
    date: str | None = None,
    source: str | None = None,
) -> Comparison:
    """Compares two articles, each a text or a dict: are they the same report, why, and where do they coincide?

    The comparison is true if they are: `if naskh.compare(a, b): ...`. Parameters are those of `group`.
    """
    detector = _naskh.Detector(level, threshold=threshold, model=_read(model))
    fields: _articles.Fields = {"id": id, "title": title, "text": text, "date": date, "source": source}
    articles = [{text or "text": article} if isinstance(article, str) else article for article in (a, b)]
    return _results.comparison(_naskh.compare(articles, fields, detector))


def evaluate(
    articles: Any,
    pairs: Any,
    *,
    level: str = "derived",
    window: float | None = None,
    threshold: float | None = None,
    model: _Model = None,
    held_out: str | None = None,
    id: str | None = None,
    title: str | None = None,
    text: str | None = None,
    date: str | None = None,
    source: str | None = None,
    memory: int = _MEMORY,
    temp: _Path | None = None,
    threads: int | None = None,
    progress: _Progress = None,
) -> dict[str, Any]:
    """Measures verdicts, groups and candidates against judged pairs: the object that `naskh eval --json` writes.

    Parameters
    ----------
    pairs
        A list of dicts, a frame, a table, or a file with tabs between columns: `a` and `b` (ids), `label` (1 to 5; 4 and 5
        are duplicates), `weight`, and perhaps `template` and `sure` (yes or no).
    held_out
        `date`: five folds by date, each judged by a model that is fitted to the others.

    The others are those of `group`.
    """
    detector = _naskh.Detector(level, window=window, threshold=threshold, model=_read(model))
    rows = _articles.rows(pairs)
    fields: _articles.Fields = {"id": id, "title": title, "text": text, "date": date, "source": source}
    intake = _naskh.Intake(fields, exact=False, memory=memory, temp=temp, threads=threads, progress=progress)
    _articles.take_in(articles, fields, intake)
    told: dict[str, Any] = json.loads(_naskh.evaluate(intake, rows, detector, held_out))
    return told


def fit(
    articles: Any,
    pairs: Any,
    *,
    level: str = "derived",
    precision: float = 0.95,
    threshold: float | None = None,
    id: str | None = None,
    title: str | None = None,
    text: str | None = None,
    date: str | None = None,
    source: str | None = None,
    memory: int = _MEMORY,
    temp: _Path | None = None,
    threads: int | None = None,
    progress: _Progress = None,
) -> Fit:
    """Fits a model to your own judged pairs (see `evaluate`), to be used as `model=` or saved by its `write`.

    The threshold of the model is `threshold` or, without it, the least at which pairs of times that the model has not seen
    have this `precision`.
    """
    rows = _articles.rows(pairs)
    fields: _articles.Fields = {"id": id, "title": title, "text": text, "date": date, "source": source}
    intake = _naskh.Intake(fields, exact=False, memory=memory, temp=temp, threads=threads, progress=progress)
    _articles.take_in(articles, fields, intake)
    today = datetime.date.today().isoformat()
    model, held_out = _naskh.fit(intake, rows, level, precision, threshold, today)
    return Fit(model, json.loads(held_out))


def _read(model: _Model) -> Model | None:
    return model if model is None or isinstance(model, Model) else Model.read(model)
