"""Embeddings: the cases of ``layers/embedding.py``."""

from __future__ import annotations

import numpy as np

from tests.nn.layer_case import LayerCase, classes, draw

NUMBERS = [(classes(5, 4),), (classes(5, 2, 3),), (np.array([1, 1, 4, 1]),), (np.array(3),)]
LONG, OFFSETS = classes(5, 7), np.array([0, 2, 2, 6])
BAGS = [(classes(5, 3, 4),), (np.array([[1, 4, 4, 4]]),), (LONG, OFFSETS)]

CASES = [
    LayerCase("nn.Embedding(5, 3)", NUMBERS),
    LayerCase("nn.Embedding(5, 3, padding_idx=1)", NUMBERS),
    # PyTorch's second order forgets the frequencies.
    LayerCase("nn.Embedding(5, 3, -1, scale_grad_by_freq=True)", NUMBERS, order=1),
    *[
        LayerCase(f"nn.EmbeddingBag(5, 3, mode={mode!r}{settings})", BAGS, order=1)
        for mode in ("sum", "mean", "max")
        for settings in ("", ", padding_idx=4")
    ],
    LayerCase("nn.EmbeddingBag(5, 3)", BAGS[:1], order=1),
    LayerCase("nn.EmbeddingBag(5, 3, mode='sum')", [(LONG, OFFSETS, draw(7))], order=1),
    # Of several bags, PyTorch's gradient takes the frequencies of other rows.
    LayerCase("nn.EmbeddingBag(5, 3, scale_grad_by_freq=True, mode='sum')", BAGS[1:2], order=1),
    LayerCase(
        "nn.EmbeddingBag(5, 3, include_last_offset=True)",
        [(LONG, np.array([0, 2, 2, 7]))],
        order=1,
    ),
]
