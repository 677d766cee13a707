"""Convolutions: the cases of ``layers/convolution.py``."""

from __future__ import annotations

from tests.nn.layer_case import LayerCase, draw

LINES = [(draw(2, 4, 7),), (draw(4, 6),)]
IMAGES = [(draw(2, 4, 5, 6),), (draw(4, 5, 6),)]
VOLUMES = [(draw(2, 2, 3, 4, 4),)]

CASES = [
    LayerCase("nn.Conv1d(4, 3, 3)", [*LINES, (draw(0, 4, 7),)]),
    LayerCase("nn.Conv1d(4, 6, 2, stride=2, padding=1, dilation=2, groups=2)", LINES),
    LayerCase("nn.Conv2d(4, 3, 3)", [*IMAGES, (draw(0, 4, 5, 6),)]),
    LayerCase("nn.Conv2d(4, 3, 1, bias=False)", IMAGES),
    LayerCase("nn.Conv2d(4, 6, (3, 2), (2, 1), (1, 0), (1, 2), 2)", IMAGES),
    LayerCase("nn.Conv2d(4, 4, 3, stride=2, padding=1, groups=4)", IMAGES),
    LayerCase("nn.Conv2d(4, 3, 3, padding='same', dilation=2)", IMAGES),
    LayerCase("nn.Conv2d(4, 3, 3, padding='valid')", IMAGES[:1]),
    LayerCase("nn.Conv2d(4, 3, 3, padding=1, padding_mode='reflect')", IMAGES),
    LayerCase("nn.Conv2d(4, 3, 3, padding=(2, 1), padding_mode='replicate')", IMAGES[:1]),
    LayerCase("nn.Conv2d(4, 3, 4, padding='same', padding_mode='circular')", IMAGES[:1]),
    LayerCase("nn.Conv3d(2, 3, 2)", [*VOLUMES, (draw(2, 3, 3, 3),)]),
    LayerCase("nn.Conv3d(2, 2, (2, 3, 1), stride=(1, 2, 1), padding=1, groups=2)", VOLUMES),
]
