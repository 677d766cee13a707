"""NumPy's kernels for ``functional/standardization.py``.

Statistics are taken either over rows (the last axes: layer, group, instance and RMS norm) or over all but the second
axis (batch norm). The work is done in tiles that stay in the cache, so that memory is gone over few times.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ....backends import Backend
from ...functional.standardization import Settings

__all__ = ["standardize", "standardize_backward"]

Array = np.ndarray

_TILE = 1 << 18  # bytes: three arrays of it stay in the cache of one core
_LONG = 4096  # a product with ones adds one by one, which costs more accuracy the longer the row


def standardize(
    x: Array, weight: Array | None, bias: Array | None, *, settings: Settings
) -> tuple[Array, Array, Array, Array]:
    """Mean and variance of a tile, and what they make of it, while it is in the cache."""
    if not _fits(settings, x, weight, bias):
        return _portable("standardize", x, weight, bias, settings=settings)
    if _over_rows(x, settings):
        return _rows(x, weight, bias, settings)
    return _channels(x, weight, bias, settings)


def standardize_backward(
    above: Array, weight: Array | None, normal: Array, var: Array, *, settings: Settings
) -> tuple[Array, ...]:
    """The sums over a tile and what they make of it, while it is in the cache."""
    if not _fits(settings, normal, weight, above) or above.shape != normal.shape:
        return _portable("standardize_backward", above, weight, normal, var, settings=settings)
    if _over_rows(normal, settings):
        return _rows_backward(above, weight, normal, var, settings)
    return _channels_backward(above, weight, normal, var, settings)


# Over rows ------------------------------------------------------------------------------------------------------------


def _rows(
    x: Array, weight: Array | None, bias: Array | None, settings: Settings
) -> tuple[Array, Array, Array, Array]:
    length, count = _lengths(x, settings)
    rows = x.reshape(count, length)
    normal = np.empty((count, length), x.dtype)
    mean, var = np.zeros((2, count), x.dtype)
    # Weight and bias along a row go into the tiles; those of channels are put on at the end.
    vector = _along_rows(weight, settings)
    out = normal if vector is None else np.empty_like(normal)
    for tile in _tiles(count, length * x.itemsize):
        z = normal[tile]
        if settings.centered:
            mean[tile] = _row_sums(rows[tile]) / length
            np.subtract(rows[tile], mean[tile, None], out=z)
            var[tile] = _row_products(z, z) / length
        else:
            var[tile] = _row_products(rows[tile], rows[tile]) / length
        factor = 1 / np.sqrt(var[tile] + settings.eps)
        np.multiply(z if settings.centered else rows[tile], factor[:, None], out=z)
        if vector is not None:
            np.multiply(z, vector, out=out[tile])
            if bias is not None:
                out[tile] += bias.reshape(-1)
    normal, out = normal.reshape(x.shape), out.reshape(x.shape)
    if vector is None:
        out = _scaled(normal, weight, bias)
    kept = _kept(x.shape, settings)
    return out, normal, mean.reshape(kept), var.reshape(kept)


def _rows_backward(
    above: Array, weight: Array | None, normal: Array, var: Array, settings: Settings
) -> tuple[Array, ...]:
    length, count = _lengths(normal, settings)
    vector = _along_rows(weight, settings)
    inner = above if weight is None or vector is not None else above * weight
    inner, z = inner.reshape(count, length), normal.reshape(count, length)
    factors = 1 / np.sqrt(var.reshape(-1, 1) + settings.eps)
    for_x = np.empty(z.shape, z.dtype)
    sums = np.zeros((2, length), z.dtype)
    tiles = list(_tiles(count, length * z.itemsize))
    scratch = np.empty_like(z[tiles[0]])
    for tile in tiles:
        g, out = inner[tile], for_x[tile]
        if vector is not None:
            np.multiply(g, z[tile], out=out)
            ones = np.ones(len(g), g.dtype)
            sums[0] += ones @ out
            sums[1] += ones @ g
            product = (out @ vector)[:, None]
            g = np.multiply(g, vector, out=scratch[: len(g)])
        else:
            product = _row_products(g, z[tile])[:, None]
        product /= -length
        np.multiply(z[tile], product, out=out)
        out += g
        if settings.centered:
            out -= (_row_sums(g) / length)[:, None]
        out *= factors[tile]
    for_x = for_x.reshape(normal.shape)
    if settings.affine is None:
        return (for_x,)
    if vector is not None:
        return for_x, *sums.reshape(2, *settings.affine)
    return for_x, _summed(above, normal, settings), _summed(above, None, settings)


def _along_rows(weight: Array | None, settings: Settings) -> Array | None:
    """Give the weights of the places in a row; None if there are none, or if they are those of channels."""
    if weight is None or weight.ndim != len(settings.axes):
        return None
    return weight.reshape(-1)


# Over all but the second axis -----------------------------------------------------------------------------------------


def _channels(
    x: Array, weight: Array | None, bias: Array | None, settings: Settings
) -> tuple[Array, Array, Array, Array]:
    samples, channels = x.shape[:2]
    count = x.size // channels
    x3 = x.reshape(samples, channels, -1)
    mean = _channel_sums(x3) / count
    var = np.zeros_like(mean)
    normal = np.empty(x3.shape, x.dtype)
    tiles = list(_tiles(samples, x3[0].nbytes))
    for tile in tiles:
        np.subtract(x3[tile], mean[:, None], out=normal[tile])
        var += _channel_products(normal[tile], normal[tile])
    var /= count
    factor = (1 / np.sqrt(var + settings.eps))[:, None]
    out = normal if weight is None and bias is None else np.empty_like(normal)
    for tile in tiles:
        z = np.multiply(normal[tile], factor, out=normal[tile])
        if weight is not None:
            z = np.multiply(z, weight.reshape(-1, 1), out=out[tile])
        if bias is not None:
            np.add(z, bias.reshape(-1, 1), out=out[tile])
    kept = _kept(x.shape, settings)
    return out.reshape(x.shape), normal.reshape(x.shape), mean.reshape(kept), var.reshape(kept)


def _channels_backward(
    above: Array, weight: Array | None, normal: Array, var: Array, settings: Settings
) -> tuple[Array, ...]:
    samples, channels = normal.shape[:2]
    count = normal.size // channels
    g, z = above.reshape(samples, channels, -1), normal.reshape(samples, channels, -1)
    products, sums = np.zeros((2, channels), z.dtype)
    tiles = list(_tiles(samples, z[0].nbytes))
    for tile in tiles:
        sums += _channel_sums(g[tile])
        products += _channel_products(g[tile], z[tile])
    factor = 1 / np.sqrt(var.reshape(-1, 1) + settings.eps)
    if weight is not None:
        factor *= weight.reshape(-1, 1)
    per_product, per_sum = (products / -count)[:, None], (sums / count)[:, None]
    for_x = np.empty(z.shape, z.dtype)
    for tile in tiles:
        out = np.multiply(z[tile], per_product, out=for_x[tile])
        out += g[tile]
        out -= per_sum
        out *= factor
    for_x = for_x.reshape(normal.shape)
    if settings.affine is None:
        return (for_x,)
    return for_x, products.reshape(settings.affine), sums.reshape(settings.affine)


# Sums -----------------------------------------------------------------------------------------------------------------


def _row_sums(rows: Array) -> Array:
    """Sum rows by a product with ones, which reads memory at full speed however short they are."""
    length = rows.shape[-1]
    if length > _LONG:
        return np.add.reduce(rows, axis=-1)
    return rows @ np.ones(length, rows.dtype)


def _row_products(a: Array, b: Array) -> Array:
    """Sum products along rows, without an array of them. One call of BLAS per row pays for all but short ones."""
    return np.vecdot(a, b) if a.shape[-1] >= 32 else np.einsum("...i,...i->...", a, b)


def _channel_sums(x: Array) -> Array:
    """Sum (N, C, L) to (C,)."""
    return np.add.reduce(x[..., 0] if x.shape[-1] == 1 else _row_sums(x), axis=0)


def _channel_products(a: Array, b: Array) -> Array:
    """Sum products of (N, C, L) to (C,)."""
    if a.shape[-1] == 1:
        return np.einsum("nc,nc->c", a[..., 0], b[..., 0])
    return np.add.reduce(_row_products(a, b), axis=0)


def _summed(a: Array, b: Array | None, settings: Settings) -> Array:
    """Sum an array, or products, to the shape of weights that channels have: of lengths one behind and before."""
    shape = settings.affine
    assert shape is not None  # who calls this has weights
    behind = next(i for i, length in enumerate((*shape[::-1], 0)) if length != 1)
    channels = math.prod(shape)
    a = a.reshape(-1, channels, math.prod(a.shape[a.ndim - behind :]))
    if b is None:
        return _channel_sums(a).reshape(shape)
    return _channel_products(a, b.reshape(a.shape)).reshape(shape)


# The rest -------------------------------------------------------------------------------------------------------------


def _fits(settings: Settings, x: Array, *others: Array | None) -> bool:
    """Say whether these kernels do the case: floating data of one type, statistics over rows or channels."""
    if x.size == 0 or x.dtype.kind != "f" or x.dtype.itemsize < 4:
        return False
    if any([other is not None and other.dtype is not x.dtype for other in others]):
        return False
    return _over_rows(x, settings) or (
        settings.centered and settings.axes == (0, *range(2, x.ndim))
    )


def _over_rows(x: Array, settings: Settings) -> bool:
    axes = settings.axes
    return axes == tuple(range(x.ndim - len(axes), x.ndim))


def _lengths(x: Array, settings: Settings) -> tuple[int, int]:
    """Give the length of rows and their number."""
    length = math.prod(x.shape[x.ndim - len(settings.axes) :])
    return length, x.size // length


def _kept(shape: tuple[int, ...], settings: Settings) -> tuple[int, ...]:
    return tuple([1 if axis in settings.axes else n for axis, n in enumerate(shape)])


def _tiles(count: int, size: int) -> Iterator[slice]:
    """Split `count` things of `size` bytes each into tiles."""
    step = max(1, _TILE // size)
    for start in range(0, count, step):
        yield slice(start, start + step)


def _scaled(x: Array, weight: Array | None, bias: Array | None) -> Array:
    if weight is not None:
        x = x * weight
    return x if bias is None else np.add(x, bias, out=None if weight is None else x)


def _portable(name: str, *args: Any, **options: Any) -> Any:
    return Backend.portable[name](np, *args, **options)
