"""Activation layers: see ``functional/activation.py``."""

from __future__ import annotations

from typing import Any

from ... import ops
from ...types import Array
from ..functional import (
    gelu,
    glu,
    log_softmax,
    logsigmoid,
    mish,
    relu,
    sigmoid,
    silu,
    softmax,
    softmin,
    softplus,
    softsign,
    tanh,
    tanhshrink,
)
from ..functional.arguments import describe
from ..module import Module

__all__ = [
    "GELU",
    "GLU",
    "Exp",
    "LogSigmoid",
    "LogSoftmax",
    "Mish",
    "ReLU",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softmax2d",
    "Softmin",
    "Softplus",
    "Softsign",
    "Tanh",
    "Tanhshrink",
]


class InPlace(Module):
    """What layers share that PyTorch can let work in place: a setting without effect, and how it prints."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def _with_inplace(self, text: str) -> str:
        return f"{text}, inplace=True" if self.inplace else text

    def extra_repr(self) -> str:
        """Give the setting, if it is not the default."""
        return "inplace=True" if self.inplace else ""


class ReLU(InPlace):
    """``max(x, 0)``, elementwise. The gradient at 0 is 0.

    Parameters
    ----------
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return relu(x)


class SiLU(InPlace):
    """``x * sigmoid(x)``, elementwise.

    Parameters
    ----------
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return silu(x)


class Mish(InPlace):
    """``x * tanh(softplus(x))``, elementwise.

    Parameters
    ----------
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return mish(x)


class GELU(Module):
    """The Gaussian error linear unit: `x` times the normal distribution's area up to `x`.

    Parameters
    ----------
    approximate
        ``"none"``, or ``"tanh"`` for a formula with the hyperbolic tangent.
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return gelu(x, self.approximate)

    def extra_repr(self) -> str:
        """Give the setting."""
        return f"approximate={self.approximate!r}"


class Softplus(Module):
    """``log(1 + exp(beta * x)) / beta``, elementwise: `ReLU` with a rounded corner.

    Parameters
    ----------
    beta
        The larger, the sharper the corner.
    threshold
        Where ``beta * x`` is larger, the result is `x` itself.
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return softplus(x, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """Give the settings."""
        return f"beta={self.beta}, threshold={self.threshold}"


class LogSigmoid(Module):
    """The logarithm of `Sigmoid`, accurate where that is 0 or 1."""

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return logsigmoid(x)


class Softsign(Module):
    """``x / (1 + abs(x))``, elementwise."""

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return softsign(x)


class Tanhshrink(Module):
    """``x - tanh(x)``, elementwise."""

    def forward(self, x: Array) -> Any:
        """Apply it to any shape."""
        return tanhshrink(x)


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


class _AlongAxis(Module):
    """What layers share that work along an axis."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def extra_repr(self) -> str:
        """Give the axis."""
        return f"dim={self.dim}"


class Softmax(_AlongAxis):
    """Exponentials divided by their sum along an axis.

    Parameters
    ----------
    dim
        The axis along which the results sum to 1.
    """

    def forward(self, x: Array) -> Any:
        """Apply it to logits of any shape that has the axis `dim`."""
        return softmax(x, self.dim)


class Softmin(_AlongAxis):
    """`Softmax` of ``-x``.

    Parameters
    ----------
    dim
        The axis along which the results sum to 1.
    """

    def forward(self, x: Array) -> Any:
        """Apply it to any shape that has the axis `dim`."""
        return softmin(x, self.dim)


class LogSoftmax(_AlongAxis):
    """The logarithm of `Softmax`, computed without overflow or loss.

    Parameters
    ----------
    dim
        The axis along which the exponentials of the results sum to 1.
    """

    def forward(self, x: Array) -> Any:
        """Apply it to logits of any shape that has the axis `dim`."""
        return log_softmax(x, self.dim)


class Softmax2d(Module):
    """`Softmax` over the channels at every place of an image."""

    def forward(self, x: Array) -> Any:
        """Apply it to (N, C, H, W) or (C, H, W)."""
        if len(x.shape) not in (3, 4):
            raise ValueError(
                f"Softmax2d: x is a {describe(x)}; needed is (N, C, H, W) or (C, H, W)."
            )
        return softmax(x, -3)


class GLU(_AlongAxis):
    """The gated linear unit: the first half along an axis times the sigmoid of the second.

    Parameters
    ----------
    dim
        The axis to halve.
    """

    def __init__(self, dim: int = -1) -> None:
        super().__init__(dim)

    def forward(self, x: Array) -> Any:
        """Halve the length of the axis `dim`."""
        return glu(x, self.dim)
