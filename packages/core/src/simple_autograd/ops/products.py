"""Linear algebra functions: products of vectors, matrices and tensors. Any contraction is in ``contractions.py``."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..op import op
from ..types import Array, Namespace, Shape
from .arguments import conjugate
from .arithmetic import multiply
from .axes import as_tuple, shape_of
from .manipulation import expand_dims, reshape, squeeze

__all__ = [
    "cross",
    "dot",
    "inner",
    "kron",
    "matmul",
    "matrix_transpose",
    "multi_dot",
    "outer",
    "tensordot",
    "vecdot",
]

Axes = int | tuple[Sequence[int], Sequence[int]]


@op(precision="lower")
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
    for name, x in (("x1", x1), ("x2", x2)):
        if not getattr(x, "shape", ()):
            raise ValueError(
                f"matmul: {name} is a number; needed is an axis to sum over. Use x1 * x2."
            )
    return xp.matmul(x1, x2)


@matmul.gradient("x1")
def matmul_wrt_x1(xp, grad, x1_shape, x2):
    if x2.ndim == 1:
        return xp.expand_dims(grad, axis=-1) * x2
    if len(x1_shape) == 1:
        return xp.squeeze(xp.matmul(x2, xp.expand_dims(grad, axis=-1)), axis=-1)
    if len(x1_shape) > 2 and x2.ndim == 2:
        return xp.reshape(xp.matmul(_rows(xp, grad), xp.matrix_transpose(x2)), x1_shape)
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
        x1, grad = _rows(xp, x1), _rows(xp, grad)
    return xp.matmul(xp.matrix_transpose(x1), grad)


def _rows(xp, x):
    """Give a stack of matrices as one matrix: one product over all its rows beats a stack of small ones."""
    return xp.reshape(x, (math.prod(x.shape[:-1]), x.shape[-1]))


@op
def matrix_transpose(xp: Namespace, x: Array, /) -> Array:
    """The last two axes exchanged."""
    return xp.matrix_transpose(x)


@matrix_transpose.gradient("x")
def matrix_transpose_wrt_x(xp, grad):
    return xp.matrix_transpose(grad)


@op(precision="lower")
def tensordot(xp: Namespace, x1: Array, x2: Array, /, *, axes: Axes = 2) -> Array:
    """Sum of products over pairs of axes.

    Parameters
    ----------
    x1, x2
        Any shapes, of equal lengths along paired axes.
    axes
        The axes of `x1` and those of `x2` to sum over, pair by pair; or a number n: the last n of `x1` with the first n
        of `x2`, 0 for the product of every element with every other.

    Returns
    -------
    Array
        The remaining axes of `x1`, then those of `x2`.
    """
    return xp.tensordot(x1, x2, axes=axes)


@tensordot.gradient("x1")
def tensordot_wrt_x1(xp, grad, x1_shape, x2, axes):
    summed1, summed2, free1, free2 = _roles(axes, len(x1_shape), x2.ndim)
    places = tuple(range(len(free1), grad.ndim))
    found = xp.tensordot(grad, x2, axes=(places, free2))
    return _arranged(xp, found, [*free1, *_partners(summed2, summed1)])


@tensordot.gradient("x2")
def tensordot_wrt_x2(xp, grad, x1, x2_shape, axes):
    summed1, summed2, free1, free2 = _roles(axes, x1.ndim, len(x2_shape))
    places = tuple(range(len(free1)))
    found = xp.tensordot(x1, grad, axes=(free1, places))
    return _arranged(xp, found, [*_partners(summed1, summed2), *free2])


def _roles(axes: Axes, ndim1: int, ndim2: int) -> tuple[tuple[int, ...], ...]:
    """Give the summed axes of both operands of `tensordot`, and the others of both."""
    if not isinstance(axes, tuple | list):
        axes = tuple(range(ndim1 - axes, ndim1)), tuple(range(axes))
    summed1 = tuple(axis % ndim1 for axis in as_tuple(axes[0]))
    summed2 = tuple(axis % ndim2 for axis in as_tuple(axes[1]))
    free1 = tuple(axis for axis in range(ndim1) if axis not in summed1)
    free2 = tuple(axis for axis in range(ndim2) if axis not in summed2)
    return summed1, summed2, free1, free2


def _partners(own: tuple[int, ...], others: tuple[int, ...]) -> list[int]:
    """Give, for the summed axes of one operand in their order there, the axes that the other pairs them with."""
    return [other for _, other in sorted(zip(own, others, strict=True))]


def _arranged(xp: Namespace, x: Array, origins: list[int]) -> Array:
    """Put the axes of `x`, which stand for the axes `origins` of an operand, in that operand's order."""
    return xp.permute_dims(x, tuple(origins.index(axis) for axis in range(len(origins))))


