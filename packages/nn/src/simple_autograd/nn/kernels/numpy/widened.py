"""Convolutions with few outputs, several neighbouring windows at a time.

A product of few rows is slow, and what it multiplies is gathered once for each window that it lies in. So m windows
side by side along the last axis are taken for one, which is wider by m - 1 and moves by m, with m times the outputs: in
the weights of each, those of the window lie in another place, and zeros around them. For windows of length k the
products grow by (m + k - 1) / k, and what is gathered shrinks to (m + k - 1) / (m * k).

Zeros make NaN of what is infinite or NaN, also in windows which it is not in. So what is not finite is computed
again, window by window.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ....types import Shape
from ...functional.windows import Window
from .blocks import images, is_inside

__all__ = ["Widened", "widened"]

Array = np.ndarray

_OUTPUTS = 28
"""About so many outputs make a product of full speed."""

_LENGTH = 5
"""Shorter windows would grow by more than half."""

_GATHERED = 64
"""Windows of fewer elements are gathered too soon for it to matter how often."""


class Widened(NamedTuple):
    """How many windows are taken for one, and how that one moves."""

    windows: int
    window: Window

    def weight(self, weight: Array) -> Array:
        """Give (O, C, *kernel) in each of its places, (windows * O, C, *wider kernel)."""
        outputs, *rest, length = weight.shape
        wide = np.zeros((self.windows, outputs, *rest, self.window.kernel[-1]), weight.dtype)
        for place in range(self.windows):
            wide[place, ..., place : place + length] = weight
        return wide.reshape(self.windows * outputs, *wide.shape[2:])

    def weight_grad(self, wide: Array) -> Array:
        """Give the weight's gradient for that of `weight`: the sum over its places."""
        outputs, length = len(wide) // self.windows, self.window.kernel[-1] - self.windows + 1
        grad = wide[:outputs, ..., :length].copy()
        for place in range(1, self.windows):
            first = place * outputs
            grad += wide[first : first + outputs, ..., place : place + length]
        return grad

    def bias(self, bias: Array | None) -> Array | None:
        """Give a bias for each place."""
        return None if bias is None else np.tile(bias, self.windows)

    def together(self, wide: Array, count: int) -> Array:
        """Give (N, windows * O, *counts) as (N, O, *counts) with `count` windows along the last axis."""
        outputs, counts = wide.shape[1] // self.windows, (*wide.shape[2:-1], count)
        out = _blank((len(wide), outputs, *counts), is_inside(counts), wide.dtype)
        for place in range(self.windows):
            there = out[..., place :: self.windows]
            first = place * outputs
            there[...] = wide[:, first : first + outputs, ..., : there.shape[-1]]
        return out

    def apart(self, above: Array) -> Array:
        """Give what `together` made of, for a gradient; zeros where there was no window."""
        outputs, counts = above.shape[1], above.shape[2:]
        counts = (*counts[:-1], math.ceil(counts[-1] / self.windows))
        shape = (len(above), self.windows * outputs, *counts)
        wide = _blank(shape, is_inside(counts), above.dtype)
        for place in range(self.windows):
            here = above[..., place :: self.windows]
            there = wide[:, place * outputs : (place + 1) * outputs]
            there[..., : here.shape[-1]] = here
            there[..., here.shape[-1] :] = 0
        return wide


def widened(weight: Shape, window: Window, groups: int, count: int) -> Widened | None:
    """Say how to take several windows for one, of `count` along the last axis; None if that is not worth it."""
    windows = min(_OUTPUTS // weight[0], count) if weight[0] else 0
    length = weight[-1]
    moves_by_one = window.stride[-1] == window.dilation[-1] == 1
    if windows < 2 or groups > 1 or not moves_by_one or length < _LENGTH:
        return None
    if math.prod(weight[1:]) < _GATHERED:
        return None
    before, behind = window.padding[-1]
    behind += -count % windows
    wide = Window(
        (*window.kernel[:-1], length + windows - 1),
        (*window.stride[:-1], windows),
        window.dilation,
        (*window.padding[:-1], (before, behind)),
    )
    return Widened(windows, wide)


def _blank(shape: Shape, inside: bool, dtype: np.dtype) -> Array:
    """Give an array (N, C, *lengths) that lies in memory as convolution's results do, of any contents."""
    count, *rest = shape
    return images(np.empty((1, *rest, count) if inside else (count, *rest, 1), dtype), inside)
