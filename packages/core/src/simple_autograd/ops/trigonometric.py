"""Elementwise functions III: trigonometric and hyperbolic ones. Angles are in radians."""

from __future__ import annotations

from ..op import op
from ..types import Array, Namespace

__all__ = ["cos", "sin", "tanh"]


@op
def sin(xp: Namespace, x: Array, /) -> Array:
    """Sine, elementwise."""
    return xp.sin(x)


@sin.gradient("x")
def sin_wrt_x(xp, grad, x):
    return grad * xp.cos(x)


@op
def cos(xp: Namespace, x: Array, /) -> Array:
    """Cosine, elementwise."""
    return xp.cos(x)


@cos.gradient("x")
def cos_wrt_x(xp, grad, x):
    return -grad * xp.sin(x)


@op
def tanh(xp: Namespace, x: Array, /) -> Array:
    """Hyperbolic tangent, elementwise."""
    return xp.tanh(x)


@tanh.gradient("x")
def tanh_wrt_x(xp, grad, out):
    return grad * (1 - out * out)
