"""Attention: the cases of ``layers/attention.py``."""

from __future__ import annotations

import numpy as np

from tests.nn.layer_case import LayerCase, draw

SEQUENCES = (draw(4, 3, 6), draw(5, 3, 6), draw(5, 3, 6))
SINGLE = (draw(4, 6), draw(5, 6), draw(5, 6))
PADDING = np.array([[False, False, True, False, True]] * 2 + [[False] * 5])

CASES = [
    LayerCase("nn.MultiheadAttention(6, 2)", [SEQUENCES, SINGLE, (*SEQUENCES, PADDING)]),
    LayerCase("nn.MultiheadAttention(6, 3, bias=False)", [SEQUENCES]),
    LayerCase(
        "nn.MultiheadAttention(6, 2, kdim=4, vdim=5)",
        [(draw(4, 3, 6), draw(5, 3, 4), draw(5, 3, 5))],
    ),
    LayerCase("nn.MultiheadAttention(6, 2, add_bias_kv=True)", [SEQUENCES, (*SEQUENCES, PADDING)]),
    LayerCase("nn.MultiheadAttention(6, 1, add_zero_attn=True)", [SEQUENCES]),
    LayerCase(
        "nn.MultiheadAttention(6, 2, batch_first=True)",
        [(draw(3, 4, 6), draw(3, 5, 6), draw(3, 5, 6))],
    ),
]