@op(precision="lower")
def vecdot(xp: Namespace, x1: Array, x2: Array, /, *, axis: int = -1) -> Array:
    """Dot product along an axis, ``sum(conj(x1) * x2)``: the first argument is conjugated.

    Parameters
    ----------
    x1, x2
        Of one length along `axis`; the other axes broadcast.
    axis
        Counted from the end, or both arrays have equally many axes.
    """
    return xp.vecdot(x1, x2, axis=_from_end("vecdot", axis, x1, x2))


@vecdot.gradient("x1")
def vecdot_wrt_x1(xp, grad, x2, axis):
    return conjugate(xp, xp.expand_dims(grad, axis=axis) * x2)


@vecdot.gradient("x2")
def vecdot_wrt_x2(xp, grad, x1, axis):
    return xp.expand_dims(grad, axis=axis) * conjugate(xp, x1)


@op
def cross(xp: Namespace, x1: Array, x2: Array, /, *, axis: int = -1) -> Array:
    """Cross product of three-dimensional vectors.

    Parameters
    ----------
    x1, x2
        Of length 3 along `axis`; the other axes broadcast. Complex ones are not conjugated.
    axis
        Counted from the end, or both arrays have equally many axes.
    """
    return xp.linalg.cross(x1, x2, axis=_from_end("cross", axis, x1, x2))


@cross.gradient("x1")
def cross_wrt_x1(xp, grad, x2, axis):
    return cross(x2, grad, axis=axis)


@cross.gradient("x2")
def cross_wrt_x2(xp, grad, x1, axis):
    return cross(grad, x1, axis=axis)


def _from_end(operation: str, axis: int, x1: Array, x2: Array) -> int:
    """Give an axis counted from the end, the only way that means the same in both arrays."""
    if axis < 0:
        return axis
    shape1, shape2 = tuple(_shape(x1)), tuple(_shape(x2))
    if len(shape1) != len(shape2):
        raise ValueError(
            f"{operation}: axis {axis} is another one in shape {shape1} than in shape {shape2}. Count it from the end, "
            f"as a negative number."
        )
    return axis - len(shape1)


def outer(x1: Array, x2: Array, /) -> Array:
    """The products of every element of one vector with every one of another.

    Parameters
    ----------
    x1
        (N,).
    x2
        (M,).

    Returns
    -------
    Array
        (N, M).
    """
    for name, x in (("x1", x1), ("x2", x2)):
        shape = shape_of("outer", x, name)
        if len(shape) != 1:
            raise ValueError(
                f"outer: needed are vectors, {name} has shape {shape}. Use reshape(x, (-1,)) to flatten it, "
                f"or tensordot(x1, x2, axes=0) for all products of its elements."
            )
    return multiply(expand_dims(x1, axis=1), x2)


def inner(x1: Array, x2: Array, /) -> Array:
    """Sums of products over the last axes (NumPy's and PyTorch's ``inner``; complex numbers are not conjugated).

    Parameters
    ----------
    x1
        (..., K), or a number.
    x2
        (..., K), or a number.

    Returns
    -------
    Array
        The other axes of `x1`, then those of `x2`.
    """
    if not _shape(x1) or not _shape(x2):
        return multiply(x1, x2)
    return tensordot(x1, x2, axes=((-1,), (-1,)))


