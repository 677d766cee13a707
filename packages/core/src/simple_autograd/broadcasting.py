"""Undoing broadcasting: a gradient has the shape of the result, its argument may have had a smaller one."""

from __future__ import annotations

from .types import Array, Namespace, Shape

__all__ = ["sum_to_shape"]


def sum_to_shape(xp: Namespace, grad: Array, shape: Shape) -> Array:
    """Sum `grad` over the axes along which an array of `shape` was repeated to reach the shape of `grad`.

    Parameters
    ----------
    xp
        The namespace to speak: a backend's, or ``simple_autograd`` itself.
    grad
        An array whose shape is what `shape` broadcasts to.
    shape
        The shape to come back to.
    """
    extra = len(grad.shape) - len(shape)
    axes = tuple(range(extra)) + tuple(
        extra + axis
        for axis, length in enumerate(shape)
        if length == 1 and grad.shape[extra + axis] != 1
    )
    if axes:
        grad = xp.sum(grad, axis=axes, keepdims=True)
    return xp.reshape(grad, shape) if extra else grad
