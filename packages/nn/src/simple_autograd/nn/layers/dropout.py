"""Dropout layers: see ``functional/dropout.py``. Evaluated, all of them give back what they get."""

from __future__ import annotations

from typing import Any

from ...types import Array
from ..functional import (
    alpha_dropout,
    dropout,
    dropout1d,
    dropout2d,
    dropout3d,
    feature_alpha_dropout,
)
from ..functional.dropout import check_probability
from ..module import Module

__all__ = [
    "AlphaDropout",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "FeatureAlphaDropout",
]


class _Dropout(Module):
    """What the layers share: a probability, and a setting without effect."""

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        check_probability(type(self).__name__, p)
        self.p = p
        self.inplace = inplace

    def extra_repr(self) -> str:
        """Give the settings."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
    """Zero every element with probability `p` while training, and divide the others by ``1 - p``.

    Parameters
    ----------
    p
        The probability, in [0, 1].
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return dropout(x, self.p, self.training)


class Dropout1d(_Dropout):
    """Zero every channel of (N, C, L) or (C, L) with probability `p` while training (see `Dropout`)."""

    def forward(self, x: Array) -> Any:
        """Apply it to (N, C, L) or (C, L)."""
        return dropout1d(x, self.p, self.training)


class Dropout2d(_Dropout):
    """Zero every channel of (N, C, H, W) with probability `p` while training (see `Dropout`)."""

    def forward(self, x: Array) -> Any:
        """Apply it to (N, C, H, W), or (N, C, L)."""
        return dropout2d(x, self.p, self.training)


class Dropout3d(_Dropout):
    """Zero every channel of (N, C, D, H, W) with probability `p` while training (see `Dropout`)."""

    def forward(self, x: Array) -> Any:
        """Apply it to (N, C, D, H, W), or (N, C, H, W)."""
        return dropout3d(x, self.p, self.training)


class AlphaDropout(_Dropout):
    """Set every element with probability `p` to where SELU saturates while training; mean 0 and variance 1 stay."""

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return alpha_dropout(x, self.p, self.training)


class FeatureAlphaDropout(_Dropout):
    """Do with every channel of (N, C, ...) what `AlphaDropout` does with elements."""

    def forward(self, x: Array) -> Any:
        """Apply it to (N, C, ...)."""
        return feature_alpha_dropout(x, self.p, self.training)
