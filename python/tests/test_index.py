"""`naskh.Index` says what `naskh index` says, and keeps what it has said."""

import datetime
import errno
import html
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import naskh
import pandas
import polars
import pyarrow
import pyarrow.dataset
import pyarrow.parquet
import pytest

from test_as_the_program import lines
from test_running import MANY, many


#: An index that something else made.
FIRST_FORMAT = Path(__file__).resolve().parents[2] / "tests" / "index-format-1"


@pytest.fixture
def dated(newsroom):
    """All with a date, so that it does not matter when the test is run."""
    return [{**article, "date": article["date"] or "2026-04-14"} for article in newsroom]


@pytest.fixture
def index(tmp_path):
    with naskh.Index.create(tmp_path / "index") as index:
        yield index


def ids(told):
    return [one.id for one in told]


def written(path, articles):
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in articles), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("options", "flags"),
    [
        ({}, []),
        ({"level": "copy", "window": None, "threads": 1}, ["--level", "copy", "--window", "none"]),
        ({"window": 1.5, "threshold": 0.9}, ["--window", "1.5", "--threshold", "0.9"]),
        ({"store_text": True}, ["--store-text"]),
    ],
)
def test_all_is_told_as_the_program_tells_it(options, flags, dated, program, tmp_path):
    ours, its = tmp_path / "ours", tmp_path / "its"
    program("index", "create", its, *flags)
    first, rest = written(tmp_path / "1.jsonl", dated[:8]), written(tmp_path / "2.jsonl", dated[8:])
    with naskh.Index.create(ours, **options) as index:
        assert lines(index.add(dated[:8])) == program("index", "add", its, first)
        assert lines(index.preview(dated[8:])) == program("index", "add", its, rest, "--dry-run")
        assert_matches(index.query(dated), program("index", "query", its, written(tmp_path / "3.jsonl", dated), "--json"))
        added = index.add(dated[8:])
        assert lines(added) == program("index", "add", its, rest)
        assert any(one.matched for one in added)
        assert lines(index.groups()) == program("index", "export", its)
        assert lines(index.groups(singletons=True)) == program("index", "export", its, "--singletons")
        assert index.stats() == json.loads(program("index", "stats", its, "--json"))
    # Either goes on with what the other has made.
    assert program("index", "export", ours) == program("index", "export", its)
    assert naskh.Index.check(ours) == naskh.Index.check(its) == []


def test_where_texts_coincide_is_told_in_characters(dated, tmp_path):
    with naskh.Index.create(tmp_path / "index", store_text=True) as index:
        index.add(dated[:8])
        texts = {article["id"]: html.unescape(article["text"]) for article in dated}
        told = [(found.id, match) for found in index.query(dated) for match in found.matches]
    for asked, match in told:
        for passage in match.passages:
            for article, side in [(asked, passage.a), (match.id, passage.b)]:
                assert texts[article][side.start : side.end] == side.text != ""
    assert any(match.passages and match.relation == "derived" for _, match in told)


def assert_matches(found, told):
    """The same, but that the program counts bytes, and tells no passages where it keeps no texts."""
    expected = [json.loads(line) for line in told.splitlines()]
    assert len(found) == len(expected) > 0
    for ours, its in zip(found, expected):
        assert (ours.id, len(ours.matches), bool(ours)) == (its["id"], len(its["matches"]), its["matches"] != [])
        for ours, its in zip(ours.matches, its["matches"]):
            passages = its.pop("passages", None)
            assert {name: getattr(ours, name) for name in its} == its
            assert (ours.passages is None) == (passages is None)
            shared = [(passage.a.text, passage.b.text) for passage in ours.passages or []]
            assert shared == [(passage["text_a"], passage["text_b"]) for passage in passages or []]


KINDS = {
    "tuple": (lambda a, _: tuple(a)),
    "iterator of dicts": (lambda a, _: iter(a)),
    "pandas": (lambda a, _: pandas.DataFrame(a)),
    "polars": (lambda a, _: polars.DataFrame(a)),
    "table": (lambda a, _: pyarrow.Table.from_pylist(a)),
    "reader": (lambda a, _: pyarrow.Table.from_pylist(a).to_reader(max_chunksize=4)),
    "list of tables": (lambda a, _: [pyarrow.Table.from_pylist(part) for part in (a[:7], a[7:])]),
    "iterator of frames": (lambda a, _: (polars.DataFrame(a[at : at + 4]) for at in range(0, len(a), 4))),
    "dataset": (lambda a, path: dataset(a, path)),
}


