"""Cases of ``ops/searching.py``."""

from __future__ import annotations

import numpy as np

import simple_autograd as sa
from tests.core.op_case import BOOLEANS, INTEGERS, OpCase, draw, other, reductions, sample

SORTED = np.array([1.0, 2.0, 2.0, 4.0])
TIES = np.array([[1.0, 2.0, 2.0], [2.0, 1.0, 1.0]])
EXTREMES = [
    *[other(array, axis=axis) for array in (TIES, INTEGERS) for axis in (None, 0, 1, -1)],
    other(TIES, axis=1, keepdims=True),
    other(np.array([1.0, np.nan, 3.0, np.nan])),
]
TRUTHS = [
    *[other(BOOLEANS, axis=axis) for axis in (None, 0, 1, (0, 1))],
    other(BOOLEANS, axis=1, keepdims=True),
    other(INTEGERS),
    other(np.zeros((0, 2), bool), axis=0),
    other(np.array([0.0, np.nan])),
]


def choices(rng):
    for condition, first, second in [
        ((2, 3), (2, 3), (2, 3)),
        ((3,), (2, 1), (2, 3)),
        ((), (3,), ()),
        ((2, 1), (), (3,)),
        ((0, 3), (3,), (1, 3)),
    ]:
        chosen = rng.random(condition) < 0.5
        yield sample(np.asarray(chosen), draw(rng, first), draw(rng, second, place=1))
    yield sample(BOOLEANS, draw(rng, (2, 3)), 0)
    yield sample(BOOLEANS, 1.5, draw(rng, (3,)))


def choice(torch):
    """Give torch's where, whose gradient fails where real and complex mix."""

    def where(condition, x1, x2):
        dtype = torch.promote_types(x1.dtype, x2.dtype)
        return torch.where(condition, x1.to(dtype), x2.to(dtype))

    return where


CASES = [
    OpCase("all", np.all, extra=TRUTHS, order=0),
    OpCase("any", np.any, extra=TRUTHS, order=0),
    OpCase("argmax", np.argmax, reductions(axes=False, empty=False), EXTREMES, order=0),
    OpCase("argmin", np.argmin, reductions(axes=False, empty=False), EXTREMES, order=0),
    OpCase("count_nonzero", np.count_nonzero, extra=TRUTHS, order=0),
    OpCase(
        "nonzero",
        lambda x: np.stack(np.nonzero(x)),
        extra=[
            other(BOOLEANS),
            other(INTEGERS),
            other(TIES),
            other(np.zeros((0, 2))),
            other(np.zeros(3)),
        ],
        function=lambda x: sa.stack(sa.nonzero(x)),
        order=0,
    ),
    OpCase(
        "searchsorted",
        lambda x1, x2, side="left", sorter=None: np.searchsorted(x1, x2, side, sorter),
        extra=[
            other(SORTED, np.array([2.0, 0.5, 9.0])),
            other(SORTED, np.array([[2.0], [3.0]]), side="right"),
            other(SORTED[::-1].copy(), np.array([2.0, 0.5]), sorter=np.arange(4)[::-1].copy()),
            other(np.zeros(0), np.array([1.0])),
            other(SORTED, np.zeros((0, 2))),
        ],
        order=0,
    ),
    OpCase(
        "where",
        np.where,
        choices,
        [sample(BOOLEANS[0], [1.0, np.inf, 2.0], [np.nan, 1.0, np.inf])],
        torch=choice,
        constant=("condition",),
        complex=True,
    ),
]
