"""Linear algebra functions: eigenvalues and eigenvectors.

The rules follow Giles (2008), "An extended collection of matrix derivative results", and for complex eigenvectors
Boeddeker et al. (2017), "On the computation of complex-valued gradients". They are PyTorch's, conjugated (see
docs/decisions/0001). On signs and phases see ``decompositions.py``.
"""

from __future__ import annotations

from typing import NamedTuple

from ..op import op
from ..types import Array, Namespace
from .arguments import check_square, conjugate
from .diagonals import diagonal, put_diagonal
from .factors import adjoint, gaps, refuse_phases

__all__ = ["EigResult", "EighResult", "eig", "eigh", "eigvals", "eigvalsh"]


class EighResult(NamedTuple):
    """What `eigh` gives: ``x @ eigenvectors == eigenvectors * eigenvalues[..., None, :]``."""

    eigenvalues: Array
    eigenvectors: Array


class EigResult(NamedTuple):
    """What `eig` gives: ``x @ eigenvectors == eigenvectors * eigenvalues[..., None, :]``."""

    eigenvalues: Array
    eigenvectors: Array


def eigh(x: Array, /) -> EighResult:
    """Eigenvalues and eigenvectors of Hermitian matrices.

    Parameters
    ----------
    x
        (..., N, N), real or complex; the lower triangle is read, the upper taken to be its conjugate.

    Returns
    -------
    EighResult
        The namedtuple ``(eigenvalues, eigenvectors)``: (..., N), real, in ascending order; and (..., N, N), orthonormal
        columns.

    Raises
    ------
    GraphError
        In the backward pass, if for complex matrices the loss depends on the phases of the eigenvectors: they are not
        determined.

    Notes
    -----
    Eigenvectors are differentiable where the eigenvalues differ: the gradient holds their differences as divisors,
    and is infinite or NaN where two are equal. It is Hermitian: both triangles of `x` share it, as in PyTorch. Use
    `eigvalsh` where the eigenvalues alone are needed.
    """
    return EighResult(*_eigh(x))


@op
def _eigh(xp: Namespace, x: Array, /) -> tuple[Array, Array]:
    check_square("eigh", x)
    return tuple(xp.linalg.eigh(x))


@_eigh.gradient("x")
def eigh_wrt_x(xp, grad, out):
    values, vectors = out
    grad_values, grad_vectors = grad
    if grad_vectors is None:
        return _eigenvalues_wrt_x(xp, grad_values, vectors)
    turned = xp.matrix_transpose(vectors) @ grad_vectors
    refuse_phases(xp, "eigh", turned)
    inner = (turned - adjoint(xp, turned)) / (2 * gaps(xp, values))
    if grad_values is not None:
        size = values.shape[-1]
        inner = inner + put_diagonal(grad_values, rows=size, columns=size)
    return conjugate(xp, vectors) @ inner @ xp.matrix_transpose(vectors)


@op
def eigvalsh(xp: Namespace, x: Array, /) -> Array:
    """The eigenvalues of Hermitian matrices, in ascending order.

    Parameters
    ----------
    x
        (..., N, N), real or complex; the lower triangle is read, the upper taken to be its conjugate.

    Returns
    -------
    Array
        (..., N), real.

    Notes
    -----
    Where two are equal, their sum is differentiable. The gradient is Hermitian, as in `eigh`.
    """
    check_square("eigvalsh", x)
    return xp.linalg.eigvalsh(x)


@eigvalsh.gradient("x")
def eigvalsh_wrt_x(xp, grad, x):
    return _eigenvalues_wrt_x(xp, grad, _eigh(x)[1])


def _eigenvalues_wrt_x(xp, grad, vectors):
    scaled = conjugate(xp, vectors) * xp.expand_dims(grad, axis=-2)
    return scaled @ xp.matrix_transpose(vectors)


def eig(x: Array, /) -> EigResult:
    """Eigenvalues and eigenvectors of any square matrices.

    Parameters
    ----------
    x
        (..., N, N), real or complex.

    Returns
    -------
    EigResult
        The namedtuple ``(eigenvalues, eigenvectors)``: (..., N), in no order, and (..., N, N), columns of norm 1.
        Both are always complex, as in PyTorch.

    Raises
    ------
    TypeError
        On a backend without it: the standard has none up to 2024.12.
    GraphError
        In the backward pass, if the loss depends on the phases of the eigenvectors: they are not determined.

    Notes
    -----
    Differentiable where the eigenvalues differ. Use `eigvals` where they alone are needed, and `eigh` for Hermitian
    matrices.
    """
    return EigResult(*_eig(x))


@op
def _eig(xp: Namespace, x: Array, /) -> tuple[Array, Array]:
    raise TypeError(_NO_EIG)


@_eig.gradient("x")
def eig_wrt_x(xp, grad, out):
    values, vectors = out
    grad_values, grad_vectors = grad
    size = values.shape[-1]
    inner = 0 if grad_values is None else put_diagonal(grad_values, rows=size, columns=size)
    across = xp.matrix_transpose(vectors)
    if grad_vectors is not None:
        turned = across @ grad_vectors
        refuse_phases(xp, "eig", turned)
        # Columns of norm 1 do not change along themselves.
        along = xp.expand_dims(xp.real(diagonal(turned)), axis=-2)
        inner = inner + (turned - across @ xp.conj(vectors) * along) / gaps(xp, values)
    return xp.linalg.solve(across, inner @ across)


@op
def eigvals(xp: Namespace, x: Array, /) -> Array:
    """The eigenvalues of any square matrices, (..., N, N): (..., N), complex, in no order (see `eig`)."""
    raise TypeError(_NO_EIG)


@eigvals.gradient("x")
def eigvals_wrt_x(xp, grad, x):
    across = xp.matrix_transpose(_eig(x)[1])
    return xp.linalg.solve(across, xp.expand_dims(grad, axis=-1) * across)


_NO_EIG = (
    "eig: the eigenvalues of general matrices are not in the standard, and this backend has no kernel for them. Use "
    "eigh for Hermitian matrices, or v.to('numpy')."
)
