"""NumPy's kernels for ``functional/attention.py``: the softmax in place, and its sums by BLAS.

NumPy's own sum or maximum over a short last axis takes longer than the exponentials do. A row's sum is its product with
a vector of ones; and what is subtracted before the exponential is the largest score of many rows instead of each row's.
Where that makes a row's exponentials too small to be accurate, the portable body does the work. A few samples are done
at a time, whose scores stay in the cache; many of them on several threads, each with products of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ....backends import Backend
from ....types import Shape
from .memory import ones
from .tiles import by_tiles

__all__ = ["attention", "attention_backward", "join_heads"]

Array = np.ndarray

_TILE = 2**18
"""About so many scores are made at a time, and repay a thread."""


def attention(
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None,
    kept: Array | None,
    *,
    scale: float,
    is_causal: bool,
) -> tuple[Array, Array]:
    """The averages and the probabilities (see the portable body)."""
    shape, dtype = (*query.shape[:-1], key.shape[-2]), np.result_type(query, key)
    options = {"scale": scale, "is_causal": is_causal}
    if not (
        _alike(query, key, value) and dtype in _LEAST and 0 not in shape and _fits(mask, shape)
    ):
        return _portable("attention", query, key, value, mask, kept, **options)
    several = mask is not None and mask.ndim == len(shape) and len(mask) > 1
    probabilities = np.empty(shape, dtype)
    out = np.empty((*query.shape[:-1], value.shape[-1]), np.result_type(dtype, value))
    unfit: list[slice] = []

    def work(here: slice) -> None:
        weights = probabilities[here]
        np.matmul(query[here], key[here].swapaxes(-1, -2), out=weights)
        weights *= scale
        own = mask[here] if mask is not None and several else mask
        if not _softmax(weights, own, is_causal):
            unfit.append(here)
            return
        if kept is not None:
            weights = weights * kept[here]
        np.matmul(weights, value[here], out=out[here])

    _by_samples(work, shape)
    if unfit:
        return _portable("attention", query, key, value, mask, kept, **options)
    return out, probabilities


def _softmax(scores: Array, mask: Array | None, is_causal: bool) -> bool:
    """Turn scores into probabilities, in place; say whether they are accurate."""
    if mask is not None and mask.dtype == np.bool_:
        np.copyto(scores, -np.inf, where=~mask)
    elif mask is not None:
        scores += mask.astype(scores.dtype, copy=False)
    if is_causal:
        np.copyto(scores, -np.inf, where=~np.tri(*scores.shape[-2:], dtype=np.bool_))
    largest = scores.max()
    if not np.isfinite(largest):
        return False
    scores -= largest
    np.exp(scores, out=scores)
    total = _row_sums(scores)
    if not total.min() > _LEAST[scores.dtype]:
        return False
    scores /= total
    return True


def attention_backward(
    query: Array,
    key: Array,
    value: Array,
    probabilities: Array,
    kept: Array | None,
    grad: Array | None,
    grad_probabilities: Array | None,
    *,
    scale: float,
) -> tuple[Array, ...]:
    """The gradients of queries, keys, values and scores (see the portable body)."""
    if grad is None or grad_probabilities is not None or not _alike(query, key, value):
        arrays = (query, key, value, probabilities, kept, grad, grad_probabilities)
        return _portable("attention_backward", *arrays, scale=scale)
    dscores = np.empty(probabilities.shape, np.result_type(grad, value, probabilities))
    dquery = np.empty(query.shape, np.result_type(dscores, key))
    dkey = np.empty(key.shape, np.result_type(dscores, query))
    dvalue = np.empty(value.shape, np.result_type(probabilities, grad))

    def work(here: slice) -> None:
        weights, above, through = probabilities[here], grad[here], dscores[here]
        remaining = weights if kept is None else weights * kept[here]
        np.matmul(remaining.swapaxes(-1, -2), above, out=dvalue[here])
        np.matmul(above, value[here].swapaxes(-1, -2), out=through)
        through *= remaining
        through -= weights * _row_sums(through)
        for_query = np.matmul(through, key[here], out=dquery[here])
        for_query *= scale
        for_key = np.matmul(through.swapaxes(-1, -2), query[here], out=dkey[here])
        for_key *= scale

    _by_samples(work, probabilities.shape)
    return dquery, dkey, dvalue, dscores


def join_heads(*parts: Array, batch_first: bool) -> Array:
    """Each part copied once, to where it belongs."""
    samples, heads, length, width = parts[0].shape
    lead = (samples, length) if batch_first else (length, samples)
    out = np.empty((*lead, len(parts), heads, width), np.result_type(*parts))
    for place, part in enumerate(parts):
        out[:, :, place] = part.transpose((0, 2, 1, 3) if batch_first else (2, 0, 1, 3))
    return out.reshape(*lead, len(parts) * heads * width)


def _by_samples(work: Callable[[slice], None], shape: Shape) -> None:
    """Call ``work(here)`` for all of the first axis of scores of that shape, a few samples at a time."""
    size = math.prod(shape)
    if len(shape) == 2 or size <= _TILE:
        work(slice(None))
    else:
        by_tiles(work, shape[0], _TILE * shape[0] // size, min(shape[0], size // _TILE))


def _alike(query: Array, key: Array, value: Array) -> bool:
    """Say whether queries, keys and values are of the same samples."""
    return query.shape[:-2] == key.shape[:-2] == value.shape[:-2]


def _fits(mask: Array | None, shape: Shape) -> bool:
    """Say whether a mask broadcasts to scores of that shape."""
    return mask is None or np.broadcast_shapes(mask.shape, shape) == shape


def _row_sums(x: Array) -> Array:
    """Give the sums over the last axis, which stays, of an array whose rows lie one after the other."""
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
    return np.matmul(rows, ones(x.shape[-1], x.dtype)[:, None]).reshape(*x.shape[:-1], 1)


_LEAST: dict[Any, float] = {np.dtype(np.float32): 1e-25, np.dtype(np.float64): 1e-280}
"""What a row's sum must exceed for its small exponentials not to be rounded as subnormal numbers."""


def _portable(name: str, *args: Any, **options: Any) -> Any:
    return Backend.portable[name](np, *args, **options)
