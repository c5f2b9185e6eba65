#!/usr/bin/env python3
"""Times `naskh.dedup` of an Arrow table beside the program and the usual script, and prints a table of Markdown.

    against_the_program.py ARTICLES.jsonl PROGRAM [--peer PYTHON] [--runs 3]

PROGRAM is the binary, PYTHON an interpreter that has rensa (benches/peers/run.py prepare makes one). Every one is run as often as
the others, in turn. Time and memory of Python are those of the call; what the process holds before it, the table among
it, is told beside it.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "benches" / "peers" / "script.py"


def peak():
    """The most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def prepare(articles, path):
    """In a process of its own: a child's peak begins with what its parent holds."""
    import json

    import pyarrow

    with open(articles, encoding="utf-8") as lines:
        table = pyarrow.Table.from_pylist([json.loads(line) for line in lines])
    with pyarrow.ipc.new_file(path, table.schema) as file:
        file.write_table(table)


def in_this_process(path):
    import naskh
    import pyarrow

    with pyarrow.memory_map(path) as file:
        table = pyarrow.ipc.open_file(file).read_all()
        # So that the table is in memory, as one that was read would be.
        for batch in table.to_batches():
            for column in batch.columns:
                [zlib.crc32(buffer) for buffer in column.buffers() if buffer is not None]
        before, begun = peak(), time.perf_counter()
        kept = naskh.dedup(table)
        print(time.perf_counter() - begun, before, peak(), kept.num_rows)


def measured(command):
    """Seconds and the peak of memory, in MB, of a process; and what it said."""
    begun = time.perf_counter()
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, command
    return time.perf_counter() - begun, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6, said


def main():
    if sys.argv[1] == "--call":
        return in_this_process(sys.argv[2])
    if sys.argv[1] == "--prepare":
        return prepare(sys.argv[2], sys.argv[3])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path)
    parser.add_argument("program", type=lambda path: Path(path).absolute())
    parser.add_argument("--peer", type=lambda path: Path(path).absolute())
    parser.add_argument("--runs", type=int, default=3)
    flags = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        table, out = Path(folder) / "articles.arrow", Path(folder) / "out.jsonl"
        measured([sys.executable, __file__, "--prepare", flags.articles, table])
        commands = {
            "`naskh dedup`": [flags.program, "dedup", flags.articles, "-o", out],
            "`naskh.dedup(table)`": [sys.executable, __file__, "--call", table],
        }
        if flags.peer:
            commands["script around rensa"] = [flags.peer, SCRIPT, "rensa", flags.articles, out]
        figures = {name: [] for name in commands}
        for _ in range(flags.runs):
            for name, command in commands.items():
                seconds, memory, said = measured(command)
                before = 0.0
                if "--call" in command:
                    seconds, before, memory = map(float, said.split()[:3])
                figures[name].append((seconds, before, memory))
        first = statistics.median(seconds for seconds, _, _ in figures["`naskh dedup`"])
        print("| | seconds, median | all | times `naskh dedup` | held before | peak |\n| --- | --- | --- | --- | --- | --- |")
        for name, runs in figures.items():
            median = statistics.median(seconds for seconds, _, _ in runs)
            every = ", ".join(f"{seconds:.2f}" for seconds, _, _ in runs)
            before, most = (max(run[at] for run in runs) for at in (1, 2))
            print(f"| {name} | {median:.2f} | {every} | {median / first:.2f} | {before:.0f} MB | {most:.0f} MB |")


if __name__ == "__main__":
    main()
