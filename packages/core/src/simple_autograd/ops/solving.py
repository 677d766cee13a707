"""Linear algebra functions: systems of linear equations, inverses and determinants.

The rules are in Giles (2008), "An extended collection of matrix derivative results", and for `pinv` and `lstsq` in
Golub and Pereyra (1973), "The differentiation of pseudo-inverses".
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..op import op
from ..types import Array, Namespace
from ..variable import Variable
from .arguments import check_matrices, check_square, conjugate
from .arithmetic import abs, add, subtract
from .decompositions import svdvals_wrt_x
from .exponential import log
from .factors import adjoint
from .manipulation import expand_dims, squeeze
from .powers import square
from .products import matmul
from .statistical import sum

__all__ = [
    "LstsqResult",
    "SlogdetResult",
    "cofactors",
    "det",
    "inv",
    "logdet",
    "lstsq",
    "matrix_rank",
    "pinv",
    "slogdet",
    "solve",
]


class LstsqResult(NamedTuple):
    """What `lstsq` gives."""

    solution: Array
    residuals: Array
    rank: Array
    singular_values: Array


class SlogdetResult(NamedTuple):
    """What `slogdet` gives: ``det(x) == sign * exp(logabsdet)``."""

    sign: Array
    logabsdet: Array


@op
def inv(xp: Namespace, x: Array, /) -> Array:
    """The inverses of matrices.

    Parameters
    ----------
    x
        (..., N, N), real or complex. To solve equations `solve` is faster and more accurate.

    Raises
    ------
    LinAlgError
        (NumPy's) if a matrix is singular.
    """
    check_square("inv", x)
    return xp.linalg.inv(x)


@inv.gradient("x")
def inv_wrt_x(xp, grad, out):
    across = xp.matrix_transpose(out)
    return -(across @ grad @ across)


@op
def solve(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """The solution X of ``x1 @ X == x2``.

    Parameters
    ----------
    x1
        (..., N, N), real or complex.
    x2
        (N,), one right side for all matrices, or (..., N, K). The leading axes broadcast.

    Returns
    -------
    Array
        (..., N), or (..., N, K).

    Raises
    ------
    LinAlgError
        (NumPy's) if a matrix is singular.
    """
    check_square("solve", x1)
    return xp.linalg.solve(x1, x2)


@solve.gradient("x1")
def solve_wrt_x1(xp, grad, out, x1, x2_shape):
    if len(x2_shape) == 1:
        grad, out = xp.expand_dims(grad, axis=-1), xp.expand_dims(out, axis=-1)
    across = xp.linalg.solve(xp.matrix_transpose(x1), grad)
    return -(across @ xp.matrix_transpose(out))


@solve.gradient("x2")
def solve_wrt_x2(xp, grad, x1, x2_shape):
    if len(x2_shape) > 1:
        return xp.linalg.solve(xp.matrix_transpose(x1), grad)
    column = xp.linalg.solve(xp.matrix_transpose(x1), xp.expand_dims(grad, axis=-1))
    return xp.squeeze(column, axis=-1)


@op
def pinv(xp: Namespace, x: Array, /, *, rtol: float | Array | None = None) -> Array:
    """The pseudo-inverses (Moore and Penrose's) of matrices.

    Parameters
    ----------
    x
        (..., N, M), real or complex.
    rtol
        Singular values up to `rtol` times the largest count as 0: a number, or one per matrix, (...). None means
        ``max(N, M)`` times the data type's precision.

    Returns
    -------
    Array
        (..., M, N).

    Notes
    -----
    Differentiable where the rank is locally constant.
    """
    check_matrices("pinv", x)
    return xp.linalg.pinv(x, rtol=_tolerance(rtol))


def _tolerance(rtol):
    """Give a relative tolerance as a number or a raw array: what it decides, a rank, has no gradient."""
    return rtol._raw if isinstance(rtol, Variable) else rtol


@pinv.gradient("x")
def pinv_wrt_x(xp, grad, out, x, rtol):
    across, back = xp.matrix_transpose(out), xp.matrix_transpose(grad)
    turned = conjugate(xp, across)
    # The first term is that of an inverse; the others come from outside the range, on the left and on the right.
    left = (back - x @ (out @ back)) @ out @ turned
    right = turned @ out @ (back - (back @ out) @ x)
    found = conjugate(xp, left + right) - across @ grad @ across
    return found + _from_truncation(xp, grad, x, rtol)


def _from_truncation(xp, grad, x, rtol):
    """Give what the gradient of `pinv` has besides where singular values count as 0 that are not.

    Of the singular vectors of a value b that counts and a value d that does not, the change of x mixes the two: in
    their bases the pseudo-inverse changes by ``(conj(dx[d, b]) + d / b * dx[b, d]) / (b**2 - d**2)``, and the same with
    b and d exchanged in the indices. For d = 0 that is Golub and Pereyra's; the rest is here.
    """
    if rtol is None:
        return 0
    u, s, vh = xp.linalg.svd(x, full_matrices=False)
    largest = s[..., :1]
    rtol = _tolerance(rtol)
    cutoff = rtol if isinstance(rtol, int | float) else xp.expand_dims(rtol, axis=-1)
    counts = s > largest * cutoff
    lost = ~counts & (s > max(x.shape[-2:]) * float(xp.finfo(s.dtype).eps) * largest)
    if not bool(xp.any(lost)):
        return 0
    pairs = xp.expand_dims(counts, axis=-1) & xp.expand_dims(lost, axis=-2)
    above = xp.where(pairs, xp.expand_dims(s, axis=-1), 1)
    below = xp.where(pairs, xp.expand_dims(s, axis=-2), 0)
    across = below / above / (above * above - below * below)
    straight = across * below / above
    u, vh = conjugate(xp, u), conjugate(xp, vh)
    turned = vh @ grad @ u
    inner = (across + xp.matrix_transpose(across)) * turned
    inner = inner + (straight + xp.matrix_transpose(straight)) * adjoint(xp, turned)
    return u @ inner @ vh


def lstsq(x1: Array, x2: Array, /, *, rcond: float | None = None) -> LstsqResult:
    """The X of least norm for which ``x1 @ X - x2`` has the least norm, column by column.

    Parameters
    ----------
    x1
        (..., N, M), real or complex, of any rank.
    x2
        (N,), one right side for all matrices, or (..., N, K). The leading axes broadcast.
    rcond
        Singular values up to `rcond` times the largest count as 0. None means ``max(N, M)`` times the data type's
        precision.

    Returns
    -------
    LstsqResult
        The namedtuple ``(solution, residuals, rank, singular_values)``: the solution, (..., M) or (..., M, K); the
        squared norms of ``x1 @ X - x2``, () or (..., K); and of `x1`, the rank (which has no gradient) and the singular
        values, in descending order.

    Notes
    -----
    Differentiable where the rank is locally constant.
    """
    vector = len(getattr(x2, "shape", ())) == 1
    x2 = expand_dims(x2, axis=-1) if vector else x2
    solution, singular_values, rank = _lstsq(x1, x2, rcond=rcond)
    residuals = sum(square(abs(subtract(matmul(x1, solution), x2))), axis=-2)
    if vector:
        solution, residuals = squeeze(solution, -1), squeeze(residuals, -1)
    rank = rank.detach() if isinstance(rank, Variable) else rank
    return LstsqResult(solution, residuals, rank, singular_values)


@op
def _lstsq(
    xp: Namespace, x1: Array, x2: Array, /, *, rcond: float | None
) -> tuple[Array, Array, Array]:
    check_matrices("lstsq", x1)
    u, s, vh = xp.linalg.svd(x1, full_matrices=False)
    if rcond is None:
        rcond = max(x1.shape[-2:]) * float(xp.finfo(s.dtype).eps)
    counts = s > rcond * s[..., :1]
    rank = xp.sum(xp.astype(counts, xp.int64), axis=-1)
    weights = xp.where(counts, 1 / xp.where(counts, s, 1), 0)
    turned = conjugate(xp, xp.matrix_transpose(u)) @ x2
    solution = conjugate(xp, xp.matrix_transpose(vh)) @ (xp.expand_dims(weights, axis=-1) * turned)
    return solution, s, rank


@_lstsq.gradient("x1")
def lstsq_wrt_x1(xp, grad, out, x1, x2, rcond):
    total = 0 if grad[1] is None else svdvals_wrt_x(xp, grad[1], x1)
    if grad[0] is None:
        return total
    grad, solution = grad[0], out[0]
    inverse = pinv(x1, rtol=rcond)
    across = xp.matrix_transpose(inverse)
    onto = across @ grad
    residual = x2 - x1 @ solution
    # As in pinv: the part of an inverse, the part of what x2 has outside the range, and that of a missing rank.
    left = residual @ xp.matrix_transpose(conjugate(xp, inverse) @ onto)
    kernel = grad - xp.matrix_transpose(x1) @ onto
    right = (conjugate(xp, across) @ solution) @ xp.matrix_transpose(kernel)
    total = total + conjugate(xp, left + right) - onto @ xp.matrix_transpose(solution)
    return total + _from_truncation(xp, grad @ xp.matrix_transpose(x2), x1, rcond)


@_lstsq.gradient("x2")
def lstsq_wrt_x2(xp, grad, x1, x2, rcond):
    if grad[0] is None:
        return xp.zeros_like(x2)
    return xp.matrix_transpose(pinv(x1, rtol=rcond)) @ grad[0]


@op
def det(xp: Namespace, x: Array, /) -> Array:
    """The determinants of matrices.

    Parameters
    ----------
    x
        (..., N, N), real or complex. It overflows easily for large ones: there is `slogdet`.

    Returns
    -------
    Array
        (...).

    Notes
    -----
    The gradient is right for singular matrices too; the second derivative needs invertible ones.
    """
    check_square("det", x)
    return xp.linalg.det(x)


@det.gradient("x")
def det_wrt_x(xp, grad, x):
    return xp.expand_dims(xp.expand_dims(grad, axis=-1), axis=-1) * cofactors(x)


@op
def cofactors(xp: Namespace, x: Array, /) -> Array:
    """The cofactors of matrices, (..., N, N): ``det(x) * inv(x).mT``, and its limit for singular ones.

    Notes
    -----
    Differentiable for invertible matrices; for singular ones the backward pass raises NumPy's LinAlgError.
    """
    determinant = xp.linalg.det(x)
    if not bool(xp.any(determinant == 0)):
        return determinant[..., None, None] * xp.matrix_transpose(xp.linalg.inv(x))
    # With x = U S V^H they are det(U V^H) conj(U) C V^T, where C holds the products of all singular values but one.
    u, s, vh = xp.linalg.svd(x, full_matrices=False)
    size = s.shape[-1]
    others = xp.where(xp.eye(size, dtype=xp.bool), 1, xp.expand_dims(s, axis=-2))
    weights = xp.prod(others, axis=-1) * xp.linalg.det(u @ vh)[..., None]
    return (conjugate(xp, u) * xp.expand_dims(weights, axis=-2)) @ conjugate(xp, vh)


@cofactors.gradient("x")
def cofactors_wrt_x(xp, grad, out, x):
    across = xp.matrix_transpose(xp.linalg.inv(x))
    inside = xp.sum(grad * out, axis=(-2, -1), keepdims=True)
    return (inside * across) - out @ xp.matrix_transpose(grad) @ across


def slogdet(x: Array, /) -> SlogdetResult:
    """The determinants of matrices as signs and logarithms of absolute values, which do not overflow.

    Parameters
    ----------
    x
        (..., N, N), real or complex.

    Returns
    -------
    SlogdetResult
        The namedtuple ``(sign, logabsdet)``, both (...). The sign is -1, 0 or 1, for complex matrices a number of
        absolute value 1, or 0; the logarithm is real, and -inf for a singular matrix.

    Raises
    ------
    LinAlgError
        (NumPy's) in the backward pass, for a singular matrix.
    """
    return SlogdetResult(*_slogdet(x))


@op
def _slogdet(xp: Namespace, x: Array, /) -> tuple[Array, Array]:
    check_square("slogdet", x)
    return tuple(xp.linalg.slogdet(x))


@_slogdet.gradient("x")
def slogdet_wrt_x(xp, grad, out, x):
    grad_sign, grad_log = grad
    total: Any = 0 if grad_log is None else grad_log
    if grad_sign is not None and xp.isdtype(x.dtype, "complex floating"):
        # The sign turns with the imaginary part of trace(inv(x) dx). A real one does not change.
        total = total + xp.imag(grad_sign * out[0]) * 1j
    elif grad_log is None:
        return xp.zeros_like(x)
    return total[..., None, None] * xp.matrix_transpose(xp.linalg.inv(x))


def logdet(x: Array, /) -> Array:
    """The logarithms of the determinants of matrices, (..., N, N); of a negative one NaN, of 0 -inf (see `slogdet`)."""
    sign, logarithm = slogdet(x)
    return add(logarithm, log(sign))


@op(differentiable=False)
def matrix_rank(xp: Namespace, x: Array, /, *, rtol: float | Array | None = None) -> Array:
    """The ranks of matrices, (..., N, M): how many singular values lie above `rtol` times the largest (see `pinv`)."""
    check_matrices("matrix_rank", x)
    return xp.linalg.matrix_rank(x, rtol=_tolerance(rtol))
