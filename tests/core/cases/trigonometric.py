"""Cases of ``ops/trigonometric.py``."""

from __future__ import annotations

import numpy as np

from tests.core.op_case import OpCase, binary, kink, refused, sample, unary

# Left of the imaginary axis, where the root in the rule of acosh must be taken on the right branch.
LEFT = [-0.6 + 0.7j, -2.0 - 0.5j]
WRONG_BRANCH = "PyTorch takes the other branch of the root there"
ORIGIN = [0.0, 0.0, -0.0, -0.0], [0.0, -0.0, 0.0, -0.0]
# Around 0 the gradient changes its formula.
NEAR_0 = [0.0, 1e-9, 1e-4, 0.01, -0.02, 0.15, -0.155, 0.165, 1.0]

CASES = [
    OpCase(
        "acos",
        np.arccos,
        unary(-0.95, 0.9),
        [kink([1.0, -1.0])],
        torch=lambda t: t.acos,
        complex=True,
    ),
    OpCase(
        "acosh",
        np.arccosh,
        unary(1.1, 4, special_in_torch=WRONG_BRANCH),
        [kink([1.0]), refused(sample(LEFT), torch=WRONG_BRANCH)],
        torch=lambda t: t.acosh,
        complex=True,
    ),
    OpCase(
        "asin",
        np.arcsin,
        unary(-0.95, 0.9),
        [kink([1.0, -1.0])],
        torch=lambda t: t.asin,
        complex=True,
    ),
    OpCase("asinh", np.arcsinh, unary(), [sample(LEFT)], torch=lambda t: t.asinh, complex=True),
    OpCase("atan", np.arctan, unary(), torch=lambda t: t.atan, complex=True),
    OpCase(
        "atan2",
        np.arctan2,
        binary(away=0.2, integers=False),
        [kink(*ORIGIN)],
        torch=lambda t: t.atan2,
    ),
    OpCase(
        "atanh",
        np.arctanh,
        unary(-0.95, 0.9),
        [kink([1.0, -1.0])],
        torch=lambda t: t.atanh,
        complex=True,
    ),
    OpCase("cos", np.cos, unary(-4, 4), torch=lambda t: t.cos, complex=True),
    OpCase("cosh", np.cosh, unary(), torch=lambda t: t.cosh, complex=True),
    OpCase("deg2rad", np.deg2rad, unary(-180, 180), torch=lambda t: t.deg2rad),
    OpCase("rad2deg", np.rad2deg, unary(-4, 4), torch=lambda t: t.rad2deg),
    OpCase("sin", np.sin, unary(-4, 4), torch=lambda t: t.sin, complex=True),
    OpCase("sinc", np.sinc, unary(), [sample(NEAR_0)], torch=lambda t: t.sinc, complex=True),
    OpCase("sinh", np.sinh, unary(), torch=lambda t: t.sinh, complex=True),
    OpCase("tan", np.tan, unary(-1.4, 1.4), torch=lambda t: t.tan, complex=True),
    OpCase("tanh", np.tanh, unary(), torch=lambda t: t.tanh, complex=True),
]
