"""Convolution of vectors (NumPy's ``convolve``). Layers that convolve images are in ``simple_autograd.nn``."""

from __future__ import annotations

from ..op import op
from ..types import Array, Namespace
from .axes import shape_of
from .indexing import getitem

__all__ = ["convolve"]


def convolve(a: Array, v: Array, /, *, mode: str = "full") -> Array:
    """The discrete convolution of two vectors: ``out[n] = sum(a[k] * v[n - k])``.

    Parameters
    ----------
    a, v
        (N,) and (M,), both not empty.
    mode
        ``"full"`` gives all N + M - 1 overlaps, ``"same"`` the middle max(N, M), ``"valid"`` only those where one lies
        within the other.
    """
    shapes = [shape_of("convolve", a, "a"), shape_of("convolve", v, "v")]
    if any(len(shape) != 1 or shape[0] == 0 for shape in shapes):
        raise ValueError(
            f"convolve: arrays of shapes {shapes[0]} and {shapes[1]}; needed are vectors that are not empty."
        )
    longer, shorter = max(shapes)[0], min(shapes)[0]
    stretches = {
        "full": slice(None),
        "same": slice((shorter - 1) // 2, (shorter - 1) // 2 + longer),
        "valid": slice(shorter - 1, longer),
    }
    if mode not in stretches:
        raise ValueError(f"convolve: mode {mode!r}; there are {', '.join(map(repr, stretches))}.")
    whole = _convolve(a, v)
    return whole if mode == "full" else getitem(whole, stretches[mode])


@op
def _convolve(xp: Namespace, a: Array, v: Array, /) -> Array:
    length, width = a.shape[0], v.shape[0]
    zeros = xp.zeros((width - 1,), dtype=a.dtype)
    padded = xp.concat([zeros, a, zeros])
    places = xp.expand_dims(xp.arange(length + width - 1), axis=1) + xp.arange(width)
    windows = xp.reshape(xp.take(padded, xp.reshape(places, (-1,)), axis=0), places.shape)
    return xp.matmul(windows, xp.flip(v, axis=0))


@_convolve.gradient("a")
def convolve_wrt_a(xp, grad, a_shape, v):
    start = v.shape[0] - 1
    return _convolve(grad, xp.flip(v, axis=0))[start : start + a_shape[0]]


@_convolve.gradient("v")
def convolve_wrt_v(xp, grad, a, v_shape):
    return convolve_wrt_a(xp, grad, v_shape, a)
