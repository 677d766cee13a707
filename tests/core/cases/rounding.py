"""Cases of ``ops/rounding.py``."""

from __future__ import annotations

import numpy as np

from tests.core.op_case import OpCase, binary, kink, other, unary

HALVES = [0.5, -0.5, 1.5, 2.0, -2.0]


def fraction(x):
    return x - np.trunc(x)


CASES = [
    OpCase("ceil", np.ceil, unary(integers=True), [kink(HALVES)], torch=lambda t: t.ceil),
    OpCase(
        "copysign",
        np.copysign,
        binary(away=0.2, integers=False, special_in_torch="it divides, and inf / inf is NaN"),
        [kink([0.0, -0.0, 1.0, -2.0], [1.0, 1.0, -0.0, 0.0])],
        torch=lambda t: t.copysign,
    ),
    OpCase("floor", np.floor, unary(integers=True), [kink(HALVES)], torch=lambda t: t.floor),
    OpCase("frac", fraction, unary(integers=True), [kink(HALVES)], torch=lambda t: t.frac),
    OpCase("heaviside", np.heaviside, binary(integers=False), [kink([0.0, -0.0], [0.5, 2.0])]),
    OpCase(
        "nextafter",
        np.nextafter,
        binary(integers=False),
        [kink([0.0, 1.0], [1.0, 1.0])],
        torch=lambda t: t.nextafter,
    ),
    OpCase(
        "round",
        np.round,
        unary(integers=True),
        [kink(HALVES), other(np.array([1.5 + 2.5j, -0.4 - 0.6j]))],
        torch=lambda t: t.round,
    ),
    OpCase("signbit", np.signbit, unary(), order=0),
    OpCase("trunc", np.trunc, unary(integers=True), [kink(HALVES)], torch=lambda t: t.trunc),
]
