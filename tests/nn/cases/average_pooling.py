"""Pooling by averages and norms: the cases of ``layers/average_pooling.py``."""

from __future__ import annotations

import numpy as np

from tests.nn.layer_case import LayerCase, draw

LINES = [(draw(2, 3, 7),), (draw(3, 6),)]
IMAGES = [(draw(2, 3, 6, 5),), (draw(3, 5, 4),)]
POSITIVE = [(np.abs(draw(2, 3, 6, 5)) + 0.1,), (np.abs(draw(3, 5, 4)) + 0.1,)]

CASES = [
    LayerCase("nn.AvgPool1d(2)", [*LINES, (draw(0, 3, 7),)]),
    LayerCase("nn.AvgPool1d(3, 2, 1, ceil_mode=True, count_include_pad=False)", LINES),
    LayerCase("nn.AvgPool2d(2)", [*IMAGES, (draw(0, 3, 6, 5),)]),
    LayerCase("nn.AvgPool2d(3, 2, 1)", IMAGES),
    LayerCase("nn.AvgPool2d((3, 2), (2, 1), (1, 0), ceil_mode=True)", IMAGES),
    LayerCase("nn.AvgPool2d(3, 2, 1, count_include_pad=False)", IMAGES),
    LayerCase("nn.AvgPool2d(2, 3, 1, ceil_mode=True)", IMAGES),
    LayerCase("nn.AvgPool2d(2, divisor_override=3)", IMAGES),
    LayerCase("nn.AvgPool3d(2, stride=1)", [(draw(2, 2, 4, 3, 2),)]),
    LayerCase("nn.LPPool1d(2, 3)", [(draw(2, 3, 7),)]),
    LayerCase("nn.LPPool2d(2, 2)", IMAGES),
    LayerCase("nn.LPPool2d(3, 3, 2, ceil_mode=True)", POSITIVE),
    LayerCase("nn.LPPool2d(1, (2, 3), stride=1)", POSITIVE),
    LayerCase("nn.LPPool3d(2.5, 2)", [(np.abs(draw(2, 2, 4, 3, 2)) + 0.1,)]),
]
