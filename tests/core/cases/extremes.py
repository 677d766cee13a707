"""Cases of ``ops/extremes.py``."""

from __future__ import annotations

import numpy as np

from tests.core.op_case import INTEGERS, OpCase, binary, draw, kink, other, refused, sample

TIES = [-1.0, 0.0, 2.0]
BORDERS = [-1.0, 1.0, 2.0]
CROSSED = "the standard leaves open what min > max gives; in NumPy and PyTorch it is max"


def clips(rng):
    x = draw(rng, (3, 4))
    low, high = draw(rng, (4,), -2, 0, place=1), draw(rng, (3, 1), 0, 2, place=2)
    for array in (x, draw(rng, ()), draw(rng, (0, 3))):
        yield sample(array, -0.51, 0.51)
    for bounds in [
        (-0.51, None),
        (None, 0.51),
        (low, high),
        (low, None),
        (None, high),
        (low, 0.51),
    ]:
        yield sample(x, *bounds)
    yield refused(sample(x, high + 3, low), strict=CROSSED)


def bounds(torch):
    return lambda x, low, high: torch.clamp(x, min=low, max=high)


REAL_IN_TORCH = "it has no gradient for complex data there"


def replacements(rng):
    for shape in [(3, 4), (), (0, 3)]:
        yield sample(draw(rng, shape))
    with_all = [np.nan, np.inf, -np.inf, 1.5]
    for options in [{}, {"nan": 7.0}, {"posinf": 8.0, "neginf": -9.0}]:
        yield kink(with_all, **options)
        parts = kink([complex(np.nan, 1), complex(2, np.inf), complex(-np.inf, np.nan)], **options)
        yield refused(parts, torch=REAL_IN_TORCH)
    yield refused(sample(draw(rng, (3,)) + 1j * draw(rng, (3,))), torch=REAL_IN_TORCH)
    yield other(np.array(with_all, np.float32))
    yield other(INTEGERS)


CASES = [
    OpCase(
        "clip",
        np.clip,
        clips,
        [
            kink(TIES, -1.0, 2.0),
            kink(TIES, BORDERS, BORDERS),
            refused(kink(TIES, BORDERS, TIES), strict=CROSSED),
        ],
        torch=bounds,
        mixes=False,  # the standard keeps the type of x, NumPy promotes
    ),
    OpCase(
        "fmax",
        np.fmax,
        binary(),
        [kink(TIES, BORDERS), kink(TIES, 0.0)],
        torch=lambda t: t.fmax,
    ),
    OpCase(
        "fmin",
        np.fmin,
        binary(),
        [kink(TIES, BORDERS), kink(TIES, 0.0)],
        torch=lambda t: t.fmin,
    ),
    OpCase(
        "maximum",
        np.maximum,
        binary(),
        [kink(TIES, BORDERS), kink(TIES, 0.0)],
        torch=lambda t: t.maximum,
    ),
    OpCase(
        "minimum",
        np.minimum,
        binary(),
        [kink(TIES, BORDERS), kink(TIES, 0.0)],
        torch=lambda t: t.minimum,
    ),
    OpCase("nan_to_num", np.nan_to_num, replacements, torch=lambda t: t.nan_to_num),
]
