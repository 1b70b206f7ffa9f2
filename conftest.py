"""Notebooks under pytest: nbval in its strict mode, with what it lacks.

`pytest --nbval` runs each notebook's code cells on one kernel and compares every output with the
stored one. Here that is made to hold in practice:

- kernels run this interpreter with one thread each, and not the user's IPython profile;
- cells enter the history, so that a closing `;` hides a value as it does in JupyterLab;
- a kernel that died is noticed within a second, not at the time limit;
- stderr and SVG pictures are not compared, for both differ from run to run;
- a `raises-exception` cell that raises nothing fails, and so does a cell that was stored without
  having been executed: nbval would have nothing to compare with and pass;
- after a cell that could not be executed the rest of the notebook is skipped with the reason,
  instead of failing cell after cell with NameError;
- a failure shows the chapter, the cell and both outputs.

The classes below extend nbval's own, hence its version is pinned exactly.
"""

import os
import tempfile
from queue import Empty

import pytest

# Before any kernel or library starts. Two threads on two busy cores were measured 25 times dearer.
for _name, _value in {
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONHASHSEED": "0",
}.items():
    os.environ.setdefault(_name, _value)

try:
    from nbval.kernel import CURRENT_ENV_KERNEL_NAME, RunningKernel
    from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError
except ImportError:  # the package's own tests need no notebook tools
    IPyNbCell = IPyNbFile = RunningKernel = object

NOT_COMPARED = ("stderr", "image/svg+xml")  # they differ from run to run


def pytest_configure(config):
    """Figures go to nobody's screen in unit tests, and into the outputs in notebooks."""
    os.environ.pop("MPLBACKEND", None)
    if not getattr(config.option, "nbval", False):
        os.environ["MPLBACKEND"] = "agg"
        _repeat_random_tests()


def _repeat_random_tests():
    """Random tests draw the same inputs every time, and a busy machine fails none of them."""
    try:
        from hypothesis import settings
    except ImportError:
        return
    settings.register_profile("course", deadline=None, derandomize=True)
    settings.load_profile("course")


class KernelDied(Exception):
    """The kernel's process is gone."""


class Kernel(RunningKernel):
    """A kernel whose death is noticed, and whose cells are numbered."""

    def execute_cell_input(self, cell_input, allow_stdin=None):
        return self.kc.execute(
            cell_input, store_history=True, allow_stdin=allow_stdin, stop_on_error=False
        )

    def get_message(self, stream, timeout=None):
        """The next message, waiting in steps of one second to look at the process meanwhile."""
        waited = 0.0
        while True:
            step = 1.0 if timeout is None else min(1.0, timeout - waited)
            try:
                return super().get_message(stream, timeout=step)
            except Empty:
                waited += step
                if not self.is_alive():
                    raise KernelDied from None
                if timeout is not None and waited >= timeout:
                    raise


class Notebook(IPyNbFile):
    """One notebook: a kernel, and its code cells in order."""

    unusable = None  # why no later cell can be run

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.skip_compare += NOT_COMPARED

    def setup(self):
        name = CURRENT_ENV_KERNEL_NAME
        if not self.config.option.nbval_current_env:
            name = self.config.option.nbval_kernel_name or self.nb.metadata.kernelspec.name
        self.profile = tempfile.TemporaryDirectory()
        os.environ["IPYTHONDIR"] = self.profile.name
        # Under pytest a kernel would not show what compiled code prints: it must not know.
        inside = os.environ.pop("PYTEST_CURRENT_TEST", "")
        self.kernel = Kernel(name, cwd=str(self.path.parent))
        os.environ["PYTEST_CURRENT_TEST"] = inside
        self.setup_sanitize_files()

    def teardown(self):
        super().teardown()
        self.profile.cleanup()

    def collect(self):
        for cell in super().collect():
            yield Cell.from_parent(
                self, name=cell.name, cell_num=cell.cell_num, cell=cell.cell, options=cell.options
            )


class Cell(IPyNbCell):
    """One code cell: run it, compare what it shows with what is stored."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.output_timeout = 60  # nbval waits 5 s for a message, too short on a busy machine

    def setup(self):
        if self.parent.unusable:
            pytest.skip(self.parent.unusable)
        super().setup()

    def runtest(self):
        self._refuse_unexecuted()
        try:
            super().runtest()
        except KernelDied:
            self._give_up("killed the kernel")
            self.raise_cell_error("The kernel died in this cell (out of memory?)")
        except NbCellError as error:
            if "differ" not in str(error):
                self._give_up("could not be executed")
            raise
        if self.options["check_exception"] and not _errors(self.test_outputs):
            self.raise_cell_error("Tagged raises-exception, but nothing was raised")

    def _refuse_unexecuted(self):
        code = self.cell.source.strip()
        if code and self.options["check"] and self.cell.execution_count is None:
            self.raise_cell_error("Stored without having been executed: nothing to compare with")

    def _give_up(self, what):
        self.parent.unusable = f"cell {self.cell_num} of this notebook {what}"

    def repr_failure(self, excinfo):
        """Chapter, cell, source, and for a mismatch both outputs in full."""
        error = excinfo.value
        if not isinstance(error, NbCellError):
            return super().repr_failure(excinfo)
        where = self.path.relative_to(self.config.rootpath)
        parts = [f"{where}, code cell {self.cell_num} ({self.cell.get('id', 'no id')}): {error}"]
        parts += ["", *(f"    {line}" for line in error.source.split("\n"))]
        if "differ" in str(error):
            parts += ["", "stored output:", _shown(self.cell.outputs)]
            parts += ["", "output of this run:", _shown(self.test_outputs)]
        elif error.inner_traceback:
            parts += ["", error.inner_traceback]
        return "\n".join(parts)


def _errors(outputs):
    return [output for output in outputs or [] if output.output_type == "error"]


def _shown(outputs):
    """Outputs as a reader sees them, pictures by their kind only."""
    lines = []
    for output in outputs or []:
        data = output.get("data", {})
        text = output.get("text") or data.get("text/plain") or output.get("evalue", "")
        others = ", ".join(kind for kind in data if kind != "text/plain")
        lines.append(f"{text.rstrip()}{f'   [{others}]' if others else ''}")
    body = "\n".join(lines) or "(nothing)"
    return "\n".join(f"    | {line}" for line in body.split("\n"))


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    """Hand out our notebooks in the place of nbval's; never a learner's saved copy."""
    collectors = yield
    if IPyNbFile is object:
        return collectors
    own = ".mine-" in file_path.name
    return [
        Notebook.from_parent(parent, path=file_path) if isinstance(found, IPyNbFile) else found
        for found in collectors
        if not (own and isinstance(found, IPyNbFile))
    ]
