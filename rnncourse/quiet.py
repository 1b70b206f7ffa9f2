"""Import TensorFlow without the lines that its C++ side writes past Python to standard error."""

import contextlib
import importlib
import os
import sys


@contextlib.contextmanager
def stderr():
    """Send the process's file descriptor 2 to nowhere while the block runs.

    Python's own `sys.stderr` in a notebook is not touched; what is silenced are lines that
    compiled code writes straight to the descriptor, which no environment variable stops.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def import_keras():
    """Keras (with TensorFlow below it), imported without log lines.

    Returns:
        The module `keras`.

    Raises:
        ImportError: if Keras or TensorFlow is missing, with what to do about it.
    """
    try:
        with stderr():
            keras = importlib.import_module("keras")
            tensorflow = importlib.import_module("tensorflow")
    except ImportError as error:
        raise ImportError(f"{error}. Keras chapters need it: run `make setup`.") from error
    with contextlib.suppress(RuntimeError):  # already initialised: keep what is set
        tensorflow.config.threading.set_intra_op_parallelism_threads(1)
        tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    return keras
