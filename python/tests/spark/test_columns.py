"""What is wrong with a frame is said before any work."""

import datetime

import pytest

from naskh import ConfigError, DuplicateIdError, InputError
from naskh.spark import dedup, group
from naskh.spark.columns import Columns

TEXT = "افتتح الوزير المكتبة"


def columns(frame, **named):
    return Columns(frame, named)


@pytest.mark.parametrize(
    "rows, schema, error, says",
    [
        ([], "id string, text string", InputError, "found no articles"),
        ([("a", TEXT)], "id string, words string", InputError, "expected the column 'text' or 'content' or 'body'"),
        ([("a", TEXT)], "name string, text string", InputError, "expected the column 'id' or 'url'"),
        ([("a", 5)], "id string, text int", InputError, "column 'text': found int; expected strings"),
        ([(1.5, TEXT)], "id double, text string", InputError, "column 'id': found double"),
        ([("a", TEXT, 5)], "id string, text string, date int", InputError, "column 'date': found int"),
        ([("a", TEXT), (None, TEXT)], "id string, text string", InputError, "found null or an empty string"),
        ([("a", TEXT), ("", TEXT)], "id string, text string", InputError, "found null or an empty string"),
        ([("a", TEXT), ("b", None)], "id string, text string", InputError, "article 'b': found null"),
        ([("a", TEXT), ("b", TEXT), ("a", "")], "id string, text string", DuplicateIdError, "found the id 'a' again"),
    ],
)
def test_a_frame_that_is_wrong(spark, tmp_path, rows, schema, error, says):
    frame = spark.createDataFrame(rows, schema)
    with pytest.raises(error, match=says):
        group(frame, folder=str(tmp_path))
    assert list(tmp_path.iterdir()) == [], "there was work"


def test_settings_that_are_wrong(spark, tmp_path):
    frame = spark.createDataFrame([("a", TEXT)], "id string, text string")
    for settings, says in [
        ({"level": "event"}, "level: found event; expected copy or derived"),
        ({"window": -1.0}, "window: found -1"),
    ]:
        with pytest.raises(ConfigError, match=says):
            group(frame, folder=str(tmp_path), **settings)
    with pytest.raises(InputError, match="expected the column 'body' \\(text\\)"):
        group(frame, text="body", folder=str(tmp_path))
    for keep in ["first", "source:", "source:a"]:
        with pytest.raises(ConfigError, match="keep: found"):
            dedup(frame, keep=keep, folder=str(tmp_path))
    assert list(tmp_path.iterdir()) == [], "there was work"


def test_columns_as_they_may_come(spark):
    noon = datetime.datetime(2026, 5, 2, 12, tzinfo=datetime.timezone.utc)
    for value, kind, expected in [
        ("2026-05-02", "string", "2026-05-02"),
        (datetime.date(2026, 5, 2), "date", 20575 * 86400),
        (noon, "timestamp", 20575 * 86400 + 43200),
        (datetime.datetime(2026, 5, 2, 12), "timestamp_ntz", "2026-05-02 12:00:00"),
        (None, "date", None),
    ]:
        frame = spark.createDataFrame([(7, None, TEXT, value)], f"id long, text string, body string, published {kind}")
        found = columns(frame)
        assert found.check() == 1
        row = found.rows().first()
        assert (row.id, row.text, row.date, row.source) == ("7", TEXT, expected, None)


def test_a_date_that_is_none_is_told_with_its_article(spark, tmp_path):
    frame = spark.createDataFrame([("a", TEXT, "yesterday")], "id string, text string, date string")
    with pytest.raises(Exception, match='article "a": found date "yesterday"; expected a date such as'):
        group(frame, folder=str(tmp_path))
