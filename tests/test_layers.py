"""The arrows between the layers, read from the source; also sizes and what the core must not do.

An arrow in the wrong direction fails here, so nobody has to remember the drawing.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "integrations"
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 50

SURFACE = {"services", "models", "engine", "logs"}
"""What screens and entry points may use: never a connector."""
ALLOWED = {
    "engine": {"engine"},
    "connectors": {"engine", "connectors"},
    "models": {"engine", "models"},
    "services": {"engine", "connectors", "models", "services", "logs"},
    "tasks": SURFACE | {"tasks"},
    "api": SURFACE | {"api"},
    "admin": SURFACE | {"admin", "templatetags"},
    "forms": SURFACE | {"forms"},
    "views": SURFACE | {"views", "forms"},
    "management": SURFACE | {"management"},
    "templatetags": SURFACE | {"templatetags"},
    "context": SURFACE,
    "urls": {"views", "api"},
    "migrations": {"models", "migrations"},
    "middleware": {"logs"},
    "logs": set(),
    "apps": set(),
    "__init__": set(),
}


def sources(*folders: Path) -> list[Path]:
    """Return the project's Python files below some folders; migrations are Django's."""
    found = (path for folder in folders for path in folder.rglob("*.py"))
    return sorted(path for path in found if "migrations" not in path.parts)


def imports(path: Path) -> Iterator[str]:
    """Yield the full dotted name of everything a file imports, wherever in the file it does."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            start = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{start}.{name.name}" for name in node.names)


def layer(path: Path) -> str:
    """Return which layer a file of the app belongs to."""
    return path.relative_to(APP).parts[0].removesuffix(".py")


def shown(path: Path) -> str:
    """Name a case after its file."""
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", sources(APP), ids=shown)
def test_imports_go_one_way(path: Path) -> None:
    inside = {name.split(".")[1] for name in imports(path) if name.startswith("integrations.")}
    wrong = inside - ALLOWED[layer(path)]
    assert not wrong, f"the layer {layer(path)} must not import {', '.join(sorted(wrong))}"


@pytest.mark.parametrize("path", sources(APP / "engine"), ids=shown)
def test_the_engine_uses_the_standard_library_alone_and_no_clock(path: Path) -> None:
    roots = {name.split(".")[0] for name in imports(path)} - {"integrations"}
    assert roots <= sys.stdlib_module_names
    assert not roots & {"time", "socket", "urllib", "http", "os", "subprocess", "logging"}
    clock = re.compile(r"\b(datetime|date)\.(now|utcnow|today)\(")
    assert not clock.search(path.read_text()), "now is passed in"


@pytest.mark.parametrize("path", sources(APP / "connectors"), ids=shown)
def test_connectors_know_neither_django_nor_each_other(path: Path) -> None:
    names = set(imports(path))
    assert not [name for name in names if name.split(".")[0] in ("django", "rest_framework")]
    folders = {folder.name for folder in (APP / "connectors").iterdir() if folder.is_dir()}
    own = path.relative_to(APP / "connectors").parts[0]
    if own in folders:
        others = {
            name.split(".")[2] for name in names if name.startswith("integrations.connectors.")
        }
        assert not others & (folders - {own})


@pytest.mark.parametrize("path", sources(ROOT / "portal"), ids=shown)
def test_the_project_folder_is_wiring_only(path: Path) -> None:
    assert not [name for name in imports(path) if name.startswith("integrations")]


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in sources(APP / "engine", APP / "models", APP / "services")
        if not path.name.startswith("sandbox")  # the stand-ins are these very systems
    ],
    ids=shown,
)
def test_no_code_asks_which_system_it_is(path: Path) -> None:
    folders = {folder.name for folder in (APP / "connectors").iterdir() if folder.is_dir()}
    targets = folders - {"hubspot", "__pycache__"}
    words = {
        node.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
    }
    assert not words & targets, "put a flag into the connector's spec"


@pytest.mark.parametrize(
    "path",
    [ROOT / "dev.py", ROOT / "manage.py", *sources(ROOT / "portal", APP, ROOT / "tests")],
    ids=shown,
)
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= MAX_FILE_LINES
    long = [
        f"{node.name} has {lines} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > MAX_FUNCTION_LINES
    ]
    assert not long


@pytest.mark.parametrize("name", ["dev.py", "portal/supervisor.py", "portal/probe.py"])
def test_what_runs_before_anything_is_installed_needs_nothing(name: str) -> None:
    roots = {imported.split(".")[0] for imported in imports(ROOT / name)}
    assert roots <= sys.stdlib_module_names | {"portal"}