def dot(x1: Array, x2: Array, /) -> Array:
    """NumPy's ``dot``: sums of products over the last axis of `x1` and the last but one of `x2`.

    Parameters
    ----------
    x1
        (..., K), or a number.
    x2
        (..., K, M), or (K,), or a number.

    Returns
    -------
    Array
        The other axes of `x1`, then those of `x2`. For vectors and matrices that is `matmul`; a number multiplies.
    """
    if not _shape(x1) or not _shape(x2):
        return multiply(x1, x2)
    if len(x1.shape) <= 2 and len(x2.shape) <= 2:
        return matmul(x1, x2)
    return tensordot(x1, x2, axes=((-1,), (-2 if len(x2.shape) > 1 else -1,)))


def kron(x1: Array, x2: Array, /) -> Array:
    """Kronecker product: every element of `x1` times the whole of `x2`, as blocks.

    Parameters
    ----------
    x1, x2
        Any shapes; the one with fewer axes gets axes of length one in front.

    Returns
    -------
    Array
        Its lengths are the products of theirs.
    """
    shape1, shape2 = tuple(_shape(x1)), tuple(_shape(x2))
    if not shape1 or not shape2:
        return multiply(x1, x2)
    ndim = max(len(shape1), len(shape2))
    shape1 = (1,) * (ndim - len(shape1)) + shape1
    shape2 = (1,) * (ndim - len(shape2)) + shape2
    blocks = reshape(x1, tuple(length for n in shape1 for length in (n, 1)))
    inside = reshape(x2, tuple(length for n in shape2 for length in (1, n)))
    lengths = tuple(n * m for n, m in zip(shape1, shape2, strict=True))
    return reshape(multiply(blocks, inside), lengths)


def _shape(x: Array | complex) -> Shape:
    """Give the shape of an operand that may be a Python number."""
    return getattr(x, "shape", ())


def multi_dot(arrays: Sequence[Array], /) -> Array:
    """Product of several matrices, in the order that needs the fewest multiplications.

    Parameters
    ----------
    arrays
        At least two: (N, K1), (K1, K2), …, (Kn, M). The first may be (K1,), a row, and the last (Kn,), a column.

    Returns
    -------
    Array
        (N, M), without N or M where the operand was one-dimensional.

    Notes
    -----
    The order is found by dynamic programming over all bracketings (Cormen et al., Introduction to Algorithms, 15.2).
    """
    arrays = list(arrays)
    shapes = [shape_of("multi_dot", array, f"arrays[{i}]") for i, array in enumerate(arrays)]
    if len(arrays) < 2:
        raise ValueError(f"multi_dot: needed are at least two matrices, got {len(arrays)}.")
    inside = [len(shape) == 2 for shape in shapes[1:-1]]
    if not all(inside) or not {len(shapes[0]), len(shapes[-1])} <= {1, 2}:
        raise ValueError(
            f"multi_dot: needed are matrices (and vectors at the ends), got the shapes {shapes}."
        )
    row, column = len(shapes[0]) == 1, len(shapes[-1]) == 1
    if row:
        arrays[0] = expand_dims(arrays[0], axis=0)
    if column:
        arrays[-1] = expand_dims(arrays[-1], axis=1)
    product = _in_order(arrays, _best_splits([tuple(array.shape) for array in arrays]))
    ends = ((-2,) if row else ()) + ((-1,) if column else ())
    return squeeze(product, ends) if ends else product


def _best_splits(shapes: list[Shape]) -> dict[tuple[int, int], int]:
    """Give, for every run of matrices from i to j, after which one to split it."""
    lengths = [*(shape[0] for shape in shapes), shapes[-1][1]]
    costs = {(i, i): 0 for i in range(len(shapes))}
    splits: dict[tuple[int, int], int] = {}
    for extent in range(1, len(shapes)):
        for i in range(len(shapes) - extent):
            j = i + extent
            costs[i, j], splits[i, j] = min(
                (
                    costs[i, k] + costs[k + 1, j] + lengths[i] * lengths[k + 1] * lengths[j + 1],
                    k,
                )
                for k in range(i, j)
            )
    return splits


def _in_order(arrays: list[Array], splits: dict[tuple[int, int], int]) -> Array:
    """Multiply along the splits."""

    def product(i: int, j: int) -> Array:
        if i == j:
            return arrays[i]
        k = splits[i, j]
        return matmul(product(i, k), product(k + 1, j))

    return product(0, len(arrays) - 1)
