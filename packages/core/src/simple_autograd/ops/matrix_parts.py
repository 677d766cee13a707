"""Creation functions II: matrices from, and with, parts of others: triangles and diagonals."""

from __future__ import annotations

from ..op import op
from ..types import Array, Namespace
from .axes import one_axis, shape_of
from .diagonals import diagonal, put_diagonal
from .manipulation import moveaxis, reshape

__all__ = ["diag", "diag_embed", "diagflat", "tril", "triu"]


@op
def tril(xp: Namespace, x: Array, /, *, k: int = 0) -> Array:
    """The lower triangles of matrices, (..., N, M), up to diagonal `k`; zeros above it."""
    return xp.tril(x, k=k)


@tril.gradient("x")
def tril_wrt_x(xp, grad, k):
    return xp.tril(grad, k=k)


@op
def triu(xp: Namespace, x: Array, /, *, k: int = 0) -> Array:
    """The upper triangles of matrices, (..., N, M), from diagonal `k` on; zeros below it."""
    return xp.triu(x, k=k)


@triu.gradient("x")
def triu_wrt_x(xp, grad, k):
    return xp.triu(grad, k=k)


def diag(x: Array, k: int = 0, /) -> Array:
    """Diagonal `k` of a matrix, (N, M); or for a vector, the matrix that has it there and zeros elsewhere."""
    shape = shape_of("diag", x)
    if len(shape) == 1:
        return diag_embed(x, offset=k)
    if len(shape) != 2:
        raise ValueError(
            f"diag: needed is a vector or a matrix, this has shape {shape}. For stacks of them there are "
            f"linalg.diagonal and diag_embed."
        )
    return diagonal(x, offset=k)


def diagflat(x: Array, k: int = 0, /) -> Array:
    """The matrix that has the flattened array on diagonal `k`, and zeros elsewhere."""
    return diag_embed(reshape(x, (-1,)), offset=k)


def diag_embed(x: Array, /, *, offset: int = 0, axis1: int = -2, axis2: int = -1) -> Array:
    """Matrices with the vectors along the last axis on a diagonal, and zeros elsewhere (PyTorch's).

    Parameters
    ----------
    x
        (..., L).
    offset
        Which diagonal: positive ones lie above the main one.
    axis1, axis2
        Which axes of the result the rows and columns are.
    """
    shape = shape_of("diag_embed", x)
    if not shape:
        raise ValueError(
            "diag_embed: needed is at least one axis; for one number use reshape(x, (1,))."
        )
    size = shape[-1] + abs(offset)
    matrices = put_diagonal(x, rows=size, columns=size, offset=offset)
    ndim = len(matrices.shape)
    places = (one_axis("diag_embed", axis1, ndim), one_axis("diag_embed", axis2, ndim))
    return matrices if places == (ndim - 2, ndim - 1) else moveaxis(matrices, (-2, -1), places)
