"""Linear algebra functions: equations with triangular matrices, and with tensors, by those of ``solving.py``."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..backends import backend_of
from ..types import Array
from ..variable import Variable
from .arguments import check_matrices, check_square
from .arithmetic import add
from .axes import shape_of
from .manipulation import moveaxis, reshape
from .matrix_parts import tril, triu
from .products import matrix_transpose
from .solving import inv, solve

__all__ = ["solve_triangular", "tensorinv", "tensorsolve"]


def solve_triangular(
    x1: Array,
    x2: Array,
    /,
    *,
    upper: bool,
    left: bool = True,
    unitriangular: bool = False,
) -> Array:
    """The solution X of ``x1 @ X == x2`` for triangular matrices (PyTorch's).

    Parameters
    ----------
    x1
        (..., N, N), real or complex; only one triangle is read, and only it has a gradient.
    x2
        (..., N, K), or (..., K, N) if `left` is False. The leading axes broadcast.
    upper
        Which triangle.
    left
        False solves ``X @ x1 == x2``.
    unitriangular
        Take the diagonal of `x1` to be ones, and do not read it.

    Returns
    -------
    Array
        (..., N, K), or (..., K, N).

    Raises
    ------
    LinAlgError
        (NumPy's) if there is a 0 on the diagonal.
    """
    check_square("solve_triangular", x1)
    check_matrices("solve_triangular", x2)
    beside = int(unitriangular)  # the diagonal is not read
    triangle = triu(x1, k=beside) if upper else tril(x1, k=-beside)
    if unitriangular:
        backend = x1._backend if isinstance(x1, Variable) else backend_of(x1)
        assert backend is not None  # it has a shape
        triangle = add(triangle, backend.xp.eye(x1.shape[-1], dtype=x1.dtype))
    if left:
        return solve(triangle, x2)
    return matrix_transpose(solve(matrix_transpose(triangle), matrix_transpose(x2)))


def tensorinv(x: Array, /, ind: int = 2) -> Array:
    """The inverse of `x` in the sense of ``tensordot(tensorinv(x, ind), y, ind)`` (NumPy's and PyTorch's).

    Parameters
    ----------
    x
        Any shape whose first `ind` axes have as many elements as the others: that of a square matrix.
    ind
        How many axes are the rows of that matrix.

    Returns
    -------
    Array
        The other axes of `x`, then its first ones.
    """
    if ind <= 0:
        raise ValueError(f"tensorinv: ind is {ind}; needed is a positive number.")
    shape = shape_of("tensorinv", x)
    rows, columns = shape[:ind], shape[ind:]
    inverse = inv(reshape(x, (math.prod(rows), math.prod(columns))))
    return reshape(inverse, (*columns, *rows))


def tensorsolve(x1: Array, x2: Array, /, axes: Sequence[int] | None = None) -> Array:
    """The solution X of ``tensordot(x1, X, X.ndim) == x2`` (NumPy's and PyTorch's).

    Parameters
    ----------
    x1
        The shape of `x2`, then that of the solution, with as many elements.
    x2
        Any shape.
    axes
        Which axes of `x1` are put at its end first.

    Returns
    -------
    Array
        The axes of `x1` that follow those of `x2`.
    """
    right = shape_of("tensorsolve", x2, "x2")
    if axes is not None:
        ndim = len(shape_of("tensorsolve", x1, "x1"))
        x1 = moveaxis(x1, tuple(axes), tuple(range(ndim - len(axes), ndim)))
    shape = shape_of("tensorsolve", x1, "x1")
    columns = shape[len(right) :]
    size = math.prod(columns)
    if math.prod(shape) != size**2:
        raise ValueError(
            f"tensorsolve: x1 of shape {shape} has {size} elements in the axes after those of x2; "
            f"needed are as many as in the {len(right)} of x2."
        )
    return reshape(solve(reshape(x1, (size, size)), reshape(x2, (-1,))), columns)
