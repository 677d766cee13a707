"""The standard's linear algebra extension, and `eig` and `eigvals`, which its next version has.

CuPy does not look whether a factorisation succeeded unless it is told to, and else gives numbers that
mean nothing. Here it looks, and raises ``LinAlgError`` as NumPy does; that waits for the GPU.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import cupy
from cupy import linalg
from cupy.linalg import det, matrix_transpose
from cupyx import errstate

from simple_autograd.ops.decompositions import QRResult, SVDResult
from simple_autograd.ops.eigenvalues import EighResult
from simple_autograd.ops.solving import SlogdetResult
from simple_autograd.types import Array, Axis, DType

from ..matmul import matmul
from .functions import tensordot, vecdot

__all__ = [
    "cholesky",
    "cross",
    "det",
    "diagonal",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "inv",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "tensordot",
    "trace",
    "vecdot",
    "vector_norm",
]


# Factorisations -----------------------------------------------------------------------------------


def cholesky(x: Array, /, *, upper: bool = False) -> Array:
    """The triangular factor of positive definite matrices."""
    with errstate(linalg="raise"):
        lower = linalg.cholesky(x)
    return matrix_transpose(lower).conj() if upper else lower


def eig(x: Array, /) -> tuple[Array, Array]:
    """Eigenvalues and eigenvectors of any square matrices, always complex."""
    with errstate(linalg="raise"):
        values, vectors = linalg.eig(x)
    return _complex(values), _complex(vectors)


def eigvals(x: Array, /) -> Array:
    """Eigenvalues of any square matrices, always complex."""
    with errstate(linalg="raise"):
        return _complex(linalg.eigvals(x))


def _complex(x: Array) -> Array:
    """CuPy gives real numbers for empty matrices."""
    return x.astype(cupy.result_type(x.dtype, cupy.complex64), copy=False)


def eigh(x: Array, /) -> EighResult:
    """Eigenvalues and eigenvectors of symmetric or Hermitian matrices."""
    with errstate(linalg="raise"):
        return EighResult(*linalg.eigh(x))


def eigvalsh(x: Array, /) -> Array:
    """Eigenvalues of symmetric or Hermitian matrices."""
    with errstate(linalg="raise"):
        return linalg.eigvalsh(x)


def qr(x: Array, /, *, mode: Literal["reduced", "complete"] = "reduced") -> QRResult:
    """The QR decomposition."""
    return QRResult(*linalg.qr(x, mode=mode))


def svd(x: Array, /, *, full_matrices: bool = True) -> SVDResult:
    """The singular value decomposition."""
    with errstate(linalg="raise"):
        return SVDResult(*linalg.svd(x, full_matrices=full_matrices))


def svdvals(x: Array, /) -> Array:
    """The singular values."""
    with errstate(linalg="raise"):
        return linalg.svd(x, compute_uv=False)


# Solutions ----------------------------------------------------------------------------------------


def inv(x: Array, /) -> Array:
    """The inverses of square matrices."""
    with errstate(linalg="raise"):
        return linalg.inv(x)


def solve(x1: Array, x2: Array, /) -> Array:
    """The solution of ``x1 @ x = x2``. CuPy's does not broadcast the stacks against each other."""
    if x2.ndim != 1:
        stack = cupy.broadcast_shapes(x1.shape[:-2], x2.shape[:-2])
        x1 = cupy.broadcast_to(x1, (*stack, *x1.shape[-2:]))
        x2 = cupy.broadcast_to(x2, (*stack, *x2.shape[-2:]))
    with errstate(linalg="raise"):
        return linalg.solve(x1, x2)


def matrix_power(x: Array, n: int, /) -> Array:
    """Powers of square matrices, of their inverses for a negative `n`."""
    with errstate(linalg="raise"):
        return linalg.matrix_power(x, n)


def pinv(x: Array, /, *, rtol: Any = None) -> Array:
    """The pseudoinverse; singular values up to `rtol` times the largest count as zero."""
    if rtol is None:
        rtol = max(x.shape[-2:]) * float(cupy.finfo(x.dtype).eps)
    with errstate(linalg="raise"):
        return linalg.pinv(x, rcond=rtol)


# Numbers ------------------------------------------------------------------------------------------


def slogdet(x: Array, /) -> SlogdetResult:
    """The sign of the determinant and the logarithm of its size."""
    return SlogdetResult(*linalg.slogdet(x))


def matrix_rank(x: Array, /, *, rtol: Any = None) -> Array:
    """How many singular values are greater than `rtol` times the largest."""
    values = svdvals(x)
    if rtol is None:
        rtol = max(x.shape[-2:]) * float(cupy.finfo(values.dtype).eps)
    least = cupy.asarray(rtol)[..., None] * cupy.max(values, axis=-1, keepdims=True)
    return cupy.sum(values > least, axis=-1)


def matrix_norm(x: Array, /, *, keepdims: bool = False, ord: Any = "fro") -> Array:
    """The norms of matrices."""
    return linalg.norm(x, ord=ord, axis=(-2, -1), keepdims=keepdims)


def vector_norm(x: Array, /, *, axis: Axis = None, keepdims: bool = False, ord: float = 2) -> Array:
    """The norm of all elements, or of those along axes, as one vector. CuPy's takes two axes for a matrix's."""
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = tuple([place % x.ndim for place in axes])
    others = tuple([place for place in range(x.ndim) if place not in axes])
    lengths = tuple([x.shape[place] for place in others])
    rows = cupy.permute_dims(x, (*others, *axes)).reshape(
        (*lengths, math.prod([x.shape[place] for place in axes]))
    )
    norm = linalg.norm(rows, ord=ord, axis=-1)
    if not keepdims:
        return norm
    return norm.reshape(tuple([1 if i in axes else n for i, n in enumerate(x.shape)]))


# Parts and products -------------------------------------------------------------------------------


def diagonal(x: Array, /, *, offset: int = 0) -> Array:
    """The diagonals of matrices."""
    return cupy.diagonal(x, offset=offset, axis1=-2, axis2=-1)


def trace(x: Array, /, *, offset: int = 0, dtype: DType = None) -> Array:
    """The sums of the diagonals of matrices."""
    return cupy.trace(x, offset=offset, axis1=-2, axis2=-1, dtype=dtype)


def cross(x1: Array, x2: Array, /, *, axis: int = -1) -> Array:
    """The cross products of vectors along an axis. CuPy's does not broadcast them."""
    if x1.shape[axis] == x2.shape[axis]:
        x1, x2 = cupy.broadcast_arrays(x1, x2)
    return linalg.cross(x1, x2, axis=axis)


def outer(x1: Array, x2: Array, /) -> Array:
    """All products of the elements of two vectors."""
    return x1[:, None] * x2
