"""Losses with margins: the cases of ``layers/margin_loss.py``."""

from __future__ import annotations

import numpy as np

from tests.nn.layer_case import RNG, LayerCase, classes, draw


def signs(*shape: int) -> np.ndarray:
    """Draw 1 and -1, as integers, to which nobody wants a gradient."""
    return np.asarray(RNG.choice([-1, 1], shape))


VECTORS = [(draw(6, 3), draw(6, 3), signs(6)), (draw(3), draw(3), signs())]
SCORES = [(draw(6), draw(6), signs(6)), (draw(3, 2), draw(3, 2), signs(3, 2))]
DISTANCES = [(draw(6, 2), signs(6, 2)), (draw(6), signs(6))]
CLASSES = [(draw(6, 4), classes(4, 6)), (draw(4), np.array(2))]
LABELS = [
    (draw(3, 4), np.array([[3, 0, -1, 1], [-1, 2, 2, 2], [1, 3, 2, 0]])),
    (draw(4), np.array([1, -1, 3, 0])),
]
APPLY = [(draw(6, 4), classes(2, 6, 4)), (draw(4), classes(2, 4))]
TRIPLETS = [(draw(6, 3), draw(6, 3), draw(6, 3)), (draw(3), draw(3), draw(3))]
WEIGHT = {"weight": np.array([0.5, 2.0, 0.0, 1.5])}

CASES = []
for reduction in ("mean", "sum", "none"):
    reduced = f"reduction={reduction!r}"
    CASES += [
        LayerCase(f"nn.CosineEmbeddingLoss({reduced})", VECTORS),
        LayerCase(f"nn.CosineEmbeddingLoss(-0.3, {reduced})", VECTORS),
        LayerCase(f"nn.MarginRankingLoss({reduced})", SCORES),
        LayerCase(f"nn.MarginRankingLoss(0.7, {reduced})", SCORES),
        LayerCase(f"nn.HingeEmbeddingLoss({reduced})", DISTANCES),
        LayerCase(f"nn.HingeEmbeddingLoss(0.3, {reduced})", DISTANCES),
        LayerCase(f"nn.SoftMarginLoss({reduced})", DISTANCES),
        LayerCase(f"nn.MultiMarginLoss({reduced})", CLASSES, order=1),
        LayerCase(f"nn.MultiMarginLoss(2, 0.5, weight, {reduced})", CLASSES, WEIGHT, order=1),
        LayerCase(f"nn.MultiLabelMarginLoss({reduced})", LABELS, order=1),
        LayerCase(f"nn.MultiLabelSoftMarginLoss({reduced})", APPLY),
        LayerCase(f"nn.MultiLabelSoftMarginLoss(weight, {reduced})", APPLY, WEIGHT),
        LayerCase(f"nn.TripletMarginLoss({reduced})", TRIPLETS),
        LayerCase(f"nn.TripletMarginLoss(0.5, 1.0, 1e-3, True, {reduced})", TRIPLETS),
        LayerCase(f"nn.TripletMarginWithDistanceLoss({reduced})", TRIPLETS),
        LayerCase(f"nn.TripletMarginWithDistanceLoss(margin=2.0, swap=True, {reduced})", TRIPLETS),
    ]
