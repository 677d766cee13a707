"""Sampling images at any positions: ``grid_sample``, and the grids of affine maps.

An output element is a weighted sum of the input elements around its position. Where those are is data, so each is
gathered; the weights are differentiable in the positions.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

from ... import ops
from ...op import op
from ...ops import put_add
from ...types import Array, Namespace
from ...variable import Variable
from .arguments import backend_of_argument, check_floating, describe
from .upsampling import cubic_far, cubic_near

__all__ = ["affine_grid", "grid_sample"]


def grid_sample(
    x: Array,
    grid: Array,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Any:
    """Images sampled at the positions of a grid.

    Parameters
    ----------
    x
        (N, C, H, W) or (N, C, D, H, W), floating.
    grid
        (N, oH, oW, 2) or (N, oD, oH, oW, 3), floating: for each output element its position as (x, y) or (x, y, z),
        from -1 to 1 over the width, the height and the depth.
    mode
        ``"bilinear"`` (trilinear for three axes), ``"nearest"``, or for two axes ``"bicubic"``.
    padding_mode
        What is outside: ``"zeros"``, ``"border"`` (the outermost elements) or ``"reflection"``.
    align_corners
        Whether -1 and 1 are the centres of the outermost elements, instead of their outer borders, by default.

    Returns
    -------
    Variable or array
        (N, C, oH, oW) or (N, C, oD, oH, oW). Gradients flow to the image and, except for ``"nearest"``, to the grid;
        between two elements the slope is that towards the next one, and outside the image, where nothing changes, 0.

    Raises
    ------
    TypeError, ValueError
        If an argument has a type, shape or value that does not fit.
    """
    _check(x, grid, mode, padding_mode)
    align = bool(align_corners)
    lengths = tuple(x.shape[2:])
    bounded = _BOUNDED[padding_mode]
    taps = []
    for axis, length in enumerate(lengths):
        # The grid begins with the last axis.
        position = _position(grid[..., len(lengths) - 1 - axis], length, align)
        if mode != "bicubic":
            position = bounded(position, length, align)
        taps.append(_TAPS[mode](position))
    indices, weights = [], []
    for corner in itertools.product(*taps):
        places = [place for place, _ in corner]
        if mode == "bicubic":
            places = [
                bounded(place, length, align) for place, length in zip(places, lengths, strict=True)
            ]
        indices.append(_rows(places, lengths))
        shares = [share for _, share in corner if share is not None]
        if shares:
            weights.append(functools.reduce(ops.multiply, shares))
    # All channels of an element are gathered at once; the last row is what lies outside.
    xp = backend_of_argument("grid_sample", "x", x).xp
    channels = x.shape[1]
    inside = ops.reshape(ops.moveaxis(x, 1, -1), (x.shape[0] * math.prod(lengths), channels))
    table = ops.concat([inside, xp.zeros((1, channels), dtype=x.dtype)], axis=0)
    if weights:
        shape = (len(weights), -1)
        rows = xp.reshape(xp.stack(indices), shape)
        found = _weighted_rows(table, ops.reshape(ops.stack(weights), shape), rows)
    else:
        found = ops.take(table, xp.reshape(indices[0], (-1,)), axis=0)
    return ops.moveaxis(ops.reshape(found, (*tuple(grid.shape)[:-1], channels)), -1, 1)


def _position(g: Array, length: int, align: bool) -> Any:
    """Give positions on an axis as places of elements, from 0 to length - 1."""
    return (g + 1) * ((length - 1) / 2) if align else ((g + 1) * length - 1) / 2


# What is outside: from a position to one inside ----------------------------------------------------------------------


def _anywhere(position: Array, length: int, align: bool) -> Any:
    return position


def _at_border(position: Array, length: int, align: bool) -> Any:
    # Chosen, and not clipped: at the border itself PyTorch gives no gradient.
    return ops.where(position <= 0, 0, ops.where(position >= length - 1, length - 1, position))


def _reflected(position: Array, length: int, align: bool) -> Any:
    low, span = (0.0, length - 1) if align else (-0.5, length)
    if span == 0:
        return ops.multiply(position, 0)
    distance = ops.abs(position - low)
    beyond = ops.fmod(distance, span)
    turned = ops.floor(_detached(distance) / span) % 2 == 1
    return _at_border(ops.where(turned, span - beyond, beyond) + low, length, align)


_BOUNDED: dict[str, Callable[[Array, int, bool], Any]] = {
    "zeros": _anywhere,
    "border": _at_border,
    "reflection": _reflected,
}


# Which elements are added up: their places along an axis and their shares, None for all -------------------------------

Taps = list[tuple[Any, Any]]


def _linear(position: Array) -> Taps:
    first = ops.floor(_detached(position))
    share = position - first
    return [(first, 1 - share), (first + 1, share)]


def _nearest(position: Array) -> Taps:
    return [(ops.round(_detached(position)), None)]


def _cubic(position: Array) -> Taps:
    first = ops.floor(_detached(position))
    share = position - first
    return [
        (first - 1, cubic_far(share + 1)),
        (first, cubic_near(share)),
        (first + 1, cubic_near(1 - share)),
        (first + 2, cubic_far(2 - share)),
    ]


_TAPS: dict[str, Callable[[Array], Taps]] = {
    "bilinear": _linear,
    "nearest": _nearest,
    "bicubic": _cubic,
}


def _rows(places: list[Array], lengths: tuple[int, ...]) -> Array:
    """Give which rows of all images' elements are at places (N, ...) along each axis; outside it is the one behind."""
    xp = backend_of_argument("grid_sample", "grid", places[0]).xp
    known: Any = None
    row: Any = None
    for place, length in zip(places, lengths, strict=True):
        place = place.data if isinstance(place, Variable) else place
        within = (place >= 0) & (place <= length - 1)
        # Positions that are NaN lie nowhere.
        place = xp.astype(xp.where(within, place, 0), xp.int64)
        known = within if known is None else known & within
        row = place if row is None else row * length + place
    count, size = row.shape[0], math.prod(lengths)
    images = xp.reshape(xp.arange(count, dtype=xp.int64) * size, (-1, *(1,) * (row.ndim - 1)))
    return xp.where(known, row + images, count * size)


