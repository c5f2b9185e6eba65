#!/usr/bin/env python3
"""Runs naskh and its rivals on one file of articles in turn, and prints a table of Markdown: time, memory, quality.

    benches/peers/run.py prepare                       builds naskh, installs the rivals into target/peers
    benches/peers/run.py ARTICLES.jsonl --truth TRUTH.tsv [--runs 3] [--only naskh,rensa]
    benches/peers/run.py ARTICLES.jsonl --pairs PAIRS.tsv

TRUTH.tsv is what `generate --truth` wrote: pairs of one family are true, all others false. PAIRS.tsv has judged pairs (columns
a, b, label 1 to 5, weight): labels 4 and 5 are true, and precision and recall are sums of weights.

Every program is run as often as the others, one after another, so that a busy machine disturbs all alike. Time is that
of the whole process; memory the most it held, as the system counts it. incrededup reads a database: filling it is not
counted. Needs Python 3.11 and, for `prepare`, Cargo and a C compiler.
"""

import argparse
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PEERS = ROOT / "target" / "peers"
PYTHON = PEERS / "python" / "bin" / "python"
INCREDEDUP = "0.3.1"


def prepare():
    subprocess.run(["cargo", "build", "--release", "--locked"], cwd=ROOT, check=True)
    subprocess.run([sys.executable, "-m", "venv", PEERS / "python"], check=True)
    subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", "-r", HERE / "requirements.txt"], check=True)
    install = ["cargo", "install", "incrededup", "--version", INCREDEDUP, "--locked", "--root", PEERS]
    subprocess.run(install, check=True)


class Script:
    """The usual script around a library of Python."""

    def __init__(self, library, articles, folder):
        self.groups = folder / f"{library}.jsonl"
        self.command = [PYTHON, HERE / "script.py", library, articles, self.groups]

    def before(self):
        self.groups.unlink(missing_ok=True)

    def found(self):
        with open(self.groups, encoding="utf-8") as lines:
            return [[member["id"] for member in json.loads(line)["members"]] for line in lines]


class Naskh(Script):
    def __init__(self, flags, articles, folder):
        self.groups = folder / f"naskh{'-'.join(flags)}.jsonl"
        binary = ROOT / "target" / "release" / "naskh"
        self.command = [binary, "group", *flags, "--quiet", "--format", "jsonl", "-o", self.groups, articles]


class Incrededup:
    """A database of articles in, a table of duplicates with what they duplicate out."""

    def __init__(self, articles, folder):
        self.filled, self.database, self.data = folder / "filled.sqlite", folder / "run.sqlite", folder / "sidecars"
        sizes = ["--min-content-len", "100"]
        self.command = [PEERS / "bin" / "incrededup", "--sqlite", self.database, "--data-dir", self.data, *sizes]
        # Its ids are UUIDs.
        self.ids = {}
        database = sqlite3.connect(self.filled)
        database.execute(
            "CREATE TABLE documents (id TEXT PRIMARY KEY, content TEXT NOT NULL, content_len INTEGER NOT NULL,"
            " filename TEXT, is_parent INTEGER)"
        )
        with open(articles, encoding="utf-8") as lines:
            for article in map(json.loads, lines):
                key = str(uuid.uuid5(uuid.NAMESPACE_OID, article["id"]))
                self.ids[key] = article["id"]
                text = (article.get("title") or "") + "\n" + article["text"]
                row = (key, text, len(text.encode()))
                database.execute("INSERT INTO documents (id, content, content_len) VALUES (?, ?, ?)", row)
        database.commit()
        database.close()

    def before(self):
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.copyfile(self.filled, self.database)

    def found(self):
        groups = {}
        database = sqlite3.connect(self.database)
        for child, parent in database.execute("SELECT child_id, parent_id FROM dupes"):
            groups.setdefault(parent, [self.ids[parent]]).append(self.ids[child])
        database.close()
        return list(groups.values())


def programs(articles, folder):
    return {
        "naskh": lambda: Naskh([], articles, folder),
        "naskh-copy": lambda: Naskh(["--level", "copy"], articles, folder),
        "rensa": lambda: Script("rensa", articles, folder),
        "datasketch": lambda: Script("datasketch", articles, folder),
        "incrededup": lambda: Incrededup(articles, folder),
    }


