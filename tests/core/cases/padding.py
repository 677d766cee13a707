"""Cases of ``ops/padding.py``."""

from __future__ import annotations

import numpy as np

import simple_autograd as sa
from tests.core.op_case import Failing, OpCase, other, shapes

MODES = ("edge", "reflect", "symmetric", "wrap")
INTEGERS = np.arange(6, dtype=np.int32).reshape(2, 3)

CASES = [
    OpCase(
        "pad",
        lambda x, pad_width, **options: np.pad(x, pad_width, **options),
        shapes(
            ((2, 3), {"pad_width": 2}),
            ((2, 3), {"pad_width": (1, 2)}),
            ((2, 3), {"pad_width": ((1, 0), (0, 2)), "constant_values": 1.5}),
            ((2, 3), {"pad_width": [[1], [2]]}),
            ((2, 3), {"pad_width": 1, "constant_values": (3, 4)}),
            ((2, 3), {"pad_width": ((1, 2), (2, 0)), "constant_values": ((1, 2), (3, 4))}),
            ((2, 3, 2), {"pad_width": 1, "constant_values": ((1,), (2,), (3,))}),
            ((0, 2), {"pad_width": 1}),
            ((), {"pad_width": 1}),
            *[
                ((2, 3), {"pad_width": width, "mode": mode})
                for mode in MODES
                for width in (0, 1, 2)
            ],
            *[((2, 3), {"pad_width": ((7, 0), (3, 8)), "mode": mode}) for mode in MODES],
            *[((1, 4), {"pad_width": 3, "mode": mode}) for mode in MODES],
            *[((0, 4), {"pad_width": ((0, 0), (1, 1)), "mode": mode}) for mode in MODES],
        ),
        [
            other(INTEGERS, pad_width=1, constant_values=7),
            other(INTEGERS, pad_width=1, mode="edge"),
        ],
        function=lambda x, pad_width, **options: sa.pad(x, pad_width, **options),
        complex=True,
        errors=[
            Failing((np.zeros(3),), ["pad", "negative"], ValueError, {"pad_width": -1}),
            Failing(
                (np.zeros((2, 3)),),
                ["pad: pad_width", "2 axes"],
                ValueError,
                {"pad_width": ((1, 1),) * 3},
            ),
            Failing(
                (np.zeros(3),),
                ["pad: mode 'maximum'", "'constant', 'edge', 'reflect'"],
                ValueError,
                {"pad_width": 1, "mode": "maximum"},
            ),
            Failing(
                (np.zeros((0, 2)),),
                ["pad: axis 0 has no elements", "'edge'"],
                ValueError,
                {"pad_width": 1, "mode": "edge"},
            ),
        ],
    )
]
