"""NumPy's reductions, with its keywords and defaults."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..variable import Variable
from .dispatch import implements, no_out

# `out` stands in these signatures for its position only, see `no_out`.


@implements(np.sum)
def _sum(
    a: Variable, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False
) -> Variable:
    no_out(out)
    return ops.sum(a, axis=axis, dtype=dtype, keepdims=keepdims)


@implements(np.mean)
def _mean(
    a: Variable, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False
) -> Variable:
    no_out(out)
    return ops.mean(a if dtype is None else ops.astype(a, dtype), axis=axis, keepdims=keepdims)


@implements(np.var)
def _var(
    a: Variable,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    correction: float | None = None,
) -> Variable:
    no_out(out)
    correction = ddof if correction is None else correction
    return ops.var(
        a if dtype is None else ops.astype(a, dtype),
        axis=axis,
        correction=correction,
        keepdims=keepdims,
    )


@implements(np.std)
def _std(
    a: Variable,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    correction: float | None = None,
) -> Variable:
    no_out(out)
    correction = ddof if correction is None else correction
    return ops.std(
        a if dtype is None else ops.astype(a, dtype),
        axis=axis,
        correction=correction,
        keepdims=keepdims,
    )


@implements(np.max, np.amax)
def _max(a: Variable, axis: Any = None, out: Any = None, keepdims: bool = False) -> Variable:
    no_out(out)
    return ops.max(a, axis=axis, keepdims=keepdims)


@implements(np.min, np.amin)
def _min(a: Variable, axis: Any = None, out: Any = None, keepdims: bool = False) -> Variable:
    no_out(out)
    return ops.min(a, axis=axis, keepdims=keepdims)
