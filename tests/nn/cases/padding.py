"""Padding layers: the cases of ``layers/padding.py``."""

from __future__ import annotations

from tests.nn.layer_case import LayerCase, draw

LINE = [(draw(2, 3, 5),), (draw(3, 5),)]
IMAGE = [(draw(2, 3, 4, 5),), (draw(3, 4, 5),)]
VOLUME = [(draw(2, 2, 3, 4, 3),), (draw(2, 3, 4, 3),)]

CASES = [
    LayerCase("nn.ConstantPad1d(2, 3.5)", LINE),
    LayerCase("nn.ConstantPad2d((1, -2, 0, 3), -1)", IMAGE),
    LayerCase("nn.ConstantPad3d((1, 0, 2, 1, 0, 1), 0.5)", VOLUME),
    LayerCase("nn.ZeroPad1d((2, -1))", LINE),
    LayerCase("nn.ZeroPad2d(1)", IMAGE),
    LayerCase("nn.ZeroPad3d((0, 0, 1, 1, -1, 2))", VOLUME),
    LayerCase("nn.ReflectionPad1d((3, 1))", LINE),
    LayerCase("nn.ReflectionPad2d((2, 0, -1, 3))", IMAGE),
    LayerCase("nn.ReflectionPad3d(1)", VOLUME),
    LayerCase("nn.ReplicationPad1d((7, 1))", LINE),
    LayerCase("nn.ReplicationPad2d((2, 0, -1, 3))", IMAGE),
    LayerCase("nn.ReplicationPad3d(1)", VOLUME),
    LayerCase("nn.CircularPad1d((5, 1))", LINE),
    LayerCase("nn.CircularPad2d((2, 0, -1, 3))", IMAGE),
    LayerCase("nn.CircularPad3d(1)", VOLUME),
]
