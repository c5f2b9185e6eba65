"""Groups, what is kept and comparisons are those of the program, to the byte, whatever the articles come in."""

import html
import json
from decimal import Decimal

import naskh
import pandas
import polars
import pyarrow
import pyarrow.dataset
import pyarrow.parquet
import pytest


def lines(told):
    return "".join(
        json.dumps(one.to_dict(), ensure_ascii=False, separators=(",", ":")) + "\n" for one in told
    )


def arrow(articles):
    return pyarrow.Table.from_pylist(articles)


def dataset(articles, folder):
    """Two files, of row groups that end elsewhere than batches do."""
    table = arrow(articles)
    for name, part in [("1", table[:5]), ("2", table[5:])]:
        pyarrow.parquet.write_table(part, folder / f"{name}.parquet", row_group_size=2)
    return pyarrow.dataset.dataset(folder, format="parquet")


#: Ways of handing articles over, and of getting a list of dicts back.
KINDS = {
    "list": (lambda a, _: a, lambda kept: kept),
    "tuple": (lambda a, _: tuple(a), list),
    "iterator of dicts": (lambda a, _: iter(a), list),
    "pandas": (lambda a, _: pandas.DataFrame(a), lambda kept: arrow_of_pandas(kept)),
    "polars": (lambda a, _: polars.DataFrame(a), lambda kept: kept.to_dicts()),
    "polars categories": (
        lambda a, _: polars.DataFrame(a).with_columns(polars.col("source").cast(polars.Categorical)),
        lambda kept: kept.to_dicts(),
    ),
    "table": (lambda a, _: arrow(a), lambda kept: kept.to_pylist()),
    "chunked table": (lambda a, _: pyarrow.concat_tables([arrow(a[:3]), arrow(a[3:])]), lambda kept: kept.to_pylist()),
    "record batch": (lambda a, _: arrow(a).to_batches()[0], lambda kept: kept.to_pylist()),
    "reader": (lambda a, _: arrow(a).to_reader(max_chunksize=4), lambda kept: kept.read_all().to_pylist()),
    "dataset": (dataset, lambda kept: kept.read_all().to_pylist()),
    "iterator of frames": (
        lambda a, _: (polars.DataFrame(a[at : at + 4]) for at in range(0, len(a), 4)),
        lambda kept: [row for frame in kept for row in frame.to_dicts()],
    ),
    "list of tables": (
        lambda a, _: [arrow(a[:7]), arrow(a[7:])],
        lambda kept: [row for table in kept for row in table.to_pylist()],
    ),
    "capsules of others": (lambda a, _: Capsules(arrow(a)), lambda kept: kept.to_pylist()),
}


def arrow_of_pandas(frame):
    return pyarrow.Table.from_pandas(frame, preserve_index=False).to_pylist()


class Capsules:
    """A table of a library that nobody has heard of."""

    def __init__(self, table):
        self.table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self.table.__arrow_c_stream__(requested_schema)


@pytest.fixture(params=KINDS)
def kind(request):
    return KINDS[request.param]


@pytest.mark.parametrize(
    ("options", "flags"),
    [
        ({}, []),
        ({"level": "copy", "singletons": True}, ["--level", "copy", "--singletons"]),
        ({"updates": True, "window": 3}, ["--updates", "--window", "3"]),
        ({"threshold": 0.99, "threads": 1}, ["--threshold", "0.99"]),
        ({"level": "event", "memory": 1 << 20}, ["--level", "event"]),
    ],
)
def test_groups(kind, options, flags, newsroom, newsroom_file, program, tmp_path):
    expected = program("group", newsroom_file, "--format", "jsonl", *flags)
    found = naskh.group(kind[0](newsroom, tmp_path), **options)
    assert lines(found) == expected
    assert any(group.size > 1 for group in found)


@pytest.mark.parametrize(
    ("options", "flags"),
    [
        ({}, []),
        ({"keep": "first", "level": "derived"}, ["--keep", "first", "--level", "derived"]),
        ({"keep": "source:nobody,alwadi", "level": "derived"}, ["--keep", "source:nobody,alwadi", "--level", "derived"]),
        ({"exact": True, "keep": "longest"}, ["--exact", "--keep", "longest"]),
    ],
)
def test_what_is_kept(kind, options, flags, newsroom, newsroom_file, program, tmp_path):
    reasons_file = tmp_path / "dropped.jsonl"
    expected = program("dedup", newsroom_file, "--dropped", reasons_file, *flags)
    reasons = []
    folder = tmp_path / "articles"
    folder.mkdir()
    kept = kind[1](naskh.dedup(kind[0](newsroom, folder), dropped=reasons.append, **options))
    assert kept == [json.loads(line) for line in expected.splitlines()]
    assert lines(reasons) == reasons_file.read_text(encoding="utf-8")
    assert 0 < len(kept) < len(newsroom)


