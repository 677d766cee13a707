"""NumPy's functions that raise for a Variable that requires grad, since its gradient would be lost."""

from __future__ import annotations

import io

import numpy as np

from tests.core.numpy_call import COMPLEX, MASK, MATRIX, ORDER, VECTOR, call
from tests.core.numpy_calls.constant import NO_ARRAY
from tests.core.numpy_calls.elementwise import REFUSED, ufunc_calls

TARGET = np.zeros((3, 4))

CALLS = [
    # Counts of what lies between edges; edges that depend on the data.
    call(np.histogram, VECTOR, 3, weights=VECTOR),
    call(np.histogram2d, VECTOR, MATRIX[0]),
    call(np.histogram_bin_edges, VECTOR, 4),
    call(np.histogramdd, MATRIX, 2),
    # Writing in place
    call(np.copyto, TARGET, MATRIX),
    call(np.fill_diagonal, TARGET, 1.5),
    call(np.place, TARGET, MASK, VECTOR),
    call(np.put, TARGET, [0, 2], VECTOR[:2]),
    call(np.put_along_axis, TARGET, ORDER, 1.5, 1),
    call(np.putmask, TARGET, MASK, 1.5),
    # Step functions
    *[c for name in sorted(REFUSED) for c in ufunc_calls(name)],
    # To files
    call(np.save, io.BytesIO(), MATRIX),
    call(np.savetxt, io.BytesIO(), MATRIX),
    call(np.savez, io.BytesIO(), MATRIX),
    call(np.savez_compressed, io.BytesIO(), a=MATRIX),
    # Making a plain array
    call(np.array, MATRIX),
    call(np.array, [1.5, 2.5]),
    call(np.asanyarray, MATRIX),
    call(np.asarray, MATRIX),
    call(np.asarray_chkfinite, MATRIX),
    call(np.ascontiguousarray, MATRIX),
    call(np.asfortranarray, MATRIX),
    call(np.asmatrix, MATRIX),
    call(np.bmat, [[MATRIX, MATRIX]]),
    call(np.from_dlpack, MATRIX),
    call(np.fromiter, [0.5, 1.5], float),
    call(np.matrix, MATRIX),
    call(np.require, MATRIX),
    # Numbers out of a Variable
    call(np.arange, 0.0, 2.5, 0.5),
    call(np.full, (2,), 1.5),
    call(np.bartlett, 4.0),
    call(np.blackman, 4.0),
    call(np.hamming, 4.0),
    call(np.hanning, 4.0),
    call(np.kaiser, 4.0, 1.5),
    call(np.format_float_positional, 1.5),
    call(np.format_float_scientific, 1.5),
    *[
        call(getattr(np, name), 1.5)
        for name in sorted(np.__all__)
        if isinstance(getattr(np, name), type)
        and issubclass(getattr(np, name), np.generic)
        and name not in {*NO_ARRAY["abstract types"], *NO_ARRAY["of dates"], "str_"}
    ],
    # Iterating over raw numbers
    call(np.broadcast, MATRIX, VECTOR),
    call(np.ndenumerate, MATRIX),
    call(np.nditer, MATRIX),
    call(np.nested_iters, [MATRIX, COMPLEX], [[0], [1]]),
    call(np.frompyfunc(abs, 1, 1), MATRIX),
    call(np.vectorize(abs), MATRIX),
]
