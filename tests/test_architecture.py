"""The import rules of ``docs/architecture.md`` hold: its tables are read and the code held to them.

A section "Rooms of core" (or of another package) has a table whose first column names a module or
folder of that package, and whose last says what it may import: names of rooms, ``nothing``,
``everything`` or ``all of the above``; ``core`` for the core as seen from another package; ``x at
its end`` for an import below the last definition, ``x when called`` for one inside a function. A
room may always import itself and the standard library, and imports for the type checker alone (``if
TYPE_CHECKING:``) are free.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement

pytestmark = pytest.mark.not_strict("no array is in it")

ROOT = Path(__file__).parents[1]
DOC = (ROOT / "docs" / "architecture.md").read_text()
# Each package's folder of code, and the name it is imported by.
SOURCES = {
    "core": (ROOT / "packages/core/src/simple_autograd", "simple_autograd"),
    "nn": (ROOT / "packages/nn/src/simple_autograd/nn", "simple_autograd.nn"),
    "datasets": (
        ROOT / "packages/datasets/src/simple_autograd/datasets",
        "simple_autograd.datasets",
    ),
    "backend-cupy": (
        ROOT / "packages/backend-cupy/src/simple_autograd_cupy",
        "simple_autograd_cupy",
    ),
}
# Where NumPy may be spoken to by name: in core's backends, and in any file or folder named after it
# (the protocols, a package's NumPy kernels), and where launches for CuPy have NumPy's structures as
# arguments. The datasets package keeps its data in NumPy throughout.
NUMPY_ROOMS = re.compile(
    r"^core/backends/|^[\w-]+/(.*/)?numpy\w*(/|\.py$)|^datasets/|^backend-cupy/kernels/"
)
# Where the name to import differs from that of the distribution.
DISTRIBUTIONS = {
    "cupy": "cupy-cuda13x",
    "cupyx": "cupy-cuda13x",
    "cudnn": "nvidia-cudnn-frontend",
}


class Import(NamedTuple):
    """One imported module by its full name, and how: "plain", "at its end" or "when called"."""

    module: str
    manner: str
    line: int


def files_of(package: str) -> list[Path]:
    return sorted(SOURCES[package][0].rglob("*.py"))


def tree_of(package: str) -> set[str]:
    """Name the modules and folders that lie directly in a package."""
    # A folder without a Python file is what a deleted one leaves behind: its cache.
    return {
        path.stem
        for path in SOURCES[package][0].iterdir()
        if path.suffix == ".py" or (path.is_dir() and any(path.glob("*.py")))
    }


def imports_of(path: Path, package: str) -> list[Import]:
    """List what a file imports, except for the type checker; ``from a import b`` gives ``a.b``."""
    folder, name = SOURCES[package]
    parents = [*name.split("."), *path.relative_to(folder).parent.parts]
    tree = ast.parse(path.read_text())
    definitions = [n for n in tree.body if isinstance(n, ast.ClassDef | ast.FunctionDef)]
    end = max((n.end_lineno or 0 for n in definitions), default=sys.maxsize)
    found = []
    for node, in_function in _statements(tree, False):
        manner = "when called" if in_function else "at its end" if node.lineno > end else "plain"
        if isinstance(node, ast.Import):
            found += [Import(alias.name, manner, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = parents[: len(parents) - node.level + 1] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            if start != "__future__":
                found += [Import(f"{start}.{a.name}", manner, node.lineno) for a in node.names]
    return found


def _statements(node: ast.AST, in_function: bool) -> Iterator[tuple[ast.stmt, bool]]:
    """Walk the statements that run, and say of each whether it is inside a function."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child, in_function
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        inside = in_function or isinstance(
            child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
        )
        yield from _statements(child, inside)


def room_of(module: str, package: str) -> str:
    """Name what a module is to `package`: one of its rooms, another package, or a library."""
    for other in ("nn", "datasets", "backend-cupy", "core"):
        name = SOURCES[other][1]
        if module == name or module.startswith(f"{name}."):
            if other != package:
                return other
            first = module[len(name) + 1 :].partition(".")[0]
            return first if first in tree_of(package) else "__init__"
    return module.partition(".")[0]


def rooms(package: str) -> list[tuple[str, str]]:
    """Read a package's table: pairs of a room and what it may import, in the table's words."""
    section = re.search(rf"^## Rooms of {package}\n(.*?)(?=^## |\Z)", DOC, re.MULTILINE | re.DOTALL)
    if not section:
        return []
    rows = re.findall(r"^\|(.+)\|\s*$", section[1], re.MULTILINE)[2:]
    cells = [[cell.strip() for cell in row.split("|")] for row in rows]
    return [(row[0].strip("`/").removesuffix(".py"), row[-1]) for row in cells]


def allowed(package: str, room: str) -> dict[str, str] | None:
    """Give the rooms that `room` may import, with the manner of it; None for everything."""
    found: dict[str, str] = {}
    above: list[str] = []
    for name, words in rooms(package):
        if name == room:
            for item in re.split(r"[,;]|\band\b", re.sub(r"\(.*?\)|`", "", words)):
                item = item.strip()
                manner = next(
                    (m for m in ("at its end", "when called") if item.endswith(m)), "plain"
                )
                target = item.removesuffix(manner).strip().strip("/").removesuffix(".py")
                if target == "everything":
                    return None
                if target == "all of the above":
                    found |= dict.fromkeys(above, "plain")
                elif target and target != "nothing":
                    found[target] = manner
            return found
        above.append(name)
    raise LookupError(f"docs/architecture.md has no room {room!r} of {package}")


