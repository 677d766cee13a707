"""Dropout: the cases of ``layers/dropout.py`` without chance in them."""

from __future__ import annotations

from tests.nn.layer_case import SHAPES, LayerCase, draw

CASES = [
    LayerCase("nn.Dropout(0.0)", SHAPES),
    LayerCase("nn.Dropout(1.0)", SHAPES),
    LayerCase("nn.Dropout(0.3, inplace=True).eval()", SHAPES),
    LayerCase("nn.Dropout().eval()", SHAPES),
    LayerCase("nn.Dropout1d(1.0)", [(draw(2, 3, 4),), (draw(3, 4),)]),
    LayerCase("nn.Dropout2d(1.0)", [(draw(2, 3, 4, 2),)]),
    LayerCase("nn.Dropout3d(0.0)", [(draw(2, 3, 4, 2, 1),)]),
    LayerCase("nn.AlphaDropout(1.0)", SHAPES),
    LayerCase("nn.AlphaDropout(0.2).eval()", SHAPES),
    LayerCase("nn.FeatureAlphaDropout(0.2).eval()", [(draw(2, 3, 4, 2),)]),
]
