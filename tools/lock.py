"""Write constraints.txt: every package, direct or not, with its version (`make lock`)."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = "# The full lock: every package with its version. Written by `make lock`.\n"
# What PyTorch's GPU build brings along on its own; a lock made with the CPU build must not name it.
FOREIGN = ("nvidia-", "triton", "cuda-")


def lock(compiled):
    """The lock from what pip-compile wrote: names and versions alone, no local version tags.

    Example:
        >>> print(lock("--find-links /x\\nnumpy==2.4.6\\n    # via torch\\ntorch==2.13.0+cpu\\n"))
        # The full lock: every package with its version. Written by `make lock`.
        numpy==2.4.6
        torch==2.13.0
        <BLANKLINE>
    """
    pins = re.findall(r"^([\w.-]+)(?:\[.*?\])?==([^\s+;]+)", compiled, flags=re.MULTILINE)
    own = [f"{name}=={version}\n" for name, version in pins if not name.startswith(FOREIGN)]
    return HEADER + "".join(own)


def main():
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "compiled.txt"
        subprocess.run(
            [
                sys.executable,
                "-m",
                "piptools",
                "compile",
                "--quiet",
                "--no-header",
                "--no-annotate",
                "--allow-unsafe",
                "--strip-extras",
                "--no-emit-index-url",
                "--no-emit-find-links",
                "--no-emit-trusted-host",
                "--output-file",
                str(out),
                "requirements.txt",
            ],
            cwd=ROOT,
            check=True,
        )
        text = lock(out.read_text())
    (ROOT / "constraints.txt").write_text(text)
    print(f"constraints.txt: {len(text.splitlines()) - 1} packages")


if __name__ == "__main__":
    main()
