"""Distances: the cases of ``layers/distance.py``."""

from __future__ import annotations

import numpy as np

from tests.nn.layer_case import LayerCase, draw

PAIRS = [(draw(4, 3), draw(4, 3)), (draw(4, 3), draw(1, 3))]
ZEROS = [(np.array([[0.0, 0.0], [1e-9, 0.0]]), draw(2, 2))]

CASES = [
    LayerCase("nn.CosineSimilarity()", PAIRS),
    LayerCase("nn.CosineSimilarity()", ZEROS, order=1),
    LayerCase("nn.CosineSimilarity(dim=0, eps=0.5)", [*PAIRS, (draw(3), draw(3))]),
    LayerCase("nn.CosineSimilarity(-2, 10.0)", PAIRS),
    LayerCase("nn.PairwiseDistance()", [*PAIRS, (draw(3), draw(3))]),
    LayerCase("nn.PairwiseDistance(1.0, keepdim=True)", PAIRS),
    LayerCase("nn.PairwiseDistance(p=3.5, eps=0.1)", PAIRS),
]
