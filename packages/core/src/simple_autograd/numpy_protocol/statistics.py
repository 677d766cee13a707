"""NumPy's statistics of several variables, and counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..variable import Variable
from .dispatch import host, implements, operands

__all__: list[str] = []


@implements(np.cov)
def _cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Variable:
    x = _rows(m, rowvar)
    if y is not None:
        x = ops.concat([x, _rows(y, rowvar)], axis=0)
    dtype = np.result_type(host(x).dtype, np.float64).name if dtype is None else dtype
    x = ops.astype(x, dtype, copy=False)
    ddof = int(not bias) if ddof is None else ddof
    weights = None
    for given in (fweights, aweights):
        if given is not None:
            (given,) = operands(given) if isinstance(given, Variable) else (ops.asarray(given),)
            given = ops.astype(given, ops.abs(x).dtype)
            weights = given if weights is None else weights * given
    if weights is None:
        centred = x - ops.mean(x, axis=1, keepdims=True)
        scaled, freedom = centred, max(x.shape[1] - ddof, 0)  # as NumPy does
    else:
        total = ops.sum(weights)
        centred = x - ops.sum(x * weights, axis=1, keepdims=True) / total
        scaled, freedom = centred * weights, total - ddof
        if aweights is not None and ddof:
            share = ops.sum(weights * ops.astype(ops.asarray(aweights), weights.dtype)) / total
            freedom = total - ddof * share
        freedom = ops.maximum(freedom, 0)
    product = ops.matmul(scaled, ops.conj(ops.matrix_transpose(centred)))
    return ops.squeeze(product / freedom)


def _rows(m: Any, rowvar: bool) -> Variable:
    """Give observations as a matrix with one variable per row."""
    m = ops.asarray(m)
    if m.ndim > 2:
        raise ValueError(f"np.cov: needed are at most two axes, this has {m.ndim}.")
    if m.ndim < 2:
        return ops.reshape(m, (1, -1))
    return m if rowvar or m.shape[0] == 1 else ops.matrix_transpose(m)


@implements(np.corrcoef)
def _corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Variable:
    covariance = _cov(x, y, rowvar, dtype=dtype)
    if covariance.ndim == 0:
        return covariance / covariance
    spread = ops.sqrt(ops.real(ops.diag(covariance)))
    return covariance / ops.expand_dims(spread, axis=1) / spread


@implements(np.bincount)
def _bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Variable:
    places = np.asarray(host(x))
    if weights is None:
        return ops.asarray(np.bincount(places, minlength=minlength))
    weights = ops.astype(ops.asarray(weights), "float64", copy=False)
    length = max(int(places.max(initial=-1)) + 1, minlength)
    if places.ndim != 1 or places.shape != weights.shape or np.any(places < 0):
        raise ValueError(
            f"np.bincount: x of shape {places.shape} and weights of shape {tuple(weights.shape)}; needed are two "
            f"vectors of one length, and no negative numbers in x."
        )
    return ops.put_add(weights, weights._backend.asarray(places), (length,))
