"""NumPy's kernels for ``functional/attention.py``: the softmax in place, and its sums by BLAS.

NumPy's own sum or maximum over a short last axis takes longer than the exponentials do. A row's sum is its product with
a vector of ones; and what is subtracted before the exponential is the largest score of all rows instead of each row's.
Where that makes a row's exponentials too small to be accurate, the portable body does the work.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ....backends import Backend

__all__ = ["attention", "attention_backward"]

Array = np.ndarray


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
    probabilities = _softmax(query, key, mask, scale, is_causal)
    if probabilities is None:
        options = {"scale": scale, "is_causal": is_causal}
        return Backend.portable["attention"](np, query, key, value, mask, kept, **options)
    weights = probabilities if kept is None else probabilities * kept
    return np.matmul(weights, value), probabilities


def _softmax(
    query: Array, key: Array, mask: Array | None, scale: float, is_causal: bool
) -> Array | None:
    """Give the probabilities; None where the case is not the plain one."""
    scores = np.matmul(query, key.swapaxes(-1, -2))
    if scores.dtype not in _LEAST or scores.size == 0:
        return None
    scores *= scale
    if mask is not None:
        if np.broadcast_shapes(mask.shape, scores.shape) != scores.shape:
            return None
        if mask.dtype == np.bool_:
            np.copyto(scores, -np.inf, where=~mask)
        else:
            scores += mask.astype(scores.dtype, copy=False)
    if is_causal:
        np.copyto(scores, -np.inf, where=~np.tri(*scores.shape[-2:], dtype=np.bool_))
    largest = scores.max()
    if not np.isfinite(largest):
        return None
    scores -= largest
    np.exp(scores, out=scores)
    total = _row_sums(scores)
    if not total.min() > _LEAST[scores.dtype]:
        return None
    scores /= total
    return scores


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
    if grad is None or grad_probabilities is not None:
        return Backend.portable["attention_backward"](
            np, query, key, value, probabilities, kept, grad, grad_probabilities, scale=scale
        )
    weights = probabilities if kept is None else probabilities * kept
    dvalue = np.matmul(weights.swapaxes(-1, -2), grad)
    dscores = np.matmul(grad, value.swapaxes(-1, -2))
    if kept is not None:
        dscores = np.multiply(dscores, kept)
    dscores *= probabilities
    dscores -= probabilities * _row_sums(dscores)
    dquery = np.matmul(dscores, key)
    dquery *= scale
    dkey = np.matmul(dscores.swapaxes(-1, -2), query)
    dkey *= scale
    return dquery, dkey, dvalue, dscores


def _row_sums(x: Array) -> Array:
    """Give the sums over the last axis, which stays, of an array whose rows lie one after the other."""
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
    return np.matmul(rows, np.ones((x.shape[-1], 1), x.dtype)).reshape(*x.shape[:-1], 1)


_LEAST: dict[Any, float] = {np.dtype(np.float32): 1e-25, np.dtype(np.float64): 1e-280}
"""What a row's sum must exceed for its small exponentials not to be rounded as subnormal numbers."""
