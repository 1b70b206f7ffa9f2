"""Quiet: what compiled code writes to standard error is silenced, and only while it should be."""

import importlib
import os
import subprocess
import sys

import pytest

from rnncourse import quiet


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_writes_to_the_descriptor_are_silenced_inside_and_heard_outside(capfd):
    os.write(2, b"before\n")
    with quiet.stderr():
        os.write(2, b"inside\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "before\nafter\n"


def test_an_exception_inside_restores_the_descriptor(capfd):
    with pytest.raises(KeyError), quiet.stderr():
        raise KeyError
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_no_descriptor_is_leaked():
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        with quiet.stderr():
            pass
    assert len(os.listdir("/proc/self/fd")) == before


def test_blocks_may_be_nested(capfd):
    with quiet.stderr(), quiet.stderr():
        os.write(2, b"inside\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_keras_is_imported_without_a_line_and_with_one_thread():
    done = run(
        "from rnncourse import quiet; keras = quiet.import_keras(); import tensorflow as tf;"
        "print(keras.__name__, tf.config.threading.get_intra_op_parallelism_threads(),"
        " tf.config.threading.get_inter_op_parallelism_threads())"
    )
    assert done.returncode == 0
    assert done.stdout == "keras 1 1\n"
    assert done.stderr == ""


def test_a_missing_keras_says_what_to_do(monkeypatch):
    def missing(name):
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(ImportError, match="No module named 'keras'.*run `make setup`"):
        quiet.import_keras()


def test_importing_the_package_sets_one_thread_unless_told_otherwise():
    code = "import os, rnncourse; print(os.environ['OMP_NUM_THREADS'])"
    environment = {key: value for key, value in os.environ.items() if key != "OMP_NUM_THREADS"}
    for own, expected in ((None, "1"), ("3", "3")):
        given = environment | ({"OMP_NUM_THREADS": own} if own else {})
        done = subprocess.run(
            [sys.executable, "-c", code], env=given, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == expected
