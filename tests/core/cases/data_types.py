"""Cases of ``ops/data_types.py``. Transfers between backends are in ``test_backends.py``."""

from __future__ import annotations

import numpy as np

import simple_autograd as sa
from simple_autograd import ops
from tests.core.op_case import INTEGERS, OpCase, other, sample, shapes


def as_type(x, dtype, copy=True):
    return x.astype(dtype)


TYPES = shapes(((2, 3),), ((),), ((0,),), dtype="float64")
CASTS = [
    other(np.array([1.7, -1.7, 0.0]), dtype="int64"),
    other(np.array([1.7, -1.7, 0.0]), dtype="bool"),
    other(INTEGERS, dtype="float32"),
    other(np.array([1.1]), dtype="float32"),
    other(np.ones(2, np.float32), dtype="complex64"),
    sample([1.0 + 1j, -2.0 + 0.5j], dtype="complex128"),
]

CASES = [
    OpCase(
        "astype",
        as_type,
        TYPES,
        [*CASTS, sample([1.0, 2.0], dtype="float64", copy=False)],
        function=lambda x, dtype, copy=True: sa.astype(x, dtype, copy=copy),
    ),
    OpCase("to", as_type, TYPES, CASTS, function=lambda x, dtype: ops.to(x, dtype), raw=False),
]
