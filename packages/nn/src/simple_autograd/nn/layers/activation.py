"""Activation layers: see ``functional/activation.py``."""

from __future__ import annotations

from typing import Any

from ... import ops
from ...types import Array
from ..functional import log_softmax, relu, sigmoid, softmax, tanh
from ..module import Module

__all__ = ["Exp", "LogSoftmax", "ReLU", "Sigmoid", "Softmax", "Tanh"]


class ReLU(Module):
    """``max(x, 0)``, elementwise. The gradient at 0 is 0.

    Parameters
    ----------
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return relu(x)

    def extra_repr(self) -> str:
        """Give the setting, if it is not the default."""
        return "inplace=True" if self.inplace else ""


class Sigmoid(Module):
    """``1 / (1 + exp(-x))``, elementwise."""

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return sigmoid(x)


class Tanh(Module):
    """Hyperbolic tangent, elementwise."""

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return tanh(x)


class Exp(Module):
    """``e`` to the power of the elements."""

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return ops.exp(x)


class Softmax(Module):
    """Exponentials divided by their sum along an axis.

    Parameters
    ----------
    dim
        The axis along which the results sum to 1.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: Array) -> Any:
        """Apply it to logits of any shape that has the axis `dim`."""
        return softmax(x, self.dim)

    def extra_repr(self) -> str:
        """Give the axis."""
        return f"dim={self.dim}"


class LogSoftmax(Module):
    """The logarithm of `Softmax`, computed without overflow or loss.

    Parameters
    ----------
    dim
        The axis along which the exponentials of the results sum to 1.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: Array) -> Any:
        """Apply it to logits of any shape that has the axis `dim`."""
        return log_softmax(x, self.dim)

    def extra_repr(self) -> str:
        """Give the axis."""
        return f"dim={self.dim}"
