"""Windows as columns: the cases of ``layers/fold.py``."""

from __future__ import annotations

from tests.nn.layer_case import LayerCase, draw

CASES = [
    LayerCase("nn.Unfold(2)", [(draw(2, 3, 4, 5),), (draw(3, 4, 5),), (draw(0, 3, 4, 5),)]),
    LayerCase("nn.Unfold((2, 3), dilation=2, padding=(1, 2), stride=2)", [(draw(2, 3, 4, 5),)]),
    LayerCase("nn.Fold((4, 5), 2)", [(draw(2, 12, 12),), (draw(12, 12),)]),
    LayerCase("nn.Fold((4, 5), (2, 3), 2, (1, 2), 2)", [(draw(2, 6, 6),)]),
]