DOCUMENTED = [package for package in SOURCES if rooms(package)]


def test_the_document_has_the_table_of_core() -> None:
    assert "core" in DOCUMENTED
    assert len(rooms("core")) > 8


@pytest.mark.parametrize("package", DOCUMENTED)
def test_rooms_of_the_document_are_those_of_the_tree(package: str) -> None:
    assert sorted(tree_of(package)) == sorted(room for room, _ in rooms(package))


@pytest.mark.parametrize("package", DOCUMENTED)
def test_rooms_import_what_they_may(package: str) -> None:
    faults = []
    for path in files_of(package):
        relative = path.relative_to(SOURCES[package][0])
        room = relative.parts[0].removesuffix(".py")
        if room not in {name for name, _ in rooms(package)}:
            continue  # The test above says that it is missing from the table.
        may = allowed(package, room)
        for found in imports_of(path, package):
            target = room_of(found.module, package)
            if (
                may is None
                or target == room
                or target in sys.stdlib_module_names - {name for name, _ in rooms(package)}
            ):
                continue
            manner = may.get(target)
            if target == "numpy" and NUMPY_ROOMS.search(f"{package}/{relative.as_posix()}"):
                continue
            if manner is None or manner not in ("plain", found.manner):
                rule = f"only {manner}" if manner else f"only {', '.join(may) or 'nothing'}"
                where = f"{path.relative_to(ROOT)}:{found.line}"
                faults.append(f"{where} imports {target} ({found.manner}); {rule}")
    report = ["against the table in docs/architecture.md:", *dict.fromkeys(faults)]
    assert not faults, "\n".join(report)


@pytest.mark.parametrize("package", SOURCES)
def test_packages_import_only_what_they_declare(package: str) -> None:
    """All else that is imported is the standard library's, the package's own, or core's."""
    project = tomllib.loads((ROOT / "packages" / package / "pyproject.toml").read_text())["project"]
    lines = list(project["dependencies"])
    for extra in project.get("optional-dependencies", {}).values():
        lines += extra
    declared = {Requirement(line).name for line in lines} | {"core"}
    faults = []
    for path in files_of(package):
        for found in imports_of(path, package):
            target = found.module.partition(".")[0]
            if target in ("simple_autograd", "simple_autograd_cupy"):
                target = next(
                    other
                    for other in ("nn", "datasets", "backend-cupy", "core")
                    if f"{found.module}.".startswith(f"{SOURCES[other][1]}.")
                )
            known = {*declared, package, *sys.stdlib_module_names}
            if DISTRIBUTIONS.get(target, target) not in known:
                faults.append(f"{path.relative_to(ROOT)}:{found.line} imports {found.module}")
    assert not faults, "\n".join([f"{project['name']} does not declare:", *faults])


def test_numpy_is_spoken_to_only_in_its_rooms() -> None:
    faults = []
    for package, (folder, _) in SOURCES.items():
        for path in files_of(package):
            inside = path.relative_to(folder).as_posix()
            if not NUMPY_ROOMS.search(f"{package}/{inside}"):
                faults += [
                    f"{path.relative_to(ROOT)}:{found.line}"
                    for found in imports_of(path, package)
                    if found.module.partition(".")[0] == "numpy"
                ]
    assert not faults, (
        f"numpy is imported in {faults}; say it in the array API, or make it a kernel"
    )


def test_nothing_asks_which_backend_it_is_on() -> None:
    """Where a backend is compared with a name, a kernel or a method of ``Backend`` is missing."""
    faults = []
    for package in SOURCES:
        for path in files_of(package):
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Compare):
                    continue
                sides = [node.left, *node.comparators]
                texts = any(
                    isinstance(n, ast.Constant) and isinstance(n.value, str)
                    for s in sides
                    for n in (s.elts if isinstance(s, ast.Tuple | ast.List | ast.Set) else [s])
                )
                if texts and any("backend" in ast.unparse(side).lower() for side in sides):
                    faults.append(f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}")
    assert not faults, "\n".join(faults)


def words_of(path: Path) -> Iterator[tuple[int, str]]:
    """Give a file's identifiers and texts with their lines, but for docstrings and comments."""
    tree = ast.parse(path.read_text())
    statements = [node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)]
    docstrings = {id(value) for value in statements if isinstance(value, ast.Constant)}
    for node in ast.walk(tree):
        if id(node) in docstrings:
            continue
        for _, value in ast.iter_fields(node):
            for word in value if isinstance(value, list) else [value]:
                if isinstance(word, str):
                    yield getattr(node, "lineno", 0), word


def test_no_package_but_the_backends_own_knows_of_cupy() -> None:
    """Other backends come in by the same door; only the registry's hint, what to install, has the name."""
    hint = SOURCES["core"][0] / "backends" / "registry.py"
    faults = [
        f"{path.relative_to(ROOT)}:{line}: {word}"
        for package in ("core", "nn", "datasets")
        for path in files_of(package)
        if path != hint
        for line, word in words_of(path)
        if "cupy" in word.lower()
    ]
    assert not faults, "\n".join(faults)
