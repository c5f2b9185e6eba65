"""The compiled part of the package. `naskh` is what is meant to be used of it."""

import os
from collections.abc import Callable
from types import ModuleType
from typing import Any, Literal, final

__all__ = [
    "PROFILE",
    "Corpus",
    "Detector",
    "Index",
    "IndexWork",
    "Intake",
    "Kept",
    "Model",
    "Stage",
    "Token",
    "Tokenizer",
    "__version__",
    "check_keep",
    "columns_wanted",
    "compare",
    "evaluate",
    "fit",
    "stages",
]

__version__: str
PROFILE: str

# For `naskh.spark`.
stages: ModuleType

_Path = str | os.PathLike[str]

@final
class Token:
    """One word or number of a text."""

    @property
    def word(self) -> str:
        """As it stands in the text."""
    @property
    def folded(self) -> str:
        """The word as folded; of a number its digits as written."""
    @property
    def stem(self) -> str:
        """The stem, or the number in canonical spelling."""
    @property
    def kind(self) -> Literal["word", "number", "stop"]:
        """What it is; `stop` is a word of the stop list."""
    @property
    def start(self) -> int:
        """The first character in the text."""
    @property
    def end(self) -> int:
        """The character behind the last one."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Tokenizer:
    """Makes tokens of Arabic texts, by the rules that all comparison rests on."""

    def __new__(cls) -> Tokenizer: ...
    @property
    def profile(self) -> str:
        """The name and version of the rules."""
    def tokens(self, text: str) -> list[Token]:
        """The tokens of `text`, in order."""

@final
class Stage:
    """How far a run has come."""

    @property
    def name(self) -> str:
        """What is being done."""
    @property
    def unit(self) -> str:
        """What is counted: `articles` or `pairs`."""
    @property
    def count(self) -> int:
        """How many have been worked through in this stage."""
    @property
    def total(self) -> int | None:
        """How many there are; None where that is not known."""
    @property
    def elapsed(self) -> float:
        """Seconds since the stage began."""

@final
class Model:
    """A model that judges pairs of articles: what `naskh.fit` makes."""

    @staticmethod
    def read(path: _Path) -> Model:
        """Reads a model file."""
    def write(self, path: _Path) -> None:
        """Writes a model file, which the command line reads as well."""
    @property
    def threshold(self) -> float:
        """The score from which on two articles belong together."""

@final
class Detector:
    def __new__(
        cls,
        level: str,
        *,
        window: float | None = None,
        threshold: float | None = None,
        model: Model | None = None,
        updates: bool = False,
    ) -> Detector: ...

@final
class Intake:
    def __new__(
        cls,
        fields: dict[str, str | None],
        *,
        exact: bool,
        memory: int,
        temp: _Path | None,
        threads: int | None,
        progress: Callable[[Stage], object] | None,
    ) -> Intake: ...
    def __len__(self) -> int: ...
    def add_table(self, table: Any) -> None: ...
    def add_records(self, records: list[Any]) -> None: ...
    def finish(self) -> Corpus: ...

@final
class Index:
    def __new__(cls, folder: _Path, *, readonly: bool, threads: int | None) -> Index: ...
    @staticmethod
    def create(
        folder: _Path,
        level: str,
        *,
        window: float | None,
        threshold: float | None,
        model: Model | None,
        store_text: bool,
        threads: int | None,
    ) -> Index: ...
    @staticmethod
    def check(folder: _Path) -> list[str]: ...
    @property
    def closed(self) -> bool: ...
    def close(self) -> None: ...
    def adding(
        self,
        fields: dict[str, str | None],
        on_conflict: str,
        *,
        today: str | None,
        progress: Callable[[Stage], object] | None,
    ) -> IndexWork: ...
    def asking(
        self,
        fields: dict[str, str | None],
        *,
        preview: bool,
        today: str | None,
        progress: Callable[[Stage], object] | None,
    ) -> IndexWork: ...
    def remove(self, ids: list[str]) -> int: ...
    def expire(self, before: str) -> int: ...
    def compact(self) -> None: ...
    def groups(self, singletons: bool) -> list[str]: ...
    def stats(self) -> str: ...

@final
class IndexWork:
    def __len__(self) -> int: ...
    def add_table(self, table: Any) -> None: ...
    def add_records(self, records: list[Any]) -> None: ...
    def finish(self) -> list[str]: ...
    def abandon(self) -> None: ...

@final
class Corpus:
    def __len__(self) -> int: ...
    def group(self, detector: Detector, singletons: bool) -> list[str]: ...
    def dedup(self, detector: Detector, exact: bool, keep: str) -> tuple[Kept, list[str]]: ...

@final
class Kept:
    def __len__(self) -> int: ...
    def slice(self, start: int, length: int) -> Kept: ...
    def rows_of(self, table: Any, whole: bool) -> Any: ...
    def flags(self) -> bytes: ...
    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]: ...

def evaluate(articles: Intake, pairs: list[Any], detector: Detector, held_out: str | None) -> str: ...
def fit(
    articles: Intake, pairs: list[Any], level: str, precision: float, threshold: float | None, date: str
) -> tuple[Model, str]: ...
def check_keep(keep: str) -> None: ...
def columns_wanted(fields: dict[str, str | None], names: list[str]) -> list[str]: ...
def compare(articles: list[Any], fields: dict[str, str | None], detector: Detector) -> str: ...
