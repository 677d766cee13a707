"""Activations: smooth elementwise functions and `relu`, gates, and softmax over an axis.

Most operations and their gradients are core's (``simple_autograd.ops.activation``); this file gives them PyTorch's
arguments. ``layers/activation.py`` has the layers, ``rectifiers.py`` the functions put together of pieces.
"""

from __future__ import annotations

from typing import Any

from ... import ops
from ...op import op
from ...types import Array, DType, Namespace
from .arguments import refuse_complex, shaped_like, with_axis
from .fused import fused

__all__ = [
    "gelu",
    "glu",
    "log_softmax",
    "logsigmoid",
    "mish",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softmin",
    "softplus",
    "softsign",
    "tanh",
    "tanhshrink",
]


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


def gelu(x: Array, approximate: str = "none") -> Any:
    """The Gaussian error linear unit: `x` times the normal distribution's area up to `x`.

    Parameters
    ----------
    x
        Real, any shape.
    approximate
        ``"none"``, or ``"tanh"`` for ``x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))``.

    Raises
    ------
    ValueError
        If `approximate` is neither.
    """
    return ops.gelu(x, approximate)


def silu(x: Array, inplace: bool = False) -> Any:
    """``x * sigmoid(x)``, elementwise.

    Parameters
    ----------
    x
        Real, any shape.
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """
    return ops.silu(x)


def mish(x: Array, inplace: bool = False) -> Any:
    """``x * tanh(softplus(x))``, elementwise.

    Parameters
    ----------
    x
        Real, any shape.
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """
    return _mish(x)


@op
def _mish(xp: Namespace, x: Array, /) -> Array:
    return x * xp.tanh(ops.softplus(x))


@_mish.gradient("x")
def mish_wrt_x(xp, grad, x):
    return mish_backward(xp, grad, x)


@fused
def mish_backward(xp: Namespace, above: Array, x: Array) -> Array:
    factor = xp.tanh(ops.softplus(x))
    return above * (factor + x * (1 - factor * factor) * ops.sigmoid(x))


def softplus(x: Array, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """``log(1 + exp(beta * x)) / beta``, elementwise: `relu` with a rounded corner.

    Parameters
    ----------
    x
        Real, any shape.
    beta
        The larger, the sharper the corner.
    threshold
        Where ``beta * x`` is larger, the result is `x` itself.
    """
    return ops.softplus(x, beta, threshold)


def logsigmoid(x: Array) -> Any:
    """The logarithm of `sigmoid`, elementwise, accurate where that is 0 or 1."""
    return ops.logsigmoid(x)


def softsign(x: Array) -> Any:
    """``x / (1 + abs(x))``, elementwise."""
    return _softsign(x)


@op
def _softsign(xp: Namespace, x: Array, /) -> Array:
    return x / (1 + xp.abs(x))


@_softsign.gradient("x")
def softsign_wrt_x(xp, grad, x):
    root = 1 + xp.abs(x)
    if not xp.isdtype(x.dtype, "complex floating"):
        return grad / (root * root)
    # What comes through the absolute value, which is no analytic function.
    return grad / root - xp.real(grad * x) / (root * root) * xp.conj(xp.sign(x))


def tanhshrink(x: Array) -> Any:
    """``x - tanh(x)``, elementwise."""
    return ops.subtract(x, ops.tanh(x))


def glu(x: Array, dim: int = -1) -> Any:
    """The gated linear unit: the first half along an axis times the sigmoid of the second.

    Parameters
    ----------
    x
        Real, of an even length along `dim`.
    dim
        The axis to halve.

    Raises
    ------
    ValueError
        If `dim` is no axis of `x`, or its length is odd.
    """
    x = _cast("glu", x, dim, None)
    length, ndim = x.shape[dim], len(x.shape)
    if length % 2:
        raise ValueError(
            f"glu: x has length {length} along dim {dim}; needed is an even length, for two halves."
        )
    before = (slice(None),) * (dim % ndim)
    first = ops.getitem(x, (*before, slice(length // 2)))
    second = ops.getitem(x, (*before, slice(length // 2, None)))
    return ops.multiply(first, ops.sigmoid(second))


def softmin(x: Array, dim: int, dtype: DType | None = None) -> Any:
    """`softmax` of ``-x``.

    Parameters
    ----------
    x, dim, dtype
        As in `softmax`.
    """
    return shaped_like(ops.softmax(ops.negative(_cast("softmin", x, dim, dtype)), axis=dim), x)


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
    return shaped_like(ops.softmax(_cast("softmax", x, dim, dtype), axis=dim), x)


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
    return shaped_like(ops.log_softmax(_cast("log_softmax", x, dim, dtype), axis=dim), x)


def _cast(function: str, x: Array, dim: int, dtype: DType | None) -> Any:
    x = with_axis(function, x, dim)
    refuse_complex(function, "x", x)
    return x if dtype is None else ops.astype(x, dtype, copy=False)
