"""Linear algebra functions: matrices as products of triangular, orthonormal and diagonal ones.

The rules follow Giles (2008), "An extended collection of matrix derivative results", for cholesky; Walter and Lehmann
(2018), "Algorithmic differentiation of linear algebra functions", and Roberts and Roberts (2020), "QR and LQ
decomposition matrix backpropagation", for QR; Seeger et al. (2017), "Auto-differentiating linear algebra", and Wan and
Zhang (2019), "Automatic differentiation for complex valued SVD", for SVD. They are PyTorch's, conjugated (see
docs/decisions/0001). Eigenvalues are in ``eigenvalues.py``.

Factors that are determined only up to signs or phases have a gradient only in what does not depend on that choice.
For real data the choice is locally fixed; for complex data a rule raises where the loss depends on it.
"""

from __future__ import annotations

from typing import NamedTuple

from ..op import op
from ..types import Array, Namespace
from .arguments import check_matrices, check_square, conjugate
from .diagonals import diagonal, put_diagonal
from .factors import adjoint, determined, gaps, refuse_phases

__all__ = [
    "QRResult",
    "SVDResult",
    "cholesky",
    "qr",
    "svd",
    "svdvals",
]


class QRResult(NamedTuple):
    """What `qr` gives: ``x == Q @ R``."""

    Q: Array
    R: Array


class SVDResult(NamedTuple):
    """What `svd` gives: ``x == (U * S[..., None, :]) @ Vh`` for the reduced form."""

    U: Array
    S: Array
    Vh: Array


@op
def cholesky(xp: Namespace, x: Array, /, *, upper: bool = False) -> Array:
    """The triangular factor L of Hermitian positive definite matrices, ``x == L @ conj(L.mT)``.

    Parameters
    ----------
    x
        (..., N, N), real or complex; one triangle is read, the other taken to be its conjugate.
    upper
        Give ``conj(L.mT)`` instead.

    Raises
    ------
    LinAlgError
        (NumPy's) if a matrix is not positive definite.

    Notes
    -----
    The gradient is Hermitian: both triangles of `x` share it, as in PyTorch.
    """
    check_square("cholesky", x)
    return xp.linalg.cholesky(x, upper=upper)


@cholesky.gradient("x")
def cholesky_wrt_x(xp, grad, out, upper):
    if upper:
        grad, out = adjoint(xp, grad), adjoint(xp, out)
    inverse = xp.linalg.inv(out)
    inner = _mirrored(xp, xp.tril(xp.matrix_transpose(out) @ grad)) / 2
    return xp.matrix_transpose(inverse) @ inner @ conjugate(xp, inverse)


def qr(x: Array, /, *, mode: str = "reduced") -> QRResult:
    """Matrices as products of ones with orthonormal columns and upper triangular ones.

    Parameters
    ----------
    x
        (..., N, M), real or complex.
    mode
        With K = min(N, M): "reduced" gives Q (..., N, K) and R (..., K, M), "complete" Q (..., N, N) and R (..., N, M).

    Returns
    -------
    QRResult
        The namedtuple ``(Q, R)``.

    Raises
    ------
    GraphError
        In the backward pass, if the loss depends on the columns that "complete" adds to Q: they are not determined.

    Notes
    -----
    Differentiable where the first K columns of `x` are linearly independent; elsewhere the backward pass raises
    NumPy's LinAlgError, or gives infinities.
    """
    if mode not in ("reduced", "complete"):
        raise ValueError(f"qr: mode is {mode!r}; needed is 'reduced' or 'complete'.")
    return QRResult(*_qr(x, mode=mode))


@op
def _qr(xp: Namespace, x: Array, /, *, mode: str) -> tuple[Array, Array]:
    check_matrices("qr", x)
    return tuple(xp.linalg.qr(x, mode=mode))


@_qr.gradient("x")
def qr_wrt_x(xp, grad, out):
    q, r = out
    rank = min(q.shape[-2], r.shape[-1])
    grad_q = determined(xp, "qr", "Q", grad[0], rank)
    grad_r = None if grad[1] is None else grad[1][..., :rank, :]
    q, r = q[..., :rank], r[..., :rank, :]
    if r.shape[-1] == rank:
        return _qr_wrt_tall(xp, grad_q, grad_r, q, r)
    # A wide matrix is [x1 x2] = Q [R1 R2]: x1 = Q R1 is a square case, and R2 = conj(Q.mT) x2 depends on its Q.
    if grad_r is None:
        grad_r = xp.zeros_like(r)
    grad_r2 = grad_r[..., rank:]
    through_q = conjugate(xp, q @ r[..., rank:] @ xp.matrix_transpose(grad_r2))
    grad_q = through_q if grad_q is None else grad_q + through_q
    grad_x1 = _qr_wrt_tall(xp, grad_q, grad_r[..., :rank], q, r[..., :rank])
    return xp.concat([grad_x1, conjugate(xp, q) @ grad_r2], axis=-1)


