"""Cases of ``ops/diagonals.py``."""

from __future__ import annotations

import numpy as np

from simple_autograd import ops
from tests.core.op_case import Failing, OpCase, other, shapes

INTEGERS = np.arange(6, dtype=np.int32).reshape(2, 3)
OFFSETS = (
    ((3, 4),),
    *[((3, 4), {"offset": offset}) for offset in (1, 3, 4, 9, -2, -3, -7)],
    ((2, 4, 3), {"offset": -1}),
    ((0, 3),),
    ((2, 0, 3),),
)


def put(values, rows, columns, offset=0):
    out = np.zeros((*values.shape[:-1], rows, columns), values.dtype)
    i = np.arange(values.shape[-1])
    out[..., i + max(-offset, 0), i + max(offset, 0)] = values
    return out


CASES = [
    OpCase(
        "diagonal",
        lambda x, offset=0: np.diagonal(x, offset, -2, -1),
        shapes(*OFFSETS),
        [other(INTEGERS, offset=1)],
        torch=lambda t: lambda x, offset=0: _within(x, offset).diagonal(offset, -2, -1),
        complex=True,
        errors=[Failing((np.zeros(3),), ["diagonal", "(..., N, M)", "(3,)"], ValueError)],
    ),
    OpCase(
        "put_diagonal",
        put,
        shapes(
            ((3,), {"rows": 3, "columns": 3}),
            ((2, 3), {"rows": 4, "columns": 3, "offset": -1}),
            ((2,), {"rows": 3, "columns": 4, "offset": 2}),
            ((0,), {"rows": 2, "columns": 3, "offset": 5}),
            ((0,), {"rows": 2, "columns": 3, "offset": -5}),
            ((0,), {"rows": 0, "columns": 3}),
        ),
        [other(np.array([np.inf, np.nan]), rows=2, columns=2)],
        function=ops.put_diagonal,
        complex=True,
    ),
    OpCase(
        "trace",
        lambda x, offset=0, dtype=None: np.trace(x, offset, -2, -1, dtype),
        shapes(*OFFSETS),
        [
            other(INTEGERS),
            other(INTEGERS.astype(np.float32), dtype="float64"),
        ],
        torch=lambda t: lambda x, offset=0: _within(x, offset).diagonal(offset, -2, -1).sum(-1),
        complex=True,
        errors=[Failing((np.zeros(3),), ["diagonal", "(..., N, M)", "(3,)"], ValueError)],
    ),
]


def _within(x, offset):
    """Give torch, which refuses offsets outside the matrix, one without such diagonals."""
    rows, columns = x.shape[-2:]
    return x if -rows <= offset <= columns else x.new_zeros((*x.shape[:-2], 0, 0)) + 0 * x.sum()
