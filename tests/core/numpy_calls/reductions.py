"""Calls of NumPy's reductions and cumulative functions."""

from __future__ import annotations

import numpy as np

from tests.core.numpy_call import COMPLEX, CUBE, HOLED, MASK, MATRIX, VECTOR, call, refused

MEAN = np.mean(MATRIX, axis=0, keepdims=True)

CALLS = [
    call(np.sum, MATRIX, 1),
    call(np.sum, COMPLEX),
    call(np.sum, MATRIX, axis=0, where=MASK, initial=refused(2.0)),
    call(np.prod, MATRIX, axis=1, keepdims=True),
    call(np.prod, MATRIX, where=MASK),
    call(np.max, MATRIX, 1),
    call(np.amax, MATRIX, axis=0, initial=refused(2.1), where=MASK),
    call(np.min, MATRIX),
    call(np.amin, MATRIX, (0, 1)),
    call(np.amin, MATRIX, 1, initial=refused(0.25)),
    call(np.mean, MATRIX, 0),
    call(np.mean, COMPLEX),
    call(np.mean, MATRIX, axis=1, where=MASK, keepdims=True),
    call(np.var, MATRIX),
    call(np.var, COMPLEX),
    call(np.var, MATRIX, axis=1, ddof=1),
    call(np.var, MATRIX, axis=0, where=MATRIX > 0.5),
    call(np.var, MATRIX, axis=0, mean=MEAN),
    call(np.std, MATRIX, 1),
    call(np.std, MATRIX, where=MASK, correction=1),
    call(np.std, MATRIX, axis=0, mean=MEAN, ddof=1),
    call(np.ptp, MATRIX, axis=1),
    call(np.average, MATRIX),
    call(np.average, MATRIX, 1, weights=VECTOR),
    call(np.average, MATRIX, weights=MATRIX * MATRIX),
    call(np.average, CUBE, (2, 1), weights=MATRIX.T),
    call(np.average, MATRIX, axis=0, weights=MATRIX * MATRIX, returned=True),
    call(np.nansum, HOLED, axis=1),
    call(np.nansum, HOLED, axis=1, where=MASK, initial=refused(2.0)),
    call(np.nanprod, HOLED, axis=0),
    call(np.nanmean, HOLED),
    call(np.nanmean, HOLED, axis=0, where=MATRIX > 0.3),
    call(np.nanvar, HOLED, axis=1),
    call(np.nanvar, HOLED, where=MATRIX > 0.3, ddof=1),
    call(np.nanvar, HOLED, axis=1, mean=refused(np.nanmean(HOLED, axis=1, keepdims=True))),
    call(np.nanstd, HOLED, axis=0, ddof=1, keepdims=True),
    call(np.nanstd, HOLED, where=MATRIX > 0.3),
    call(np.nanmax, HOLED, axis=1),
    call(np.nanmax, HOLED, axis=0, where=MATRIX > 0.3, initial=refused(0.2)),
    call(np.nanmin, HOLED),
    call(np.nanmin, HOLED, axis=1, initial=refused(0.4)),
    call(np.cumsum, MATRIX),
    call(np.cumsum, COMPLEX, 0),
    call(np.cumprod, MATRIX, axis=1),
    call(np.nancumsum, HOLED, axis=1),
    call(np.nancumprod, HOLED),
    call(np.cumulative_sum, MATRIX, axis=1, include_initial=True),
    call(np.cumulative_prod, VECTOR),
    call(np.apply_over_axes, np.sum, CUBE, [0, 2]),
    call(np.apply_over_axes, np.max, CUBE, 1),
    call(np.apply_along_axis, np.sum, 0, MATRIX),
    call(np.apply_along_axis, lambda x, n: x[:n] * x[n], 1, CUBE, 2),
    call(
        np.apply_along_axis, lambda x, scale: np.outer(x, x) * scale, 1, MATRIX, scale=refused(1.5)
    ),
]
