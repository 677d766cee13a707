"""Activations put together of pieces: the cases of ``layers/rectifiers.py``, kinks among the inputs."""

from __future__ import annotations

import numpy as np

from tests.nn.layer_case import SHAPES, LayerCase, draw

KINKS = np.array([-6.0, -3.0, -1.0, -0.5, -0.3, 0.3, 0.5, 1.0, 2.0, 3.0, 6.0, 7.5])
CALLS = [*SHAPES, (KINKS,)]
# At 0 PyTorch takes the first order from one piece and the second from the other.
ZEROS = [(np.array([-0.0, 0.0]),)]

CASES = [
    LayerCase("nn.LeakyReLU()", CALLS + ZEROS),
    LayerCase("nn.LeakyReLU(0.3, inplace=True)", CALLS + ZEROS),
    LayerCase("nn.PReLU()", CALLS),
    LayerCase("nn.PReLU(init=0.3)", ZEROS, order=1),
    LayerCase("nn.PReLU(3, init=0.1)", [(draw(4, 3),), (draw(2, 3, 4),), (draw(2, 3, 2, 2),)]),
    LayerCase("nn.RReLU(0.2, 0.4, inplace=True).eval()", CALLS + ZEROS),
    LayerCase("nn.ELU()", CALLS),
    LayerCase("nn.ELU(0.7)", CALLS),
    LayerCase("nn.ELU(0.6)", ZEROS, order=1),
    LayerCase("nn.CELU()", CALLS),
    LayerCase("nn.CELU(2.5, inplace=True)", CALLS),
    LayerCase("nn.CELU(0.5)", ZEROS, order=1),
    LayerCase("nn.SELU()", CALLS),
    LayerCase("nn.SELU(inplace=True)", ZEROS, order=1),
    LayerCase("nn.Threshold(0.3, 20.0)", CALLS),
    LayerCase("nn.Threshold(-0.5, 0.1, True)", CALLS),
    LayerCase("nn.Hardtanh()", CALLS),
    LayerCase("nn.Hardtanh(-0.3, 0.5, True)", CALLS),
    LayerCase("nn.ReLU6()", CALLS + ZEROS),
    LayerCase("nn.Hardswish(inplace=True)", CALLS),
    LayerCase("nn.Hardshrink()", CALLS + ZEROS),
    LayerCase("nn.Hardshrink(0.3)", CALLS),
    LayerCase("nn.Softshrink()", CALLS + ZEROS),
    LayerCase("nn.Softshrink(0.3)", CALLS),
]
