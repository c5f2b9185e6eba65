"""The index that lives on: each article that comes is matched with those before it and joins their groups."""

from __future__ import annotations

import datetime
import json
import os
import re
import threading
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Callable, Optional, Union, overload

from naskh import _articles, _naskh, _results
from naskh._errors import ConfigError
from naskh._naskh import Model, Stage
from naskh._results import Added, Group, Matches

_Path = Union[str, "os.PathLike[str]"]
_Date = Union[str, datetime.date, None]
_Progress = Optional[Callable[[Stage], object]]


class Index:
    """An index of articles in a folder, open to be written to or to be asked.

        >>> with naskh.Index.create("news", window=7) as index:
        ...     for added in index.add(articles):
        ...         print(added.id, added.group, added.relation)

    One process writes at a time, any number may ask meanwhile; what they are told is as of the last change before they ask.
    It is the index of `naskh index`: either may go on with what the other has made. Threads may share it, and wait for each
    other; a process that has forked opens its own.
    """

    def __init__(self, index: _naskh.Index, folder: _Path, *, readonly: bool) -> None:
        """See `Index.create` and `Index.open`."""
        self._index = index
        self._lock = threading.RLock()
        self.folder = os.fspath(folder)
        self.readonly = readonly

    @classmethod
    def create(
        cls,
        folder: _Path,
        *,
        level: str = "derived",
        window: float | None = 7,
        threshold: float | None = None,
        model: Model | _Path | None = None,
        store_text: bool = False,
        threads: int | None = None,
    ) -> Index:
        """Makes an empty index in a folder, which need not be there, and opens it to be written to.

        Parameters
        ----------
        level, threshold, model
            See `naskh.group`; an index does not know the level `event`. They stay with the index.
        window
            Compare articles at most so many days apart; None for any number. Those without a date count as of the day on
            which they are added.
        store_text
            Keep titles and texts, so that queries show where they coincide.
        threads
            As many as the machine has, if not given. What is found does not depend on it.

        Raises
        ------
        FileError
            If there is an index already, or it cannot be made.
        """
        model = model if model is None or isinstance(model, Model) else Model.read(model)
        index = _naskh.Index.create(
            folder,
            level,
            window=window,
            threshold=threshold,
            model=model,
            store_text=store_text,
            threads=threads,
        )
        return cls(index, folder, readonly=False)

    @classmethod
    def open(cls, folder: _Path, *, readonly: bool = False, threads: int | None = None) -> Index:
        """Opens an index to be written to, or with `readonly` only to be asked.

        Raises
        ------
        LockedError
            If another process writes to it, which is named; with `readonly` never.
        ConfigError
            If it was made by another version or with other settings.
        FileError, InputError
            If there is none, it cannot be read, or it is damaged.
        """
        return cls(_naskh.Index(folder, readonly=readonly, threads=threads), folder, readonly=readonly)

    @staticmethod
    def check(folder: _Path) -> list[str]:
        """What is wrong with the index in a folder, a line each: every checksum and reference is looked at.

        It need not be open, for one that is damaged may not open.
        """
        return _naskh.Index.check(folder)

    def add(
        self,
        articles: Any,
        *,
        on_conflict: str = "refuse",
        today: _Date = None,
        id: str | None = None,
        title: str | None = None,
        text: str | None = None,
        date: str | None = None,
        source: str | None = None,
        progress: _Progress = None,
    ) -> list[Added]:
        """Adds articles in their order, and tells of each its group and what it matches best of those before it.

        A call is one commit: when it returns, all articles survive whatever happens, power cuts too; if it raises, none has
        been added. What becomes of an article does not depend on how many come with it.

        Parameters
        ----------
        articles
            One dict, or whatever `naskh.group` takes. Each article must have an id. Of iterators and datasets nothing is
            held once it has been added.
        on_conflict
            What to do about an article whose id is there already: `refuse`, `replace` the old one, or `skip` the new one,
            of which nothing is told.
        today
            The day of articles without a date; that of the clock (UTC), if not given.
        id, title, text, date, source
            The names of the fields, where they are not the usual ones.
        progress
            Is called with a `Stage` some times a second.

        Raises
        ------
        DuplicateIdError
            If an id is there already, or comes again, and `on_conflict` is `refuse`.
        InputError
            If the articles are not what they should be.
        """
        fields: _articles.Fields = {"id": id, "title": title, "text": text, "date": date, "source": source}
        with self._lock:
            work = self._index.adding(fields, on_conflict, today=_written(today), progress=progress)
            return [_results.added(line) for line in _told(articles, fields, work)]

    def preview(
        self,
        articles: Any,
        *,
        today: _Date = None,
        id: str | None = None,
        title: str | None = None,
        text: str | None = None,
        date: str | None = None,
        source: str | None = None,
        progress: _Progress = None,
    ) -> list[Added]:
        """What would be told of each article if it were added now, alone; none is. Parameters are those of `add`."""
        fields: _articles.Fields = {"id": id, "title": title, "text": text, "date": date, "source": source}
        with self._lock:
            work = self._index.asking(fields, preview=True, today=_written(today), progress=progress)
            return [_results.added(line) for line in _told(articles, fields, work)]

    @overload
    def query(
        self,
        articles: Mapping[str, Any] | str,
        *,
        today: _Date = None,
        id: str | None = None,
        title: str | None = None,
        text: str | None = None,
        date: str | None = None,
        source: str | None = None,
        progress: _Progress = None,
    ) -> Matches: ...
    @overload
    def query(
        self,
        articles: Any,
        *,
        today: _Date = None,
        id: str | None = None,
        title: str | None = None,
        text: str | None = None,
        date: str | None = None,
        source: str | None = None,
        progress: _Progress = None,
    ) -> list[Matches]: ...
    def query(
        self,
        articles: Any,
        *,
        today: _Date = None,
        id: str | None = None,
        title: str | None = None,
        text: str | None = None,
        date: str | None = None,
        source: str | None = None,
        progress: _Progress = None,
    ) -> Matches | list[Matches]:
        """The articles of the index that are the same report, the best first; nothing is added.

        Of one article, a dict or a text, its `Matches`, which are true if there are any: `if index.query(text): ...`; of more,
        in whatever `naskh.group` takes, a list of these. Other parameters are those of `add`.
        """
        fields: _articles.Fields = {"id": id, "title": title, "text": text, "date": date, "source": source}
        given = [{text or "text": articles}] if isinstance(articles, str) else articles
        with self._lock:
            work = self._index.asking(fields, preview=False, today=_written(today), progress=progress)
            found = [_results.matches(line) for line in _told(given, fields, work)]
        return found[0] if isinstance(articles, (str, Mapping)) else found

    def remove(self, ids: str | Iterable[str]) -> int:
        """Removes articles by their ids, and says how many they were. If one is not there, none is removed.

        If a representative goes, the earliest article that is left speaks for those of its group that are verified with it.
        """
        with self._lock:
            return self._index.remove([ids] if isinstance(ids, str) else list(ids))

    def expire(self, before: _Date = None, *, older_than: str | int | datetime.timedelta | None = None) -> int:
        """Forgets past days, and says how many articles they had: those before a date, or longer ago than so many days,
        such as `"7d"`, 7 or a timedelta."""
        if (before is None) == (older_than is None):
            raise ConfigError("expire: found both or neither of before and older_than; expected one of them")
        if older_than is not None:
            before = _ago(older_than)
        with self._lock:
            return self._index.expire(_written(before) or "")

    def groups(self, *, singletons: bool = False) -> list[Group]:
        """The groups as they are now, in the order in which the first member of each came; with `singletons` the articles
        that are in none, too, as groups of one."""
        with self._lock:
            return [_results.group(line) for line in self._index.groups(singletons)]

    def stats(self) -> dict[str, Any]:
        """What the index holds, and its settings: the object that `naskh index stats --json` writes."""
        with self._lock:
            told: dict[str, Any] = json.loads(self._index.stats())
        return told

    def compact(self) -> None:
        """Gives room back to the system that is not in use."""
        with self._lock:
            self._index.compact()

    def close(self) -> None:
        """Closes it, so that another process may write to it; once more does no harm."""
        with self._lock:
            self._index.close()

    @property
    def closed(self) -> bool:
        """Has it been closed?"""
        return self._index.closed

    def __enter__(self) -> Index:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self.closed else "readonly" if self.readonly else "open"
        return f"<naskh.Index {self.folder!r}, {state}>"


def _told(articles: Any, fields: _articles.Fields, work: _naskh.IndexWork) -> list[str]:
    """What is told of `articles`, a line each; if something goes wrong on the way there, none is added."""
    try:
        _articles.hand_over([articles] if isinstance(articles, Mapping) else articles, fields, work)
        return work.finish()
    except BaseException:
        work.abandon()
        raise


def _written(day: _Date) -> str | None:
    return day.isoformat() if isinstance(day, datetime.date) else day


def _ago(days: str | int | datetime.timedelta) -> datetime.datetime:
    if isinstance(days, str):
        digits = re.fullmatch("([0-9]{1,9})d?", days)
        if digits is None:
            raise ConfigError(f"older_than: found {days}; expected a number of days such as 7d")
        days = int(digits[1])
    try:
        span = days if isinstance(days, datetime.timedelta) else datetime.timedelta(days)
        if span < datetime.timedelta(0):
            raise ConfigError(f"older_than: found {days}; expected a number of days such as 7d")
        return datetime.datetime.now(datetime.timezone.utc) - span
    except OverflowError:
        raise ConfigError("older_than: found too many days; expected a day that there was") from None
