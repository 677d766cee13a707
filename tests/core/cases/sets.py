"""Cases of ``ops/sets.py``."""

from __future__ import annotations

import numpy as np

import simple_autograd as sa
from tests.core.op_case import (
    BOOLEANS,
    INTEGERS,
    SPECIAL,
    OpCase,
    Sample,
    draw,
    kink,
    other,
    sample,
)

TIES = np.array([[1.0, 2.0, 2.0], [3.0, 1.0, 2.0]])
ANY = [
    other(INTEGERS),
    other(BOOLEANS),
    other(np.array([3, 1, 3, 3, 1])),
    other(np.array([1.0, np.nan, np.nan, 0.0])),
    other(np.zeros((0, 2))),
    other(np.array(1.5)),
    other(TIES),
]


def distinct(rng):
    for shape in [(4,), (2, 3), (), (0,)]:
        yield sample(draw(rng, shape))


def unique(x, **returned):
    return np.unique(x, equal_nan=False, **returned)


CASES = [
    OpCase(
        "unique_all",
        lambda x: unique(x, return_index=True)[1],
        extra=ANY,
        function=lambda x: sa.unique_all(x).indices,
        order=0,
    ),
    OpCase(
        "unique_counts",
        lambda x: unique(x, return_counts=True)[1],
        extra=ANY,
        function=lambda x: sa.unique_counts(x).counts,
        order=0,
    ),
    OpCase(
        "unique_inverse",
        lambda x: unique(x, return_inverse=True)[1].reshape(x.shape),
        extra=ANY,
        function=lambda x: sa.unique_inverse(x).inverse_indices,
        order=0,
    ),
    OpCase(
        "unique_positions",
        lambda x: unique(x, return_counts=True)[1],
        extra=ANY,
        function=lambda x: sa.ops.unique_positions(x)[2],
        order=0,
    ),
    OpCase(
        "unique_values",
        unique,
        distinct,
        [
            kink(TIES),
            Sample((np.array([1.0, np.nan, np.inf, -np.inf, np.nan]),), {}, SPECIAL),
            other(INTEGERS),
            other(BOOLEANS),
        ],
        complex=True,
    ),
]
