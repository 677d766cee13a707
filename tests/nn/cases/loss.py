"""Losses: the cases of ``layers/loss.py``."""

from __future__ import annotations

import numpy as np

from tests.nn.layer_case import LayerCase, classes, distributions, draw

LOGITS = [
    (draw(6, 4), classes(4, 6)),
    (draw(4), np.array(3)),  # not one whose weight is 0, which would leave nothing to average
    (draw(2, 4, 3, 2), classes(4, 2, 3, 2)),
]
PROBABILITIES = [
    (draw(6, 4), distributions(6, 4)),
    (draw(4), distributions(4)),
    (draw(2, 4, 3), distributions(2, 4, 3)),
]
IGNORED = [
    (draw(6, 4), np.array([0, -100, 3, 1, -100, 2])),
    (draw(2, 4, 3), np.array([[1, -100, 2], [3, 0, -100]])),
]
WEIGHT = {"weight": np.array([0.5, 2.0, 0.0, 1.5])}

CASES = []
for reduction in ("mean", "sum", "none"):
    reduced = f"reduction={reduction!r}"
    CASES += [
        LayerCase(f"nn.CrossEntropyLoss({reduced})", [*LOGITS, *PROBABILITIES, *IGNORED]),
        LayerCase(
            f"nn.CrossEntropyLoss(weight, {reduced})", [*LOGITS, *PROBABILITIES, *IGNORED], WEIGHT
        ),
        LayerCase(
            f"nn.CrossEntropyLoss({reduced}, label_smoothing=0.2)",
            [*LOGITS, *PROBABILITIES, *IGNORED],
        ),
        LayerCase(
            f"nn.CrossEntropyLoss(weight, {reduced}, label_smoothing=1.0)",
            [*LOGITS, *PROBABILITIES, *IGNORED],
            WEIGHT,
        ),
        LayerCase(
            f"nn.CrossEntropyLoss(weight, ignore_index=2, {reduced}, label_smoothing=0.1)",
            LOGITS,
            WEIGHT,
        ),
        LayerCase(f"nn.CrossEntropyLoss(ignore_index=1, {reduced})", LOGITS),
    ]
    CASES += [
        LayerCase(f"nn.NLLLoss({reduced})", LOGITS + IGNORED),
        LayerCase(f"nn.NLLLoss(weight, {reduced})", LOGITS + IGNORED, WEIGHT),
        LayerCase(f"nn.NLLLoss(weight, ignore_index=2, {reduced})", LOGITS, WEIGHT),
    ]
