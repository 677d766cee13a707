"""Losses of numbers against numbers: the cases of ``layers/regression_loss.py``."""

from __future__ import annotations

import numpy as np

from tests.nn.layer_case import LayerCase, draw

PAIRS = [(draw(4, 3), draw(4, 3)), (draw(3), draw(3)), (np.array(1.5), np.array(-0.2))]
KINKS = [(np.array([0.0, 1.0, -1.0, 2.5, -0.5]), np.array([0.0, 0.0, 0.0, 2.0, 0.0]))]
POSITIVE = [(np.abs(draw(4, 3)), np.abs(draw(4, 3)) * 3)]
NORMAL = [(draw(4, 3), draw(4, 3), np.abs(draw(*shape))) for shape in ((4, 3), (4, 1), (4,))]
NORMAL += [(draw(3), draw(3), np.array([0.5, 1e-9, 0.0]))]

CASES = []
for reduction in ("mean", "sum", "none"):
    reduced = f"reduction={reduction!r}"
    CASES += [
        LayerCase(f"nn.MSELoss({reduced})", PAIRS),
        LayerCase(f"nn.L1Loss({reduced})", PAIRS + KINKS),
        LayerCase(f"nn.SmoothL1Loss({reduced})", PAIRS),
        LayerCase(f"nn.SmoothL1Loss({reduced}, beta=0.5)", PAIRS),
        LayerCase(f"nn.SmoothL1Loss({reduced}, beta=1.0)", KINKS, order=1),
        LayerCase(f"nn.SmoothL1Loss({reduced}, beta=0)", PAIRS),
        LayerCase(f"nn.HuberLoss({reduced})", PAIRS),
        LayerCase(f"nn.HuberLoss({reduction!r}, 0.5)", PAIRS),
        LayerCase(f"nn.HuberLoss({reduction!r}, 1.0)", KINKS, order=1),
        LayerCase(f"nn.PoissonNLLLoss({reduced})", PAIRS),
        LayerCase(f"nn.PoissonNLLLoss(False, {reduced})", POSITIVE),
        LayerCase(f"nn.GaussianNLLLoss({reduced})", NORMAL[:3]),
        LayerCase(f"nn.GaussianNLLLoss(full=True, eps=1e-2, {reduced})", NORMAL),
    ]