def dataset(articles, path):
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(articles), path, row_group_size=3)
    return pyarrow.dataset.dataset(path, format="parquet")


@pytest.mark.parametrize("kind", KINDS)
def test_articles_come_in_what_groups_are_made_of(kind, dated, index, tmp_path):
    with naskh.Index.create(tmp_path / "other") as other:
        expected = other.add(dated)
        asked = other.query(dated)
    given = [KINDS[kind](dated, tmp_path / f"{number}.parquet") for number in range(2)]
    assert index.add(given[0]) == expected
    assert index.query(given[1]) == asked


def test_one_article_and_none(dated, index):
    [added] = index.add(dated[0])
    assert (added.id, added.group, added.matched) == (dated[0]["id"], dated[0]["id"], None)
    assert index.query({**dated[0], "id": "asked"}).matches[0].relation == "identical"
    found = index.query(dated[0]["text"], today=dated[0]["date"])
    assert found and found.id == "articles[0]" and found.matches[0].id == dated[0]["id"]
    assert not index.query("رسالة قصيرة")
    assert index.add([]) == index.query(iter([])) == []
    named = {"number": 7, "lead": dated[1]["text"]}
    assert ids(index.add(named, id="number", text="lead", today=datetime.date(2026, 4, 13))) == ["7"]


def test_it_is_kept(dated, tmp_path):
    folder = tmp_path / "index"
    told = []
    naskh.Index.create(folder).close()
    for article in dated:
        with naskh.Index.open(folder) as index:
            told += index.add([article])
    with naskh.Index.open(str(folder), readonly=True) as index:
        groups = index.groups(singletons=True)
    with naskh.Index.create(tmp_path / "at once") as index:
        assert index.add(dated) == told
        assert index.groups(singletons=True) == groups


