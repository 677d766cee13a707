"""Linear algebra functions: norms of vectors and matrices, and condition numbers."""

from __future__ import annotations

import math

from ..op import op
from ..types import Array, Axis, Namespace
from ..variable import Variable
from .arguments import check_matrices, conjugate
from .arithmetic import abs, divide, multiply
from .axes import all_axes, shape_of
from .decompositions import svdvals
from .lines import reduced_shape
from .manipulation import expand_dims, moveaxis, reshape
from .solving import inv
from .statistical import max, min, sum

__all__ = ["cond", "matrix_norm", "norm", "vector_norm"]

Order = float | str


@op(precision="float32")
def vector_norm(
    xp: Namespace,
    x: Array,
    /,
    *,
    axis: Axis = None,
    keepdims: bool = False,
    ord: float = 2,
) -> Array:
    """Norm of vectors, ``sum(abs(x) ** ord) ** (1 / ord)``.

    Parameters
    ----------
    x
        Any shape, real or complex.
    axis
        Along which axes the vectors lie: one, several, or None for all.
    keepdims
        Keep these axes with length one.
    ord
        Any number. inf and -inf mean the largest and the smallest absolute value, 0 how many elements are not 0.

    Returns
    -------
    Array
        Real.

    Raises
    ------
    TypeError
        If `ord` is a Variable: there is no gradient for it.

    Notes
    -----
    The gradient of a vector of zeros is 0, and so is that of a single 0 where the slope jumps there. Elements that tie
    for the largest or smallest share the gradient equally. All this is PyTorch's.
    """
    if isinstance(ord, Variable):
        raise TypeError(
            "vector_norm: ord is a Variable; needed is a number, for there is no gradient for it. Use ord.item()."
        )
    return xp.linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=ord)


@vector_norm.gradient("x")
def vector_norm_wrt_x(xp, grad, out, x, axis, keepdims, ord):
    shape = reduced_shape(x.shape, axis, keepdims=True)
    grad, out = xp.reshape(grad, shape), xp.reshape(out, shape)
    if ord == 0:
        return xp.zeros_like(x)
    zero = out == 0
    safe = xp.where(zero, 1, out)
    if ord == 2:
        return xp.where(zero, 0, grad / safe) * conjugate(xp, x)
    direction = conjugate(xp, xp.sign(x))
    if ord == 1:
        return grad * direction
    size = xp.abs(x)
    if math.isinf(ord):
        # Not compared with `out`, whose last digit may differ with the layout of x in memory.
        extreme = (xp.max if ord > 0 else xp.min)(size, axis=axis, keepdims=True)
        hits = (size == extreme) | (size != size)
        count = xp.sum(xp.astype(hits, grad.dtype), axis=axis, keepdims=True)
        return xp.where(hits, grad / count, 0) * direction
    # Where x is 0 its direction is 0 as well; 1 in the place of its size keeps that from becoming 0 * inf.
    share = (xp.where(size == 0, 1, size) / safe) ** (ord - 1)
    return xp.where(zero, 0, grad) * share * direction


def matrix_norm(x: Array, /, *, keepdims: bool = False, ord: Order = "fro") -> Array:
    """Norm of matrices.

    Parameters
    ----------
    x
        (..., N, M), real or complex.
    keepdims
        Give (..., 1, 1) instead of (...).
    ord
        ``"fro"``: the root of the sum of squares; ``"nuc"``: the sum of the singular values; 2 and -2: the largest and
        the smallest of them; 1 and -1: the largest and the smallest column sum of absolute values; inf and -inf: the
        same of rows.

    Notes
    -----
    Sums, and singular values, that tie for the largest or smallest share the gradient equally, as in PyTorch.
    """
    check_matrices("matrix_norm", x)
    if ord == "fro":
        return vector_norm(x, axis=(-2, -1), keepdims=keepdims)
    if ord in ("nuc", 2, -2):
        values = svdvals(x)
    elif ord in (1, -1, math.inf, -math.inf):
        values = sum(abs(x), axis=-2 if ord in (1, -1) else -1)
    else:
        raise ValueError(
            f"matrix_norm: ord is {ord!r}; needed is one of 'fro', 'nuc', 1, -1, 2, -2, inf, -inf."
        )
    reduce = sum if ord == "nuc" else max if float(ord) > 0 else min
    found = reduce(values, axis=(-1,))
    return expand_dims(expand_dims(found, axis=-1), axis=-1) if keepdims else found


def norm(x: Array, /, ord: Order | None = None, axis: Axis = None, keepdims: bool = False) -> Array:
    """Norm of vectors or matrices, by the number of axes (NumPy's and PyTorch's ``linalg.norm``).

    Parameters
    ----------
    x
        Real or complex. Without `axis`: any shape if `ord` is None, else one axis (a vector) or two (a matrix).
    ord
        As in `vector_norm` or `matrix_norm`; None is the root of the sum of squares.
    axis
        One axis along which vectors lie, or the two of matrices.
    keepdims
        Keep these axes with length one.
    """
    axes = all_axes(axis, len(shape_of("norm", x)))
    if ord is None and (axis is None or len(axes) == 1):
        return vector_norm(x, axis=axis, keepdims=keepdims)
    if len(axes) == 1:
        if isinstance(ord, str):
            raise ValueError(f"norm: ord {ord!r} is for matrices; for vectors it is a number.")
        return vector_norm(x, axis=axes, keepdims=keepdims, ord=2 if ord is None else ord)
    if len(axes) != 2:
        raise ValueError(
            f"norm: ord {ord!r} needs vectors (one axis) or matrices (two); axis={axis!r} of shape {tuple(x.shape)} "
            f"gives {len(axes)}. Without ord, and with axis=None, all elements count."
        )
    found = matrix_norm(moveaxis(x, axes, (-2, -1)), ord="fro" if ord is None else ord)
    return reshape(found, reduced_shape(x.shape, axes, keepdims=True)) if keepdims else found


def cond(x: Array, p: Order | None = None, /) -> Array:
    """Condition numbers of matrices: ``norm(x) * norm(inv(x))``.

    Parameters
    ----------
    x
        (..., N, N), real or complex; (..., N, M) if `p` is None, 2 or -2.
    p
        Which norm, as in `matrix_norm`. None and 2: the largest singular value divided by the smallest; -2: the
        smallest divided by the largest.

    Raises
    ------
    LinAlgError
        (NumPy's) for a singular matrix, unless `p` is None, 2 or -2.
    """
    if p in (None, 2, -2):
        check_matrices("cond", x)
        values = svdvals(x)
        first, last = values[..., 0], values[..., -1]
        return divide(last, first) if p == -2 else divide(first, last)
    return multiply(matrix_norm(x, ord=p), matrix_norm(inv(x), ord=p))
