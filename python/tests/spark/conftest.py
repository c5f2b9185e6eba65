"""What the tests on Spark share. They need Java, and are skipped, with the reason, where there is none."""

import json
import os
import random
import shutil
import sys
from collections import defaultdict
from pathlib import Path

import pytest

SYLLABLES = ["سا", "لم", "كت", "بر", "نو", "دم", "رف", "قص", "عل", "حو", "طي", "جد"]


def reason_to_skip():
    try:
        import pyspark  # noqa: F401
    except ImportError:
        return "no PySpark"
    home = os.environ.get("JAVA_HOME")
    if not (home and Path(home, "bin", "java").exists()) and shutil.which("java") is None:
        return "no Java"
    return None


REASON = reason_to_skip()

# Workers must run the same Python.
os.environ["PYSPARK_PYTHON"] = sys.executable
# There is little data and much to plan, so what Java would gain by compiling its own code well takes longer than it saves.
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")

#: Of every session, for the same reason: what Spark plans is interpreted and not compiled.
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


def pytest_ignore_collect(collection_path, config):
    if REASON and collection_path.parent == Path(__file__).parent and collection_path.suffix == ".py":
        config.get_terminal_writer().line(f"{collection_path.name} is left out: {REASON}")
        return True
    return None


@pytest.fixture(scope="session")
def spark():
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]")
    more = {"spark.ui.showConsoleProgress": "false", "spark.driver.memory": "2g"}
    for key, value in {**SETTINGS, **more}.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture
def settings():
    """What a test makes a session of its own with, beside what is its alone."""
    return dict(SETTINGS)


@pytest.fixture(scope="session")
def articles(tmp_path_factory):
    """A file of JSON Lines with reports, copies of them with sentences changed, left out or added, bulletins of one
    template, a line below most articles of one outlet, titles that stand in other articles, and short texts."""
    dice = random.Random(5)
    word = lambda: "".join(dice.choices(SYLLABLES, k=3))
    sentence = lambda: " ".join(word() for _ in range(dice.randint(6, 13)))
    template, line = [sentence() for _ in range(6)], sentence()
    made, records = [], []
    for number in range(700):
        kind = dice.randrange(10)
        if kind < 5 and number > 5:
            title, body = dice.choice(made)
            body = list(body)
            for _ in range(dice.randrange(3)):
                body[dice.randrange(len(body))] = sentence()
            body = body[: dice.randint(2, 9)]
        elif kind == 5:
            title, body = template[0], list(template)
            body[dice.randrange(6)] = sentence()
        elif kind == 6 and number > 5:
            title, body = sentence(), [sentence() for _ in range(4)] + [dice.choice(made)[0]]
        elif kind == 7:
            title, body = word(), [" ".join(word() for _ in range(2))] if number % 2 else list(SYLLABLES[:2])
        else:
            title, body = sentence(), [sentence() for _ in range(dice.randint(2, 7))]
        made.append((title, body))
        outlet = dice.randrange(4)
        text = ".\n".join(body) + (f".\n{line}" if outlet == 1 else "")
        record = {"id": f"{number * 7919 % 10_007:04}", "title": title, "text": text}
        if outlet:
            record["source"] = f"outlet {outlet}"
        if dice.random() < 0.9:
            record["date"] = f"2026-05-{dice.randint(1, 12):02}"
        records.append(record)
    path = tmp_path_factory.mktemp("articles") / "articles.jsonl"
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def groups_of_program(program):
    """Groups as the program finds them: sets of (id, relation, score, representative)."""

    def groups(path, *options):
        lines = program("group", path, "--format", "jsonl", "--quiet", *options).splitlines()
        found = set()
        for told in map(json.loads, lines):
            members = told["members"]
            found.add(frozenset((m["id"], m["relation"], m["score"], told["representative"]) for m in members))
        return found

    return groups


@pytest.fixture(scope="session")
def groups_of_frame():
    """The same of a frame."""

    def groups(frame):
        found = defaultdict(set)
        for row in frame.collect():
            found[row.group].add((row.id, row.relation, row.score, row.representative))
        # Numbered from 0, in the order of the first ids.
        assert sorted(found) == list(range(len(found)))
        firsts = [min(member[0] for member in found[number]) for number in range(len(found))]
        assert firsts == sorted(firsts)
        return set(map(frozenset, found.values()))

    return groups
