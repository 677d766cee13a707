"""NumPy's kernels for ``functional/linear.py``."""

from __future__ import annotations

import math

import numpy as np

from .memory import ones

__all__ = ["linear", "linear_backward_bias", "linear_backward_weight"]

Array = np.ndarray


def linear(x: Array, weight: Array, bias: Array | None) -> Array:
    """One product for all rows, and the bias added in place."""
    out = np.matmul(_rows(x), weight.T)
    if bias is not None:
        out = np.add(out, bias, out=out if out.dtype == bias.dtype else None)
    return out if x.ndim == 2 else out.reshape(*x.shape[:-1], len(weight))


def linear_backward_weight(grad: Array, x: Array) -> Array:
    """The product, in the order in which `nn.Linear` stores its weight."""
    return np.matmul(_rows(grad).T, _rows(x), order="F")


def linear_backward_bias(grad: Array) -> Array:
    """The sum of rows as a product, which reads memory at full speed."""
    rows = _rows(grad)
    if rows.dtype.itemsize < 4:
        return np.add.reduce(rows, axis=0)
    return ones(len(rows), rows.dtype) @ rows


def _rows(x: Array) -> Array:
    """Give (..., K) as (N, K)."""
    return x if x.ndim == 2 else x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
