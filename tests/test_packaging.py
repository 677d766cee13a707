"""The four packages agree with one another, and each carries what a package must."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytestmark = pytest.mark.not_strict("no array is in it")

ROOT = Path(__file__).parents[1]
FOLDERS = sorted(path.parent for path in ROOT.glob("packages/*/pyproject.toml"))
PROJECTS: dict[str, dict[str, Any]] = {
    folder.name: tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    for folder in FOLDERS
}
OURS = {project["name"]: project for project in PROJECTS.values()}
# Where each package's marker of being typed lies.
TYPED = {
    "core": "simple_autograd",
    "nn": "simple_autograd/nn",
    "datasets": "simple_autograd/datasets",
    "backend-cupy": "simple_autograd_cupy",
}

each_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def requirements(project: dict[str, Any]) -> list[Requirement]:
    return [Requirement(line) for line in project["dependencies"]]


def test_there_are_four_packages() -> None:
    assert list(PROJECTS) == sorted(TYPED)


def test_dependents_ask_for_one_range_of_each_of_ours_and_the_version_here_is_in_it() -> None:
    ranges: dict[str, set[str]] = {}
    for project in PROJECTS.values():
        for requirement in requirements(project):
            if requirement.name in OURS:
                ranges.setdefault(requirement.name, set()).add(str(requirement.specifier))
                version = OURS[requirement.name]["version"]
                assert version in requirement.specifier, (
                    f"{project['name']} needs {requirement}; here {requirement.name} is {version}"
                )
                bounds = {specifier.operator for specifier in requirement.specifier}
                assert bounds == {">=", "<"}, (
                    f"{project['name']} bounds {requirement} on one side only"
                )
    assert "simple-autograd" in ranges
    assert {name: len(found) for name, found in ranges.items()} == dict.fromkeys(ranges, 1), ranges


@pytest.mark.parametrize("key", ["requires-python", "classifiers", "authors"])
def test_all_packages_say_the_same(key: str) -> None:
    said = {name: project[key] for name, project in PROJECTS.items()}
    assert all(value == said["core"] for value in said.values()), said


@each_folder
def test_package_has_its_papers(folder: Path) -> None:
    project = PROJECTS[folder.name]
    assert project["name"] in (folder / "README.md").read_text().splitlines()[0]
    headings = re.findall(r"^## (\S+)", (folder / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert project["version"] in headings, (
        f"CHANGELOG.md has no heading '## {project['version']} – …'"
    )
    assert (folder / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()
    assert "LICENSE" in project["license-files"]


@each_folder
def test_package_says_that_it_is_typed(folder: Path) -> None:
    assert (folder / "src" / TYPED[folder.name] / "py.typed").is_file()


def test_only_core_has_the_init_file_of_the_shared_package() -> None:
    found = [
        path.relative_to(ROOT).as_posix()
        for path in ROOT.glob("packages/*/src/simple_autograd/__init__.py")
    ]
    assert found == ["packages/core/src/simple_autograd/__init__.py"]


def test_installed_versions_are_those_of_the_tree() -> None:
    for name, project in OURS.items():
        assert importlib.metadata.version(name) == project["version"], f"reinstall {name}"


def test_lowest_versions_are_the_lower_bounds() -> None:
    """``testing/lowest.txt`` has every dependency that is not ours, at its lower bound.

    CuPy is an extra and needs a GPU, so it is not among them.
    """
    bounds: dict[str, set[str]] = {}
    for project in PROJECTS.values():
        for requirement in requirements(project):
            if requirement.name not in OURS:
                lower = {s.version for s in requirement.specifier if s.operator in (">=", "==")}
                assert len(lower) == 1, f"{project['name']}: {requirement} has no lower bound"
                bounds.setdefault(canonicalize_name(requirement.name), set()).update(lower)
    pins = {}
    for line in (ROOT / "testing" / "lowest.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, version = line.partition("==")
            pins[canonicalize_name(name)] = version
    assert sorted(pins) == sorted(bounds)
    for name, lower in bounds.items():
        assert len(lower) == 1, f"{name} has several lower bounds: {sorted(lower)}"
        bound = next(iter(lower))
        # numpy>=2.1 is met first by 2.1.0.
        assert pins[name] in (bound, f"{bound}.0"), (
            f"{name}: lowest.txt has {pins[name]}, the bound is {bound}"
        )
