"""A notebook downloaded from the site runs with the package that the site hands out, and nothing
else of the course: in an empty folder, after one installation."""

import os
import re
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient
from visiting import SITE

ROOT = SITE.parents[1]
NAME = "04_a_loop_with_a_memory"
PAGES = {f"chapters/{NAME}": f"chapters/{NAME}", f"exercises/{NAME}": f"exercises/solutions/{NAME}"}


@pytest.fixture(scope="module")
def installed(site, tmp_path_factory):
    """Where the wheel of the site was installed, alone."""
    (wheel,) = (site / "dist").glob("rnncourse-*.whl")
    place = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*command, "--target", str(place), str(wheel)], check=True)
    return place


@pytest.mark.parametrize("notebook", PAGES)
def test_a_downloaded_notebook_shows_what_the_page_shows(site, installed, tmp_path, notebook):
    page = site / f"{PAGES[notebook]}.html"
    (href,) = set(
        re.findall(
            rf'href="([^"]*_downloads/[^"]*/(?:exercises_)?{NAME}\.ipynb)"', page.read_text()
        )
    )
    copy = tmp_path / href.rpartition("/")[2]
    assert f"jupyter lab {copy.name}" in re.sub(r"<[^>]+>", "", page.read_text())
    assert copy.name.startswith("exercises_") == notebook.startswith("exercises/")
    copy.write_bytes((page.parent / href).resolve().read_bytes())
    assert copy.read_bytes() == (ROOT / f"{notebook}.ipynb").read_bytes()
    stored, again = nbformat.read(copy, as_version=4), nbformat.read(copy, as_version=4)
    again.cells.insert(0, nbformat.v4.new_code_cell("import rnncourse; rnncourse.__file__"))
    foreign = ("PYTHONPATH", "MPLBACKEND", "PYTEST_CURRENT_TEST")
    env = {name: value for name, value in os.environ.items() if name not in foreign}
    NotebookClient(again, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute(
        env={**env, "PYTHONPATH": str(installed)}
    )
    where = again.cells.pop(0).outputs[0].data["text/plain"]
    assert where.strip("'").startswith(str(installed))
    assert [shown(cell) for cell in again.cells] == [shown(cell) for cell in stored.cells]


def shown(cell):
    """The text that a cell shows, unless it may differ from run to run."""
    if "nbval-ignore-output" in cell.metadata.get("tags", []):
        return None
    texts = [
        output.get("text") or output.get("data", {}).get("text/plain", "")
        for output in cell.get("outputs", [])
        if output.get("name") != "stderr" and "image/png" not in output.get("data", {})
    ]
    return "".join(texts)


def test_every_page_of_a_notebook_names_the_wheel_that_is_there(site):
    (wheel,) = (site / "dist").glob("rnncourse-*.whl")
    pages = [*site.glob("chapters/*.html"), *site.glob("exercises/solutions/*.html")]
    assert len(pages) >= 2
    for page in pages:
        text = re.sub(r"<[^>]+>", "", page.read_text()).replace("&quot;", '"')
        (command,) = re.findall(r'pip install "[^"\n]+"', text)
        assert f"{wheel.name}" in command
        assert "[course]" in command
