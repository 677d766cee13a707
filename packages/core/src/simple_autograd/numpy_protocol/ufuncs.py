"""NumPy's ufuncs and the ops that they mean, and the reductions among their methods."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..variable import Variable
from .dispatch import UFUNC_METHODS, UFUNCS

UFUNCS.update(
    {
        np.absolute: ops.abs,
        np.add: ops.add,
        np.bitwise_and: ops.bitwise_and,
        np.bitwise_or: ops.bitwise_or,
        np.bitwise_xor: ops.bitwise_xor,
        np.conjugate: ops.conj,
        np.cos: ops.cos,
        np.divide: ops.divide,
        np.equal: ops.equal,
        np.exp: ops.exp,
        np.fabs: ops.abs,
        np.float_power: ops.pow,
        np.floor_divide: ops.floor_divide,
        np.greater: ops.greater,
        np.greater_equal: ops.greater_equal,
        np.invert: ops.bitwise_invert,
        np.isfinite: ops.isfinite,
        np.isinf: ops.isinf,
        np.isnan: ops.isnan,
        np.left_shift: ops.bitwise_left_shift,
        np.less: ops.less,
        np.less_equal: ops.less_equal,
        np.log: ops.log,
        np.logical_and: ops.logical_and,
        np.logical_not: ops.logical_not,
        np.logical_or: ops.logical_or,
        np.logical_xor: ops.logical_xor,
        np.matmul: ops.matmul,
        np.maximum: ops.maximum,
        np.minimum: ops.minimum,
        np.multiply: ops.multiply,
        np.negative: ops.negative,
        np.not_equal: ops.not_equal,
        np.positive: ops.positive,
        np.power: ops.pow,
        np.remainder: ops.remainder,
        np.right_shift: ops.bitwise_right_shift,
        np.sign: ops.sign,
        np.sin: ops.sin,
        np.sqrt: ops.sqrt,
        np.square: ops.square,
        np.subtract: ops.subtract,
        np.tanh: ops.tanh,
    }
)


def _add_reduce(
    a: Variable, axis: Any = 0, dtype: Any = None, *, keepdims: bool = False
) -> Variable:
    return ops.sum(a, axis=axis, dtype=dtype, keepdims=keepdims)


def _maximum_reduce(a: Variable, axis: Any = 0, *, keepdims: bool = False) -> Variable:
    return ops.max(a, axis=axis, keepdims=keepdims)


def _minimum_reduce(a: Variable, axis: Any = 0, *, keepdims: bool = False) -> Variable:
    return ops.min(a, axis=axis, keepdims=keepdims)


UFUNC_METHODS.update(
    {
        (np.add, "reduce"): _add_reduce,
        (np.maximum, "reduce"): _maximum_reduce,
        (np.minimum, "reduce"): _minimum_reduce,
    }
)
