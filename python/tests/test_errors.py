"""What is wrong is said in the words of the program, before any work."""

import datetime
import json

import naskh
import pandas
import polars
import pyarrow
import pytest

TEXT = "افتتح الوزير مكتبة عامة في المدينة"


def said(kind, articles, **options):
    with pytest.raises(kind) as caught:
        naskh.dedup(articles, **options)
    assert isinstance(caught.value, naskh.Error)
    return str(caught.value)


def frames(columns):
    """The same columns in everything that has columns."""
    return [pandas.DataFrame(columns), polars.DataFrame(columns, strict=False), pyarrow.table(columns)]


def test_wrong_columns():
    for frame in frames({"id": ["a"], "words": [TEXT]}):
        assert said(naskh.InputError, frame) == (
            'articles: found a table with only the columns "id", "words"; expected the field "text" or "content" or '
            '"body" (text)'
        )
        assert said(naskh.InputError, frame, text="lead").endswith('expected the field "lead" (text)')
        assert len(naskh.dedup(frame, text="words")) == 1
    for frame in frames({"text": [1, 2]}):
        assert said(naskh.InputError, frame) == (
            'articles: found the column "text" of whole numbers; expected a column of strings'
        )
    for frame in frames({"text": [TEXT], "date": [[1]]}):
        assert said(naskh.InputError, frame) == (
            'articles: found the column "date" of nested values; expected a column of strings, dates or timestamps'
        )
    assert "of the type Float64" in said(naskh.InputError, polars.DataFrame({"text": [1.5]}))
    doubled = pandas.DataFrame([[TEXT, TEXT]], columns=["text", "text"])
    assert said(naskh.InputError, doubled) == 'articles: found the column "text" twice; expected it once'


def test_nulls_and_what_is_no_text():
    for frame in [[{"text": TEXT}, {"text": None}], *frames({"text": [TEXT, None]})]:
        assert said(naskh.InputError, frame) == 'articles[1]: found null in the field "text"; expected a string'
    assert said(naskh.InputError, [{"text": TEXT}, {"text": 3}]) == (
        'articles[1]: found a number in the field "text"; expected a string'
    )
    assert "several kinds" in said(naskh.InputError, pandas.DataFrame({"text": [TEXT, 3]}))
    assert said(naskh.InputError, [{"text": b"x"}]) == (
        'articles[0]: found a bytes in the field "text"; expected a string'
    )
    assert said(naskh.InputError, [{"text": "\ud800"}]).startswith("articles[0]: found a string with lone surrogates")
    raw = pyarrow.array([TEXT.encode(), b"\xff"]).view(pyarrow.string())
    assert said(naskh.InputError, pyarrow.table({"text": raw})).startswith(
        "articles[1]: found bytes that are not UTF-8"
    )
    assert said(naskh.InputError, [{"text": TEXT}, {"title": TEXT}]) == (
        'articles[1]: found a row without it; expected the field "text" or "content" or "body" (text)'
    )


def test_ids_that_come_again():
    message = 'articles[2]: found the id "a" again (first at articles[0]); expected ids that differ'
    columns = {"id": ["a", "b", "a"], "text": [TEXT] * 3}
    for frame in [[{"id": i, "text": TEXT} for i in "aba"], *frames(columns)]:
        assert said(naskh.DuplicateIdError, frame) == message
    parts = (polars.DataFrame({"id": [one], "text": [TEXT]}) for one in "aba")
    assert said(naskh.DuplicateIdError, parts) == message


def test_the_words_are_those_of_the_program(program, tmp_path):
    for wrong in [{"text": None}, {"text": ["a"]}, {"text": TEXT, "date": "soon"}, {"text": TEXT, "id": True}]:
        path = tmp_path / "wrong.jsonl"
        path.write_text(json.dumps({"text": TEXT}) + "\n" + json.dumps(wrong), encoding="utf-8")
        expected = program("dedup", path, ends=2).strip().replace(f"naskh: {path}:2", "articles[1]")
        found = said(naskh.InputError, [{"text": TEXT}, wrong])
        # A list is an array in JSON.
        assert found.replace("found a list", "found an array") == expected


def test_nothing_at_all():
    empty = "articles: found none; expected one or more"
    for frame in [[], (), iter([]), *frames({"text": pyarrow.array([], pyarrow.string())})]:
        if isinstance(frame, pandas.DataFrame):
            frame = pandas.DataFrame({"text": pandas.Series([], dtype="str")})
        assert said(naskh.InputError, frame) == empty
        with pytest.raises(naskh.InputError):
            naskh.group(frame)


def test_what_articles_cannot_come_in():
    for wrong, name in [(3, "int"), ("articles.jsonl", "str"), (None, "NoneType"), ({"text": TEXT}, "dict")]:
        assert said(naskh.InputError, wrong).startswith(f"articles: found a {name}; expected a list of dicts")
    assert said(naskh.InputError, [{"text": TEXT}, "x"]) == "articles[1]: found a str; expected a dict"
    mixed = iter([{"text": TEXT}, pyarrow.table({"text": [TEXT]})])
    assert said(naskh.InputError, mixed) == "articles: found a Table behind a dict; expected dicts alone, or tables alone"


def test_options():
    articles = [{"text": TEXT}]
    for options, message in [
        ({"level": "same"}, "level: found same; expected copy, derived or event"),
        ({"level": "event"}, "level: found event; expected copy or derived"),
        ({"keep": "last"}, "keep: found last; expected earliest, longest, first, or source:"),
        ({"window": -1}, "window: found -1; expected a number of days, 0 or more"),
        ({"threshold": 2}, "threshold: found 2; expected a score from 0 to 1"),
        ({"threads": 0}, "threads: found 0; expected 1 to 1024"),
        ({"exact": True, "level": "copy"}, "exact: found level, model or threshold"),
    ]:
        assert said(naskh.ConfigError, articles, **options).startswith(message)
    with pytest.raises(naskh.FileError) as caught:
        naskh.group(articles, model="no/such/model.json")
    assert isinstance(caught.value, OSError)
    assert caught.value.filename == "no/such/model.json"


def test_what_counts_as_missing():
    """As in JSON null: a number that is none, and what a dict does not have."""
    day = datetime.date(2026, 4, 1)
    articles = [
        {"id": 1, "text": TEXT, "date": day, "title": float("nan")},
        {"id": 2, "text": TEXT, "date": datetime.datetime(2026, 4, 3, 12, tzinfo=datetime.timezone.utc)},
        {"text": TEXT, "source": ""},
    ]
    [group] = naskh.group(articles)
    assert (group.spread, [member.id for member in group.members]) == (2.5, ["1", "2", "articles[2]"])
