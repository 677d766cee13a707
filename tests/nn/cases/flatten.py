"""Layers that only reshape: the cases of ``layers/flatten.py``."""

from __future__ import annotations

from tests.nn.layer_case import LayerCase, draw

CASES = [
    LayerCase("nn.Flatten()", [(draw(4, 3, 2),), (draw(4, 3),)]),
    LayerCase("nn.Flatten(0)", [(draw(4, 3, 2),), (draw(4),)]),
    LayerCase("nn.Flatten(start_dim=1, end_dim=2)", [(draw(4, 3, 2, 5),)]),
    LayerCase("nn.Flatten(-3, -2)", [(draw(4, 3, 2, 5),)]),
    LayerCase("nn.Unflatten(1, (2, 3))", [(draw(4, 6),), (draw(4, 6, 2),)]),
    LayerCase("nn.Unflatten(-1, (3, -1))", [(draw(4, 6),), (draw(6),)]),
]
