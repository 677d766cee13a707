"""Interpolation: the last axes of images made longer or shorter.

The mathematics of ``layers/upsampling.py``. Every method is one along each axis in turn: an output element is a
weighted sum of one, two or four input elements, whose places and weights are known from the lengths alone.
"""

from __future__ import annotations

import functools
import math
import struct
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ... import ops
from ...ops.resampling import AxisMap
from ...types import Array
from .adaptive_pooling import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d
from .arguments import check_floating, describe

__all__ = ["interpolate"]

_AXES = {"linear": 1, "bilinear": 2, "trilinear": 3, "bicubic": 2}
"""The modes that know `align_corners`, and how many axes each is for."""

_MODES = ("nearest", "nearest-exact", "area", *_AXES)


def interpolate(
    x: Array,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Any:
    """Images of another size.

    Parameters
    ----------
    x
        (N, C, L), (N, C, H, W) or (N, C, D, H, W), floating.
    size
        The lengths of the axes behind (N, C), or one for all of them.
    scale_factor
        Instead of `size`, by what they are multiplied (and rounded down).
    mode
        ``"nearest"``, ``"nearest-exact"`` (which does not shift the image), ``"linear"`` for one axis, ``"bilinear"``
        and ``"bicubic"`` for two, ``"trilinear"`` for three, or ``"area"`` (averages).
    align_corners
        Whether the centres of the outermost elements lie on each other, instead of their outer borders. Only for the
        modes that end in "linear" or "cubic"; by default False.
    recompute_scale_factor
        Compute with the ratio of the rounded lengths and not with `scale_factor` itself.
    antialias
        Not supported: must be False.

    Returns
    -------
    Variable or array
        (N, C, ...).

    Raises
    ------
    TypeError, ValueError
        If an argument has a type, shape or value that does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd.nn import functional as F
    >>> F.interpolate(np.array([[[1.0, 3.0]]]), scale_factor=2, mode="linear")
    array([[[1. , 1.5, 2.5, 3. ]]])
    """
    check_floating("interpolate", "x", x)
    spatial = tuple(x.shape[2:])
    _check_mode(x, mode, align_corners, antialias)
    sizes, scales = _sizes(spatial, size, scale_factor)
    if any(length < 1 for length in (*sizes, *spatial)):
        raise ValueError(
            f"interpolate: x is a {describe(x)}, and what was asked for has the lengths {sizes}; needed are lengths of "
            f"at least 1 behind (N, C)."
        )
    if recompute_scale_factor:
        if size is not None:
            raise ValueError(
                "interpolate: recompute_scale_factor is set and size given; it needs scale_factor."
            )
        scales = [None] * len(scales)
    if mode == "area":
        pools = (adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d)
        pool: Callable[..., Any] = pools[len(spatial) - 1]
        return pool(x, sizes)
    places = _NEAREST.get(mode) or (_cubic if mode == "bicubic" else _linear)
    for axis, (out, scale) in enumerate(zip(sizes, scales, strict=True), start=2):
        line = _Line(x.shape[axis], out, scale, bool(align_corners))
        along = _map(places, line)
        if along is not None:
            x = ops.resample(x, axis=axis, along=along)
    return x


class _Line(NamedTuple):
    """One axis: its length, the length it shall have, the factor given, and whether corners lie on each other."""

    length: int
    out: int
    factor: float | None
    align_corners: bool

    def step(self) -> float:
        """Give how far apart, on the input, neighbours of the output are."""
        if self.align_corners:
            return (self.length - 1) / (self.out - 1) if self.out > 1 else 0.0
        return 1 / self.factor if self.factor else self.length / self.out

    def positions(self) -> list[float]:
        """Give where on the input each element of the output is."""
        shift = 0.0 if self.align_corners else 0.5
        return [self.step() * (place + shift) - shift for place in range(self.out)]


Taps = list[tuple[list[int], list[float] | None]]
"""For each of the elements that are added up: its place for every output, and its weight, None for 1."""


def _nearest(line: _Line) -> Taps:
    # PyTorch computes the place in single precision, and a place may lie just on an integer.
    step = _single(line.step())
    places = [int(_single(place * step)) for place in range(line.out)]
    return [([min(place, line.length - 1) for place in places], None)]


def _nearest_exact(line: _Line) -> Taps:
    step = _single(line.step())
    places = [int(_single((place + 0.5) * step)) for place in range(line.out)]
    return [([min(place, line.length - 1) for place in places], None)]


def _linear(line: _Line) -> Taps:
    positions = [max(position, 0.0) for position in line.positions()]
    last = line.length - 1
    first = [min(int(position), last) for position in positions]
    share = [min(p - place, 1.0) for p, place in zip(positions, first, strict=True)]
    return [
        (first, [1 - s for s in share]),
        ([min(place + 1, last) for place in first], share),
    ]


def _cubic(line: _Line) -> Taps:
    positions = line.positions()
    first = [math.floor(position) for position in positions]
    shares = [position - place for position, place in zip(positions, first, strict=True)]
    return [
        (
            [min(max(place + offset, 0), line.length - 1) for place in first],
            [weight(abs(share - offset)) for share in shares],
        )
        for offset, weight in zip(
            (-1, 0, 1, 2), (cubic_far, cubic_near, cubic_near, cubic_far), strict=True
        )
    ]


_A = -0.75  # the slope of cubic convolution (Keys, 1981) at a distance of 1


def cubic_near(distance: Any) -> Any:
    """Give the weight of an element at a distance of at most 1 in cubic convolution."""
    return ((_A + 2) * distance - (_A + 3)) * distance * distance + 1


def cubic_far(distance: Any) -> Any:
    """Give the weight of an element at a distance from 1 to 2."""
    return ((_A * distance - 5 * _A) * distance + 8 * _A) * distance - 4 * _A


_NEAREST: dict[str, Callable[[_Line], Taps]] = {
    "nearest": _nearest,
    "nearest-exact": _nearest_exact,
}


def _single(number: float) -> float:
    """Round to single precision."""
    rounded: float = struct.unpack("f", struct.pack("f", number))[0]
    return rounded


@functools.lru_cache(maxsize=64)
def _map(places: Callable[[_Line], Taps], line: _Line) -> AxisMap | None:
    """Give the map along an axis; None where all elements stay."""
    terms = []
    for sources, weights in places(line):
        if weights is None and sources == list(range(line.length)):
            return None
        shares = weights or [1] * line.out
        terms += [
            (place, source, share)
            for place, (source, share) in enumerate(zip(sources, shares, strict=True))
        ]
    return AxisMap(line.out, line.length, terms)


def _sizes(
    spatial: tuple[int, ...],
    size: int | Sequence[int] | None,
    scale_factor: float | Sequence[float] | None,
) -> tuple[tuple[int, ...], list[float | None]]:
    """Give the lengths asked for, and the factors, None where lengths were given."""
    if (size is None) == (scale_factor is None):
        raise ValueError(
            f"interpolate: size is {size} and scale_factor {scale_factor}; needed is one of them."
        )
    given: Any = scale_factor if size is None else size
    each = tuple(given) if isinstance(given, Sequence) else (given,) * len(spatial)
    if len(each) != len(spatial):
        name = "scale_factor" if size is None else "size"
        raise ValueError(
            f"interpolate: {name} is {each}; needed is one number, or one for each of the {len(spatial)} axes behind "
            f"(N, C)."
        )
    if size is not None:
        return each, [None] * len(each)
    scaled = zip(spatial, each, strict=True)
    return tuple([math.floor(length * factor) for length, factor in scaled]), list(each)


def _check_mode(x: Array, mode: str, align_corners: bool | None, antialias: bool) -> None:
    if mode not in _MODES:
        raise ValueError(
            f"interpolate: mode is {mode!r}; needed is one of {', '.join(map(repr, _MODES))}."
        )
    axes = len(x.shape) - 2
    if not 1 <= axes <= 3 or axes != _AXES.get(mode, axes):
        needed = f"{_AXES[mode]} axes" if mode in _AXES else "one to three axes"
        raise ValueError(
            f"interpolate: x is a {describe(x)} and mode {mode!r}; needed are {needed} behind (N, C)."
        )
    if align_corners is not None and mode not in _AXES:
        raise ValueError(
            f"interpolate: align_corners is {align_corners} and mode {mode!r}; only {', '.join(map(repr, _AXES))} "
            f"know it."
        )
    if antialias:
        raise ValueError(
            "interpolate: antialias is set, which is not supported. To make images smaller without artefacts there is "
            "mode='area'."
        )
