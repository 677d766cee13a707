"""NumPy's elementwise functions that are no ufuncs: parts of complex numbers, rounding, and a few special ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops, special
from ..variable import Variable
from .dispatch import host, implements, no_out


@implements(np.real)
def _real(val: Variable) -> Variable:
    return ops.real(val)


@implements(np.imag)
def _imag(val: Variable) -> Variable:
    return ops.imag(val)


@implements(np.angle)
def _angle(z: Variable, deg: bool = False) -> Variable:
    angle = ops.angle(z)
    return ops.rad2deg(angle) if deg else angle


@implements(np.real_if_close)
def _real_if_close(a: Variable, tol: Any = 100) -> Variable:
    values, tol = host(a), host(tol)
    if not np.iscomplexobj(values):
        return a
    tol = np.finfo(values.dtype).eps * tol if tol > 1 else tol
    return ops.real(a) if np.all(np.abs(values.imag) < tol) else a


@implements(np.round, np.around)
def _round(a: Variable, decimals: int = 0, out: Any = None) -> Variable:
    no_out(out)
    if decimals == 0:
        return ops.round(a)
    if not a._backend.is_floating(a.dtype):
        return (
            a if decimals > 0 else ops.astype(_round(ops.astype(a, "float64"), decimals), a.dtype)
        )
    scale = 10.0 ** abs(decimals)
    return ops.round(a * scale) / scale if decimals > 0 else ops.round(a / scale) * scale


@implements(np.fix)
def _fix(x: Variable, out: Any = None) -> Variable:
    no_out(out)
    return ops.trunc(x)


@implements(np.sinc)
def _sinc(x: Variable) -> Variable:
    return ops.sinc(x)


@implements(np.i0)
def _i0(x: Variable) -> Variable:
    return special.i0(x)


@implements(np.nan_to_num)
def _nan_to_num(
    x: Variable,
    copy: bool = True,
    nan: float = 0.0,
    posinf: float | None = None,
    neginf: float | None = None,
) -> Variable:
    if not copy:
        raise TypeError(
            "np.nan_to_num: copy=False writes into x, which cannot stay on the tape. Leave it out."
        )
    return ops.nan_to_num(x, nan, posinf, neginf)
