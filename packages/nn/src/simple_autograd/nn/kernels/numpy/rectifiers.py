"""NumPy's kernels for ``functional/rectifiers.py``, and for Mish: tiles of what takes NumPy many passes.

Where an activation chooses between pieces, what stays is chosen by masks of bits, or by exact products, either of which
takes a tenth of the time of ``where``; and ``clip`` takes half that of ``maximum`` with a number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ....backends.numpy_elementwise import tiled
from .activation import WORDS
from .tiles import on_threads

__all__ = ["RECTIFIERS"]

Array = np.ndarray


def _leaky_relu(x: Array, *, out: Array, work: Array, slope: float) -> None:
    if 0 < slope <= 1:
        np.multiply(x, slope, out=work)
        np.maximum(x, work, out=out)
    else:
        _leaky_slopes(x, out, slope)
        out *= x


def _leaky_relu_backward(above: Array, x: Array, *, out: Array, work: Array, slope: float) -> None:
    _leaky_slopes(x, out, slope)
    out *= above


def _leaky_slopes(x: Array, out: Array, below: float) -> None:
    """Write 1 where x is positive and `below` elsewhere."""
    if 0 <= below <= 1:
        # 1 - below may be rounded, but by so little that the sum is rounded back to 1.
        number = x.dtype.type(below)
        out[...] = x > 0
        out *= 1 - number
        out += number
    else:
        positive = x > 0
        np.subtract(1, positive, out=out)
        out *= below
        out += positive


def _elu(x: Array, *, out: Array, work: Array, alpha: float, scale: float, rate: float) -> None:
    x.clip(-math.inf, 0, out=work)
    if rate < 0:
        work *= rate
        np.expm1(work, out=work)
        work *= alpha * scale
    else:
        work *= rate / 2
        np.tanh(work, out=work)
        np.subtract(1, work, out=out)
        work /= out
        work *= 2 * alpha * scale
    x.clip(0, math.inf, out=out)
    if scale != 1:
        out *= scale
    out += work


def _elu_backward(
    above: Array, x: Array, *, out: Array, work: Array, alpha: float, scale: float, rate: float
) -> None:
    x.clip(-math.inf, 0, out=work)
    if rate != 1:
        work *= rate
    np.exp(work, out=work)
    if alpha * rate == scale == 1:  # it is 1 where x is positive
        np.multiply(above, work, out=out)
        return
    work *= alpha * rate * scale
    out[...] = x <= 0
    work *= out
    out[...] = x > 0
    out *= scale
    out += work
    out *= above


def _hardtanh(x: Array, *, out: Array, work: Array, low: float, high: float) -> None:
    x.clip(low, high, out=out)


def _hardsigmoid(x: Array, *, out: Array, work: Array) -> None:
    np.add(x, 3, out=out)
    out.clip(0, 6, out=out)
    out /= 6


def _hardsigmoid_backward(above: Array, x: Array, *, out: Array, work: Array) -> None:
    _where_between(above, x, out=out, work=work, low=-3, high=3)
    out /= 6


def _hardswish(x: Array, *, out: Array, work: Array) -> None:
    _hardsigmoid(x, out=out, work=work)
    out *= x


def _hardswish_backward(above: Array, x: Array, *, out: Array, work: Array) -> None:
    np.divide(x, 3, out=work)
    work += 0.5
    work *= above
    curved = x < 3
    _bits_unless(curved, above, out)
    np.logical_not(curved, out=curved)
    curved |= x <= -3
    _bits_unless(curved, work, work)
    word = WORDS[x.dtype]
    np.bitwise_or(out.view(word), work.view(word), out=out.view(word))


def _hardshrink(x: Array, *, out: Array, work: Array, bound: float) -> None:
    _where_outside(x, x, out=out, work=work, bound=bound)


def _softshrink(x: Array, *, out: Array, work: Array, bound: float) -> None:
    x.clip(-bound, bound, out=out)
    np.subtract(x, out, out=out)


def _where_between(
    above: Array, x: Array, *, out: Array, work: Array, low: float, high: float
) -> None:
    beyond = x <= low
    beyond |= x >= high
    _bits_unless(beyond, above, out)


def _where_outside(above: Array, x: Array, *, out: Array, work: Array, bound: float) -> None:
    within = x >= -bound
    within &= x <= bound
    _bits_unless(within, above, out)


def _bits_unless(mask: Array, x: Array, out: Array) -> None:
    """Write x where the mask does not hold, and 0 where it does."""
    passes = mask.view(np.int8) - np.int8(1)  # all bits set, also as a longer integer, or none
    word = WORDS[x.dtype]
    bits = out.view(word)
    if out is x:
        bits &= passes
    else:
        bits[...] = passes
        bits &= x.view(word)


def _mish(x: Array, *, out: Array, work: Array) -> None:
    _mish_gate(x, work, out)
    out *= x


def _mish_gate(x: Array, power: Array, out: Array) -> Array:
    """Write ``tanh(softplus(x))``, and e to the power x; give what it was divided by.

    With ``e = exp(x)`` the hyperbolic tangent is ``n / (n + 2)``, where ``n = e * (e + 2)``. Beyond 40 it is 1, and the
    square does not overflow before.
    """
    x.clip(-math.inf, 40, out=power)
    np.exp(power, out=power)
    np.add(power, 2, out=out)
    out *= power
    divisor = out + 2
    out /= divisor
    return divisor


def _mish_backward(above: Array, x: Array, *, out: Array, work: Array) -> None:
    # The gate's derivative is 4 e (e + 1) / (n + 2)**2; it counts for nothing beyond 40.
    divisor = _mish_gate(x, work, out)
    slope = work + 1
    slope *= work
    slope /= divisor
    slope /= divisor
    slope *= 4
    x.clip(-math.inf, 40, out=work)
    slope *= work
    out += slope
    out *= above


_TILES: dict[str, Callable[..., None]] = {
    "elu": _elu,
    "elu_backward": _elu_backward,
    "hardshrink": _hardshrink,
    "hardsigmoid": _hardsigmoid,
    "hardsigmoid_backward": _hardsigmoid_backward,
    "hardswish": _hardswish,
    "hardswish_backward": _hardswish_backward,
    "hardtanh": _hardtanh,
    "leaky_relu": _leaky_relu,
    "leaky_relu_backward": _leaky_relu_backward,
    "mish": _mish,
    "mish_backward": _mish_backward,
    "softshrink": _softshrink,
    "where_between": _where_between,
    "where_outside": _where_outside,
}

RECTIFIERS: dict[str, Any] = {
    name: tiled(name, (np.float32, np.float64), tile, on_threads) for name, tile in _TILES.items()
}
"""The kernels by the names under which they are looked up."""
