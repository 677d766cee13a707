"""Padding in PyTorch's terms: pairs of numbers from the last axis to the first.

The mathematics of ``layers/padding.py``. The border is core's (``simple_autograd.pad``); this file translates and
checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ... import ops
from ...types import Array
from .arguments import backend_of_argument, describe

__all__ = ["pad"]

_MODES = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}
"""The modes beside "constant", and what `simple_autograd.pad` calls them."""


def pad(x: Array, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Any:
    """An array with a border around it, or where a number is negative, without its outermost elements.

    Parameters
    ----------
    x
        Any shape. Modes other than ``"constant"`` pad the last one, two or three axes of (N, C, ...) or (C, ...).
    pad
        ``(before, after)`` of the last axis, then of the one before it, and so on; axes not reached stay.
    mode
        ``"constant"``; ``"reflect"`` mirrors without the outermost element, ``"replicate"`` repeats it, ``"circular"``
        begins again at the other end.
    value
        What a constant border is filled with; by default 0.

    Returns
    -------
    Variable or array
        The padded array; where nothing is added, `x` itself or a view of it. Elements that stand several times in the
        result add up their gradients.

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd.nn import functional as F
    >>> F.pad(np.array([[1.0, 2.0, 3.0]]), (1, 2), "reflect")
    array([[2., 1., 2., 3., 2., 1.]])
    >>> F.pad(np.array([1.0, 2.0, 3.0]), (-1, 1))
    array([2., 3., 0.])
    """
    backend_of_argument("pad", "x", x)
    ndim = len(x.shape)
    if len(pad) % 2 or len(pad) > 2 * ndim:
        raise ValueError(
            f"pad: pad is {tuple(pad)}; needed are pairs of integers, (before, after) of the last axis first, for at "
            f"most the {ndim} axes of x."
        )
    # From the last axis to the first, and none where no pair is given.
    pairs = [(pad[place], pad[place + 1]) for place in range(0, len(pad), 2)]
    widths = [(0, 0)] * (ndim - len(pairs)) + pairs[::-1]
    for axis, (length, width) in enumerate(zip(x.shape, widths, strict=True)):
        if length + min(width[0], 0) + min(width[1], 0) < 0:
            raise ValueError(
                f"pad: pad cuts {width} from axis {axis} of x, a {describe(x)}; needed are no more elements than there "
                f"are."
            )
    if mode == "constant":
        return _bordered(_cut(x, widths), widths, constant_values=0 if value is None else value)
    _check_mode(x, len(pairs), mode, value)
    if mode == "circular":
        x = _cut(x, widths)
        _check_widths(x, widths, mode, 0)
        return _bordered(x, widths, mode=_MODES[mode])
    if mode == "reflect":
        _check_widths(x, widths, mode, 1)
    # What is mirrored or repeated may be cut off at the other end.
    return _cut(_bordered(x, widths, mode=_MODES[mode]), widths)


def _bordered(x: Array, widths: list[tuple[int, int]], **options: Any) -> Any:
    """Put the border around; `x` itself where there is none."""
    borders = [(max(before, 0), max(after, 0)) for before, after in widths]
    return ops.pad(x, borders, **options) if any(map(any, borders)) else x


def _cut(x: Array, widths: list[tuple[int, int]]) -> Any:
    """Cut off what negative widths say; `x` itself where there is none."""
    if not any(width < 0 for pair in widths for width in pair):
        return x
    kept = [
        slice(max(-before, 0), length - max(-after, 0))
        for length, (before, after) in zip(x.shape, widths, strict=True)
    ]
    return ops.getitem(x, tuple(kept))


def _check_mode(x: Array, axes: int, mode: str, value: float | None) -> None:
    if mode not in _MODES:
        raise ValueError(
            f"pad: mode is {mode!r}; needed is 'constant', {', '.join(map(repr, _MODES))}."
        )
    if value is not None:
        raise ValueError(
            f"pad: value is {value}; needed is None, because mode {mode!r} takes none."
        )
    if not 1 <= axes <= 3 or len(x.shape) not in (axes + 1, axes + 2):
        raise ValueError(
            f"pad: pad has {axes} pairs and x is a {describe(x)}; needed are one to three pairs for the axes behind "
            f"(C, ...) or (N, C, ...), because mode {mode!r} pads all of those."
        )


def _check_widths(x: Array, widths: list[tuple[int, int]], mode: str, left: int) -> None:
    """Raise where a border is wider than the elements that it is made of: all but `left`."""
    for axis, (length, width) in enumerate(zip(x.shape, widths, strict=True)):
        if max(width) > max(length - left, 0):
            raise ValueError(
                f"pad: pad is {width} for axis {axis}, whose length is {length}; needed are at most {length - left}, "
                f"because mode {mode!r} takes no element twice for one border."
            )
