"""Containers: the cases of ``layers/container.py``."""

from __future__ import annotations

from tests.nn.layer_case import SHAPES, LayerCase, draw

CASES = [
    LayerCase("nn.Sequential()", SHAPES[:1]),
    LayerCase("nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))", SHAPES),
    LayerCase(
        "nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(6, 4), nn.Tanh()), nn.Linear(4, 2))",
        [(draw(4, 3, 2),)],
    ),
]
