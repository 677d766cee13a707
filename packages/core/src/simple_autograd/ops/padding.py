"""Padding: ``pad``, with constants, or with elements of the array itself."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from ..op import op
from ..types import Array, Namespace
from ..variable import Variable
from .axes import shape_of
from .resampling import AxisMap, resample

__all__ = ["pad"]

Widths = tuple[tuple[int, int], ...]


def pad(
    x: Array,
    pad_width: int | Sequence[Any],
    /,
    *,
    mode: str = "constant",
    constant_values: Any = 0,
) -> Array:
    """An array with a border around it (NumPy's ``pad``; PyTorch's is ``nn.functional.pad``).

    Parameters
    ----------
    x
        Any shape.
    pad_width
        How wide before and after each axis: ``((before, after), …)``, one such pair for all axes, or one number.
    mode
        ``"constant"``; ``"edge"`` repeats the last element, ``"reflect"`` mirrors without and ``"symmetric"`` with
        it, ``"wrap"`` starts again at the other end.
    constant_values
        The border of mode ``"constant"``: numbers in any of the forms of `pad_width`. Corners have the value of the
        later axis.

    Raises
    ------
    ValueError
        If a width is negative, or there is nothing to fill the border with.
    """
    ndim = len(shape_of("pad", x))
    widths = _pairs("pad_width", pad_width, ndim)
    if any(width < 0 for pair in widths for width in pair):
        raise ValueError(
            f"pad: pad_width {pad_width}; needed are no negative numbers. To cut, use an index."
        )
    if mode == "constant":
        return _pad_with_constants(x, widths, _pairs("constant_values", constant_values, ndim))
    if mode not in _SOURCES:
        raise ValueError(
            f"pad: mode {mode!r}; there are 'constant', {', '.join(map(repr, _SOURCES))}."
        )
    for axis, (before, after) in enumerate(widths):
        length = x.shape[axis]
        if before or after:
            if not length:
                raise ValueError(
                    f"pad: axis {axis} has no elements, so mode {mode!r} has nothing to fill its border with."
                )
            x = resample(x, axis=axis, along=_border(mode, length, before, after))
    return x


def _pairs(name: str, value: Any, ndim: int) -> tuple[tuple[Any, Any], ...]:
    """Give a pair for every axis from any of the forms that NumPy takes."""
    if isinstance(value, Variable):
        value = value.numpy()  # which refuses where a gradient would be lost
    if hasattr(value, "tolist"):
        value = value.tolist()
    if not isinstance(value, Sequence):
        return ((value, value),) * ndim
    if value and not isinstance(value[0], Sequence):
        value = (value,)
    pairs = [(pair[0], pair[-1]) for pair in value if len(pair) in (1, 2)]
    if len(pairs) == 1:
        pairs *= ndim
    if len(pairs) != ndim or len(value) not in (1, ndim):
        raise ValueError(
            f"pad: {name} {value}; needed is a number, a pair, or a pair for each of the {ndim} axes."
        )
    return tuple(pairs)


def _pad_with_constants(x: Array, widths: Widths, values: tuple[tuple[Any, Any], ...]) -> Array:
    if len({value for pair in values for value in pair}) <= 1:
        return _pad(x, widths=widths, value=values[0][0] if values else 0)
    for axis, (pair, ends) in enumerate(zip(widths, values, strict=True)):
        for end in (0, 1):
            if pair[end]:
                border = (pair[0], 0) if end == 0 else (0, pair[1])
                around = tuple(border if i == axis else (0, 0) for i in range(len(widths)))
                x = _pad(x, widths=around, value=ends[end])
    return x


@op
def _pad(xp: Namespace, x: Array, /, *, widths: Widths, value: complex) -> Array:
    lengths = [n + sum(pair) for n, pair in zip(x.shape, widths, strict=True)]
    out = xp.full(tuple(lengths), value, dtype=x.dtype)
    out[_inside(x.shape, widths)] = x
    return out


@_pad.gradient("x")
def pad_wrt_x(xp, grad, x_shape, widths):
    return grad[_inside(x_shape, widths)]


def _inside(shape, widths):
    """Give the key of the original within the padded array."""
    return tuple(
        [slice(before, before + length) for length, (before, _) in zip(shape, widths, strict=True)]
    )


@functools.lru_cache(maxsize=64)
def _border(mode: str, length: int, before: int, after: int) -> AxisMap:
    """Give the map that puts a border around an axis."""
    source = _SOURCES[mode](length)
    terms = [(place + before, source(place), 1) for place in range(-before, length + after)]
    return AxisMap(before + length + after, length, terms)


def _reflect(length: int) -> Callable[[int], int]:
    period = max(2 * (length - 1), 1)
    return lambda place: min(place % period, period - place % period) if length > 1 else 0


def _symmetric(length: int) -> Callable[[int], int]:
    return lambda place: min(place % (2 * length), 2 * length - 1 - place % (2 * length))


_SOURCES: dict[str, Callable[[int], Callable[[int], int]]] = {
    "edge": lambda length: lambda place: min(max(place, 0), length - 1),
    "reflect": _reflect,
    "symmetric": _symmetric,
    "wrap": lambda length: lambda place: place % length,
}
"""By mode, for the length of an axis: from a place on the padded axis, counted from the first element, to that of the
element that fills it."""
