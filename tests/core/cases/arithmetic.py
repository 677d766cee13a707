"""Cases of ``ops/arithmetic.py``."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.core.op_case import SMOOTH, OpCase, binary, kink, unary

SIGN_OF_NAN = "the sign of NaN is 0 in PyTorch and NaN in NumPy"


def between_steps(rng):
    """Sample ``x1 // x2`` where the quotient stays clear of the integers: x2 is near 1 or -1."""
    for drawn in binary(numbers=(2.5, 3))(rng):
        x1, x2 = drawn.args
        if drawn.kind == SMOOTH and isinstance(x1, np.ndarray):
            x1 = np.asarray(np.floor(x1) + 0.3 + 0.4 * (x1 - np.floor(x1)))
        if drawn.kind == SMOOTH and isinstance(x2, np.ndarray):
            x2 = np.asarray(np.copysign(1.02 + 0.02 * np.abs(x2), x2))
        yield replace(drawn, args=(x1, x2))


def quotients(torch):
    return lambda x1, x2: torch.div(x1, x2, rounding_mode="floor")


CASES = [
    OpCase(
        "abs",
        np.abs,
        unary(integers=True, special_in_torch=SIGN_OF_NAN),
        [kink([0.0, -0.0])],
        torch=lambda t: t.abs,
        complex=True,
    ),
    OpCase("add", np.add, binary(), torch=lambda t: t.add, complex=True),
    OpCase(
        "divide", np.divide, binary(away2=0.3, integers=False), torch=lambda t: t.div, complex=True
    ),
    OpCase("floor_divide", np.floor_divide, between_steps, torch=quotients),
    OpCase(
        "fmod",
        np.fmod,
        between_steps,
        [kink([2.0, -2.0, 0.0], [1.0, -1.0, 2.0])],
        torch=lambda t: t.fmod,
    ),
    OpCase("multiply", np.multiply, binary(), torch=lambda t: t.mul, complex=True),
    OpCase("negative", np.negative, unary(integers=True), torch=lambda t: t.neg, complex=True),
    OpCase("positive", np.positive, unary(integers=True), torch=lambda t: t.positive, complex=True),
    OpCase(
        "reciprocal",
        np.reciprocal,
        unary(away=0.3),
        [kink([0.0, -0.0])],
        torch=lambda t: t.reciprocal,
        complex=True,
    ),
    OpCase(
        "remainder",
        np.remainder,
        between_steps,
        [kink([2.0, -2.0, 0.0], [1.0, -1.0, 2.0])],
        torch=lambda t: t.remainder,
    ),
    OpCase(
        "sign",
        np.sign,
        unary(integers=True, special_in_torch=SIGN_OF_NAN),
        [kink([0.0, -0.0])],
        torch=lambda t: t.sgn,
        complex=True,
    ),
    OpCase("subtract", np.subtract, binary(), torch=lambda t: t.sub, complex=True),
]
