"""Activations: elementwise functions, and softmax over an axis.

The operations and their gradients are core's (``simple_autograd.ops.activation``); this file gives them PyTorch's
arguments. ``layers/activation.py`` has the layers.
"""

from __future__ import annotations

from typing import Any

from ... import ops
from ...types import Array, DType
from .arguments import backend_of_argument

__all__ = ["log_softmax", "relu", "sigmoid", "softmax", "tanh"]


def relu(x: Array, inplace: bool = False) -> Any:
    """``max(x, 0)``, elementwise. The gradient at 0 is 0.

    Parameters
    ----------
    x
        Real, any shape.
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """
    return ops.relu(x)


def sigmoid(x: Array) -> Any:
    """``1 / (1 + exp(-x))``, elementwise, without overflow."""
    return ops.sigmoid(x)


def tanh(x: Array) -> Any:
    """Hyperbolic tangent, elementwise."""
    return ops.tanh(x)


def softmax(x: Array, dim: int, dtype: DType | None = None) -> Any:
    """Exponentials divided by their sum along an axis.

    Parameters
    ----------
    x
        Logits, real, any shape.
    dim
        The axis along which the results sum to 1.
    dtype
        The data type to compute in; by default that of `x`.

    Raises
    ------
    ValueError
        If `dim` is no axis of `x`.
    """
    return ops.softmax(_cast("softmax", x, dim, dtype), axis=dim)


def log_softmax(x: Array, dim: int, dtype: DType | None = None) -> Any:
    """The logarithm of `softmax`, computed without overflow or loss.

    Parameters
    ----------
    x
        Logits, real, any shape.
    dim
        The axis along which the exponentials of the results sum to 1.
    dtype
        The data type to compute in; by default that of `x`.

    Raises
    ------
    ValueError
        If `dim` is no axis of `x`.
    """
    return ops.log_softmax(_cast("log_softmax", x, dim, dtype), axis=dim)


def _cast(function: str, x: Array, dim: int, dtype: DType) -> Any:
    backend_of_argument(function, "x", x)
    ndim = len(x.shape)
    if not -ndim <= dim < ndim:
        raise ValueError(
            f"{function}: dim is {dim}; needed is one of the {ndim} axes of x, which has shape {tuple(x.shape)}."
        )
    return x if dtype is None else ops.astype(x, dtype, copy=False)
