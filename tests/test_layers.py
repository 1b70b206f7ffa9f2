"""The package has layers: a module imports from lower ones only, what is heavy only where due."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "rnncourse"

# Lower layers first. Every module must have its place here.
LAYERS = [
    {"_display", "fetch"},
    {
        "claims",
        "concordance",
        "events",
        "sounds",
        "long_runs",
        "seeds",
        "quiet",
        "metrics",
        "plotting",
        "quizzes",
        "results",
        "text",
    },
    {"attention", "batching", "data", "cells", "ngrams", "baselines", "decoding", "subwords"},
    {"bptt", "control", "ctc", "warping", "optimisers", "torch_models", "keras_models"}
    | {"transformer"},
    {"checkpoint", "convert", "contracts", "duel", "many"},
    {"training", "attribution", "automata", "forecasting", "policy_gradient", "regularise"},
    {"clinic", "microscope"},
    {"grading"},
    {"doctor", "placement", "progress"},
    {"__main__"},
]
LAYER = {module: number for number, layer in enumerate(LAYERS) for module in layer}

# Where heavy things live; from layer "convert" on, modules may import frameworks as they need.
FRAMEWORKS_FROM = LAYER["convert"]
HOMES = {
    "torch": {"torch_models"},
    "keras": {"keras_models"},
    "tensorflow": {"keras_models"},
    "matplotlib": {"plotting"},
}


def modules():
    """(top-level name, file) of every source of the package."""
    found = [(path.relative_to(PACKAGE).parts[0], path) for path in PACKAGE.rglob("*.py")]
    return sorted((name.removesuffix(".py"), path) for name, path in found)


MODULES = [(name, path) for name, path in modules() if name != "__init__"]
IDS = [str(path.relative_to(PACKAGE)) for _, path in MODULES]


def imports(path):
    """Absolute names of all that a file imports, inside functions too."""
    package = ("rnncourse", *path.relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else ()
            name = ".".join([*base, *filter(None, [node.module])])
            yield from (f"{name}.{alias.name}" for alias in node.names)


def own(name):
    """The top-level module of the package in an imported name, if it is one."""
    parts = name.split(".")
    return parts[1] if parts[0] == "rnncourse" and len(parts) > 1 and parts[1] in LAYER else None


def test_every_module_has_a_layer():
    assert {name for name, _ in MODULES} <= set(LAYER)


@pytest.mark.parametrize(("name", "path"), MODULES, ids=IDS)
def test_a_module_imports_only_from_lower_layers(name, path):
    reached = {module for module in map(own, imports(path)) if module and module != name}
    sideways = sorted(module for module in reached if LAYER[module] >= LAYER[name])
    assert not sideways, f"{path.name} (layer {LAYER[name]}) imports {', '.join(sideways)}"


@pytest.mark.parametrize(("name", "path"), MODULES, ids=IDS)
def test_frameworks_and_matplotlib_are_imported_only_where_they_live(name, path):
    heavy = {imported.split(".")[0] for imported in imports(path)} & set(HOMES)
    allowed = {module for module, homes in HOMES.items() if name in homes}
    if LAYER[name] >= FRAMEWORKS_FROM:
        allowed |= {"torch", "keras", "tensorflow"}
    assert heavy <= allowed, f"{path.name} imports {', '.join(sorted(heavy - allowed))}"


def test_relative_imports_are_resolved(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path)
    path = tmp_path / "cells" / "steps.py"
    path.parent.mkdir()
    path.write_text("from ..bptt import x\nfrom . import gru\nfrom .gru import y\nimport a.b\n")
    expected = ["rnncourse.bptt.x", "rnncourse.cells.gru", "rnncourse.cells.gru.y", "a.b"]
    assert list(imports(path)) == expected


LIGHT = ["claims", "seeds", "quiet", "metrics", "text", "data", "cells", "bptt", "progress"]
LIGHT.append("attention")


@pytest.mark.parametrize("name", [None, *LIGHT])
def test_a_numpy_chapter_pays_for_no_framework(name):
    module = f"rnncourse.{name}" if name else "rnncourse"
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    heavy = {"torch", "keras", "tensorflow", "matplotlib"} | ({"numpy"} if not name else set())
    assert not loaded & heavy
