"""Cases of ``ops/sorting.py``."""

from __future__ import annotations

import numpy as np

import simple_autograd as sa
from tests.core.op_case import (
    INTEGERS,
    SPECIAL,
    Failing,
    OpCase,
    Sample,
    draw,
    kink,
    other,
    refused,
    sample,
)

TIES = np.array([[1.0, 2.0, 2.0, 1.0, 2.0], [3.0, 3.0, 1.0, 0.0, 3.0]])
WITH_NAN = np.array([[1.0, np.nan, -np.inf, np.nan], [0.0, np.inf, -1.0, 5.0]])
TIED = "which one of several NaN comes first is open"
COMPLEX = Failing((np.zeros(2, complex),), ["real", "complex128"])


def whole_lines(rng):
    for shape, options in [
        ((5,), {}),
        ((3, 4), {}),
        ((3, 4), {"axis": 0}),
        ((2, 3, 4), {"axis": 1, "descending": True}),
        ((3, 4), {"stable": False}),
        ((0, 3), {"axis": 0}),
        ((2, 0), {}),
        ((1,), {"descending": True}),
    ]:
        yield sample(draw(rng, shape), **options)


def sorted_by_numpy(x, axis=-1, descending=False, stable=True):
    out = np.sort(x, axis)
    return np.flip(out, axis) if descending else out


def ordered_by_numpy(x, axis=-1, descending=False, stable=True):
    """Order by keys, NaN last: equal elements stay in their order, whichever way."""
    if not descending:
        return np.argsort(x, axis, kind="stable")
    ranks = np.unique(x, return_inverse=True)[1].reshape(x.shape)
    return np.argsort(-ranks, axis, kind="stable")


def parts(rng):
    for shape, k, options in [
        ((7,), 3, {}),
        ((7,), 3, {"largest": False}),
        ((3, 5), 2, {"axis": 0}),
        ((2, 12), 10, {"axis": -1}),
        ((2, 3, 4), 1, {"axis": 1, "largest": False}),
        ((3,), 3, {}),
        ((3,), 0, {}),
        ((0, 3), 2, {}),
    ]:
        yield sample(draw(rng, shape), k=k, **options)


def top(x, k, axis=-1, largest=True):
    out = np.sort(x, axis)
    return np.take(np.flip(out, axis) if largest else out, range(k), axis)


def ranked(x, ranks, axis, descending=False):
    order = np.argsort(x, axis, kind="stable")
    return np.take(np.flip(order, axis) if descending else order, ranks, axis)


DISTINCT = np.random.default_rng(0).permutation(24).reshape(2, 3, 4) * 1.0

CASES = [
    OpCase(
        "argsort",
        ordered_by_numpy,
        extra=[
            *[
                other(array, axis=axis, descending=descending)
                for array in (TIES, INTEGERS)
                for axis in (0, -1)
                for descending in (False, True)
            ],
            other(WITH_NAN),
            other(DISTINCT, axis=1, stable=False),
            other(np.zeros((0, 2)), axis=0),
            other(np.zeros((2, 0)), descending=True),
        ],
        order=0,
        errors=[COMPLEX],
    ),
    OpCase(
        "ranked_positions",
        ranked,
        extra=[
            other(DISTINCT, ranks=(0,), axis=0),
            other(DISTINCT, ranks=(1, 2), axis=2),
            other(DISTINCT, ranks=(0, 1), axis=1, descending=True),
            other(DISTINCT, ranks=(3, 0, 2), axis=-1, descending=True),
            other(DISTINCT.reshape(2, 12), ranks=tuple(range(10)), axis=1),
            other(DISTINCT, ranks=(), axis=1),
            other(np.zeros((0, 3)), ranks=(1,), axis=1),
        ],
        order=0,
        errors=[Failing((np.zeros(2, complex),), ["real"], options={"ranks": (0,), "axis": 0})],
    ),
    OpCase(
        "sort",
        sorted_by_numpy,
        whole_lines,
        [
            kink(TIES),
            kink(TIES, axis=0),
            kink(TIES, descending=True),
            Sample((WITH_NAN,), {}, SPECIAL),
            Sample((WITH_NAN,), {"descending": True}, SPECIAL),
            other(INTEGERS, axis=1),
        ],
        torch=lambda t: (
            lambda x, axis=-1, descending=False, stable=True: (
                t.sort(x, dim=axis, descending=descending, stable=stable).values
            )
        ),
        errors=[COMPLEX],
    ),
    OpCase(
        "topk",
        top,
        parts,
        [refused(Sample((WITH_NAN,), {"k": 2}, SPECIAL), torch=TIED), other(INTEGERS, k=2)],
        function=lambda x, k, **options: sa.topk(x, k, **options).values,
        torch=lambda t: (
            lambda x, k, axis=-1, largest=True: t.topk(x, k, dim=axis, largest=largest).values
        ),
        errors=[
            Failing((np.zeros(2),), ["topk: k is 3", "axis 0", "at most 2"], ValueError, {"k": 3}),
            Failing((np.zeros(2),), ["topk: axis 1"], ValueError, {"k": 1, "axis": 1}),
        ],
    ),
]