def test_parquet_is_kept_as_the_program_keeps_it(newsroom, program, tmp_path):
    path, clean = tmp_path / "in.parquet", tmp_path / "out.parquet"
    rows = [{**article, "number": number, "tags": [{"a": number}]} for number, article in enumerate(newsroom)]
    table = pyarrow.Table.from_pylist(rows).replace_schema_metadata({"made": "for a test"})
    pyarrow.parquet.write_table(table, path)
    program("dedup", path, "-o", clean)
    kept = naskh.dedup(pyarrow.parquet.read_table(path))
    assert kept.equals(pyarrow.parquet.read_table(clean), check_metadata=True)


def test_frames_keep_what_they_are(newsroom):
    frame = pandas.DataFrame(newsroom, index=[f"row {number}" for number in range(len(newsroom))])
    frame["date"] = pandas.to_datetime(frame["date"])
    clean = naskh.dedup(frame)
    pandas.testing.assert_frame_equal(clean, frame.loc[clean.index])
    assert list(clean.index) == [f"row {number}" for number in keep(newsroom)]
    many = polars.DataFrame(newsroom).with_columns(polars.col("date").str.to_date(), polars.lit([1, 2]).alias("more"))
    clean = naskh.dedup(many)
    assert clean.schema == many.schema
    assert clean.equals(many[keep(newsroom)])


def keep(articles):
    """The numbers of the articles that are kept."""
    ids = [article["id"] for article in naskh.dedup(articles)]
    return [number for number, article in enumerate(articles) if article["id"] in ids]


@pytest.mark.parametrize("date", ["date32", "date64", "timestamp[s]", "timestamp[ns]", "timestamp[ms, UTC]"])
@pytest.mark.parametrize("number", ["int8", "uint64"])
def test_ids_and_dates_of_every_type(date, number, newsroom):
    types = {
        "date32": pyarrow.date32(),
        "date64": pyarrow.date64(),
        "timestamp[s]": pyarrow.timestamp("s"),
        "timestamp[ns]": pyarrow.timestamp("ns"),
        "timestamp[ms, UTC]": pyarrow.timestamp("ms", "UTC"),
    }
    numbered = [{**article, "id": str(number)} for number, article in enumerate(newsroom)]
    table = arrow(numbered)
    days = table["date"].cast(pyarrow.timestamp("s")).cast(types[date]) if date != "timestamp[ms, UTC]" else (
        pyarrow.compute.assume_timezone(table["date"].cast(pyarrow.timestamp("ms")), "UTC")
    )
    typed = table.set_column(table.schema.get_field_index("date"), "date", days)
    ids = typed["id"].cast(pyarrow.type_for_alias(number))
    typed = typed.set_column(typed.schema.get_field_index("id"), "id", ids)
    assert naskh.group(typed, updates=True) == naskh.group(numbered, updates=True)


@pytest.mark.parametrize("string", ["string", "large_string", "string_view", "dictionary"])
def test_strings_of_every_type(string, newsroom):
    types = {
        "string": pyarrow.string(),
        "large_string": pyarrow.large_string(),
        "string_view": pyarrow.string_view(),
        "dictionary": pyarrow.dictionary(pyarrow.int16(), pyarrow.large_string()),
    }
    table = arrow(newsroom).slice(2)
    typed = pyarrow.table(
        {
            name: table[name].dictionary_encode().cast(types[string])
            if string == "dictionary"
            else pyarrow.array(table[name].to_pylist(), types[string])
            for name in table.column_names
        }
    )
    assert naskh.group(typed) == naskh.group(newsroom[2:])
    assert any(group.size > 1 for group in naskh.group(typed))
    clean = naskh.dedup(typed)
    assert clean.schema == typed.schema
    assert clean.to_pylist() == naskh.dedup(newsroom[2:])
    assert naskh.dedup(pyarrow.dataset.dataset(typed)).read_all().equals(clean)


