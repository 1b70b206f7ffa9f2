"""Run a notebook from top to bottom on a fresh kernel."""

import asyncio
import os
import re
import tempfile
from subprocess import DEVNULL

import ipykernel.kernelspec
import psutil
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from notebooks.sources import BuildError, tags

CELL_TIMEOUT = 120  # seconds
STDERR_TAG = "allow-stderr"
ANSI = re.compile(r"\x1b\[[0-9;]*m")
# What a kernel of the course runs with: one thread, and the same hashes every time.
KERNEL_ENV = {
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONHASHSEED": "0",
}


class ThisPython(KernelSpecManager):
    """Kernels run this interpreter, whatever kernel "python3" is installed for the user."""

    def get_kernel_spec(self, kernel_name):
        return self.kernel_spec_class(
            resource_dir=ipykernel.kernelspec.RESOURCES, **ipykernel.kernelspec.get_kernel_dict()
        )


def execute(
    book, folder, *, cell_timeout=CELL_TIMEOUT, env=None, on_cell=lambda index: None, strict=True
):
    """Run a notebook from top to bottom on a fresh kernel; outputs go into `book`.

    Args:
        book: the notebook; changed in place.
        folder: where its kernel starts.
        cell_timeout: seconds that one cell may take.
        env: environment variables in addition to those of this process.
        on_cell: called with the index of each cell before it runs.
        strict: whether to refuse cells that write to stderr or do not raise what they announce.

    Returns:
        The processor time that the kernel used, in seconds. Unlike the time on the clock it does
        not depend on what else the machine does, and with one thread both agree on an idle one.

    Raises:
        BuildError: with the failing cell and its traceback.
    """
    at = 0

    async def run():
        nonlocal at
        manager = AsyncKernelManager(kernel_spec_manager=ThisPython())
        client = NotebookClient(
            book,
            km=manager,
            timeout=cell_timeout,
            record_timing=False,
            coalesce_streams=True,
            store_widget_state=False,
            shutdown_kernel="immediate",
            resources={"metadata": {"path": str(folder)}},
        )
        client.reset_execution_trackers()
        # What compiled code writes to descriptor 2 reaches the notebook all the same; what goes
        # nowhere is the kernel's own chatter on this terminal.
        kernel = {"env": _kernel_env(env, home), "stderr": DEVNULL, "cleanup_kc": True}
        async with client.async_setup_kernel(**kernel):
            for at, cell in enumerate(book.cells):
                on_cell(at)
                await client.async_execute_cell(cell, at)
                if strict:
                    _check_cell(cell)
            used = psutil.Process(manager.provisioner.process.pid).cpu_times()
        return used.user + used.system + used.children_user + used.children_system

    with tempfile.TemporaryDirectory() as home:
        try:
            return asyncio.run(run())
        except CellTimeoutError:
            why = f"This cell ran longer than {cell_timeout} s."
        except DeadKernelError:
            why = "The kernel died in this cell (out of memory?)."
        except CellExecutionError as error:
            shown = [o for o in book.cells[at].outputs if o.output_type == "error"]
            why = "\n".join(shown[-1].traceback) if shown else f"{error.ename}: {error.evalue}"
        except BuildError as error:
            why = str(error)
    source = "\n".join(f"    {line}" for line in book.cells[at].source.split("\n"))
    raise BuildError(f"cell {at} (id cell-{at:03d}):\n{source}\n\n{why}")


def _kernel_env(extra, home):
    """The environment of a kernel; the user's IPython profile has no part in it.

    Nor has a backend chosen for other programs, or a surrounding pytest, under which a kernel
    would not notice what compiled code prints.
    """
    foreign = ("MPLBACKEND", "PYTEST_CURRENT_TEST")
    mine = {name: value for name, value in os.environ.items() if name not in foreign}
    return {**mine, **KERNEL_ENV, "IPYTHONDIR": home, **(extra or {})}


def _check_cell(cell):
    """Refuse what must not be stored although the cell ran."""
    if cell.cell_type != "code":
        return
    errors = any(output.output_type == "error" for output in cell.outputs)
    if "raises-exception" in tags(cell) and not errors:
        raise BuildError("This cell is tagged raises-exception, but it raised nothing.")
    shown = [o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stderr"]
    if shown and STDERR_TAG not in tags(cell):
        raise BuildError(f"This cell wrote to stderr (tag {STDERR_TAG} drops that):\n{shown[0]}")
    cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]


def stop_at_once():
    """End this process although notebooks are running: for Ctrl-C."""
    print("\nStopped. Nothing is half written; the same command goes on from here.", flush=True)
    os._exit(130)  # the kernels notice that their parent is gone, and end
