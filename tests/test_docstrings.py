"""The examples in docstrings run, and give what they say. They are written for the NumPy backend."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import pytest

import simple_autograd
import simple_autograd_cupy
from simple_autograd.backends import get_backend, set_backend

pytestmark = pytest.mark.not_strict("it runs on NumPy, whatever the backend of the run is")


def modules() -> Iterator[str]:
    for package in (simple_autograd, simple_autograd_cupy):
        yield package.__name__
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield found.name


@pytest.mark.parametrize("name", list(modules()))
def test_examples(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)
    before = get_backend()
    set_backend("numpy")
    try:
        result = doctest.testmod(
            _imported(name),
            optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE,
        )
    finally:
        set_backend(before)
    assert result.failed == 0, "doctest printed above what differs"


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != "cupy":
            raise
        pytest.skip(f"{name} imports CuPy, which is not installed")
