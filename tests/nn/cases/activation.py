"""Activations: the cases of ``layers/activation.py``."""

from __future__ import annotations

import numpy as np

from tests.nn.layer_case import SHAPES, LayerCase

CASES = [
    LayerCase("nn.ReLU()", [*SHAPES, (np.array([-1.0, 0.0, 2.0]),)]),
    LayerCase("nn.ReLU(inplace=True)", SHAPES[:1]),
    LayerCase("nn.Sigmoid()", SHAPES),
    LayerCase("nn.Tanh()", SHAPES),
    LayerCase("nn.Softmax(dim=-1)", SHAPES[:3]),
    LayerCase("nn.Softmax(dim=0)", SHAPES[:3]),
    LayerCase("nn.LogSoftmax(dim=-1)", SHAPES[:3]),
    LayerCase("nn.LogSoftmax(1)", SHAPES[2:3]),
]
