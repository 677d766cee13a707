"""Transposed convolutions: the cases of ``layers/transposed_convolution.py``."""

from __future__ import annotations

from tests.nn.layer_case import LayerCase, draw

LINES = [(draw(2, 4, 5),), (draw(4, 3),)]
IMAGES = [(draw(2, 4, 3, 4),), (draw(4, 3, 4),)]

CASES = [
    LayerCase("nn.ConvTranspose1d(4, 3, 3)", [*LINES, (draw(0, 4, 5),)]),
    LayerCase("nn.ConvTranspose1d(4, 6, 2, 3, 1, 2, groups=2)", LINES),
    LayerCase("nn.ConvTranspose2d(4, 3, 3)", IMAGES),
    LayerCase("nn.ConvTranspose2d(4, 3, 2, stride=2, bias=False)", IMAGES),
    LayerCase("nn.ConvTranspose2d(4, 6, (3, 2), (2, 1), (1, 0), (1, 0), 2)", IMAGES),
    LayerCase("nn.ConvTranspose2d(4, 2, 2, output_padding=1, dilation=2)", IMAGES),
    LayerCase("nn.ConvTranspose3d(2, 3, 2, stride=2, padding=1)", [(draw(1, 2, 2, 3, 2),)]),
]
