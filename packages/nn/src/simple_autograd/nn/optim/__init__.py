"""Optimizers: they update parameters in place by their gradients. Named and defaulted as in ``torch.optim``."""

from __future__ import annotations

from .adam import Adam
from .optimizer import Optimizer
from .sgd import SGD

__all__ = ["SGD", "Adam", "Optimizer"]
