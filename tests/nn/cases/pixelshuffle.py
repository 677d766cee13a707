"""Shuffles: the cases of ``layers/pixelshuffle.py``."""

from __future__ import annotations

from tests.nn.layer_case import LayerCase, draw

CASES = [
    LayerCase(
        "nn.PixelShuffle(2)", [(draw(2, 8, 3, 2),), (draw(4, 1, 2),), (draw(2, 1, 4, 2, 2),)]
    ),
    LayerCase("nn.PixelUnshuffle(3)", [(draw(2, 2, 3, 6),), (draw(1, 3, 3),)]),
    LayerCase("nn.ChannelShuffle(2)", [(draw(2, 6, 2, 2),), (draw(1, 4, 3),)], order=1),
]
