"""Linear maps: after the product the bias in place, and the bias's gradient by the sums of ``normalization.py``.

`add_bias` serves ``convolution.py`` too.
"""

from __future__ import annotations

from typing import Any

from ..matmul import matmul
from .launching import MOST, covered, dense, empty, launch_each
from .normalization import channel_sums

__all__ = ["add_bias", "linear", "linear_backward_bias"]

Array = Any


def linear(x: Array, weight: Array, bias: Array | None) -> Any:
    """The product, and the bias in one launch more."""
    if bias is None or not covered(x, weight, bias):
        return NotImplemented
    if x.size // x.shape[-1] * len(weight) > MOST:
        return NotImplemented
    out = matmul(x, weight.T)
    add_bias(out, bias, 1)
    return out


def linear_backward_bias(grad: Array) -> Any:
    """The sums of the columns."""
    if not covered(grad):
        return NotImplemented
    out = empty(grad.shape[-1:], grad.dtype)
    channel_sums(dense(grad), None, None, out, 1)
    return out


def add_bias(out: Array, bias: Array, inner: int) -> None:
    """Add (C,) to (..., C, *counts), as many as `inner`, in place."""
    launch_each("linear", "add_bias", out.dtype, out.size, out, dense(bias), len(bias), inner)
