"""Cases of ``ops/joining.py``."""

from __future__ import annotations

import numpy as np

import simple_autograd as sa
from tests.core.op_case import OpCase, other, shapes


def of_list(function):
    """Let a function of a list of arrays take them one by one."""
    return lambda *arrays, **options: function(list(arrays), **options)


CASES = [
    OpCase(
        "concat",
        of_list(np.concatenate),
        shapes(
            ((2, 3), (1, 3), {"axis": 0}),
            ((2, 3), (2, 1), (2, 2), {"axis": -1}),
            ((2, 3), (2,), (), {"axis": None}),
            ((0, 3), (2, 3), {"axis": 0}),
            ((2, 3), {"axis": 0}),
        ),
        [other(np.array([1.0, 2.0], np.float32), np.array([3.0]))],
        function=of_list(sa.concat),
        torch=lambda t: (
            lambda *arrays, axis=0: t.cat(
                [array.flatten() for array in arrays] if axis is None else arrays, dim=axis or 0
            )
        ),
        complex=True,
    ),
    OpCase(
        "stack",
        of_list(np.stack),
        shapes(
            ((2, 3), (2, 3), {"axis": 0}),
            ((2, 3), (2, 3), (2, 3), {"axis": -1}),
            ((2, 3), (2, 3), {"axis": 1}),
            ((), (), {"axis": 0}),
            ((0, 3), (0, 3), {"axis": 0}),
        ),
        function=of_list(sa.stack),
        torch=lambda t: lambda *arrays, axis=0: t.stack(arrays, dim=axis),
        complex=True,
    ),
]
