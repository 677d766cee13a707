"""NumPy's kernels for ``functional/standardization.py``.

All norms are seen as one, of an array (n, g, c, l): rows of l elements. For layer and RMS norm it is (1, rows, 1, l),
with a mean for each row and weights for the places in it. Group and instance norm take a mean over the c channels of a
group, batch norm over the n samples; their weights are those of channels, (g, c). The work is done in tiles that stay
in the cache, so that memory is gone over few times, and that of large arrays on several threads.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ....backends import Backend
from ....types import Shape
from ...functional.standardization import Settings
from .memory import ones, scratch
from .threads import split
from .tiles import tiles

__all__ = ["standardize", "standardize_backward"]

Array = np.ndarray

_TILE = 2**21
"""So many bytes of an array make up a tile: few enough for the cache, enough for its calls to repay a thread."""

_PART = 2**20
"""So many bytes of an array repay each thread."""

_RUN = 1024
"""So many elements that lie in one run of memory are not cut: passes over shorter runs take twice the time."""

_LONG = 4096
"""A product with ones adds one by one, which costs more accuracy the longer the row."""


def standardize(
    x: Array, weight: Array | None, bias: Array | None, *, settings: Settings
) -> tuple[Array, Array, Array, Array]:
    """Mean and variance of a tile, and what they make of it, while it is in the cache."""
    layout = _layout_of(x, settings)
    if layout is None or not _alike(x, weight, bias):
        return _portable("standardize", x, weight, bias, settings=settings)
    values, weight, bias = layout.view(x), layout.weights(weight), layout.weights(bias)
    normal = layout.empty(x.shape, x.dtype)
    out = normal if settings.affine is None else layout.empty(x.shape, x.dtype)
    normals, outs = layout.view(normal), layout.view(out)
    means, variances = np.zeros((2, *layout.kept), x.dtype)

    def work(worker: int, workers: int) -> None:
        for here, channels in layout.tiles(x.itemsize, worker, workers):
            z = values[here]
            if settings.centered:
                sums = _added(_row_sums(z, layout.over), layout.over)
                mean = np.divide(sums, layout.terms, out=means[here])
                z = np.subtract(z, mean, out=normals[here])
            sums = _added(_row_products(z, z, layout.over), layout.over)
            var = np.divide(sums, layout.terms, out=variances[here])
            z = np.multiply(z, 1 / np.sqrt(var + settings.eps), out=normals[here])
            if weight is not None:
                z = np.multiply(z, weight[channels], out=outs[here])
            if bias is not None:
                np.add(z, bias[channels], out=outs[here])

    split(work, layout.workers(x.itemsize))
    kept = tuple([1 if axis in settings.axes else n for axis, n in enumerate(x.shape)])
    return out, normal, means.reshape(kept), variances.reshape(kept)


def standardize_backward(
    above: Array, weight: Array | None, normal: Array, var: Array, *, settings: Settings
) -> tuple[Array, ...]:
    """The sums over a tile and what they make of it, while it is in the cache."""
    layout = _layout_of(normal, settings)
    if layout is None or not _alike(normal, weight, above) or above.shape != normal.shape:
        return _portable("standardize_backward", above, weight, normal, var, settings=settings)
    grads, normals, weight = layout.view(above), layout.view(normal), layout.weights(weight)
    if weight is None:
        weight = np.ones(layout.affine, normal.dtype)
    factors = 1 / np.sqrt(var.reshape(layout.kept) + settings.eps)
    for_x = layout.empty(normal.shape, normal.dtype)
    results = layout.view(for_x)
    totals: dict[int, Array] = {}

    def work(worker: int, workers: int) -> None:
        total = totals[worker] = np.zeros((2, *layout.affine), normal.dtype)
        for here, channels in layout.tiles(normal.itemsize, worker, workers):
            # With h = g * weight it is r * (h - z * mean(h * z) - mean(h)).
            g, z, out = grads[here], normals[here], results[here]
            w, factor = weight[channels], factors[here]
            h = scratch.take("h", g.size, g.dtype).reshape(g.shape)
            products_total, sums_total = total[(slice(None), *channels)]
            if layout.along:
                gz = np.multiply(g, z, out=out)
                products_total += _column_sums(gz)
                sums_total += _column_sums(g)
                products, sums, scale = _weighted(gz, w), _weighted(g, w), factor
                np.multiply(w, scale, out=h)
                h *= g
            else:
                products, sums = _row_products(g, z, layout.over), _row_sums(g, layout.over)
                products_total += _added(products, 0)
                sums_total += _added(sums, 0)
                scale = w * factor
                np.multiply(g, scale, out=h)
            scale = scale / -layout.terms
            np.multiply(z, _added(products * scale, layout.over), out=out)
            out += h
            if settings.centered:
                out += _added(sums * scale, layout.over)

    split(work, layout.workers(normal.itemsize))
    if settings.affine is None:
        return (for_x,)
    for worker in range(1, len(totals)):
        totals[0] += totals[worker]
    return for_x, *totals[0].reshape(2, *settings.affine)


# How arrays are seen --------------------------------------------------------------------------------------------------


class _Layout(NamedTuple):
    """How an array is seen as (n, g, c, l).

    Attributes
    ----------
    shape
        (n, g, c, l).
    over
        The axis over which rows share a mean: n, 0, or c, 2. Tiles are cut along the other of n and g.
    along
        Whether weights are those of the places in a row, and not of channels.
    inside
        Whether the array's first axis lies innermost in memory, as convolutions leave it; it is then within l.
    kept
        The shape of means.
    affine
        The shape of weights.
    terms
        Of how many elements a mean is.
    """

    shape: Shape
    over: int
    along: bool
    inside: bool
    kept: Shape
    affine: Shape
    terms: int

    def view(self, x: Array) -> Array:
        """Give an array as (n, g, c, l): a view if it lies so in memory."""
        return (np.moveaxis(x, 0, -1) if self.inside else x).reshape(self.shape)

    def empty(self, shape: Shape, dtype: np.dtype) -> Array:
        """Make an array of which `view` gives a view."""
        if self.inside:
            return np.moveaxis(np.empty((*shape[1:], shape[0]), dtype), -1, 0)
        return np.empty(shape, dtype)

    def weights(self, vector: Array | None) -> Array | None:
        """Give weights in a shape that broadcasts."""
        return None if vector is None else vector.reshape(self.affine)

    def workers(self, itemsize: int) -> int:
        """Give how many threads the array repays."""
        parts, size = self._cut
        return min(parts * size * itemsize // _PART, parts * self.shape[3] // _RUN)

    def tiles(self, itemsize: int, worker: int, workers: int) -> Iterator[tuple[Any, Any]]:
        """Give the tiles of a worker: where they are in arrays and means, and where in weights."""
        parts, size = self._cut
        step = max(_TILE // (size * itemsize), _RUN // self.shape[3])
        for part in tiles(parts, step, worker, workers):
            if self.over == 2:
                yield part, ()
            else:
                yield (slice(None), part), () if self.along else (slice(None), part)

    @property
    def _cut(self) -> tuple[int, int]:
        """Into how many parts an array can be cut, and of how many elements each is."""
        n, g, c, length = self.shape
        return (g, n * length) if self.over == 0 else (n, g * c * length)


def _layout_of(x: Array, settings: Settings) -> _Layout | None:
    """Say how an array is seen; None if it is none that these kernels do."""
    if x.size == 0 or x.dtype.kind != "f" or x.dtype.itemsize < 4:
        return None
    inside = not x.flags.c_contiguous and np.moveaxis(x, 0, -1).flags.c_contiguous
    return _layout(x.shape, inside, settings)


@functools.lru_cache(maxsize=1024)
def _layout(shape: Shape, inside: bool, settings: Settings) -> _Layout | None:
    """Give the layout of arrays of that shape, whose first axis may lie innermost."""
    axes, _, centered, affine = settings
    size, first = math.prod(shape), len(shape) - len(axes)
    over, along = 0, False
    if axes == tuple(range(first, len(shape))):
        inside, along = False, affine == shape[first:]
        if affine is None or along:
            n, g, c = 1, math.prod(shape[:first]), 1
        elif first and len(affine) == len(axes) + 1 and affine[0] == shape[first - 1]:
            over, n, (g, c) = 2, math.prod(shape[: first - 1]), affine[:2]
            if math.prod(affine) != g * c:
                return None
        else:
            return None
    elif centered and axes == (0, *range(2, len(shape))):
        n, g, c = 1 if inside else shape[0], shape[1], 1
    else:
        return None
    length = size // (n * g * c)
    kept = (1, g, 1, 1) if over == 0 else (n, g, 1, 1)
    weights = (1, 1, 1, length) if along else (1, g, c, 1)
    return _Layout((n, g, c, length), over, along, inside, kept, weights, size // math.prod(kept))


# Sums -----------------------------------------------------------------------------------------------------------------


def _added(sums: Array, axis: int) -> Array:
    """Add up along an axis, which stays."""
    return sums if sums.shape[axis] == 1 else np.add.reduce(sums, axis, keepdims=True)


def _row_sums(x: Array, over: int) -> Array:
    """Sum rows, (n, g, c, l) to (n, g, c, 1), and add up over n if means are over it."""
    n, g, _, length = x.shape
    if length == 1:
        return x if over else _column_sums(x.reshape(n, g)).reshape(1, g, 1, 1)
    if length > _LONG:  # noqa: SIM108 - it would not fit on a line
        sums = np.add.reduce(x, axis=-1, keepdims=True)
    else:
        sums = _weighted(x, ones(length, x.dtype))
    return sums if over else _added(sums, 0)


def _row_products(a: Array, b: Array, over: int) -> Array:
    """Sum products along rows as `_row_sums` does. One call of BLAS for each row pays for all but short ones."""
    n, g, c, length = a.shape
    if length == 1 and over:
        return a * b
    if length == 1:
        return np.einsum("ng,ng->g", a.reshape(n, g), b.reshape(n, g)).reshape(1, g, 1, 1)
    a, b = a.reshape(n, g * c, length), b.reshape(n, g * c, length)
    sums = np.vecdot(a, b) if length >= 32 else np.einsum("...i,...i->...", a, b)
    sums = sums.reshape(n, g, c, 1)
    return sums if over else _added(sums, 0)


def _weighted(x: Array, weight: Array) -> Array:
    """Sum rows with weights, (n, g, c, l) to (n, g, c, 1), by a product, which reads memory at full speed."""
    n, g, c, length = x.shape
    return (x.reshape(n, g * c, length) @ weight.reshape(length)).reshape(n, g, c, 1)


def _column_sums(x: Array) -> Array:
    """Sum (..., l) to (l,)."""
    rows = x.reshape(-1, x.shape[-1])
    return ones(len(rows), x.dtype) @ rows


# The rest -------------------------------------------------------------------------------------------------------------


def _alike(x: Array, *others: Array | None) -> bool:
    """Say whether all arrays have one data type."""
    return all([other is None or other.dtype is x.dtype for other in others])


def _portable(name: str, *args: Any, **options: Any) -> Any:
    return Backend.portable[name](np, *args, **options)
