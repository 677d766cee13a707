"""Transformers and their layers, without dropout, whose draws differ from PyTorch's."""

from __future__ import annotations

from tests.nn.layer_case import LayerCase, draw

BATCH, SINGLE = draw(4, 3, 6), draw(4, 6)
MEMORY = draw(5, 3, 6)

CASES = [
    LayerCase("nn.TransformerEncoderLayer(6, 2, 8, 0.0)", [(BATCH,), (SINGLE,)]),
    LayerCase(
        "nn.TransformerEncoderLayer(6, 2, 8, 0.0, 'gelu', 1e-3, True, True)", [(BATCH,), (SINGLE,)]
    ),
    LayerCase("nn.TransformerEncoderLayer(6, 3, 8, 0.0, nn.Tanh(), bias=False)", [(BATCH,)]),
    LayerCase("nn.TransformerDecoderLayer(6, 2, 8, 0.0)", [(BATCH, MEMORY)]),
    LayerCase(
        "nn.TransformerDecoderLayer(6, 2, 8, 0.0, 'gelu', batch_first=True, norm_first=True)",
        [(draw(3, 4, 6), draw(3, 5, 6)), (draw(4, 6), draw(5, 6))],
    ),
    LayerCase(
        "nn.TransformerEncoder(nn.TransformerEncoderLayer(6, 2, 8, 0.0), 2, nn.LayerNorm(6), False)",
        [(BATCH,)],
    ),
    LayerCase(
        "nn.TransformerDecoder(nn.TransformerDecoderLayer(6, 2, 8, 0.0), 2)", [(BATCH, MEMORY)]
    ),
    LayerCase(
        "nn.Transformer(6, 2, 1, 1, 8, 0.0, batch_first=True)", [(draw(3, 4, 6), draw(3, 5, 6))]
    ),
]
