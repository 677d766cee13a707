"""Faster bodies for NumPy of elementwise ops that take many passes over the data.

NumPy makes an array per pass. For large arrays those come from the operating system, page by page, which takes longer
than the arithmetic; so the work is done in tiles whose intermediate results stay in the cache. ``numpy.py`` registers
the kernels by the op's name.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..types import Array
from .base import Backend

__all__ = ["KERNELS"]

_TILE = 65536  # bytes: below what malloc takes from the operating system, large against the cost of a call

# In single precision erf(x) = tanh(x * p(x**2)): tanh saturates by itself, and NumPy has it vectorised. The polynomial
# is the best approximation (Lawson's iteration) to atanh(erf(x)) / x, weighted so that the relative error of erf is
# what is smallest: 1e-7. Beyond x = 4.2, where erf is 1, it is held.
_ERF = (
    1.418519157841593e-07,
    -5.668470178517699e-06,
    8.763729371328263e-05,
    -0.0006197845680867521,
    -0.0001918309096529693,
    0.10276905584114322,
    1.1283792743006877,
)
_ERF_END = 4.2**2
# The same of x / sqrt(2), for the normal distribution.
_NORMAL = tuple(c * math.sqrt(0.5) ** (2 * (6 - i) + 1) for i, c in enumerate(_ERF))


def sigmoid(x: Array) -> Array:
    """``1 / (1 + exp(-x))``: where the exponential overflows, the quotient is 0 as it should be."""
    if x.dtype.kind != "f":
        return Backend.portable["sigmoid"](np, x)
    with np.errstate(over="ignore"):
        out = np.exp(np.negative(x))
    out += 1
    return np.reciprocal(out, out=out) if out.shape else np.reciprocal(out)


def expm1(x: Array) -> Array:
    """``exp(x) - 1``; of complex infinities what the standard says, where NumPy has NaN in both parts."""
    if x.dtype.kind != "c":
        return np.expm1(x)
    with np.errstate(invalid="ignore"):
        out = np.expm1(x)
        finite = np.isfinite(out)
        return out if finite.all() else np.where(finite, out, np.exp(x) - 1)


def silu(x: Array) -> Array:
    """``x * sigmoid(x)``."""
    return x * sigmoid(x)


def erf(x: Array) -> Array:
    """The error function."""
    if x.dtype == np.float16:  # its coefficients do not fit
        return erf(x.astype(np.float32)).astype(x.dtype)
    if x.dtype == np.float32:
        return _tile_by_tile(_erf_tile, x)
    return _by_number(math.erf, x) if _is_small(x) else _in_tiles("erf")(x)


def erfc(x: Array) -> Array:
    """``1 - erf(x)``."""
    if x.dtype == np.float16:
        return erfc(x.astype(np.float32)).astype(x.dtype)
    return _by_number(math.erfc, x) if _is_small(x) else _in_tiles("erfc")(x)


def gelu(x: Array) -> Array:
    """``x / 2 * (1 + erf(x / sqrt(2)))``."""
    if x.dtype != np.float32:
        return Backend.portable["gelu"](np, x)
    return _tile_by_tile(_gelu_tile, x)


def gelu_slope(x: Array) -> Array:
    """The derivative of `gelu`."""
    if x.dtype != np.float32:
        return _in_tiles("gelu_slope")(x)
    return _tile_by_tile(_gelu_slope_tile, x)


def _erf_tile(x: Array, out: Array, square: Array) -> None:
    np.multiply(x, x, out=square)
    _tanh_of_odd(_ERF, _ERF_END, x, square, out)


def _gelu_tile(x: Array, out: Array, square: Array) -> None:
    np.multiply(x, x, out=square)
    _tanh_of_odd(_NORMAL, 2 * _ERF_END, x, square, out)
    out += 1
    out *= x
    out *= 0.5


def _gelu_slope_tile(x: Array, out: Array, square: Array) -> None:
    np.multiply(x, x, out=square)
    density = np.exp(square * np.float32(-0.5))
    density *= x
    density *= math.sqrt(0.5 / math.pi)
    _tanh_of_odd(_NORMAL, 2 * _ERF_END, x, square, out)
    out += 1
    out *= 0.5
    out += density


def _tanh_of_odd(
    coefficients: tuple[float, ...], end: float, x: Array, square: Array, out: Array
) -> None:
    """Write ``tanh(x * p(x**2))``, the square held at `end`; `square` is overwritten."""
    np.minimum(square, end, out=square)
    np.multiply(square, coefficients[0], out=out)
    for coefficient in coefficients[1:-1]:
        out += coefficient
        out *= square
    out += coefficients[-1]
    out *= x
    np.tanh(out, out=out)


def _tile_by_tile(work: Callable[[Array, Array, Array], None], x: Array) -> Array:
    """Run ``work(x, out, scratch)`` over an array's tiles."""
    flat = x.reshape(-1)
    out = np.empty_like(flat)
    length = _TILE // x.itemsize
    scratch = np.empty(min(flat.size, length), x.dtype)
    for start in range(0, flat.size, length):
        tile = flat[start : start + length]
        work(tile, out[start : start + length], scratch[: tile.size])
    return out.reshape(x.shape)


def _is_small(x: Array) -> bool:
    """Say whether Python does a double precision array sooner than many passes over it."""
    return x.size <= 512 and x.dtype == np.float64


def _by_number(function: Callable[[float], float], x: Array) -> Array:
    """Run a function of numbers over an array."""
    return np.array([function(number) for number in x.reshape(-1).tolist()], x.dtype).reshape(
        x.shape
    )


def _in_tiles(name: str) -> Callable[..., Array]:
    """Make a kernel that runs an op's portable body tile by tile."""

    def kernel(x: Array, **options: Any) -> Array:
        body = Backend.portable[name]
        if x.nbytes <= _TILE or x.dtype.kind != "f":
            return body(np, x, **options)
        flat = x.reshape(-1)
        out = np.empty_like(flat)
        length = _TILE // x.itemsize
        for start in range(0, flat.size, length):
            out[start : start + length] = body(np, flat[start : start + length], **options)
        return out.reshape(x.shape)

    return kernel


KERNELS: dict[str, Callable[..., Any]] = {
    "erf": erf,
    "erfc": erfc,
    "expm1": expm1,
    "gelu": gelu,
    "gelu_slope": gelu_slope,
    "sigmoid": sigmoid,
    "silu": silu,
    **{
        name: _in_tiles(name) for name in ("gelu_tanh", "gelu_tanh_slope", "silu_slope", "softplus")
    },
}