def test_what_was_told_survives_a_kill(dated, tmp_path, newsroom_file):
    script = """
    import json, os, signal, sys, naskh
    articles = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
    index = naskh.Index.create(sys.argv[2])
    index.add(articles[:5])
    def some():
        yield articles[5]
        print("on the way", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    index.add(some())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), newsroom_file, tmp_path / "index"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "on the way\n"), done.stderr
    assert naskh.Index.check(tmp_path / "index") == []
    with naskh.Index.open(tmp_path / "index") as index:
        assert index.stats()["articles"] == 5
        assert ids(index.add(dated[5:])) == ids_of(dated[5:])


def ids_of(articles):
    return [article["id"] for article in articles]


def test_an_id_that_comes_again(dated, index, program, tmp_path):
    index.add(dated[:6])
    before = index.groups(singletons=True)
    index_of_program = tmp_path / "its"
    program("index", "create", index_of_program)
    program("index", "add", index_of_program, written(tmp_path / "1.jsonl", dated[:6]))
    for wrong in [dated[4:8], [dated[8], dated[8]]]:
        said = program("index", "add", index_of_program, written(tmp_path / "2.jsonl", wrong), ends=2)
        with pytest.raises(naskh.DuplicateIdError) as caught:
            index.add(wrong)
        assert f"naskh: {caught.value}\n" == said
    # What came before it in other tables is not added either.
    with pytest.raises(naskh.DuplicateIdError):
        index.add([pyarrow.Table.from_pylist(part) for part in (dated[6:9], dated[:1])])
    assert index.groups(singletons=True) == before
    assert ids(index.add(dated, on_conflict="skip")) == ids_of(dated[6:])
    replaced = index.add({**dated[0], "text": "نص قصير آخر"}, on_conflict="replace")
    assert (ids(replaced), replaced[0].matched) == ([dated[0]["id"]], None)
    assert index.stats()["articles"] == len(dated)


def test_a_preview_changes_nothing(dated, index):
    index.add(dated[:6])
    before = index.stats()
    asked = index.preview(dated[6:])
    assert (index.preview(dated[6:]), index.stats()) == (asked, before)
    assert index.add(dated[6:])[0] == asked[0]


def test_what_goes_is_gone(dated, index):
    index.add(dated)
    group = max(index.groups(), key=lambda group: group.size)
    with pytest.raises(naskh.InputError) as caught:
        index.remove([group.representative, "nobody"])
    assert str(caught.value) == 'id "nobody": found no article of this id in the index; expected one that is there'
    assert index.remove(group.representative) == 1
    left = {member.id for group in index.groups(singletons=True) for member in group.members}
    assert left == set(ids_of(dated)) - {group.representative}
    early = [article for article in dated if article["date"] < "2026-04-13" and article["id"] in left]
    assert index.expire(datetime.datetime(2026, 4, 13, 8)) == len(early) > 0
    assert index.expire("2026-04-13") == 0
    index.compact()
    assert [day["day"] >= "2026-04-13" for day in index.stats()["days"]]
    assert index.stats()["articles"] == len(left) - len(early)
    now = datetime.datetime.now(datetime.timezone.utc)
    recent = [{**dated[0], "id": str(days), "date": now - datetime.timedelta(days)} for days in (1, 3, 5)]
    index.add(recent)
    for older_than, expected in [("6d", len(left) - len(early)), (datetime.timedelta(4), 1), (2, 1), ("0", 1)]:
        assert index.expire(older_than=older_than) == expected
    assert index.groups(singletons=True) == []


def test_dates(dated, index):
    undated = {**dated[0], "date": None}
    index.add(undated, today="2026-04-01")
    assert [day["day"] for day in index.stats()["days"]] == ["2026-04-01"]
    # Beyond the window of seven days.
    assert not index.query({**undated, "id": "asked"}, today=datetime.date(2026, 4, 9))
    assert index.query({**undated, "id": "asked"}, today=datetime.date(2026, 4, 8))
    with pytest.raises(naskh.ConfigError, match='^today: found "soon"; expected a date such as 2026-04-12$'):
        index.query(undated, today="soon")


def test_one_writer_and_any_readers(dated, index, program):
    index.add(dated[:3])
    folder = index.folder
    said = program("index", "remove", folder, "x", ends=2)
    with pytest.raises(naskh.LockedError) as caught:
        naskh.Index.open(folder)
    assert f"naskh: {caught.value}\n" == said
    assert f"found that process {os.getpid()} on " in said
    with naskh.Index.open(folder, readonly=True) as reader, naskh.Index.open(folder, readonly=True) as another:
        index.add(dated[3:])
        assert reader.groups() == another.groups() == index.groups()
        for change in [lambda: reader.add([]), lambda: reader.remove("x"), lambda: reader.expire(older_than=1), reader.compact]:
            with pytest.raises(naskh.ConfigError, match="opened without readonly=True"):
                change()
        index.close()
        # Nobody writes to it now.
        program("index", "remove", folder, dated[0]["id"])
        assert reader.stats()["articles"] == len(dated) - 1


def test_what_is_wrong_is_said(index, tmp_path, program):
    with pytest.raises(naskh.FileError) as caught:
        naskh.Index.open(tmp_path / "none")
    assert "none" in str(caught.value)
    naskh.Index.create(tmp_path / "there").close()
    with pytest.raises(naskh.FileError) as caught:
        naskh.Index.create(tmp_path / "there")
    assert caught.value.errno == errno.EEXIST
    other = tmp_path / "other"
    other.mkdir()
    (other / "index.sqlite").write_text("no index at all")
    said = program("index", "stats", other, ends=2)
    with pytest.raises(naskh.InputError) as caught:
        naskh.Index.open(other)
    assert f"naskh: {caught.value}\n" == said
    for options, message in [
        ({"level": "event"}, "index: found level event; expected level copy or derived"),
        ({"window": -1}, "window: found -1"),
        ({"threshold": 2}, "threshold: found 2"),
        ({"threads": 0}, "threads: found 0"),
    ]:
        with pytest.raises(naskh.ConfigError) as caught:
            naskh.Index.create(tmp_path / "wrong", **options)
        assert str(caught.value).startswith(message)
        assert not (tmp_path / "wrong").exists()
    with pytest.raises(naskh.ConfigError, match="^on_conflict: found keep; expected refuse, replace or skip$"):
        index.add([], on_conflict="keep")
    for wrong in [{}, {"before": "2026-04-12", "older_than": 3}]:
        with pytest.raises(naskh.ConfigError, match="^expire: found both or neither"):
            index.expire(**wrong)
    for wrong in ["7h", "-1", -1, datetime.timedelta(-1), 10**9]:
        with pytest.raises(naskh.ConfigError, match="^older_than: found"):
            index.expire(older_than=wrong)
    for frame in [{"text": "نص"}, [{"id": "a", "text": "نص"}, {"id": None, "text": "نص"}]]:
        with pytest.raises(naskh.InputError, match=r'\]: found a row without it; expected the field "id" or "url" \(id\)$'):
            index.add(frame)
    assert index.stats()["came"] == 0


def test_an_index_that_others_made_is_refused(tmp_path, program):
    for packed in FIRST_FORMAT.iterdir():
        with pyarrow.input_stream(str(packed), compression="zstd") as file:
            (tmp_path / packed.stem).write_bytes(file.read())
    said = program("index", "stats", tmp_path, ends=2)
    for readonly in (False, True):
        with pytest.raises(naskh.ConfigError) as caught:
            naskh.Index.open(tmp_path, readonly=readonly)
        assert f"naskh: {caught.value}\n" == said


def test_a_closed_index(dated, tmp_path):
    with naskh.Index.create(tmp_path / "index") as index:
        assert not index.closed and "open" in repr(index)
    assert index.closed and "closed" in repr(index)
    index.close()
    for use in [
        lambda: index.add(dated), lambda: index.preview(dated), lambda: index.query("x"), lambda: index.remove("x"),
        lambda: index.expire(older_than=1), index.groups, index.stats, index.compact,
    ]:
        with pytest.raises(naskh.ClosedError, match="found that it is closed"):
            use()
    # It is closed as well if something goes wrong.
    with pytest.raises(ZeroDivisionError):
        with naskh.Index.open(tmp_path / "index") as index:
            1 / 0
    assert index.closed


def test_an_exception_on_the_way_leaves_it_as_it_was(dated, index):
    index.add(dated[:2])

    def some():
        yield from dated[2:6]
        assert index.query({**dated[0], "id": "asked"})
        for change in [lambda: index.add(dated[7]), lambda: index.remove(dated[0]["id"]), index.compact]:
            with pytest.raises(naskh.ConfigError, match="found that articles are being added"):
                change()
        raise ZeroDivisionError

    before = index.groups(singletons=True)
    with pytest.raises(ZeroDivisionError):
        index.add(some())
    assert index.groups(singletons=True) == before
    assert ids(index.add(dated[2:])) == ids_of(dated[2:])


def test_progress_and_who_ends_it(index):
    told = []
    articles = many(6_000)
    assert len(index.add(pyarrow.Table.from_pylist(articles), progress=told.append)) == len(articles)
    assert {(stage.name, stage.unit) for stage in told} == {("adding", "articles")}
    counts = [stage.count for stage in told]
    assert counts == sorted(counts) and len(set(counts)) > 2 and counts[-1] == len(articles)

    class Enough(Exception):
        pass

    def watch(stage):
        with pytest.raises(naskh.ConfigError, match="found a call from within another one"):
            index.stats()
        raise Enough

    more = [{**article, "id": f"more {article['id']}"} for article in articles]
    before = index.stats()["articles"]
    with pytest.raises(Enough):
        index.add(more, progress=watch)
    with pytest.raises(Enough):
        index.query(more, progress=watch)
    assert index.stats()["articles"] == before


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_control_c_adds_nothing(tmp_path):
    script = MANY + textwrap.dedent(
        """
        import sys, naskh
        articles = many(40_000)
        with naskh.Index.create(sys.argv[1]) as index:
            try:
                index.add(articles, progress=lambda stage: stage.count and print(stage.name, flush=True))
            except KeyboardInterrupt:
                print(index.stats()["articles"], "added")
        """
    )
    process = subprocess.Popen([sys.executable, "-c", script, tmp_path / "index"], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "adding\n"
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=60)
    assert rest.splitlines()[-1] == "0 added"
    assert naskh.Index.check(tmp_path / "index") == []


def test_threads_share_it(dated, index):
    found = {}

    def work(article):
        found[article["id"]] = index.add(article), index.query(article["text"], today=article["date"])

    threads = [threading.Thread(target=work, args=(article,)) for article in dated]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert set(found) == set(ids_of(dated)) == {m.id for g in index.groups(singletons=True) for m in g.members}
    assert all(added and matches for added, matches in found.values())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes that fork")
@pytest.mark.filterwarnings("ignore:.*fork")
def test_a_process_that_has_forked_keeps_out_of_it(dated, index):
    index.add(dated[:3])
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        # No more of this test than this: the rest is the parent's.
        try:
            index.stats()
        except naskh.ConfigError as error:
            os.write(writing, str(error).encode())
        index._index = None
        # Until the parent has seen that the lock is its own to give back.
        os.close(writing)
        signal.pause()
    os.close(writing)
    with os.fdopen(reading) as said:
        assert f"found that process {os.getpid()} opened it, from which this one was forked" in said.read()
    assert ids(index.add(dated[3:])) == ids_of(dated[3:])
    index.close()
    with naskh.Index.open(index.folder) as again:
        assert again.stats()["articles"] == len(dated)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
