"""What the tests share: the articles of `samples/`, and the program that the package is held against."""

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NEWSROOM = ROOT / "samples" / "newsroom.jsonl"


@pytest.fixture(scope="session")
def newsroom():
    """Twelve articles; one is copied once more under another id, without a date."""
    articles = [json.loads(line) for line in NEWSROOM.read_text(encoding="utf-8").splitlines()]
    return [*articles, {**articles[3], "id": "again", "date": None}]


@pytest.fixture(scope="session")
def program():
    """Runs the program on some arguments; returns what it wrote to standard output or, of trouble, standard error."""
    path = Path(os.environ.get("NASKH", ROOT / "target" / "debug" / "naskh"))
    assert path.exists(), f"{path}: build the program first (cargo build), or name it by NASKH"

    def run(*arguments, ends=0):
        done = subprocess.run([path, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8")
        assert done.returncode == ends, done.stderr
        return done.stderr if ends == 2 else done.stdout

    return run


@pytest.fixture(scope="session")
def newsroom_file(newsroom, tmp_path_factory):
    path = tmp_path_factory.mktemp("newsroom") / "newsroom.jsonl"
    path.write_text("".join(json.dumps(article, ensure_ascii=False) + "\n" for article in newsroom), encoding="utf-8")
    return path
