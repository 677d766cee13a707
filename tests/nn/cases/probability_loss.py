"""Losses of probabilities: the cases of ``layers/probability_loss.py``."""

from __future__ import annotations

import numpy as np

from tests.nn.layer_case import RNG, LayerCase, distributions, draw

BINARY = [
    (RNG.uniform(0.05, 0.95, shape), RNG.random(shape)) for shape in ((4, 3), (3,), (2, 4, 3))
]
BINARY += [(np.array(0.3), np.array(0.9))]
LOGITS = [(np.asarray(draw(*x.shape) * 3), target) for x, target in BINARY]
LOGITS += [(np.array([-800.0, 800.0, 0.0]), np.array([0.0, 0.5, 1.0]))]
LOGS = [(np.log(distributions(4, 3)), distributions(4, 3)), (draw(3), distributions(3))]
WEIGHT = {"weight": np.array([0.5, 2.0, 0.0])}
BOTH = {**WEIGHT, "positive": np.array([3.0, 1.0, 0.2])}

CASES = []
for reduction in ("mean", "sum", "none"):
    reduced = f"reduction={reduction!r}"
    CASES += [
        LayerCase(f"nn.BCELoss({reduced})", BINARY),
        LayerCase(f"nn.BCELoss(weight, {reduced})", BINARY[:3], WEIGHT),
        LayerCase(f"nn.BCEWithLogitsLoss({reduced})", LOGITS),
        LayerCase(
            f"nn.BCEWithLogitsLoss(weight, {reduced}, pos_weight=positive)",
            [*LOGITS[:3], *LOGITS[-1:]],
            BOTH,
        ),
    ]
for reduction in ("batchmean", "sum", "none"):
    reduced = f"reduction={reduction!r}"
    CASES += [
        LayerCase(f"nn.KLDivLoss({reduced})", LOGS),
        LayerCase(f"nn.KLDivLoss({reduced}, log_target=True)", [(draw(4, 3), draw(4, 3))]),
    ]
