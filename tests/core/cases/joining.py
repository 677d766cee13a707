"""Cases of ``ops/joining.py``."""

from __future__ import annotations

import numpy as np

import simple_autograd as sa
from tests.core.op_case import Failing, OpCase, other, shapes


def of_list(function):
    """Let a function of a list of arrays take them one by one."""
    return lambda *arrays, **options: function(list(arrays), **options)


def rejoined(function):
    """Join the parts that a function gives in the opposite order, so that none stands where it was."""

    def call(*args, axis=0, **options):
        parts = list(function(*args, axis=axis, **options))
        xp = np if isinstance(parts[0], np.ndarray) else sa
        return xp.concat(parts[::-1], axis=axis)

    return call


def one_part(function):
    """Give one part alone, so that the others have no gradient."""
    return lambda *args, part, **options: function(*args, **options)[part]


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
        "split",
        rejoined(lambda x, sections, axis: np.split(x, sections, axis)),
        shapes(
            ((6, 2), {"sections": 3}),
            ((2, 6), {"sections": 2, "axis": -1}),
            ((5, 2), {"sections": (1, 3)}),
            ((5,), {"sections": [0, 2, 2, 9]}),
            ((5,), {"sections": (-2,)}),
            ((5,), {"sections": (3, 1)}),
            ((0, 2), {"sections": 2}),
            ((3,), {"sections": ()}),
        ),
        function=rejoined(lambda x, sections, axis: sa.split(x, sections, axis=axis)),
        complex=True,
        errors=[
            Failing(
                (np.zeros(5),), ["split", "length 5", "2 equal parts"], ValueError, {"sections": 2}
            ),
            Failing(
                (np.zeros(5),),
                ["split: axis 1", "1 axes"],
                ValueError,
                {"sections": 5, "axis": 1},
            ),
        ],
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
    OpCase(
        "unstack",
        lambda x, part, axis=0: np.unstack(x, axis=axis)[part],
        shapes(
            ((3, 2), {"part": 0}),
            ((3, 2), {"part": -1, "axis": 1}),
            ((2, 3, 4), {"part": 1, "axis": -2}),
            ((3,), {"part": 2}),
            ((2, 0), {"part": 1}),
        ),
        function=one_part(sa.unstack),
        torch=lambda t: lambda x, part, axis=0: t.unbind(x, axis)[part],
        complex=True,
        errors=[Failing((np.zeros(()),), ["unstack: axis 0"], ValueError, {"part": 0})],
    ),
]
