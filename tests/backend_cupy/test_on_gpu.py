"""The CuPy backend at work; skipped, with the reason, on a machine without CuPy or a GPU."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd.backends import Backend, get_backend

pytestmark = pytest.mark.gpu


@pytest.fixture
def cupy_backend() -> Iterator[Backend]:
    with sa.use_backend("cupy") as backend:
        yield backend


def test_arrays_go_to_the_gpu_and_back(cupy_backend: Backend) -> None:
    host = np.arange(6.0).reshape(2, 3)
    array = cupy_backend.asarray(host)
    assert type(array) is cupy_backend.array_type
    np.testing.assert_array_equal(cupy_backend.to_numpy(array), host)


def test_dtypes_are_found_by_any_spelling(cupy_backend: Backend) -> None:
    for spelling in ("float32", np.float32, np.dtype("float32")):
        array = cupy_backend.asarray([1, 2], dtype=spelling)
        assert cupy_backend.dtype_name(array.dtype) == "float32"


def test_views_share_a_memory_key(cupy_backend: Backend) -> None:
    array = cupy_backend.asarray(np.arange(6.0))
    view, other = array[2:], array.copy()
    assert (cupy_backend.is_view(array), cupy_backend.is_view(view)) == (False, True)
    assert cupy_backend.memory_key(view) == cupy_backend.memory_key(array)
    assert cupy_backend.memory_key(other) != cupy_backend.memory_key(array)


def test_a_seed_gives_the_numbers_that_it_gives_on_numpy(cupy_backend: Backend) -> None:
    here = cupy_backend.generator(7).normal((3, 4))
    there = get_backend("numpy").generator(7).normal((3, 4))
    np.testing.assert_array_equal(cupy_backend.to_numpy(here), there)


def program(backend: Backend) -> Any:
    """Differentiate a small expression of many ops, and give the gradient as a NumPy array."""
    x = sa.Variable(backend.asarray(np.linspace(-1, 1, 60).reshape(3, 4, 5)))
    y = backend.asarray(np.linspace(0, 2, 30).reshape(5, 6))
    ((x @ y).cos().mean((0, -1), keepdim=True)[:, 1:3] * y[:2, None, 0]).var().backward()
    backend.synchronize()
    return backend.to_numpy(x.grad)


def test_gradients_equal_those_of_numpy(cupy_backend: Backend) -> None:
    np.testing.assert_allclose(
        program(cupy_backend), program(get_backend("numpy")), rtol=1e-12, atol=1e-15
    )
