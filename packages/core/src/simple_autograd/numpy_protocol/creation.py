"""NumPy's ``zeros_like`` and its like: the shape and data type of a Variable, on its backend, without its gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..variable import Variable
from .dispatch import implements


@implements(np.zeros_like)
def _zeros_like(a: Variable, dtype: Any = None) -> Variable:
    return ops.zeros_like(a, dtype=dtype)


@implements(np.ones_like)
def _ones_like(a: Variable, dtype: Any = None) -> Variable:
    return ops.ones_like(a, dtype=dtype)


@implements(np.empty_like)
def _empty_like(prototype: Variable, dtype: Any = None) -> Variable:
    return ops.empty_like(prototype, dtype=dtype)


@implements(np.full_like)
def _full_like(a: Variable, fill_value: Any, dtype: Any = None) -> Variable:
    return ops.full_like(a, fill_value, dtype=dtype)
