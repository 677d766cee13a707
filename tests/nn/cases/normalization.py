"""Normalization of single samples: the cases of ``layers/normalization.py``."""

from __future__ import annotations

from tests.nn.layer_case import SHAPES, LayerCase, draw

CHANNELS = [(draw(3, 4),), (draw(3, 4, 5),), (draw(2, 4, 2, 3),)]

CASES = [
    LayerCase("nn.LayerNorm(3)", SHAPES),
    LayerCase("nn.LayerNorm((5, 3), 0.1)", [(draw(2, 5, 3),), (draw(5, 3),)]),
    LayerCase("nn.LayerNorm(3, elementwise_affine=False)", SHAPES),
    LayerCase("nn.LayerNorm([3], bias=False)", SHAPES),
    LayerCase("nn.RMSNorm(3)", SHAPES),
    LayerCase("nn.RMSNorm([5, 3], eps=0.1, elementwise_affine=False)", [(draw(2, 5, 3),)]),
    LayerCase("nn.GroupNorm(2, 4)", CHANNELS),
    LayerCase("nn.GroupNorm(1, 4, 0.1)", CHANNELS),
    LayerCase("nn.GroupNorm(4, 4, affine=False)", CHANNELS[1:]),
    LayerCase("nn.GroupNorm(2, 4, bias=False)", CHANNELS),
    LayerCase("nn.LocalResponseNorm(2)", CHANNELS[1:]),
    LayerCase("nn.LocalResponseNorm(3, 0.5, 0.6, 0.7)", CHANNELS[1:]),
]
