"""Layers: modules that hold parameters and settings, and call ``functional``. One file per family."""

from __future__ import annotations

from .activation import Exp, LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from .container import Sequential
from .flatten import Flatten
from .linear import Identity, Linear
from .loss import CrossEntropyLoss

__all__ = [
    "CrossEntropyLoss",
    "Exp",
    "Flatten",
    "Identity",
    "Linear",
    "LogSoftmax",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
]
