"""Run a submission to its end, whatever its cells do to the kernel.

nbgrader interrupts a cell that takes too long, but gives up the whole notebook if the kernel dies
or does not listen. Here that costs the cell alone: it is marked, a new kernel runs the cells before
it again, without those that did harm, and the run goes on.
"""

import copy
import time
from collections import Counter
from subprocess import DEVNULL

from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbclient.util import run_sync
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade, is_locked
from traitlets import Dict, Unicode

from notebooks.running import ThisPython

MOST_SHOWN = 200_000  # characters of output kept of one cell
SETTLE = 0.3  # seconds in which a cell that runs again may still bring the kernel down


class RunToTheEnd(Execute):
    """Execute every cell; a cell that costs the kernel its life costs nothing else."""

    folder = Unicode("", help="where the kernel starts").tag(config=True)
    env = Dict(help="the whole environment of the kernel; empty: that of this process").tag(
        config=True
    )

    def preprocess(self, nb, resources, km=None):
        """Run the notebook; nbclient's part begins and ends with a kernel."""
        self.harmful, self.shown = set(), Counter()
        return super().preprocess(nb, resources, km)

    def preprocess_cell(self, cell, resources, index):
        """Run a cell; if the kernel is lost, find the cell to blame and go on with a new one."""
        while True:
            try:
                return super().preprocess_cell(cell, resources, index)
            except (DeadKernelError, CellTimeoutError) as error:
                lost = error
            if not self._come_back_to(index):  # no cell before it was to blame
                self._blame(cell, index, lost)
                return cell, resources

    def create_kernel_manager(self):
        """Kernels run this interpreter, whatever "python3" is for the user."""
        self.km = AsyncKernelManager(kernel_spec_manager=ThisPython(), config=self.config)
        return self.km

    def start_new_kernel(self, **options):
        """Start a kernel in the folder and environment that were asked for.

        What compiled code prints reaches the notebook; the rest is the kernel's own chatter.
        """
        options["stderr"] = DEVNULL
        if self.folder:
            options["cwd"] = self.folder
        if self.env:
            options["env"] = dict(self.env)
        super().start_new_kernel(**options)

    def on_cell_executed(self, **told):
        """Notice what nbclient does not: an interrupted cell, and one that ends the kernel."""
        super().on_cell_executed(**told)
        content = told["execute_reply"]["content"]
        if content.get("ename") == "CellTimeoutError":
            self._explain(told["cell"], CellTimeoutError)
            self.harmful.add(told["cell_index"])
        if any(item.get("source") == "ask_exit" for item in content.get("payload", [])):
            raise DeadKernelError("exit() or quit()")

    def output(self, outs, msg, display_id, cell_index):
        """Keep what a cell shows, until it is too much."""
        self.shown[cell_index] += len(str(msg["content"]))
        if self.shown[cell_index] > MOST_SHOWN and msg["msg_type"] != "error":
            return None
        return super().output(outs, msg, display_id, cell_index)

    def _come_back_to(self, index):
        """A new kernel in which the cells before `index` have run; whether one of them did harm."""
        known = len(self.harmful)
        self._begin_again()
        at = 0
        while at < index:
            cell = self.nb.cells[at]
            if at not in self.harmful and cell.cell_type == "code" and not is_grade(cell):
                try:
                    self._run_again(cell, at)
                except (DeadKernelError, CellTimeoutError) as error:
                    self._blame(cell, at, error)
                    self._begin_again()
                    at = -1
            at += 1
        return len(self.harmful) > known

    def _run_again(self, cell, index):
        """Run a cell for its effect; what it showed the first time stays."""
        try:
            self.execute_cell(copy.deepcopy(cell), index)
        finally:
            self.nb.cells[index] = cell
        if not is_locked(cell):
            time.sleep(SETTLE)
            run_sync(self._async_check_alive)()

    def _begin_again(self):
        """Replace the kernel, dead or deaf, by a new one."""
        self._cleanup_kernel()
        self.create_kernel_manager()
        self.start_new_kernel()
        self.start_new_kernel_client()

    def _blame(self, cell, index, error):
        """Mark a cell as the one that cost the kernel its life; it does not run again."""
        self.harmful.add(index)
        self._explain(cell, type(error))

    def _explain(self, cell, kind):
        """Say in an error output what became of the cell: nbgrader gives no points for it."""
        if kind is DeadKernelError:
            name, why = "DeadKernelError", "this cell ended the kernel"
        else:
            name, why = "CellTimeoutError", f"this cell was stopped after {self.timeout} s"
        cell.outputs = [o for o in cell.outputs if o.get("ename") != name]
        cell.outputs.append(
            new_output("error", ename=name, evalue=why, traceback=[f"{name}: {why}"])
        )
