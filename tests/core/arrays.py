"""Between NumPy, in which the tests think, and the backend of the run: arrays, layouts, comparisons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from simple_autograd import Variable
from simple_autograd.backends import Backend, get_backend


def to_backend(value: Any) -> Any:
    """Give NumPy arrays, also those inside tuples and lists, as raw arrays of the run's backend."""
    if isinstance(value, np.ndarray):
        return get_backend().asarray(value)
    if isinstance(value, tuple):
        return tuple(to_backend(item) for item in value)
    return value


def options_to_backend(options: Any) -> dict[str, Any]:
    """Do the same with the options of a call; a ``dtype`` given by name becomes the backend's."""
    return {
        name: get_backend().dtype(value) if name == "dtype" else to_backend(value)
        for name, value in options.items()
    }


def to_numpy(value: Any) -> np.ndarray:
    """Give a Variable, a raw array or a number as a NumPy array."""
    if isinstance(value, Variable):
        value = value.data
    backend = get_backend()
    return np.asarray(backend.to_numpy(value) if type(value) is backend.array_type else value)


def variable(value: Any, requires_grad: bool | None = None) -> Variable:
    """Give a Variable with a copy of a value, on the run's backend; integers in lists become float64."""
    array = np.array(value)
    if not hasattr(value, "dtype") and array.dtype.kind in "iu":
        array = array.astype(np.float64)
    return Variable(get_backend().asarray(array), requires_grad)


def dtype_name(value: Any) -> str:
    """Give the name of the data type of a Variable or raw array."""
    return str(value.dtype).rpartition(".")[2]


def shares_host_memory(backend: Backend) -> bool:
    """Say whether a backend's arrays lie where NumPy's do."""
    host = np.zeros(1)
    return bool(np.shares_memory(backend.to_numpy(backend.asarray(host)), host))


def is_floating(value: Any) -> bool:
    """Say whether a value is a NumPy array that gradients can flow to."""
    return isinstance(value, np.ndarray) and value.dtype.kind in "fc"


def assert_equal(actual: Any, expected: Any) -> None:
    """Compare the values exactly; NaN equals NaN."""
    np.testing.assert_array_equal(to_numpy(actual), expected, strict=True)


def assert_close(actual: Any, expected: Any, tolerance: float = 1e-10) -> None:
    """Compare shapes and values up to rounding, in relation to the largest finite one."""
    actual, expected = to_numpy(actual), to_numpy(expected)
    assert actual.shape == expected.shape
    finite = np.abs(expected[np.isfinite(expected)])
    scale = max(1.0, float(finite.max())) if finite.size else 1.0
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance * scale)


def layouts(array: np.ndarray) -> Iterable[tuple[str, np.ndarray]]:
    """Give arrays of the same values that lie otherwise in memory."""
    everywhere = (slice(None, None, -1),) * array.ndim
    backwards = array[everywhere].copy("C")[everywhere]
    spread = np.full((*array.shape, 2), 7, array.dtype)
    spread[..., 1] = array
    frozen = array.copy()
    frozen.flags.writeable = False
    yield "reversed", backwards
    yield "strided", spread[..., 1].reshape(array.shape, copy=False)
    yield "transposed", array.copy("F")
    yield "read-only", frozen
