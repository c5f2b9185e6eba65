"""The compiled part of the package."""

from typing import Literal, final

__version__: str
PROFILE: str

@final
class Token:
    """One word or number of a text."""

    @property
    def word(self) -> str: ...
    @property
    def folded(self) -> str: ...
    @property
    def stem(self) -> str: ...
    @property
    def kind(self) -> Literal["word", "number", "stop"]: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...

@final
class Tokenizer:
    """Makes tokens of Arabic texts, by the rules that all comparison rests on."""

    def __new__(cls) -> Tokenizer: ...
    @property
    def profile(self) -> str: ...
    def tokens(self, text: str) -> list[Token]: ...
