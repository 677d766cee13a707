"""Activations: the cases of ``layers/activation.py``."""

from __future__ import annotations

import numpy as np

from tests.nn.layer_case import SHAPES, LayerCase, draw

CASES = [
    LayerCase("nn.ReLU()", [*SHAPES, (np.array([-1.0, 0.0, 2.0]),)]),
    LayerCase("nn.ReLU(inplace=True)", SHAPES[:1]),
    LayerCase("nn.Sigmoid()", SHAPES),
    LayerCase("nn.Tanh()", SHAPES),
    LayerCase("nn.LogSigmoid()", SHAPES),
    LayerCase("nn.GELU()", SHAPES),
    LayerCase("nn.GELU('tanh')", SHAPES),
    LayerCase("nn.SiLU()", SHAPES),
    LayerCase("nn.SiLU(inplace=True)", SHAPES[:1]),
    LayerCase("nn.Mish()", SHAPES),
    LayerCase("nn.Softplus()", [*SHAPES, (np.array([-50.0, 19.5, 20.5, 900.0]),)]),
    LayerCase("nn.Softplus(3, threshold=2)", SHAPES),
    LayerCase("nn.Softsign()", [*SHAPES, (np.array([-1.0, 0.0, 2.0]),)]),
    LayerCase("nn.Tanhshrink()", SHAPES),
    LayerCase("nn.GLU()", [(draw(3, 4),), (draw(2),), (draw(2, 0),)]),
    LayerCase("nn.GLU(dim=1)", [(draw(3, 4, 5),)]),
    LayerCase("nn.Softmin(dim=1)", SHAPES[:1]),
    LayerCase("nn.Softmax2d()", [(draw(2, 3, 2, 1),), (draw(3, 2, 2),)]),
    LayerCase("nn.Softmax(dim=-1)", SHAPES[:3]),
    LayerCase("nn.Softmax(dim=0)", SHAPES[:3]),
    LayerCase("nn.LogSoftmax(dim=-1)", SHAPES[:3]),
    LayerCase("nn.LogSoftmax(1)", SHAPES[2:3]),
]