NAMES = {
    "naskh": "`naskh group`",
    "naskh-copy": "`naskh group --level copy`",
    "rensa": "script around rensa 0.5.0",
    "datasketch": "script around datasketch 2.0.0",
    "incrededup": f"incrededup {INCREDEDUP}",
}


def measured(program):
    """Seconds and MB of one run."""
    program.before()
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(list(map(str, program.command)), stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            said.seek(0)
            sys.exit(f"{program.command[0]} ended with {process.returncode}:\n{said.read().decode(errors='replace')}")
    # Linux counts in KiB, macOS in bytes.
    return seconds, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3 / 1.024)


def rows(path):
    with open(path, encoding="utf-8") as lines:
        names = next(lines).rstrip("\n").split("\t")
        return [dict(zip(names, line.rstrip("\n").split("\t"))) for line in lines]


def pairs_of(size):
    return size * (size - 1) // 2


def by_truth(path):
    """Precision, recall and pairs that are right, by the families of a generated file."""
    family = {row["id"]: row["family"] for row in rows(path) if row["kind"] != "sibling"}
    planted = sum(map(pairs_of, Counter(family.values()).values()))

    def quality(groups):
        grouped = sum(pairs_of(len(group)) for group in groups)
        right = sum(pairs_of(n) for group in groups for n in Counter(family[i] for i in group if i in family).values())
        return right / max(1, grouped), right / max(1, planted), f"{right} of {planted}"

    return quality


def by_pairs(path):
    """Precision, recall and pairs that are right, by judged pairs."""
    judged = rows(path)

    def quality(groups):
        group_of = {member: number for number, group in enumerate(groups) for member in group}
        said = lambda row: group_of.get(row["a"], -1) == group_of.get(row["b"], -2)
        true = lambda row: int(row["label"]) >= 4
        weight = lambda kept: sum(float(row["weight"]) for row in judged if kept(row))
        right = weight(lambda row: said(row) and true(row))
        number = sum(said(row) and true(row) for row in judged)
        of = f"{number} of {sum(map(true, judged))}"
        return right / max(1e-9, weight(said)), right / max(1e-9, weight(true)), of

    return quality


def compare(flags):
    quality = by_truth(flags.truth) if flags.truth else by_pairs(flags.pairs)
    with tempfile.TemporaryDirectory() as folder:
        known = programs(flags.articles.resolve(), Path(folder))
        unknown = [name for name in flags.only if name not in known]
        if unknown:
            sys.exit(f"found {', '.join(unknown)} in --only, expected some of {', '.join(known)}")
        chosen = {name: known[name]() for name in flags.only or known}
        runs = {name: [] for name in chosen}
        for _ in range(flags.runs):
            for name, program in chosen.items():
                runs[name].append(measured(program))
        median = {name: statistics.median(seconds for seconds, _ in figures) for name, figures in runs.items()}
        print("| | seconds, median | all | times naskh | peak memory | groups | true pairs | precision | recall |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
        for name, program in chosen.items():
            groups = program.found()
            precision, recall, right = quality(groups)
            every = ", ".join(f"{seconds:.2f}" for seconds, _ in runs[name])
            times = f"{median[name] / median['naskh']:.1f}" if "naskh" in median else ""
            memory = max(megabytes for _, megabytes in runs[name])
            cells = [NAMES[name], f"{median[name]:.2f}", every, times, f"{memory:.0f} MB", len(groups), right]
            print("|", " | ".join(map(str, cells)), f"| {precision:.3f} | {recall:.3f} |")


def main():
    if sys.argv[1:] == ["prepare"]:
        return prepare()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path)
    truth = parser.add_mutually_exclusive_group(required=True)
    truth.add_argument("--truth", type=Path)
    truth.add_argument("--pairs", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", type=lambda names: names.split(","), default=[])
    flags = parser.parse_args()
    if flags.runs < 1:
        parser.error("--runs: expected 1 or more")
    compare(flags)


if __name__ == "__main__":
    main()
