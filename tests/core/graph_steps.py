"""What the tests of ``graph`` share: inputs, parameters, and results as NumPy's arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import simple_autograd as sa

__all__ = ["CALLS", "inputs", "numbers", "numpy_only", "weights"]

CALLS = 6
"""One as it is, two or three that are recorded, the rest replays."""

numpy_only = pytest.mark.skipif("sa.get_backend().name != 'numpy'", reason="NumPy's own functions")


def numbers(value: Any) -> np.ndarray:
    """Give a raw array or a Variable as a NumPy array."""
    raw = value.data if isinstance(value, sa.Variable) else value
    return np.array(sa.get_backend().to_numpy(raw))


def inputs(count: int = CALLS, shape: tuple[int, ...] = (3, 4)) -> list[Any]:
    random = np.random.default_rng(0)
    return [sa.asarray(random.standard_normal(shape)) for _ in range(count)]


def weights(*shape: int) -> sa.Variable:
    return sa.Variable(sa.asarray(np.random.default_rng(1).standard_normal(shape)))
