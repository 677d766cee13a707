"""What the tests of the CuPy backend share: the backend on the double, in a process that may have the real CuPy too."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import simple_autograd as sa
from simple_autograd import random
from simple_autograd.backends import Backend, get_backend, registry
from tests.backend_cupy import double
from tests.backend_cupy.launches import RawModule


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave all of it out on array-api-strict: these tests bring their own backend."""
    return True if config.getoption("--backend") == "strict" else None


@pytest.fixture
def cupy_double() -> Iterator[ModuleType]:
    """Give the module that ``import cupy`` gives in this test."""
    with double.installed() as module:
        yield module


@pytest.fixture
def on_double(cupy_double: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Iterator[Backend]:
    """Make the backend on the double the default one, known as "cupy" in this test."""
    for table in ("_by_name", "_by_array_type", "_by_library"):
        known = dict(getattr(registry, table))
        monkeypatch.setattr(registry, table, known)
    registry._by_name.pop("cupy", None)
    monkeypatch.setattr(random, "_generators", dict(random._generators))
    before = get_backend()
    sa.set_backend("cupy")
    yield get_backend()
    sa.set_backend(before)


@pytest.fixture
def with_kernels(
    cupy_double: ModuleType, on_double: Backend, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Backend]:
    """Give the backend on the double, with its kernels in the emulation of CUDA, and its generator."""
    from simple_autograd_cupy import CupyBackend, kernels

    monkeypatch.setattr(cupy_double, "RawModule", RawModule, raising=False)
    hidden = kernels.kernel_of
    importlib.reload(kernels)
    launching = importlib.import_module("simple_autograd_cupy.kernels.launching")
    launching._module.cache_clear()
    launching._kernel.cache_clear()

    def generator(backend: Backend, seed: int | None = None) -> Any:
        from simple_autograd_cupy.kernels.random import CupyGenerator

        return CupyGenerator(backend, seed)

    monkeypatch.setattr(CupyBackend, "generator", generator)
    monkeypatch.setattr(random, "_generators", {})
    yield on_double
    kernels.kernel_of = hidden
