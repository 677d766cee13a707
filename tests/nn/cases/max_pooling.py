"""Pooling by the largest element: the cases of ``layers/max_pooling.py``."""

from __future__ import annotations

import numpy as np

from tests.nn.layer_case import LayerCase, draw

LINES = [(draw(2, 3, 7),), (draw(3, 6),)]
IMAGES = [(draw(2, 3, 6, 5),), (draw(3, 5, 4),)]
TIES = [(np.array([[[[1.0, 1, 0, 0], [1, 1, 0, 2], [3, 1, 2, 2], [3, 3, 2, 2]]]]),)]

CASES = [
    LayerCase("nn.MaxPool1d(2)", [*LINES, (draw(0, 3, 7),)]),
    LayerCase("nn.MaxPool1d(3, stride=1, padding=1, dilation=2)", LINES),
    LayerCase("nn.MaxPool2d(2)", [*IMAGES, *TIES, (draw(0, 3, 6, 5),)]),
    LayerCase("nn.MaxPool2d(3, 2)", [*IMAGES, *TIES]),
    LayerCase("nn.MaxPool2d((3, 2), (2, 1), (1, 0), ceil_mode=True)", [*IMAGES, *TIES]),
    LayerCase("nn.MaxPool2d(3, 2, 1)", [*IMAGES, *TIES]),
    LayerCase("nn.MaxPool2d(2, 3, 1, ceil_mode=True)", [*IMAGES, *TIES]),
    LayerCase("nn.MaxPool3d(2)", [(draw(2, 2, 4, 3, 2),)]),
    LayerCase("nn.MaxPool3d((1, 2, 2), stride=1, padding=(0, 1, 1))", [(draw(2, 3, 2, 3),)]),
]
