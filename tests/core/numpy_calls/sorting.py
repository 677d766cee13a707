"""Calls of NumPy's functions that sort, find different elements, or pick by rank."""

from __future__ import annotations

import numpy as np

from tests.core.numpy_call import (
    COMPLEX,
    CUBE,
    HOLED,
    MATRIX,
    VECTOR,
    call,
    constant,
    refused,
    tied,
)

ROUNDED = np.trunc(MATRIX)

CALLS = [
    call(np.sort, MATRIX),
    call(np.sort, MATRIX, axis=None),
    call(np.sort, CUBE, 1, kind="stable"),
    call(np.sort_complex, MATRIX),
    call(np.sort_complex, COMPLEX),
    call(np.partition, MATRIX, 1, axis=1).then(lambda out: out[:, 1]),
    call(np.partition, MATRIX, (2, 7), axis=None).then(lambda out: out[np.array([2, 7])]),
    call(np.unique, MATRIX),
    call(np.unique, tied(ROUNDED), return_inverse=True),
    call(np.unique, MATRIX, axis=1, return_counts=True),
    call(np.unique_values, VECTOR).then(np.sort),
    call(np.unique_counts, VECTOR),
    call(np.unique_inverse, VECTOR),
    call(np.unique_all, VECTOR),
    call(np.union1d, MATRIX, VECTOR + 0.01),
    call(np.intersect1d, tied(MATRIX), constant(tied(MATRIX[0]))),
    call(np.intersect1d, tied(VECTOR), constant(tied(VECTOR[1:])), True, return_indices=True),
    call(np.setdiff1d, tied(MATRIX), constant(tied(MATRIX[0]))),
    call(np.setdiff1d, tied(VECTOR), constant(tied(VECTOR[:2])), assume_unique=True),
    call(np.setxor1d, tied(MATRIX), tied(MATRIX[0])),
    call(np.setxor1d, tied(VECTOR[1:]), tied(VECTOR[:2]), assume_unique=True),
    call(np.median, MATRIX),
    call(np.median, CUBE, (0, 2), keepdims=True),
    call(np.nanmedian, HOLED, axis=1),
    call(np.quantile, MATRIX, refused(0.3), 1),
    call(np.quantile, MATRIX, refused(np.array([0.3, 0.9])), axis=0, method="hazen"),
    call(
        np.quantile, refused(MATRIX), refused(0.3), weights=refused(MATRIX), method="inverted_cdf"
    ).on_numpy("with no Variable in it, it is asked of the backend's arrays"),
    call(np.percentile, MATRIX, refused(30.0), axis=0),
    call(np.nanquantile, HOLED, refused(0.3), axis=1),
    call(np.nanpercentile, HOLED, refused(np.array([30.0, 60.0]))),
]