def _qr_wrt_tall(xp, grad_q, grad_r, q, r):
    inner = None if grad_r is None else grad_r @ xp.matrix_transpose(r)
    if grad_q is not None:
        turned = xp.matrix_transpose(q) @ grad_q
        inner = -turned if inner is None else inner - turned
    total = conjugate(xp, q) @ _mirrored(xp, xp.triu(inner))
    if grad_q is not None:
        total = total + grad_q
    return xp.matrix_transpose(xp.linalg.solve(r, xp.matrix_transpose(total)))


def svd(x: Array, /, *, full_matrices: bool = True) -> SVDResult:
    """Singular value decomposition.

    Parameters
    ----------
    x
        (..., N, M), real or complex.
    full_matrices
        With K = min(N, M): True gives U (..., N, N) and Vh (..., M, M), False U (..., N, K) and Vh (..., K, M).

    Returns
    -------
    SVDResult
        The namedtuple ``(U, S, Vh)``; S is (..., K), real, in descending order.

    Raises
    ------
    GraphError
        In the backward pass, if the loss depends on what is not determined: the vectors that `full_matrices` adds, or
        for complex matrices the phases of the singular vectors.

    Notes
    -----
    S is differentiable where the singular values are not 0, U and Vh where they differ as well: the gradient holds
    their differences as divisors, and is infinite or NaN where two are equal. Use `svdvals` where S alone is needed.
    """
    return SVDResult(*_svd(x, full_matrices=full_matrices))


@op
def _svd(xp: Namespace, x: Array, /, *, full_matrices: bool) -> tuple[Array, Array, Array]:
    check_matrices("svd", x)
    return tuple(xp.linalg.svd(x, full_matrices=full_matrices))


@_svd.gradient("x")
def svd_wrt_x(xp, grad, out):
    u, s, vh = out
    rank = s.shape[-1]
    grad_u = determined(xp, "svd", "U", grad[0], rank)
    grad_vh = determined(xp, "svd", "Vh", grad[2], rank, rows=True)
    u, vh = conjugate(xp, u[..., :rank]), conjugate(xp, vh[..., :rank, :])
    in_rows, in_columns = xp.expand_dims(s, axis=-1), xp.expand_dims(s, axis=-2)
    diagonals = [] if grad[1] is None else [grad[1]]
    inner = None
    if grad_u is not None:
        turned_u = adjoint(xp, u) @ grad_u
        skew = turned_u - adjoint(xp, turned_u)
        inner = skew * in_columns
        if xp.isdtype(u.dtype, "complex floating"):
            diagonals.append(diagonal(skew) / (2 * s))
    if grad_vh is not None:
        turned_v = vh @ adjoint(xp, grad_vh)
        from_v = (turned_v - adjoint(xp, turned_v)) * in_rows
        inner = from_v if inner is None else inner + from_v
    refuse_phases(
        xp,
        "svd",
        *([] if grad_u is None else [turned_u]),
        *([] if grad_vh is None else [turned_v]),
    )
    inner = 0 if inner is None else inner / gaps(xp, s * s)
    for values in diagonals:
        inner = inner + put_diagonal(values, rows=rank, columns=rank)
    if grad_u is not None and u.shape[-2] > rank:
        outside = grad_u / in_columns
        left = u @ inner + outside - u @ (adjoint(xp, u) @ outside)
        return left @ vh
    if grad_vh is not None and vh.shape[-1] > rank:
        outside = grad_vh / in_rows
        right = inner @ vh + outside - (outside @ adjoint(xp, vh)) @ vh
        return u @ right
    return u @ inner @ vh


@op
def svdvals(xp: Namespace, x: Array, /) -> Array:
    """The singular values of matrices, in descending order.

    Parameters
    ----------
    x
        (..., N, M), real or complex.

    Returns
    -------
    Array
        (..., min(N, M)), real.

    Notes
    -----
    Differentiable where they are not 0; where two are equal, their sum is.
    """
    check_matrices("svdvals", x)
    return xp.linalg.svdvals(x)


@svdvals.gradient("x")
def svdvals_wrt_x(xp, grad, x):
    u, _, vh = _svd(x, full_matrices=False)
    return (conjugate(xp, u) * xp.expand_dims(grad, axis=-2)) @ conjugate(xp, vh)


def _mirrored(xp, triangle):
    """Give the Hermitian matrix that has this triangle, and of its diagonal the real part."""
    return (triangle + adjoint(xp, triangle)) * (
        1 - xp.eye(triangle.shape[-1], dtype=triangle.dtype) / 2
    )
