"""Cases of ``ops/nan_functions.py``."""

from __future__ import annotations

import numpy as np

from tests.core.op_case import (
    INTEGERS,
    SPECIAL,
    OpCase,
    Sample,
    draw,
    kink,
    other,
    sample,
)

HOLED = np.array([[1.0, np.nan, 3.0], [np.nan, 0.5, -2.0], [4.0, 0.0, 2.5]])
NOTHING = np.array([[np.nan, np.nan, np.nan], [1.0, np.nan, np.nan], [2.0, 3.0, np.nan]])
INFINITE = np.array([[np.inf, np.nan, 1.0], [-np.inf, np.nan, 2.0]])


def holed(**options):
    def samples(rng):
        for axis in (None, 0, -1, (0, 1)):
            for keepdims in (False, True):
                yield sample(HOLED, axis=axis, keepdims=keepdims, **options)
        yield sample(draw(rng, (2, 3)), axis=1, **options)
        yield sample(draw(rng, ()), **options)

    return samples


def nothing(**options):
    return [other(NOTHING, axis=1, **options), Sample((INFINITE,), {"axis": 1, **options}, SPECIAL)]


def corrected(function):
    return lambda x, correction=0, **options: function(x, ddof=correction, **options)


TIES = [kink([[2.0, 2.0, np.nan], [1.0, 0.0, 1.0]], axis=axis) for axis in (1, (0, 1), None)]
EMPTY = other(np.zeros((2, 0)), axis=1)

CASES = [
    OpCase("nanmax", np.nanmax, holed(), [*nothing(), *TIES, other(INTEGERS, axis=1)]),
    OpCase(
        "nanmean",
        np.nanmean,
        holed(),
        [*nothing(), other(INTEGERS, axis=1), EMPTY],
        complex=True,
    ),
    OpCase("nanmin", np.nanmin, holed(), [*nothing(), *TIES, other(INTEGERS, axis=1)]),
    OpCase(
        "nanprod", np.nanprod, holed(), [*nothing(), other(INTEGERS, axis=1), EMPTY], complex=True
    ),
    OpCase(
        "nanstd",
        corrected(np.nanstd),
        holed(),
        [
            sample(HOLED, axis=1, correction=1),
            *nothing(),
            kink([[1.0, np.nan, 1.0], [1.0, 2.0, 1.0]], axis=1),
        ],
        complex=True,
    ),
    OpCase(
        "nansum",
        np.nansum,
        holed(),
        [*nothing(), other(INTEGERS, axis=1), other(np.float32(HOLED), dtype="float64"), EMPTY],
        complex=True,
    ),
    OpCase(
        "nanvar",
        corrected(np.nanvar),
        holed(),
        [*nothing(correction=1), other(INTEGERS, axis=1)],
        complex=True,
    ),
]
