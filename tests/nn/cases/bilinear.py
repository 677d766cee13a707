"""Bilinear maps: the cases of ``layers/bilinear.py``."""

from __future__ import annotations

from tests.nn.layer_case import LayerCase, draw

CASES = [
    LayerCase(
        "nn.Bilinear(3, 2, 4)",
        [(draw(5, 3), draw(5, 2)), (draw(2, 5, 3), draw(2, 5, 2)), (draw(3), draw(2))],
    ),
    LayerCase("nn.Bilinear(3, 2, 4, bias=False)", [(draw(5, 3), draw(5, 2))]),
]
