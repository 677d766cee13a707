"""Cases of ``ops/powers.py``."""

from __future__ import annotations

import numpy as np

from tests.core.op_case import (
    SPECIAL,
    SPECIAL_VALUES,
    Failing,
    OpCase,
    Sample,
    binary,
    draw,
    kink,
    other,
    refused,
    sample,
    unary,
)

ORIGIN_IN_TORCH = "at the origin NaN there, 0 here, as for norms"


def scaled(rng):
    for shape, shape2 in [((3, 4), (4,)), ((), ()), ((0, 3), (3,))]:
        yield Sample((draw(rng, shape), rng.integers(0, 5, shape2)))
    yield sample(draw(rng, (3,)), 3)
    broad = Sample((draw(rng, (2, 1)), rng.integers(0, 5, (3,))))
    yield refused(broad, torch="it warns of its own way to broadcast")
    negative = Sample((draw(rng, (3, 4)), rng.integers(-4, 0, (4,))))
    yield refused(negative, torch="the gradient is 0 there, its 2**x2 being an integer")
    yield Sample((SPECIAL_VALUES, np.array(2)), kind=SPECIAL)
    yield other(np.array([2.0**-1000, 2.0**1000, 3e-310]), np.array([2000, -2000, 1500]))
    yield other(draw(rng, (2, 3)).astype(np.float32), rng.integers(-4, 5, (3,)).astype(np.int32))


CASES = [
    OpCase(
        "cbrt",
        np.cbrt,
        unary(away=0.3),
        [kink([0.0, -0.0]), other(np.array([1e-320, 1e300, -1e-200, 27.0]))],
        errors=[Failing((np.array([1j]),), ["cbrt"])],
    ),
    OpCase(
        "hypot",
        np.hypot,
        binary(away=0.2, integers=False, special_in_torch=ORIGIN_IN_TORCH),
        [
            refused(kink([0.0, 0.0, 3.0], [0.0, -0.0, 0.0]), torch=ORIGIN_IN_TORCH),
            kink([1e200, 3e-200], [1e200, 4e-200]),
        ],
        torch=lambda t: t.hypot,
    ),
    OpCase("ldexp", np.ldexp, scaled, torch=lambda t: t.ldexp, constant=("x2",)),
    OpCase(
        "pow",
        np.power,
        binary(low=0.3, high=2, low2=-2),
        [
            *[sample([-2.0, -0.5, 1.5], exponent) for exponent in (2, 3, 4, 5, -1, -2, 0, 1, 2.0)],
            kink([-2.0, -0.5, 1.5], [2.0, 3.0, -1.0]),
            *[kink([0.0, 2.0], exponent) for exponent in (0, 0.0, 1, 2, 3, 4)],
            kink([0.0, 0.0, 0.0], [0.0, 1.0, 2.0]),
            sample([2.0, 0.5], [0.0, 0.0]),
            kink(0.0, [0.0, 1.0, 2.0]),
        ],
        torch=lambda t: t.pow,
        complex=True,
    ),
    OpCase(
        "rsqrt",
        lambda x: 1 / np.sqrt(x),
        unary(0.1, 4),
        [kink([0.0])],
        torch=lambda t: t.rsqrt,
        complex=True,
    ),
    OpCase("sqrt", np.sqrt, unary(0.1, 4), [kink([0.0])], torch=lambda t: t.sqrt, complex=True),
    OpCase("square", np.square, unary(integers=True), torch=lambda t: t.square, complex=True),
]
