"""The mathematics of layers and losses, as functions: named and shaped as in ``torch.nn.functional``.

They take Variables or raw arrays of one backend. Layers (``nn.Linear``, …) hold the parameters and call these.
"""

from __future__ import annotations

from .activation import log_softmax, relu, sigmoid, softmax, tanh
from .linear import linear
from .loss import cross_entropy

__all__ = [
    "cross_entropy",
    "linear",
    "log_softmax",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]
