"""Faster bodies for NumPy of elementwise ops that take many passes over the data.

NumPy makes an array per pass. For large arrays those come from the operating system, page by page, which takes longer
than the arithmetic; so the work is done in tiles whose intermediate results stay in the cache. ``numpy.py`` registers
the kernels by the op's name; ``simple_autograd.nn`` has the activations' tiles worked on by several threads.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..types import Array
from .base import Backend

__all__ = ["KERNELS", "TILE", "Runner", "activations", "one_by_one", "over_tiles", "tiled"]

TILE = 2**19
"""So many bytes make up a tile: a few such stay in the cache, and calls cost little beside the work on them."""

Runner = Callable[[Callable[[slice], None], int, int], None]
"""``run(work, count, step)``: calls ``work(here)`` for all of `count` elements, at most `step` at a time."""

# In single precision erf(x) = tanh(x * p(x**2)): tanh saturates by itself, and NumPy has it vectorised. The polynomial
# is the best approximation (Lawson's iteration) to atanh(erf(x)) / x, weighted so that the relative error of erf is
# what is smallest: 1e-7. Beyond x = 4.2 erf is 1.
_ERF = (
    1.418519157841593e-07,
    -5.668470178517699e-06,
    8.763729371328263e-05,
    -0.0006197845680867521,
    -0.0001918309096529693,
    0.10276905584114322,
    1.1283792743006877,
)
# The same of x / sqrt(2), for the normal distribution.
_NORMAL = tuple(c * math.sqrt(0.5) ** (2 * (6 - i) + 1) for i, c in enumerate(_ERF))
_GELU_A = math.sqrt(2 / math.pi)  # as in ops/activation.py
_GELU_B = 0.044715 * _GELU_A


def one_by_one(work: Callable[[slice], None], count: int, step: int) -> None:
    """Call ``work(here)`` for all of `count` elements, in their order."""
    for start in range(0, count, step):
        work(slice(start, min(start + step, count)))


def expm1(x: Array) -> Array:
    """``exp(x) - 1``; of complex infinities what the standard says, where NumPy has NaN in both parts."""
    if x.dtype.kind != "c":
        return np.expm1(x)
    with np.errstate(invalid="ignore"):
        out = np.expm1(x)
        finite = np.isfinite(out)
        return out if finite.all() else np.where(finite, out, np.exp(x) - 1)


def erf(x: Array) -> Array:
    """The error function."""
    if x.dtype == np.float16:  # its coefficients do not fit
        return erf(x.astype(np.float32)).astype(x.dtype)
    if x.dtype == np.float32:
        return over_tiles(_erf_tile, x)
    return _by_number(math.erf, x) if _is_small(x) else _in_tiles("erf")(x)


def erfc(x: Array) -> Array:
    """``1 - erf(x)``."""
    if x.dtype == np.float16:
        return erfc(x.astype(np.float32)).astype(x.dtype)
    return _by_number(math.erfc, x) if _is_small(x) else _in_tiles("erfc")(x)


def over_tiles(tile: Callable[..., None], *arrays: Array, run: Runner = one_by_one) -> Array:
    """Call ``tile(*arrays, out=, work=)``, with something to compute in, for tiles of arrays of one shape.

    The result lies in memory as the arrays do, if they do alike.
    """
    first = arrays[0]
    alike = all([array.strides == first.strides for array in arrays]) and 0 not in first.strides
    order: Any = "K" if alike else "C"
    out = np.empty_like(first, order=order)
    if out.nbytes <= TILE and out.shape:
        with np.errstate(over="ignore"):
            tile(*arrays, out=out, work=np.empty_like(out))
        return out
    flat, results = [array.ravel(order) for array in arrays], out.ravel(order)
    step = TILE // out.itemsize

    def work(here: slice) -> None:
        tiles = [array[here] for array in flat]
        with np.errstate(over="ignore"):
            tile(*tiles, out=results[here], work=np.empty_like(tiles[0]))

    run(work, out.size, step)
    return out


def _erf_tile(x: Array, *, out: Array, work: Array) -> None:
    _tanh_of_odd(_ERF, x, out, work)


def _gelu_tile(x: Array, *, out: Array, work: Array) -> None:
    _tanh_of_odd(_NORMAL, x, out, work)
    out += 1
    out *= x
    out *= 0.5


def _gelu_tanh_tile(x: Array, *, out: Array, work: Array) -> None:
    np.multiply(x, x, out=out)
    out *= _GELU_B
    out += _GELU_A
    out *= x
    np.tanh(out, out=out)
    out += 1
    out *= x
    out *= 0.5


def _sigmoid_tile(x: Array, *, out: Array, work: Array) -> None:
    # Where the exponential overflows, the quotient is 0 as it should be.
    np.negative(x, out=out)
    np.exp(out, out=out)
    out += 1
    np.reciprocal(out, out=out)


def _sigmoid_backward_tile(above: Array, y: Array, *, out: Array, work: Array) -> None:
    np.subtract(1, y, out=work)
    np.multiply(above, y, out=out)
    out *= work


def _logsigmoid_tile(x: Array, *, out: Array, work: Array) -> None:
    _log_of_sum(x, work)
    x.clip(-math.inf, 0, out=out)
    out -= work


def _softplus_tile(x: Array, *, out: Array, work: Array, beta: float, threshold: float) -> None:
    scaled = x if beta == 1 else x * beta
    _log_of_sum(scaled, work)
    scaled.clip(0, math.inf, out=out)
    out += work
    if beta != 1:
        out /= beta
    straight = scaled > threshold
    if straight.any():
        np.copyto(out, x, where=straight)


def _log_of_sum(x: Array, out: Array) -> None:
    """Write ``log(1 + exp(-abs(x)))``."""
    np.abs(x, out=out)
    np.negative(out, out=out)
    np.exp(out, out=out)
    np.log1p(out, out=out)


def _silu_tile(x: Array, *, out: Array, work: Array) -> None:
    np.negative(x, out=work)
    np.exp(work, out=work)
    work += 1
    np.divide(x, work, out=out)


def _backward_of_gate(name: str, to_slope: Callable[..., None]) -> Callable[..., None]:
    """Make the tile of a gradient ``(above, x, y)`` where y is x times a gate, as in GELU and SiLU.

    The gate, in which all the work is, need not be computed again: it is ``y / x``. ``to_slope(gate, x, y, work)`` then
    makes the slope of it, in place.
    """

    def tile(above: Array, x: Array, y: Array, *, out: Array, work: Array) -> None:
        # Where x is so small that y is x / 2, to which rounding may have come, the quotient is that of what is added.
        # It is invalid where what is added is -x, and for infinity.
        tiny = 64 * np.finfo(x.dtype).tiny
        np.add(y, tiny, out=out)
        np.add(x, 2 * tiny, out=work)
        try:
            with np.errstate(invalid="raise"):
                out /= work
        except FloatingPointError:
            out[...] = Backend.portable[name](np, above, x, y)
            return
        to_slope(out, x, y, work)
        out *= above

    return tile


def _gelu_slope(gate: Array, x: Array, y: Array, work: Array) -> None:
    np.multiply(x, x, out=work)
    work *= -0.5
    np.exp(work, out=work)
    work *= x
    work *= math.sqrt(0.5 / math.pi)
    gate += work


def _gelu_tanh_slope(gate: Array, x: Array, y: Array, work: Array) -> None:
    np.multiply(x, x, out=work)
    work *= 6 * _GELU_B
    work += 2 * _GELU_A
    work *= x
    work *= 1 - gate
    work += 1
    gate *= work


def _silu_slope(gate: Array, x: Array, y: Array, work: Array) -> None:
    np.subtract(1, gate, out=work)
    work *= y
    gate += work


def _tanh_of_odd(coefficients: tuple[float, ...], x: Array, out: Array, square: Array) -> None:
    """Write ``tanh(x * p(x**2))``, and the square.

    Outside the range of the approximation the polynomial only grows, to infinity if need be, and the result is 1.
    """
    np.multiply(x, x, out=square)
    np.multiply(square, coefficients[0], out=out)
    for coefficient in coefficients[1:-1]:
        out += coefficient
        out *= square
    out += coefficients[-1]
    out *= x
    np.tanh(out, out=out)


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

    def kernel(*arrays: Array, **options: Any) -> Array:
        body, first = Backend.portable[name], arrays[0]
        alike = all([a.shape == first.shape and a.dtype == first.dtype for a in arrays])
        if first.nbytes <= TILE or first.dtype.kind != "f" or not alike:
            return body(np, *arrays, **options)

        def tile(*tiles: Array, out: Array, work: Array) -> None:
            out[...] = body(np, *tiles, **options)

        return over_tiles(tile, *arrays)

    return kernel


def tiled(name: str, dtypes: tuple[Any, ...], tile: Callable[..., None], run: Runner) -> Any:
    """Make a kernel that runs ``tile(*arrays, out=, work=, **options)`` over tiles of arrays of these data types.

    Other arrays, and such as differ in shape or data type, are left to the portable body of the op of that name.
    """
    otherwise = _in_tiles(name)

    def kernel(*arrays: Array, **options: Any) -> Array:
        first = arrays[0]
        alike = all([a.shape == first.shape and a.dtype == first.dtype for a in arrays])
        if first.dtype not in dtypes or not alike:
            return otherwise(*arrays, **options)
        return over_tiles(functools.partial(tile, **options) if options else tile, *arrays, run=run)

    return kernel


def activations(run: Runner) -> dict[str, Callable[..., Array]]:
    """Make the kernels of the activations that have tiles of their own, by the ops' names."""
    single, native = (np.float32,), (np.float32, np.float64)
    return {
        name: tiled(name, dtypes, tile, run)
        for name, dtypes, tile in (
            ("gelu", single, _gelu_tile),
            ("gelu_backward", single, _backward_of_gate("gelu_backward", _gelu_slope)),
            ("gelu_tanh", native, _gelu_tanh_tile),
            (
                "gelu_tanh_backward",
                native,
                _backward_of_gate("gelu_tanh_backward", _gelu_tanh_slope),
            ),
            ("logsigmoid", native, _logsigmoid_tile),
            ("sigmoid", native, _sigmoid_tile),
            ("sigmoid_backward", native, _sigmoid_backward_tile),
            ("silu", native, _silu_tile),
            ("silu_backward", native, _backward_of_gate("silu_backward", _silu_slope)),
            ("softplus", native, _softplus_tile),
        )
    }


KERNELS: dict[str, Callable[..., Any]] = {
    "erf": erf,
    "erfc": erfc,
    "expm1": expm1,
    **activations(one_by_one),
}
