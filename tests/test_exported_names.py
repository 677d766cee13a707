"""What users may import is listed in ``__all__`` of each package, and all of it is documented."""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from simple_autograd import errors
from simple_autograd.errors import SimpleAutogradError

pytestmark = pytest.mark.not_strict("no array is in it")

# Every package and module that users import from by name.
PUBLIC = [
    "simple_autograd",
    "simple_autograd.backends",
    "simple_autograd.errors",
    "simple_autograd.fft",
    "simple_autograd.linalg",
    "simple_autograd.special",
    "simple_autograd.nn",
    "simple_autograd.nn.functional",
    "simple_autograd.nn.optim",
    "simple_autograd.nn.optim.lr_scheduler",
    "simple_autograd.nn.utils",
    "simple_autograd.datasets",
    "simple_autograd_cupy",
]

each_module = pytest.mark.parametrize("name", PUBLIC)


def is_ours(value: Any) -> bool:
    return (getattr(value, "__module__", None) or "").partition(".")[0] in (
        "simple_autograd",
        "simple_autograd_cupy",
    )


@each_module
def test_exports_are_what_is_there(name: str) -> None:
    module = importlib.import_module(name)
    exports = module.__all__
    assert len(exports) == len(set(exports)), "a name stands twice in __all__"
    assert [export for export in exports if not hasattr(module, export)] == []
    public = {
        key
        for key, value in vars(module).items()
        if not key.startswith("_") and not isinstance(value, ModuleType) and is_ours(value)
    }
    missing = public - set(exports)
    assert not missing, (
        f"{sorted(missing)} look public: add them to __all__, or import them with an underscore"
    )


@each_module
def test_exports_are_documented(name: str) -> None:
    module = importlib.import_module(name)
    bare = []
    for export in module.__all__:
        value = getattr(module, export)
        if isinstance(value, type):
            bare += [f"{export}.{key}" for key in undocumented_members(value)]
        if (callable(value) or isinstance(value, ModuleType)) and not documented(value):
            bare.append(export)
    assert not bare, f"{name}: no docstring on {bare}"


@each_module
def test_exceptions_are_in_the_tree(name: str) -> None:
    """The tree is drawn in ``simple_autograd/errors.py``, those of the other packages included."""
    module = importlib.import_module(name)
    values = [getattr(module, export) for export in module.__all__]
    for error in values:
        if isinstance(error, type) and issubclass(error, Exception):
            assert issubclass(error, SimpleAutogradError)
            assert re.search(rf"^    (.*── )?{error.__name__}\b", errors.__doc__, re.MULTILINE)


def documented(value: Any) -> bool:
    """Whether it has a docstring of its own; a class does not inherit its base's."""
    text = value.__doc__ if isinstance(value, type) else inspect.getdoc(value)
    return bool((text or "").strip())


def undocumented_members(cls: type) -> list[str]:
    """Name what is public on a class of ours and documented neither there nor on a base."""
    if not is_ours(cls):
        return []
    return [
        key
        for key, value in vars(cls).items()
        if not key.startswith("_")
        and (callable(value) or isinstance(value, property | classmethod | staticmethod))
        and not inspect.getdoc(getattr(cls, key))
    ]


@pytest.mark.parametrize("package", ["simple_autograd.nn.layers"])
def test_the_table_of_families_says_what_they_export(package: str) -> None:
    module = importlib.import_module(package)
    found = {
        path.stem: importlib.import_module(f"{package}.{path.stem}").__all__
        for path in Path(module.__path__[0]).glob("*.py")
        if path.stem != "__init__"
    }
    tabled = {family: names.split() for family, names in module.FAMILIES.items()}
    assert {family: sorted(names) for family, names in tabled.items()} == {
        family: sorted(names) for family, names in found.items() if names
    }


@pytest.mark.parametrize("name", ["nn", "datasets"])
def test_a_distribution_that_is_missing_says_how_to_install_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import simple_autograd as sa

    monkeypatch.delattr(sa, name, raising=False)
    monkeypatch.setitem(sys.modules, f"simple_autograd.{name}", None)
    with pytest.raises(ModuleNotFoundError, match=f"pip install simple-autograd-{name}"):
        exec(f"from simple_autograd import {name}")


def test_distributions_are_found_without_an_import_of_their_own() -> None:
    program = "import simple_autograd as sa; sa.nn.Linear(2, 1); sa.datasets.DataLoader"
    subprocess.run([sys.executable, "-c", program], check=True)
