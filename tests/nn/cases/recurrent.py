"""Recurrent layers: the cases of ``layers/recurrent.py`` and ``layers/recurrent_cells.py``."""

from __future__ import annotations

from tests.nn.layer_case import LayerCase, draw

SEQUENCES = [(draw(4, 2, 3),), (draw(4, 3),)]
WITH_STATES = (draw(4, 2, 3), draw(4, 2, 5))

CASES = [
    LayerCase("nn.RNN(3, 5)", SEQUENCES),
    LayerCase("nn.RNN(3, 5, nonlinearity='relu')", SEQUENCES),
    LayerCase("nn.RNN(3, 5, 2, 'tanh', False, bidirectional=True)", [*SEQUENCES, WITH_STATES]),
    LayerCase("nn.LSTM(3, 5)", SEQUENCES),
    LayerCase("nn.LSTM(3, 5, num_layers=2, bias=False, batch_first=True)", SEQUENCES),
    LayerCase("nn.LSTM(3, 5, bidirectional=True)", SEQUENCES),
    LayerCase("nn.LSTM(3, 5, 2, bidirectional=True, proj_size=2)", SEQUENCES[:1]),
    LayerCase("nn.GRU(3, 5)", SEQUENCES),
    LayerCase("nn.GRU(3, 5, 2, bidirectional=True)", [*SEQUENCES, WITH_STATES]),
    LayerCase("nn.GRU(3, 5, bias=False, batch_first=True)", SEQUENCES),
    LayerCase("nn.RNNCell(3, 5)", [(draw(4, 3),), (draw(3),), (draw(4, 3), draw(4, 5))]),
    LayerCase("nn.RNNCell(3, 5, bias=False, nonlinearity='relu')", [(draw(4, 3),)]),
    LayerCase("nn.LSTMCell(3, 5)", [(draw(4, 3),), (draw(3),)]),
    LayerCase("nn.GRUCell(3, 5)", [(draw(4, 3),), (draw(3),), (draw(3), draw(5))]),
    LayerCase("nn.GRUCell(3, 5, bias=False)", [(draw(4, 3),)]),
]
