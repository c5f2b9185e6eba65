"""What is found, as plain values: fields are named and ordered as in the JSON of the command line."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any, Optional

from naskh._naskh import Model


class _Told:
    """Comes from JSON, and goes back to it."""

    def to_dict(self) -> dict[str, Any]:
        """The same as dicts and lists, for `json.dumps`."""
        return dataclasses.asdict(self)  # type: ignore[call-overload, no-any-return]


@dataclass(frozen=True)
class Member(_Told):
    """An article of a group."""

    id: str
    #: To the representative: `identical`, `copy`, `derived` or `event`; `representative` for that itself.
    relation: str
    #: Against the representative, 0 to 1.
    score: float


@dataclass(frozen=True)
class Update(_Told):
    """A later article that repeats much of a member under a new lead."""

    id: str
    #: The id of the member that it repeats.
    of: str
    score: float
    #: The number of the group that it is in itself.
    group: Optional[int]


@dataclass(frozen=True)
class Group(_Told):
    """Articles that tell the same report."""

    #: Counted from 0, in the order of the first members.
    group: int
    size: int
    #: The id of the article that all others have been verified against.
    representative: str
    #: The representative first, then the others in the order of the input.
    members: list[Member]
    #: The lowest score of a member.
    weakest: float
    #: Days between the earliest and the latest member, where two dates are known.
    spread: Optional[float]
    #: Where they were asked for, the updates of the members.
    updates: Optional[list[Update]] = None

    def to_dict(self) -> dict[str, Any]:
        """The object that `naskh group --format jsonl` writes."""
        told = super().to_dict()
        if self.updates is None:
            del told["updates"]
        return told


@dataclass(frozen=True)
class Dropped(_Told):
    """An article that is not kept, and why."""

    id: str
    #: The number of its group.
    group: int
    #: The id of the article that is kept for it.
    kept: str
    #: The id of the article that both have been verified against.
    representative: str
    #: How it is related to the representative, and its score against it.
    relation: str
    score: float


@dataclass(frozen=True)
class Contribution(_Told):
    """What one feature adds to the score."""

    feature: str
    #: None if it is not known of these two.
    value: Optional[float]
    #: In log-odds.
    contribution: float


@dataclass(frozen=True)
class Wording(_Told):
    """A part of a text: characters `start` to `end`, after HTML entities have been decoded."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Passage(_Told):
    """A passage that coincides."""

    a: Wording
    b: Wording
    #: How many stems they have in common.
    stems: int


@dataclass(frozen=True)
class Place(_Told):
    """The part of one article's text in which the other stands."""

    #: `a` or `b`: the article that contains the other.
    within: str
    #: In characters.
    start: int
    end: int
    #: The same as shares of the text.
    from_share: float
    to_share: float


@dataclass(frozen=True)
class Comparison(_Told):
    """Two articles compared."""

    #: They belong together, at the level they were compared at.
    same: bool
    score: float
    #: `identical`, `copy`, `derived`, `event`, `update` or None.
    relation: Optional[str]
    #: Which of the two, `a` or `b`, the other is an update of.
    update_of: Optional[str]
    #: The score from which on two articles belong together.
    threshold: float
    #: How much of each is in the other.
    a_in_b: float
    b_in_a: float
    #: What one does with the other, in words: `A abridges B`, say.
    direction: Optional[str]
    place: Optional[Place]
    #: Those that matter most first.
    contributions: list[Contribution]
    passages: list[Passage]

    def __bool__(self) -> bool:
        """Do the two belong together?"""
        return self.same


@dataclass(frozen=True)
class Added(_Told):
    """What became of an article that was added to an index."""

    id: str
    #: The id of the representative of its group; its own if it is alone.
    group: str
    #: To the article before it that it matches best: `identical`, `copy` or `derived`. None, as below, if there is none.
    relation: Optional[str]
    #: Against that article.
    score: Optional[float]
    #: Its id.
    matched: Optional[str]


@dataclass(frozen=True)
class Match(_Told):
    """An article of an index that is the same report as another one."""

    id: str
    #: The id of the representative of its group.
    group: str
    #: `identical`, `copy` or `derived`.
    relation: str
    score: float
    #: As RFC 3339 writes it, where it is known.
    date: Optional[str]
    source: Optional[str]
    #: Where the two texts coincide, `a` being the one that was asked about. None if the index keeps no texts.
    passages: Optional[list[Passage]]


@dataclass(frozen=True)
class Matches(_Told):
    """The articles of an index that are the same report as one that was asked about."""

    #: Of that one.
    id: str
    #: The best first.
    matches: list[Match]

    def __bool__(self) -> bool:
        """Is there any?"""
        return bool(self.matches)


@dataclass(frozen=True)
class Fit:
    """A fitted model, and what it reaches."""

    model: Model
    #: Precision, recall and so on of pairs of times that the model has not seen.
    held_out: dict[str, Any]


def group(line: str) -> Group:
    """The group that a line of JSON tells of."""
    told = json.loads(line)
    told["members"] = [Member(**member) for member in told["members"]]
    if "updates" in told:
        told["updates"] = [Update(**update) for update in told["updates"]]
    return Group(**told)


def dropped(line: str) -> Dropped:
    """The dropped article that a line of JSON tells of."""
    return Dropped(**json.loads(line))


def added(line: str) -> Added:
    """What became of an article, as a line of JSON tells it."""
    return Added(**json.loads(line))


def matches(line: str) -> Matches:
    """The matches that a line of JSON tells of."""
    told = json.loads(line)
    for match in told["matches"]:
        # Where the index keeps texts.
        match["passages"] = _passages(match["passages"]) if "passages" in match else None
    return Matches(told["id"], [Match(**match) for match in told["matches"]])


def _passages(told: list[dict[str, Any]]) -> list[Passage]:
    return [Passage(Wording(**one["a"]), Wording(**one["b"]), one["stems"]) for one in told]


def comparison(line: str) -> Comparison:
    """The comparison that a line of JSON tells of."""
    told = json.loads(line)
    if told["place"] is not None:
        place = told["place"]
        told["place"] = Place(place["in"], place["start"], place["end"], place["from"], place["to"])
    told["contributions"] = [Contribution(**one) for one in told["contributions"]]
    told["passages"] = _passages(told["passages"])
    return Comparison(**told)
