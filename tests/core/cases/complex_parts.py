"""Cases of ``ops/complex_parts.py``."""

from __future__ import annotations

import numpy as np

from tests.core.op_case import (
    FLOATING_ONLY,
    INTEGERS,
    OpCase,
    draw,
    kink,
    other,
    refused,
    sample,
)


def complexes(rng):
    for shape in [(3, 4), (), (0, 3)]:
        yield sample(draw(rng, shape) + 1j * draw(rng, shape, place=1))


def off_the_axis(rng):
    """Sample complex numbers away from the negative half of the real axis, where angles jump."""
    for shape in [(3, 4), (), (0, 3)]:
        yield sample(draw(rng, shape) + 1j * draw(rng, shape, 0.3, 1.5, place=1))


CASES = [
    OpCase(
        "angle",
        np.angle,
        off_the_axis,
        [
            sample([-2.0, 1.5]),
            kink([0j, 2 + 0j]),
            refused(kink([0.0, -0.0]), torch="the angle of -0.0 is 0 there, and pi in NumPy"),
            other(INTEGERS, refused=FLOATING_ONLY),
        ],
        torch=lambda t: t.angle,
    ),
    OpCase("conj", np.conj, complexes, torch=lambda t: lambda x: t.conj(x).resolve_conj()),
    OpCase("imag", np.imag, complexes, torch=lambda t: t.imag),
    OpCase("real", np.real, complexes, torch=lambda t: t.real),
]