OTHER_TYPES = {
    "null": lambda: pyarrow.nulls(4),
    "halves": lambda: pyarrow.array([1.5, None, 2, 3], pyarrow.float16()),
    "decimals": lambda: pyarrow.array([Decimal("1.25"), None, Decimal(2), Decimal(3)], pyarrow.decimal128(5, 2)),
    "wide decimals": lambda: pyarrow.array([Decimal("1.25"), None, Decimal(2), Decimal(3)], pyarrow.decimal256(50, 2)),
    "times": lambda: pyarrow.array([1, None, 2, 3], pyarrow.timestamp("us", "Asia/Riyadh")),
    "times of day": lambda: pyarrow.array([1, None, 2, 3], pyarrow.time64("ns")),
    "durations": lambda: pyarrow.array([1, None, 2, 3], pyarrow.duration("us")),
    "intervals": lambda: pyarrow.array([(1, 2, 3)] * 4, pyarrow.month_day_nano_interval()),
    "bytes": lambda: pyarrow.array([b"a", None, b"\xff", b""], pyarrow.large_binary()),
    "views": lambda: pyarrow.array([b"a", None, b"\xff" * 20, b""], pyarrow.binary_view()),
    "bytes of one length": lambda: pyarrow.array([b"ab", None, b"cd", b"ef"], pyarrow.binary(2)),
    "lists": lambda: pyarrow.array([["a"], None, [], ["b", "c"]], pyarrow.large_list(pyarrow.string())),
    "views of lists": lambda: pyarrow.array([["a"], None, [], ["b", "c"]], pyarrow.list_view(pyarrow.string())),
    "lists of one length": lambda: pyarrow.array([[1, 2], None, [3, 4], [5, 6]], pyarrow.list_(pyarrow.int32(), 2)),
    "structs": lambda: pyarrow.array([{"a": 1, "b": "x"}, None, {"a": 2}, {"b": "y"}]),
    "maps": lambda: pyarrow.array([[("a", 1)], None, [], [("b", 2)]], pyarrow.map_(pyarrow.string(), pyarrow.int8())),
    "categories": lambda: pyarrow.DictionaryArray.from_arrays(
        pyarrow.array([0, 1, None, 0], pyarrow.int8()), pyarrow.array(["x", "y"]), ordered=True
    ),
    "runs": lambda: pyarrow.RunEndEncodedArray.from_arrays(pyarrow.array([2, 4]), pyarrow.array(["p", "q"])),
    "unions": lambda: pyarrow.UnionArray.from_dense(
        pyarrow.array([0, 1, 0, 1], pyarrow.int8()),
        pyarrow.array([0, 0, 1, 1], pyarrow.int32()),
        [pyarrow.array([1, 2]), pyarrow.array(["a", "b"])],
    ),
    "extensions": lambda: pyarrow.ExtensionArray.from_storage(
        pyarrow.fixed_shape_tensor(pyarrow.int32(), [2]),
        pyarrow.array([[1, 2], [3, 4], [5, 6], [7, 8]], pyarrow.list_(pyarrow.int32(), 2)),
    ),
}


@pytest.mark.parametrize("kind", OTHER_TYPES)
def test_columns_of_any_type_come_back_as_they_were(kind, newsroom):
    other = OTHER_TYPES[kind]()
    copied = newsroom[0]
    articles = [copied, newsroom[2], {**copied, "id": "again"}, newsroom[3]]
    field = pyarrow.field("other", other.type, metadata={"of": "the column"})
    table = arrow(articles).append_column(field, other).replace_schema_metadata({"of": "the table"})
    for given in [table, table.slice(0, 3), pyarrow.concat_tables([table.slice(0, 1), table.slice(1)])]:
        clean = naskh.dedup(given)
        clean.validate(full=True)
        assert clean.schema.equals(table.schema, check_metadata=True)
        assert clean.to_pylist() == [row for row in given.to_pylist() if row["id"] != "again"]


def test_a_large_table_is_copied_in_parts(newsroom):
    few = arrow(newsroom).drop_columns("id")
    table = pyarrow.concat_tables([few] * 1000).combine_chunks()
    rows = {threads: naskh.dedup(table, exact=True, threads=threads) for threads in [1, 3]}
    assert rows[1].equals(rows[3])
    assert rows[3]["text"].num_chunks == 3
    assert rows[1].to_pylist() == naskh.dedup(few, exact=True).to_pylist()
    [batch] = table.to_batches()
    assert naskh.dedup(batch, exact=True).to_pylist() == rows[1].to_pylist()


def test_comparisons(newsroom, program, tmp_path):
    for first, second in [(1, 2), (1, 5), (4, 7), (0, 0)]:
        a, b = newsroom[first], newsroom[second]
        paths = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
        for path, article in zip(paths, (a, b)):
            path.write_text(json.dumps(article), encoding="utf-8")
        found = naskh.compare(a, b)
        expected = json.loads(program("compare", *paths, "--json", ends=0 if found else 1))
        for name in ("same", "score", "relation", "update_of", "threshold", "a_in_b", "b_in_a", "direction"):
            assert getattr(found, name) == expected[name]
        assert [one.to_dict() for one in found.contributions] == expected["contributions"]
        assert [one.a.text for one in found.passages] == [one["a"]["text"] for one in expected["passages"]]
        for passage in found.passages:
            for article, side in [(a, passage.a), (b, passage.b)]:
                assert html.unescape(article["text"])[side.start : side.end] == side.text
    assert naskh.compare(newsroom[1]["text"], newsroom[1]["text"]).relation == "identical"


def test_a_round_up_says_where_it_has_the_report(newsroom):
    by_id = {article["id"]: article for article in newsroom}
    report, round_up = by_id["nabaa-0413-01"], by_id["alwadi-0414-01"]
    found = naskh.compare(report, round_up)
    place = found.place
    assert (found.relation, place.within) == ("derived", "b")
    stretch = round_up["text"][place.start : place.end]
    assert all(passage.b.text in stretch for passage in found.passages[1:-1])
