"""Calls of NumPy's functions on shapes, and on the order of axes and elements."""

from __future__ import annotations

import numpy as np

from tests.core.numpy_call import COMPLEX, CUBE, MATRIX, VECTOR, call, refused, tied

CALLS = [
    # Shapes
    call(np.reshape, MATRIX, (2, -1)),
    call(np.reshape, MATRIX, -1, copy=True),
    call(np.reshape, COMPLEX, [2, 2]),
    call(np.ravel, CUBE),
    call(np.squeeze, CUBE[:1], axis=0),
    call(np.squeeze, CUBE[:1, :1]),
    call(np.expand_dims, MATRIX, (0, -1)),
    call(np.broadcast_to, VECTOR, (2, 4)),
    call(np.broadcast_arrays, MATRIX, VECTOR, 1.5, subok=True),
    call(np.atleast_1d, 0.3, MATRIX),
    call(np.atleast_2d, VECTOR),
    call(np.atleast_3d, 0.3, VECTOR, MATRIX, CUBE),
    call(np.resize, MATRIX, (5, 3)),
    call(np.resize, MATRIX, 3),
    # The order of axes
    call(np.transpose, CUBE),
    call(np.transpose, CUBE, [1, 2, 0]),
    call(np.permute_dims, CUBE, (2, 0, 1)),
    call(np.matrix_transpose, CUBE),
    call(np.swapaxes, CUBE, 0, -1),
    call(np.moveaxis, CUBE, [0, 1], [-1, 0]),
    call(np.rollaxis, CUBE, 2),
    call(np.rollaxis, CUBE, 0, 3),
    call(np.rollaxis, CUBE, -1, -2),
    # The order of elements
    call(np.flip, CUBE, (0, 2)),
    call(np.fliplr, MATRIX),
    call(np.flipud, VECTOR),
    call(np.rot90, CUBE, 3, (0, 2)),
    call(np.roll, MATRIX, 5),
    call(np.roll, MATRIX, (1, 2), axis=(0, 1)),
    call(np.roll, MATRIX, 1, axis=(0, 1)),
    call(np.repeat, MATRIX, 2),
    call(np.repeat, MATRIX, [2, 0, 1, 1], axis=1),
    call(np.tile, MATRIX, 2),
    call(np.tile, VECTOR, (2, 2)),
    call(np.pad, MATRIX, ((1, 0), (2, 3))),
    call(np.pad, MATRIX, ((1, 0), (2, 3)), constant_values=((1, 2), (3, 4))),
    call(np.pad, MATRIX, 1, constant_values=refused(1.5)),
    call(np.pad, MATRIX, 2, "reflect"),
    call(np.pad, VECTOR, np.array([1, 2]), "wrap"),
    call(np.pad, COMPLEX, 2, "symmetric"),
    # Parts
    call(np.tril, CUBE, 1),
    call(np.triu, MATRIX, k=-1),
    call(np.diag, VECTOR, 1),
    call(np.diag, MATRIX, -1),
    call(np.diagflat, MATRIX),
    call(np.trim_zeros, tied(np.array([0.0, 0.0, 1.5, 0.0, 2.5, 0.0]))),
    call(np.trim_zeros, tied(np.array([0.0, 1.5, 0.0])), "b"),
    # The same elements
    call(np.copy, MATRIX),
    call(np.astype, MATRIX, np.complex128),
]
