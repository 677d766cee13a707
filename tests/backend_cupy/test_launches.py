"""How many launches a training step is, of the networks that ``benchmarks/gpu.py`` measures: they do not creep up.

A small step takes as long as its launches take the host, so their number decides how it compares with PyTorch's.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd.backends import Backend
from tests.backend_cupy.double import cublas
from tests.backend_cupy.host import emulation
from tests.backend_cupy.launches import counted

pytestmark = pytest.mark.skipif(bool(emulation.NO_COMPILER), reason=emulation.NO_COMPILER)

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"

MOST = {"mlp": 24, "cnn": 38, "vit": 205}
"""By network; the second one's convolutions are gathered and multiplied, as they are without cuDNN."""


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Import the benchmark's steps as the benchmark does."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("_gpu_steps")


@pytest.mark.usefixtures("with_kernels")
@pytest.mark.parametrize("name", MOST)
def test_steps_take_few_launches(steps: ModuleType, name: str) -> None:
    step = steps.our_step(name, 5)
    step()  # with the first step come an optimizer's state and settings of cuBLAS
    with counted() as launches:
        step()
    assert launches.total() <= MOST[name], dict(launches.most_common())


@pytest.mark.usefixtures("with_kernels")
@pytest.mark.parametrize("name", MOST)
def test_captured_they_give_the_same_numbers(steps: ModuleType, name: str) -> None:
    losses = []
    for make in (steps.our_step, steps.our_captured):
        sa.manual_seed(0)
        step = make(name, 2)
        losses.append([step().item() for _ in range(5)])
    np.testing.assert_allclose(*losses, rtol=1e-5)
    assert losses[0][-1] < losses[0][0]


def test_what_counts(with_kernels: Backend) -> None:
    xp = with_kernels.xp
    x = with_kernels.asarray(np.ones((4, 4), "float32"))
    for function, expected in (
        (lambda: x.T.reshape(2, 8)[1:], 1),  # the copy that it takes to reshape
        (lambda: xp.moveaxis(xp.expand_dims(x, axis=0), 0, 1), 0),
        (lambda: xp.exp(x) + 1, 2),
        (lambda: xp.concat([x, x, x]), 3),
        (lambda: xp.concat([x] * 9), 1),
        (lambda: xp.matmul(x, x.T), 1),
        (lambda: xp.asarray(x, copy=True), 1),
        (lambda: x.__setitem__(0, 1.0), 1),
        (lambda: xp.sum(sa.ops.gelu(x)), 2),
        (lambda: xp.empty_like(x), 0),
    ):
        with counted() as launches:
            function()
        assert launches.total() == expected, launches


def test_products_take_a_factor_along(with_kernels: Backend) -> None:
    from simple_autograd_cupy.matmul import matmul

    values = np.random.default_rng(1).normal(size=(2, 3, 4))
    x, y = with_kernels.asarray(values), with_kernels.asarray(values).mT
    before = len(cublas.calls)
    with counted() as launches:
        found = matmul(x, y, factor=0.5)
    assert launches.total() == len(cublas.calls) - before == 1
    np.testing.assert_allclose(found.get(), 0.5 * values @ values.mT)
    integers = with_kernels.asarray(np.arange(4).reshape(2, 2))  # which cuBLAS does not multiply
    np.testing.assert_array_equal(matmul(integers, integers, factor=2).get(), [[4, 6], [12, 22]])
