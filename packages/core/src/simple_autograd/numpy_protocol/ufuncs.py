"""NumPy's ufuncs and what they mean for Variables: mostly an op. ``ufunc_calls.py`` says what a call's keywords do.

Ufuncs that are in no table (``np.gcd``, ``np.spacing``) run on raw arrays, and raise where a gradient would be lost.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..ops.data_types import as_floating
from ..variable import Variable, wrap
from .dispatch import UFUNCS, type_of

__all__: list[str] = []


def _float_power(x1: Any, x2: Any) -> Variable:
    """Give ``x1 ** x2`` in double precision at least."""
    dtype = np.result_type(np.float64, type_of(x1), type_of(x2)).name
    return ops.pow(*[ops.astype(x, dtype) if isinstance(x, Variable) else x for x in (x1, x2)])


def _divmod(x1: Any, x2: Any) -> tuple[Variable, Variable]:
    return ops.floor_divide(x1, x2), ops.remainder(x1, x2)


def _modf(x: Variable) -> tuple[Variable, Variable]:
    x = as_floating(x)
    return ops.frac(ops.where(ops.isinf(x), 0.0, x)), ops.trunc(x)


def _frexp(x: Variable) -> tuple[Variable, Variable]:
    """Give a mantissa, which has a gradient, and an exponent, which has none."""
    _, exponents = np.frexp(x._backend.to_numpy(x._raw))
    exponent = wrap(x._backend.asarray(exponents), x._backend, None)
    return ops.ldexp(x, -exponent), exponent


def _matvec(x1: Any, x2: Any) -> Variable:
    return ops.squeeze(ops.matmul(x1, ops.expand_dims(x2, axis=-1)), axis=-1)


def _vecmat(x1: Any, x2: Any) -> Variable:
    row = ops.expand_dims(ops.conj(x1), axis=-2)
    return ops.squeeze(ops.matmul(row, x2), axis=-2)


UFUNCS.update(
    {
        np.absolute: ops.abs,
        np.add: ops.add,
        np.arccos: ops.acos,
        np.arccosh: ops.acosh,
        np.arcsin: ops.asin,
        np.arcsinh: ops.asinh,
        np.arctan2: ops.atan2,
        np.arctan: ops.atan,
        np.arctanh: ops.atanh,
        np.bitwise_and: ops.bitwise_and,
        np.bitwise_or: ops.bitwise_or,
        np.bitwise_xor: ops.bitwise_xor,
        np.cbrt: ops.cbrt,
        np.ceil: ops.ceil,
        np.conjugate: ops.conj,
        np.copysign: ops.copysign,
        np.cos: ops.cos,
        np.cosh: ops.cosh,
        np.deg2rad: ops.deg2rad,
        np.degrees: ops.rad2deg,
        np.divide: ops.divide,
        np.divmod: _divmod,
        np.equal: ops.equal,
        np.exp2: ops.exp2,
        np.exp: ops.exp,
        np.expm1: ops.expm1,
        np.fabs: lambda x: ops.abs(as_floating(x)),
        np.float_power: _float_power,
        np.floor: ops.floor,
        np.floor_divide: ops.floor_divide,
        np.fmax: ops.fmax,
        np.fmin: ops.fmin,
        np.fmod: ops.fmod,
        np.frexp: _frexp,
        np.greater: ops.greater,
        np.greater_equal: ops.greater_equal,
        np.heaviside: ops.heaviside,
        np.hypot: ops.hypot,
        np.invert: ops.bitwise_invert,
        np.isfinite: ops.isfinite,
        np.isinf: ops.isinf,
        np.isnan: ops.isnan,
        np.ldexp: ops.ldexp,
        np.left_shift: ops.bitwise_left_shift,
        np.less: ops.less,
        np.less_equal: ops.less_equal,
        np.log10: ops.log10,
        np.log1p: ops.log1p,
        np.log2: ops.log2,
        np.log: ops.log,
        np.logaddexp2: ops.logaddexp2,
        np.logaddexp: ops.logaddexp,
        np.logical_and: ops.logical_and,
        np.logical_not: ops.logical_not,
        np.logical_or: ops.logical_or,
        np.logical_xor: ops.logical_xor,
        np.matmul: ops.matmul,
        np.maximum: ops.maximum,
        np.minimum: ops.minimum,
        np.modf: _modf,
        np.multiply: ops.multiply,
        np.negative: ops.negative,
        np.nextafter: ops.nextafter,
        np.not_equal: ops.not_equal,
        np.positive: ops.positive,
        np.power: ops.pow,
        np.rad2deg: ops.rad2deg,
        np.radians: ops.deg2rad,
        np.reciprocal: ops.reciprocal,
        np.remainder: ops.remainder,
        np.right_shift: ops.bitwise_right_shift,
        np.rint: lambda x: ops.round(as_floating(x)),
        np.sign: ops.sign,
        np.signbit: ops.signbit,
        np.sin: ops.sin,
        np.sinh: ops.sinh,
        np.sqrt: ops.sqrt,
        np.square: ops.square,
        np.subtract: ops.subtract,
        np.tan: ops.tan,
        np.tanh: ops.tanh,
        np.trunc: ops.trunc,
        np.vecdot: ops.vecdot,
    }
)
for _name, _adapter in {"matvec": _matvec, "vecmat": _vecmat}.items():
    if hasattr(np, _name):  # from NumPy 2.2 on
        UFUNCS[getattr(np, _name)] = _adapter
