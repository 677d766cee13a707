"""Calls of NumPy's functions that take, insert, delete or choose elements, and build indices."""

from __future__ import annotations

import numpy as np

from tests.core.numpy_call import COMPLEX, MASK, MATRIX, ORDER, VECTOR, call, constant, refused

CALLS = [
    call(np.where, MASK, MATRIX, 0.5),
    call(np.where, MASK, VECTOR, MATRIX),
    call(np.where, [True, False, True, False], VECTOR, [1.0, 2.0, 3.0, 4.0]),
    call(np.where, constant(MATRIX), MATRIX, VECTOR),
    call(np.take, MATRIX, [[0, 5], [5, -1]]),
    call(np.take, MATRIX, [0, 2, 2], axis=1),
    call(np.take, VECTOR, 2),
    call(np.take, VECTOR, [5, -7], mode="wrap"),
    call(np.take, MATRIX, [5, -7], axis=0, mode="clip"),
    call(np.take_along_axis, MATRIX, ORDER, axis=1),
    call(np.take_along_axis, MATRIX, ORDER[0], axis=None),
    call(np.compress, [False, True, True], MATRIX, axis=0),
    call(np.compress, constant(VECTOR), VECTOR),
    call(np.extract, MASK, MATRIX),
    call(np.extract, constant(MATRIX), MATRIX),
    call(np.delete, MATRIX, 1, axis=1),
    call(np.delete, MATRIX, [0, 5, -1]),
    call(np.delete, VECTOR, slice(None, None, 2)),
    call(np.insert, VECTOR, 2, 9.0),
    call(np.insert, VECTOR, 1, VECTOR[:2]),
    call(np.insert, MATRIX, [1, 1, 3], VECTOR[:3], axis=1),
    call(np.insert, MATRIX, 1, VECTOR[:3], axis=1),
    call(np.insert, MATRIX, 1, MATRIX.T[:2], axis=1),
    call(np.insert, VECTOR, slice(0, 4, 2), VECTOR[:2]),
    call(np.insert, MATRIX, [0], MATRIX[:, :2], axis=1),
    call(np.select, [MASK, MATRIX > 0.8], [MATRIX, VECTOR], default=refused(-1.0)),
    call(np.choose, [2, 0, 1, 1], [VECTOR, MATRIX[0], 5.0]),
    call(np.choose, np.array([3, -1, 1, 1]), [VECTOR, MATRIX[0]], mode="wrap"),
    call(np.piecewise, MATRIX, [MASK], [np.exp, refused(2.5)]),
    call(np.piecewise, VECTOR, [VECTOR < 0, VECTOR > 1], [lambda x: x * x, np.negative]),
    call(np.piecewise, MATRIX, [MASK], [lambda x, c: c * x, lambda x, c: x + c], refused(1.5)),
    call(np.piecewise, COMPLEX, [[True, False, True, True]], [np.square, refused(1.0)]),
    call(np.ix_, VECTOR, MATRIX[0]),
]
