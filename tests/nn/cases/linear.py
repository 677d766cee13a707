"""Linear maps: the cases of ``layers/linear.py``."""

from __future__ import annotations

from tests.nn.layer_case import SHAPES, LayerCase

CASES = [
    LayerCase("nn.Linear(3, 5)", SHAPES),
    LayerCase("nn.Linear(3, 5, bias=False)", SHAPES),
    LayerCase("nn.Linear(3, 1)", SHAPES),
    LayerCase("nn.Identity()", SHAPES),
    LayerCase("nn.Identity(7, unused=True)", SHAPES[:1]),
]
