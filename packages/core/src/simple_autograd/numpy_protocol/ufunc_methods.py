"""Methods of ufuncs that stay on the tape: ``np.add.reduce``, ``np.multiply.accumulate``, ``np.maximum.reduceat``, ….

They have NumPy's positional parameters. ``where`` puts what changes nothing in the place of what it leaves out;
``initial`` is one more element.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import ops
from ..variable import Variable
from .dispatch import UFUNC_METHODS, arrays, operands

__all__: list[str] = []

_NOT_GIVEN = np._NoValue


def _reduce(
    ufunc: Any, reduction: Callable[..., Any], pair: Callable[..., Any], neutral: float | None
) -> Callable[..., Any]:
    """Make ``ufunc.reduce`` of a reduction, the op on two elements, and the element that changes nothing."""

    def reduce(
        array: Variable,
        axis: Any = 0,
        dtype: Any = None,
        out: Any = None,
        keepdims: bool = False,
        initial: Any = _NOT_GIVEN,
        where: Any = True,
    ) -> Variable:
        _refuse_out(f"np.{ufunc.__name__}.reduce", out)
        if dtype is not None:
            array = ops.astype(array, dtype, copy=False)
        given = initial is not _NOT_GIVEN and initial is not None
        if where is not True:
            rest = neutral if neutral is not None else initial
            if neutral is None and not given:
                raise ValueError(
                    f"np.{ufunc.__name__}.reduce with where: it has no element that changes nothing; give initial."
                )
            where, array = operands(where, array)
            array = ops.where(where, array, rest)
        result = reduction(array, axis=axis, keepdims=keepdims)
        if not given:
            return result
        (initial,) = arrays(initial)
        return pair(result, ops.astype(initial, result.dtype, copy=False))

    return reduce


def _accumulate(ufunc: Any, cumulative: Callable[..., Any]) -> Callable[..., Any]:
    """Make ``ufunc.accumulate`` of a cumulative function."""

    def accumulate(array: Variable, axis: int = 0, dtype: Any = None, out: Any = None) -> Variable:
        _refuse_out(f"np.{ufunc.__name__}.accumulate", out)
        if dtype is not None:
            array = ops.astype(array, dtype, copy=False)
        return cumulative(array, axis=axis)

    return accumulate


def _reduceat(ufunc: Any, reduce: Callable[..., Any]) -> Callable[..., Any]:
    """Make ``ufunc.reduceat`` of ``ufunc.reduce``."""

    def reduceat(
        array: Variable, indices: Any, axis: int = 0, dtype: Any = None, out: Any = None
    ) -> Variable:
        _refuse_out(f"np.{ufunc.__name__}.reduceat", out)
        axis %= array.ndim
        starts = [int(index) for index in np.asarray(indices)]
        ends = [*starts[1:], array.shape[axis]]
        if any(not 0 <= start < array.shape[axis] for start in starts):
            raise IndexError(
                f"np.{ufunc.__name__}.reduceat: the indices are {starts}, needed are numbers from 0 to "
                f"{array.shape[axis] - 1}."
            )
        parts = []
        for start, end in zip(starts, ends, strict=True):
            # NumPy's rule: an index that is not smaller than the next one stands for its element alone.
            part = (slice(None),) * axis + (slice(start, max(end, start + 1)),)
            parts.append(reduce(array[part], axis, dtype, keepdims=True))
        return ops.concat(parts, axis=axis)

    return reduceat


def _refuse_out(name: str, out: Any) -> None:
    if out is not None:
        raise TypeError(
            f"{name}: out is given; a result cannot be written into an array and stay on the tape. Leave it out."
        )


def _logsumexp2(array: Variable, axis: Any, keepdims: bool) -> Variable:
    return ops.logsumexp(array * math.log(2), axis=axis, keepdims=keepdims) / math.log(2)


_REDUCTIONS: dict[Any, tuple[Any, ...]] = {
    np.add: (ops.sum, ops.add, 0),
    np.multiply: (ops.prod, ops.multiply, 1),
    np.maximum: (ops.max, ops.maximum, None),
    np.minimum: (ops.min, ops.minimum, None),
    np.logaddexp: (ops.logsumexp, ops.logaddexp, -math.inf),
    np.logaddexp2: (_logsumexp2, ops.logaddexp2, -math.inf),
    np.fmax: (ops.nanmax, ops.fmax, math.nan),
    np.fmin: (ops.nanmin, ops.fmin, math.nan),
}
for _ufunc, _parts in _REDUCTIONS.items():
    UFUNC_METHODS[_ufunc, "reduce"] = _reduce(_ufunc, *_parts)
    UFUNC_METHODS[_ufunc, "reduceat"] = _reduceat(_ufunc, UFUNC_METHODS[_ufunc, "reduce"])

_CUMULATIVE: dict[Any, Callable[..., Any]] = {
    np.add: ops.cumulative_sum,
    np.multiply: ops.cumulative_prod,
    np.maximum: lambda array, axis: ops.cummax(array, axis=axis).values,
    np.minimum: lambda array, axis: ops.cummin(array, axis=axis).values,
    np.logaddexp: ops.logcumsumexp,
    np.logaddexp2: lambda array, axis: (
        ops.logcumsumexp(array * math.log(2), axis=axis) / math.log(2)
    ),
}
for _ufunc, _cumulative in _CUMULATIVE.items():
    UFUNC_METHODS[_ufunc, "accumulate"] = _accumulate(_ufunc, _cumulative)
