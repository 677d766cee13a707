"""The kernels for CuPy on a GPU compute what the portable bodies compute there, in float64.

The cases are those of ``test_kernels.py``, where an emulation runs the same sources.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd.backends import Backend, get_backend
from simple_autograd.nn.functional.dropout import Draw
from tests.backend_cupy.kernel_cases import CASES, DTYPES, TOLERANCES, compare, draw, mapped, wide

pytestmark = pytest.mark.gpu


@pytest.fixture
def cupy_backend() -> Iterator[Backend]:
    with sa.use_backend("cupy") as backend:
        yield backend


def moved(backend: Backend, array: np.ndarray) -> Any:
    """Give a copy on the GPU, whose axes lie in memory in the order in which the array's do."""
    axes = sorted(range(array.ndim), key=lambda axis: -array.strides[axis])
    there = backend.asarray(array.transpose(axes).copy("C"))
    if axes == sorted(axes):
        return there
    return there.transpose(*[axes.index(axis) for axis in range(array.ndim)])


def on_host(backend: Backend, value: Any) -> Any:
    if isinstance(value, tuple | list):
        return type(value)([on_host(backend, item) for item in value])
    return backend.to_numpy(value) if isinstance(value, backend.array_type) else value


def hold(backend: Backend, case: str, dtype: str) -> None:
    from simple_autograd_cupy.kernels import kernel_of

    for call in CASES[case](dtype):
        kernel = kernel_of(call.name, None)
        assert kernel is not None
        given = mapped(lambda array: moved(backend, array), call.arrays)
        options = mapped(lambda array: moved(backend, array), call.options)
        exact = mapped(lambda array: moved(backend, wide(array)), call.arrays)
        exact_options = mapped(lambda array: moved(backend, wide(array)), call.options)
        result = kernel(*given, **options)
        expected = Backend.portable[call.name](backend.xp, *exact, **exact_options)
        compare(on_host(backend, result), on_host(backend, expected), TOLERANCES[dtype])
        compare(on_host(backend, given), on_host(backend, exact), TOLERANCES[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", CASES)
def test_kernels(cupy_backend: Backend, case: str, dtype: str) -> None:
    hold(cupy_backend, case, dtype)


def test_adding_at_positions_can_be_deterministic(cupy_backend: Backend) -> None:
    from simple_autograd_cupy import use_deterministic_algorithms

    use_deterministic_algorithms(True)
    try:
        hold(cupy_backend, "scatter", "float32")
        put_add = cupy_backend.body("put_add")
        values = cupy_backend.asarray(
            np.random.default_rng(0).normal(size=100_000).astype("float32")
        )
        key = cupy_backend.asarray(np.zeros(100_000, int))
        sums = [put_add(values, key=key, shape=(1,)).item() for _ in range(3)]
    finally:
        use_deterministic_algorithms(False)
    assert len(set(sums)) == 1


def test_long_groups_and_columns_are_cut_into_chunks(
    cupy_backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    from simple_autograd_cupy.kernels import normalization

    for name, value in (("_CHUNK", 16), ("_ROWS", 4), ("_PART", 4)):
        monkeypatch.setattr(normalization, name, value)
    hold(cupy_backend, "normalization", "float32")


def test_convolution_without_cudnn(cupy_backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    from simple_autograd_cupy.kernels import cudnn_convolution

    monkeypatch.setattr(cudnn_convolution, "_module", lambda: None)
    hold(cupy_backend, "convolution", "float32")


def test_the_gpu_draws_the_numbers_that_numpy_draws(cupy_backend: Backend) -> None:
    here, there = cupy_backend.generator(7), get_backend("numpy").generator(7)
    for shape, dtype in (
        ((5,), "float32"),
        ((1000, 333), "float32"),
        ((77,), "float64"),
        ((2,), "float32"),
    ):
        drawn, expected = (generator.uniform(shape, dtype=dtype) for generator in (here, there))
        np.testing.assert_array_equal(cupy_backend.to_numpy(drawn), expected)
        assert here.state == there.state


@pytest.mark.parametrize("dtype", DTYPES)
def test_dropout_draws_what_numpy_draws(cupy_backend: Backend, dtype: str) -> None:
    numpy = get_backend("numpy")
    here, there = cupy_backend.generator(7), numpy.generator(7)
    for shape, drawn in (((300, 71), (300, 71)), ((5,), (5,)), ((4, 3, 5, 2), (4, 3, 1, 1))):
        x = draw(*shape, dtype=dtype)
        mine, expected = Draw(here, drawn, 0.3), Draw(there, drawn, 0.3)
        for given in (x, 2 * x):
            found = cupy_backend.body("dropout")(moved(cupy_backend, given), draw=mine)
            exact = Backend.portable["dropout"](np, wide(given), draw=expected)
            compare(cupy_backend.to_numpy(found), exact, TOLERANCES[dtype])
        assert mine.kept.dtype == np.uint8
    assert here.state == there.state