@op
def _weighted_rows(xp: Namespace, table: Array, weights: Array, rows: Array, /) -> Array:
    """Add up K rows of a table, (R, C), for each of P places: `weights` and `rows` are (K, P), the result (P, C)."""
    out: Any = None
    for number in range(rows.shape[0]):
        part = xp.take(table, rows[number, :], axis=0) * weights[number, :, None]
        out = part if out is None else out + part
    return out


@_weighted_rows.gradient("table")
def weighted_rows_wrt_table(xp, grad, table_shape, weights, rows):
    parts = xp.reshape(grad * weights[..., None], (-1, table_shape[1]))
    return put_add(parts, xp.reshape(rows, (-1,)), table_shape)


@_weighted_rows.gradient("weights")
def weighted_rows_wrt_weights(xp, grad, table, rows):
    dots = []
    for number in range(rows.shape[0]):
        part = xp.take(table, rows[number, :], axis=0)
        dots.append(xp.matmul(part[:, None, :], grad[:, :, None])[:, 0, 0])
    return xp.stack(dots)


def _detached(x: Array) -> Any:
    return x.detach() if isinstance(x, Variable) else x


def affine_grid(theta: Array, size: Sequence[int], align_corners: bool | None = None) -> Any:
    """The positions that affine maps give to the elements of images, for `grid_sample`.

    Parameters
    ----------
    theta
        (N, 2, 3) or (N, 3, 4), floating: a matrix and, as its last column, a shift for each image.
    size
        (N, C, H, W) or (N, C, D, H, W), the shape of the result of `grid_sample`.
    align_corners
        As in `grid_sample`.

    Returns
    -------
    Variable or array
        (N, H, W, 2) or (N, D, H, W, 3).

    Raises
    ------
    TypeError, ValueError
        If the shapes do not fit.
    """
    check_floating("affine_grid", "theta", theta)
    lengths = tuple(size[2:])
    axes = len(lengths)
    if axes not in (2, 3) or tuple(theta.shape) != (size[0], axes, axes + 1):
        raise ValueError(
            f"affine_grid: theta is a {describe(theta)} and size {tuple(size)}; needed are (N, 2, 3) and (N, C, H, W), "
            f"or (N, 3, 4) and (N, C, D, H, W)."
        )
    xp = backend_of_argument("affine_grid", "theta", theta).xp
    lines = []
    for length in lengths:
        line = xp.linspace(-1, 1, length, dtype=theta.dtype)
        if length == 1:
            line = xp.zeros_like(line)
        lines.append(line if align_corners else line * ((length - 1) / length))
    # The last axis is x, which comes first.
    coordinates = [xp.reshape(c, (-1,)) for c in xp.meshgrid(*lines, indexing="ij")][::-1]
    base = xp.stack([*coordinates, xp.ones_like(coordinates[0])], axis=1)
    grid = ops.matmul(base, ops.matrix_transpose(theta))
    return ops.reshape(grid, (size[0], *lengths, axes))


def _check(x: Array, grid: Array, mode: str, padding_mode: str) -> None:
    check_floating("grid_sample", "x", x)
    check_floating("grid_sample", "grid", grid)
    for argument, value, known in (
        ("mode", mode, _TAPS), ("padding_mode", padding_mode, _BOUNDED),
    ):  # fmt: skip
        if value not in known:
            raise ValueError(
                f"grid_sample: {argument} is {value!r}; needed is one of {', '.join(map(repr, known))}."
            )
    axes = len(x.shape) - 2
    if axes not in (2, 3) or (mode == "bicubic" and axes != 2) or 0 in x.shape[2:]:
        raise ValueError(
            f"grid_sample: x is a {describe(x)}; needed are images (N, C, H, W), or for modes other than 'bicubic' "
            f"(N, C, D, H, W), of lengths of at least 1."
        )
    if len(grid.shape) != axes + 2 or grid.shape[0] != x.shape[0] or grid.shape[-1] != axes:
        raise ValueError(
            f"grid_sample: grid is a {describe(grid)}; needed is a shape ({x.shape[0]}, ..., {axes}) with {axes + 2} "
            f"axes, because x has shape {tuple(x.shape)}."
        )
