"""Elementwise functions II: exponentials and logarithms."""

from __future__ import annotations

from ..op import op
from ..types import Array, Namespace

__all__ = ["exp", "log"]


@op
def exp(xp: Namespace, x: Array, /) -> Array:
    """``e`` to the power of `x`, elementwise."""
    return xp.exp(x)


@exp.gradient("x")
def exp_wrt_x(xp, grad, out):
    return grad * out


@op
def log(xp: Namespace, x: Array, /) -> Array:
    """Natural logarithm, elementwise."""
    return xp.log(x)


@log.gradient("x")
def log_wrt_x(xp, grad, x):
    return grad / x
