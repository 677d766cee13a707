"""Cases of ``ops/convolution.py``."""

from __future__ import annotations

import numpy as np

from tests.core.op_case import Failing, OpCase, other, shapes

CASES = [
    OpCase(
        "convolve",
        np.convolve,
        shapes(
            *[
                (*lengths, {"mode": mode})
                for lengths in [
                    ((5,), (3,)),
                    ((3,), (6,)),
                    ((4,), (4,)),
                    ((1,), (3,)),
                    ((2,), (1,)),
                ]
                for mode in ("full", "same", "valid")
            ],
            ((5,), (2,)),
        ),
        [other(np.array([1, 2, 3]), np.array([2, -1]))],
        complex=True,
        errors=[
            Failing(
                (np.zeros(2), np.zeros(0)), ["convolve", "(2,)", "(0,)", "not empty"], ValueError
            ),
            Failing((np.zeros((2, 2)), np.zeros(1)), ["convolve", "(2, 2)", "vectors"], ValueError),
            Failing(
                (np.zeros(2), np.zeros(1)), ["mode 'half'", "'full'"], ValueError, {"mode": "half"}
            ),
        ],
    )
]
