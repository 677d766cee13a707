"""Linear algebra functions: products of matrices."""

from __future__ import annotations

from ..op import op
from ..types import Array, Namespace

__all__ = ["matmul", "matrix_transpose"]


@op
def matmul(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """Matrix product ``x1 @ x2``.

    Parameters
    ----------
    x1
        (..., N, K), or (K,), which stands for a row.
    x2
        (..., K, M), or (K,), which stands for a column. The leading axes broadcast.

    Returns
    -------
    Array
        (..., N, M), without N or M where the operand was one-dimensional.
    """
    return xp.matmul(x1, x2)


@matmul.gradient("x1")
def matmul_wrt_x1(xp, grad, x1_shape, x2):
    if x2.ndim == 1:
        return xp.expand_dims(grad, axis=-1) * x2
    if len(x1_shape) == 1:
        return xp.squeeze(xp.matmul(x2, xp.expand_dims(grad, axis=-1)), axis=-1)
    return xp.matmul(grad, xp.matrix_transpose(x2))


@matmul.gradient("x2")
def matmul_wrt_x2(xp, grad, x1, x2_shape):
    if x1.ndim == 1:
        return (
            xp.expand_dims(x1, axis=-1) * xp.expand_dims(grad, axis=-2)
            if len(x2_shape) > 1
            else grad * x1
        )
    if len(x2_shape) == 1:
        return xp.squeeze(
            xp.matmul(xp.matrix_transpose(x1), xp.expand_dims(grad, axis=-1)), axis=-1
        )
    if len(x2_shape) == 2 and x1.ndim > 2:
        # One product over all rows, where the walk would else sum a stack of them.
        x1 = xp.reshape(x1, (-1, x1.shape[-1]))
        grad = xp.reshape(grad, (-1, grad.shape[-1]))
    return xp.matmul(xp.matrix_transpose(x1), grad)


@op
def matrix_transpose(xp: Namespace, x: Array, /) -> Array:
    """The last two axes exchanged."""
    return xp.matrix_transpose(x)


@matrix_transpose.gradient("x")
def matrix_transpose_wrt_x(xp, grad):
    return xp.matrix_transpose(grad)
