"""The package as the site hands it out: a wheel with which a downloaded notebook runs."""

import ast
import functools
import hashlib
import importlib.metadata
import json
import os
import re
import sys
import tomllib
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

import package
from rnn_sphinx import installing, renewal
from rnncourse import __version__

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = [
    path
    for folder in ("chapters", "exercises", "exercises/solutions", "appendix")
    for path in sorted((ROOT / folder).glob("*.ipynb"))
    if ".mine-" not in path.name
]
BY_NAME = re.compile(r"""(?:import_module|find_spec|_file)\(\s*f?["'](\w+)""")
IN_KERNELS = {"IPython": "ipykernel", "matplotlib_inline": "ipykernel"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return package.build(ROOT, tmp_path_factory.mktemp("dist"))


def imported(source):
    """The top-level names that a piece of Python imports, in whatever way."""
    lines = [line for line in source.split("\n") if not line.lstrip().startswith(("%", "!"))]
    names = set(BY_NAME.findall(source))
    for node in ast.walk(ast.parse("\n".join(lines))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module.split(".")[0])
    return names - {"rnncourse"} - set(sys.stdlib_module_names)


def distribution(name):
    """What has to be installed for `import name`."""
    found = _installed()
    return {one.lower().replace("_", "-") for one in found.get(IN_KERNELS.get(name, name), [])}


@functools.cache
def _installed():
    return importlib.metadata.packages_distributions()


def extra():
    """What `rnncourse[course]` brings."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["course"]
    return {re.match(r"[\w.-]+", one)[0].lower().replace("_", "-") for one in wanted}


def test_the_extra_brings_all_that_notebooks_and_package_import():
    sources = {path: path.read_text() for path in (ROOT / "rnncourse").rglob("*.py")}
    for path in NOTEBOOKS:
        cells = json.loads(path.read_text())["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        sources |= {(path, n): one for n, one in enumerate(code) if not one.startswith("%%")}
    names = {name for source in sources.values() for name in imported(source)}
    assert {"numpy", "torch", "faker", "pocketsphinx", "bokeh_sampledata"} <= names
    assert not {name for name in names if not distribution(name) & extra()}


def test_the_extra_has_ranges_that_hold_the_pinned_versions():
    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for wanted in map(Requirement, project["optional-dependencies"]["course"]):
        assert wanted.specifier.contains(importlib.metadata.version(wanted.name)), wanted
        assert not any(one.operator == "==" for one in wanted.specifier), wanted


def test_two_builds_are_the_same_byte_by_byte(wheel, tmp_path):
    again = package.build(ROOT, tmp_path)
    assert again.name == wheel.name == f"rnncourse-{__version__}-py3-none-any.whl"
    assert digest(again) == digest(wheel)
    assert not (ROOT / "build").exists()


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_wheel_holds_the_package_with_its_data_and_nothing_else(wheel):
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    here = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "rnncourse").rglob("*")
        if path.suffix in (".py", ".json")
    }
    assert inside == here


def test_an_older_wheel_goes_when_a_new_one_comes(tmp_path):
    (tmp_path / "rnncourse-0.0.1-py3-none-any.whl").touch()
    made = package.build(ROOT, tmp_path)
    assert list(tmp_path.iterdir()) == [made]


def test_a_wheel_is_built_again_when_a_source_is_newer(tmp_path):
    (tmp_path / "rnncourse").mkdir()
    for name in ("rnncourse/a.py", *package.NEEDED):
        (tmp_path / name).write_text("")
    made = tmp_path / "a.whl"
    assert not package.is_newer(made, tmp_path)
    made.touch()
    os.utime(tmp_path / "rnncourse" / "a.py", (1, 1))
    for name in package.NEEDED:
        os.utime(tmp_path / name, (1, 1))
    assert package.is_newer(made, tmp_path)
    os.utime(tmp_path / "LICENSE")
    os.utime(made, (2, 2))
    assert not package.is_newer(made, tmp_path)


def test_a_page_names_the_one_command_with_the_sites_address(monkeypatch):
    monkeypatch.delenv("SITE_URL", raising=False)
    site = SimpleNamespace(html_baseurl="https://example.org/course/")
    text = installing.how(site, "chapters/04_a_loop")
    wheel = f"rnncourse-{__version__}-py3-none-any.whl"
    assert f'pip install "rnncourse[course] @ https://example.org/course/dist/{wheel}"' in text
    assert "jupyter lab 04_a_loop.ipynb" in text
    monkeypatch.setenv("SITE_URL", "https://elsewhere.org")
    assert "@ https://elsewhere.org/dist/" in installing.how(site, "chapters/04_a_loop")


def test_pages_are_made_anew_when_the_sites_address_changes(monkeypatch):
    monkeypatch.setenv("SITE_URL", "https://example.org")
    before = renewal.ingredients(ROOT)
    assert renewal.ingredients(ROOT) == before
    monkeypatch.setenv("SITE_URL", "https://elsewhere.org")
    assert renewal.ingredients(ROOT) != before


def test_without_an_address_the_page_hands_out_the_package(monkeypatch):
    monkeypatch.delenv("SITE_URL", raising=False)
    text = installing.how(SimpleNamespace(html_baseurl=""), "exercises/solutions/04_a_loop")
    wheel = f"rnncourse-{__version__}-py3-none-any.whl"
    assert f'href="../../dist/{wheel}" download' in text
    assert "jupyter lab exercises_04_a_loop.ipynb" in text
    assert f'pip install "./{wheel}[course]"' in text


def test_the_chapter_that_reads_fetched_texts_names_their_command(monkeypatch):
    site = SimpleNamespace(html_baseurl="https://example.org")
    said = "python -m rnncourse fetch"
    assert said in installing.how(site, "chapters/19_sentiment", reads_texts=True)
    assert said not in installing.how(site, "chapters/04_a_loop")
