"""What the rules of decompositions share. No op is here."""

from __future__ import annotations

from ..errors import GraphError
from .arguments import conjugate
from .diagonals import diagonal

__all__ = ["adjoint", "determined", "gaps", "refuse_phases"]


def adjoint(xp, x):
    """Give the conjugate transpose."""
    return conjugate(xp, xp.matrix_transpose(x))


def gaps(xp, values):
    """Give the differences ``values[j] - values[i]``, and 1 on the diagonal."""
    gaps = xp.expand_dims(values, axis=-2) - xp.expand_dims(values, axis=-1)
    return gaps + xp.eye(values.shape[-1], dtype=values.dtype)


def determined(xp, operation, factor, grad, rank, *, rows=False):
    """Give the gradient of the first `rank` columns (or rows) of a factor; refuse one of the others."""
    if grad is None:
        return None
    others = grad[..., rank:, :] if rows else grad[..., rank:]
    if bool(xp.any(others != 0)):
        which = "rows" if rows else "columns"
        raise GraphError(
            f"{operation}: the loss depends on the {which} of {factor} beyond the first {rank}. They are any "
            f"orthonormal completion and have no gradient; compute the reduced form, or leave them out of the loss."
        )
    return grad[..., :rank, :] if rows else grad[..., :rank]


def refuse_phases(xp, operation, *turned):
    """Raise if complex vectors' phases, which are arbitrary, change the loss.

    `turned` are products ``vectors.mT @ gradient``; the loss changes with the phases by the imaginary part of the
    diagonal of their sum.
    """
    if not turned or not xp.isdtype(turned[0].dtype, "complex floating"):
        return
    change = xp.abs(xp.imag(sum(diagonal(matrix) for matrix in turned)))
    scale = sum(xp.sum(xp.abs(matrix), axis=(-2, -1)) for matrix in turned)
    rounding = 10 * float(xp.finfo(turned[0].dtype).eps) ** 0.5
    if bool(xp.any(change > rounding * xp.expand_dims(scale, axis=-1))):
        raise GraphError(
            f"{operation}: the loss depends on the phases of complex vectors, which are arbitrary, so it has no "
            f"gradient. Use only what they do not change, such as abs(v) or a product of v with conj(v)."
        )
