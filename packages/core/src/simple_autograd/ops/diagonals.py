"""Linear algebra functions: the diagonals of matrices, and their sum."""

from __future__ import annotations

from ..op import op
from ..types import Array, DType, Namespace
from .arguments import check_matrices
from .statistical import sum

__all__ = ["diagonal", "put_diagonal", "trace"]


@op
def diagonal(xp: Namespace, x: Array, /, *, offset: int = 0) -> Array:
    """A diagonal of each matrix.

    Parameters
    ----------
    x
        (..., N, M).
    offset
        Which one: 0 is the main diagonal, positive ones lie above it, negative ones below.

    Returns
    -------
    Array
        (..., L), where L is the diagonal's length.
    """
    check_matrices("diagonal", x)
    return xp.linalg.diagonal(x, offset=offset)


@diagonal.gradient("x")
def diagonal_wrt_x(xp, grad, x_shape, offset):
    return put_diagonal(grad, rows=x_shape[-2], columns=x_shape[-1], offset=offset)


@op
def put_diagonal(
    xp: Namespace, values: Array, /, *, rows: int, columns: int, offset: int = 0
) -> Array:
    """Zero matrices with `values` on a diagonal: the gradient of `diagonal`.

    Parameters
    ----------
    values
        (..., L), with the length of that diagonal.
    rows, columns
        The size of the matrices.
    offset
        As in `diagonal`.
    """
    before = min(max(-offset, 0), rows)
    length = values.shape[-1]
    # As a column, each value in its row; then only the place on the diagonal keeps it.
    column = xp.concat(
        [
            xp.zeros((*values.shape[:-1], before), dtype=values.dtype),
            values,
            xp.zeros((*values.shape[:-1], rows - length - before), dtype=values.dtype),
        ],
        axis=-1,
    )
    places = xp.eye(rows, columns, k=offset, dtype=xp.bool)
    return xp.where(places, xp.expand_dims(column, axis=-1), xp.zeros((), dtype=values.dtype))


@put_diagonal.gradient("values")
def put_diagonal_wrt_values(xp, grad, offset):
    return diagonal(grad, offset=offset)


def trace(x: Array, /, *, offset: int = 0, dtype: DType = None) -> Array:
    """Sum of a diagonal of each matrix.

    Parameters
    ----------
    x
        (..., N, M).
    offset
        As in `diagonal`.
    dtype
        The data type to sum in; by default that of `x`, small integers widened.
    """
    return sum(diagonal(x, offset=offset), axis=-1, dtype=dtype)
