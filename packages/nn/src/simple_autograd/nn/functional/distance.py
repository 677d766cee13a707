"""How near vectors are: their distance, and the cosine of their angle.

The mathematics of ``layers/distance.py``; the margin losses call it too.
"""

from __future__ import annotations

from typing import Any

from ... import ops
from ...autocast import in_float32
from ...types import Array
from ...variable import Variable
from .arguments import backend_of_argument, check_floating, check_real, describe, with_axis

__all__ = ["cosine_similarity", "pairwise_distance"]


@in_float32
def cosine_similarity(x1: Array, x2: Array, dim: int = 1, eps: float = 1e-8) -> Any:
    """The cosine of the angle between vectors along an axis.

    Parameters
    ----------
    x1, x2
        Floating, of shapes that broadcast, to one that has the axis `dim`.
    dim
        The axis along which the vectors lie.
    eps
        What smaller norms count as; their gradient passes nevertheless.

    Returns
    -------
    Variable or array
        That shape without the axis `dim`.

    Raises
    ------
    TypeError, ValueError
        If an argument has a type or shape that does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd.nn import functional as F
    >>> F.cosine_similarity(np.array([[1.0, 0.0]]), np.array([[3.0, 3.0]]))
    array([0.70710678])
    """
    for argument, x in (("x1", x1), ("x2", x2)):
        check_real("cosine_similarity", argument, x)
    _check_broadcast("cosine_similarity", x1, x2)
    x1, x2 = (with_axis("cosine_similarity", x, dim) for x in ops.broadcast_arrays(x1, x2))
    first, second = (
        ops.divide(x, at_least(ops.vector_norm(x, axis=dim, keepdims=True), eps)) for x in (x1, x2)
    )
    return ops.sum(ops.multiply(first, second), axis=dim)


@in_float32
def pairwise_distance(
    x1: Array, x2: Array, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Any:
    """The norm of ``x1 - x2 + eps`` along the last axis.

    Parameters
    ----------
    x1, x2
        (N, D) or (D,), floating, or of shapes that broadcast.
    p
        The order of the norm.
    eps
        Added to every difference, so that equal vectors have a gradient.
    keepdim
        Keep the last axis with length one.

    Returns
    -------
    Variable or array
        (N,) or ().

    Raises
    ------
    TypeError, ValueError
        If an argument has a type or shape that does not fit.
    """
    check_floating("pairwise_distance", "x1", x1)
    check_floating("pairwise_distance", "x2", x2)
    _check_broadcast("pairwise_distance", x1, x2)
    if not (x1.shape or x2.shape):
        raise ValueError(
            f"pairwise_distance: x1 is a {describe(x1)}, x2 a {describe(x2)}; needed are vectors, (N, D) or (D,)."
        )
    difference = ops.add(ops.subtract(x1, x2), eps)
    return ops.vector_norm(difference, axis=-1, keepdims=keepdim, ord=p)


def _check_broadcast(function: str, x1: Array, x2: Array) -> None:
    """Raise if shapes do not broadcast."""
    pairs = list(zip(x1.shape[::-1], x2.shape[::-1], strict=False))
    if any(a != b and 1 not in (a, b) for a, b in pairs):
        raise ValueError(
            f"{function}: x1 is a {describe(x1)}, x2 a {describe(x2)}; needed are vectors, of shapes that broadcast."
        )


def at_least(x: Any, floor: float) -> Any:
    """Give `x` with smaller elements raised to a floor, and the gradient of `x` as it is: PyTorch's way with eps."""
    backend = backend_of_argument("at_least", "x", x)
    raw = x.data if isinstance(x, Variable) else x
    return ops.add(x, backend.xp.where(raw < floor, floor - raw, 0))
