"""Calls of NumPy's functions that join arrays, or split one."""

from __future__ import annotations

import numpy as np

from tests.core.numpy_call import COMPLEX, CUBE, MATRIX, VECTOR, call

CALLS = [
    call(np.concatenate, [MATRIX, MATRIX * 2, [[1.0, 2.0, 3.0, 4.0]]]),
    call(np.concat, (MATRIX, VECTOR), axis=None, dtype=np.complex128),
    call(np.stack, [VECTOR, VECTOR * VECTOR], axis=-1),
    call(np.vstack, [VECTOR, MATRIX]),
    call(np.vstack, [COMPLEX, VECTOR]),
    call(np.hstack, [VECTOR, [5.0]]),
    call(np.hstack, [MATRIX, MATRIX]),
    call(np.dstack, [VECTOR, VECTOR * 2]),
    call(np.column_stack, [VECTOR[:3], MATRIX]),
    call(np.append, MATRIX, VECTOR),
    call(np.append, MATRIX, MATRIX[:1], axis=0),
    call(np.append, VECTOR, 1.5),
    call(np.block, [[MATRIX, MATRIX[:, :1]], [VECTOR, 3.0]]),
    call(np.block, [VECTOR, 1.0, VECTOR]),
    call(np.split, MATRIX, 2, axis=1),
    call(np.split, VECTOR, [1, 3]),
    call(np.split, VECTOR, np.array([1, 3])),
    call(np.array_split, MATRIX, 2),
    call(np.array_split, VECTOR, 3),
    call(np.hsplit, MATRIX, 2),
    call(np.hsplit, VECTOR, [2]),
    call(np.vsplit, MATRIX, 3),
    call(np.dsplit, CUBE, 2),
    call(np.unstack, MATRIX, axis=1),
]
if hasattr(np, "row_stack"):  # an old name, which NumPy is giving up
    CALLS.append(call(getattr(np, "row_stack"), [VECTOR, MATRIX]))  # noqa: B009
