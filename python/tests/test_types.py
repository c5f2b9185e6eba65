"""The package keeps what its annotations promise, and the stubs say what the compiled part has."""

import os
import subprocess
import sys
from pathlib import Path

import naskh


def run(*command, cwd):
    # Away from the sources, so that it is the installed package that is looked at.
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr


def test_annotations(tmp_path):
    # pyarrow has no annotations.
    run("mypy", "--strict", "--disable-error-code", "import-untyped", "-p", "naskh", cwd=tmp_path)


def test_stubs(tmp_path):
    run("mypy.stubtest", "naskh._naskh", cwd=tmp_path)


def test_the_package_says_that_it_is_typed():
    assert (Path(os.path.dirname(naskh.__file__)) / "py.typed").exists()
    assert all(hasattr(naskh, name) for name in naskh.__all__)
