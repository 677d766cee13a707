"""NumPy's functions on shapes, its way of joining arrays, and ``where`` and ``clip``."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..variable import Variable
from .dispatch import implements


@implements(np.reshape)
def _reshape(a: Variable, /, shape: Any, order: str = "C", *, copy: bool | None = None) -> Variable:
    if order != "C":
        raise TypeError(f"np.reshape: order={order!r}; a Variable is read in row-major order, 'C'.")
    return ops.reshape(a, (shape,) if isinstance(shape, int) else shape, copy=copy)


@implements(np.ravel)
def _ravel(a: Variable, order: str = "C") -> Variable:
    return _reshape(a, -1, order)


@implements(np.transpose, np.permute_dims)
def _transpose(a: Variable, axes: Any = None) -> Variable:
    return ops.permute_dims(a, tuple(range(a.ndim))[::-1] if axes is None else tuple(axes))


@implements(np.matrix_transpose)
def _matrix_transpose(x: Variable, /) -> Variable:
    return ops.matrix_transpose(x)


@implements(np.swapaxes)
def _swapaxes(a: Variable, axis1: int, axis2: int) -> Variable:
    return ops.swapaxes(a, axis1, axis2)


@implements(np.squeeze)
def _squeeze(a: Variable, axis: Any = None) -> Variable:
    return ops.squeeze(a, axis)


@implements(np.expand_dims)
def _expand_dims(a: Variable, axis: Any) -> Variable:
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    ndim = a.ndim + len(axes)
    for place in sorted(item % ndim for item in axes):
        a = ops.expand_dims(a, axis=place)
    return a


@implements(np.broadcast_to)
def _broadcast_to(array: Variable, shape: Any) -> Variable:
    return ops.broadcast_to(array, (shape,) if isinstance(shape, int) else tuple(shape))


@implements(np.concatenate, np.concat)
def _concatenate(arrays: Any, /, axis: int | None = 0) -> Variable:
    return ops.concat(arrays, axis=axis)


@implements(np.stack)
def _stack(arrays: Any, axis: int = 0) -> Variable:
    return ops.stack(arrays, axis=axis)


@implements(np.where)
def _where(condition: Any, x: Any, y: Any, /) -> Variable:
    return ops.where(condition, x, y)


@implements(np.clip)
def _clip(
    a: Variable, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None
) -> Variable:
    return ops.clip(a, a_min if min is None else min, a_max if max is None else max)


@implements(np.copy)
def _copy(a: Variable, order: str = "K", subok: bool = False) -> Variable:
    return ops.positive(a)
