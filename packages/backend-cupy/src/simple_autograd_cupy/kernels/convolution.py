"""Convolution: cuDNN's where it is installed and takes the case, otherwise windows gathered and multiplied.

The second way gathers the windows of as many samples at a time as memory allows (see ``windows.cu``), and multiplies
them by cuBLAS.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import cupy

from ..matmul import matmul
from . import cudnn_convolution
from .launching import MOST, covered, dense, empty, real_dtype
from .linear import add_bias
from .normalization import channel_sums
from .windows import fold_windows, unfold_windows

__all__ = [
    "convolution",
    "convolution_backward_bias",
    "convolution_backward_weight",
    "convolution_backward_x",
]

Array = Any

_MOST_GATHERED = 2**26
"""So many elements of windows, or of products, are in memory at a time, at most: a quarter of a gibibyte in float32."""


def convolution(x: Array, weight: Array, bias: Array | None, *, window: Any, groups: int) -> Any:
    """Weight times windows, and the bias."""
    if not covered(x, weight, bias):
        return NotImplemented
    counts = window.counts(x.shape[2:])
    shape = (x.shape[0], weight.shape[0], *counts)
    if not 0 < math.prod(shape) <= MOST:
        return NotImplemented
    out = cudnn_convolution.forward(x, weight, window, shape)
    if out is None:
        matrices = _matrices(weight, groups)
        products = [
            matmul(matrices, _columns(x[part], window, groups))
            for part in _parts(x, window, counts)
        ]
        out = (products[0] if len(products) == 1 else cupy.concatenate(products)).reshape(shape)
    if bias is not None:
        add_bias(out, bias, math.prod(counts))
    return out


def convolution_backward_x(
    above: Array, weight: Array, *, window: Any, groups: int, lengths: tuple[int, ...]
) -> Any:
    """The weight's transpose times the gradient, added up where the windows lie."""
    shape = (above.shape[0], weight.shape[1] * groups, *lengths)
    if not covered(above, weight) or not 0 < math.prod(shape) <= MOST:
        return NotImplemented
    out = cudnn_convolution.backward_x(above, weight, window, shape)
    if out is not None:
        return out
    out = empty(shape, above.dtype)
    matrices, grads = _matrices(weight, groups).mT, _by_groups(above, groups)
    for part in _parts(out, window, above.shape[2:]):
        columns = matmul(matrices, grads[part])
        columns = columns.reshape(-1, shape[1], window.size, *above.shape[2:])
        fold_windows(columns, window=window, lengths=lengths, out=out[part])
    return out


def convolution_backward_weight(above: Array, x: Array, *, window: Any, groups: int) -> Any:
    """The gradient times the windows' transpose, added up over samples."""
    shape = (above.shape[1], x.shape[1] // groups, *window.kernel)
    if not covered(above, x) or not 0 < math.prod(shape) <= MOST:
        return NotImplemented
    out = cudnn_convolution.backward_weight(above, x, window, shape)
    if out is not None:
        return out
    grads = _by_groups(above, groups)
    parts = [*_parts(x, window, above.shape[2:], math.prod(shape))]
    # The sums of parts are not rounded to a half type before they are added.
    dtype = above.dtype if len(parts) == 1 else real_dtype(above.dtype)
    total: Any = None
    for part in parts:
        products = matmul(grads[part], _columns(x[part], window, groups).mT)
        found = empty(shape, dtype)
        channel_sums(products.astype(dtype, copy=False), None, None, found, 1)
        total = found if total is None else total + found
    return total.astype(above.dtype, copy=False)


def convolution_backward_bias(above: Array) -> Any:
    """The sums of the channels."""
    if not covered(above):
        return NotImplemented
    out = empty(above.shape[1:2], above.dtype)
    channel_sums(dense(above), None, None, out, math.prod(above.shape[2:]))
    return out


def _parts(x: Array, window: Any, counts: tuple[int, ...], products: int = 0) -> Iterator[slice]:
    """Give ranges of samples whose windows, and so many products of each, are in memory at a time."""
    each = max(x.shape[1] * window.size * math.prod(counts), products)
    step = max(1, _MOST_GATHERED // each)
    for start in range(0, x.shape[0], step):
        yield slice(start, start + step)


def _columns(x: Array, window: Any, groups: int) -> Array:
    """Give (N, C, *lengths) as the windows of each group, (N, groups, C / groups * size, windows)."""
    # Where every element is a window there is nothing to gather.
    is_plain = window.size == max(window.stride) == 1 and not any(map(any, window.padding))
    columns = x if is_plain else unfold_windows(x, window=window)
    rows = x.shape[1] // groups * window.size
    return columns.reshape(x.shape[0], groups, rows, -1)


def _matrices(weight: Array, groups: int) -> Array:
    """Give (O, C / groups, *kernel) as a matrix for each group."""
    return weight.reshape(groups, weight.shape[0] // groups, -1)


def _by_groups(array: Array, groups: int) -> Array:
    """Give (N, O, *counts) as (N, groups, O / groups, windows)."""
    return array.reshape(array.shape[0], groups, array.shape[1] // groups, -1)
