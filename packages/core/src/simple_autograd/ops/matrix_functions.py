"""Linear algebra functions: analytic functions of square matrices.

They share their rule. The derivative of such a function f at A in the direction E is a block of f of a larger matrix
(Najfeld and Havel, 1995, "Derivatives of the matrix exponential and their computation")::

    f([[A, E],       [[f(A), df(A; E)],
       [0, A]])  ==   [0,    f(A)    ]]

and the gradient is this derivative at the transpose of A, in the direction of the gradient from above.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from ..op import op
from ..types import Array, Namespace
from .arguments import check_square

__all__ = ["matrix_exp", "matrix_power"]


@op
def matrix_power(xp: Namespace, x: Array, /, n: int) -> Array:
    """Integer powers of matrices: ``x @ x @ …``.

    Parameters
    ----------
    x
        (..., N, N), real or complex.
    n
        How often; 0 gives the identity, negative numbers powers of the inverse.

    Raises
    ------
    LinAlgError
        (NumPy's) if `n` is negative and a matrix singular.
    """
    check_square("matrix_power", x)
    return xp.linalg.matrix_power(x, n)


@matrix_power.gradient("x")
def matrix_power_wrt_x(xp, grad, x, n):
    return _derivative(xp, lambda matrix: xp.linalg.matrix_power(matrix, n), x, grad)


@op
def matrix_exp(xp: Namespace, x: Array, /) -> Array:
    """The exponentials of matrices: ``I + x + x @ x / 2 + …``.

    Parameters
    ----------
    x
        (..., N, N), real or complex.

    Notes
    -----
    By scaling and squaring with the [13/13] Padé approximant (Higham, 2005, "The scaling and squaring method for the
    matrix exponential revisited").
    """
    check_square("matrix_exp", x)
    if not xp.isdtype(x.dtype, ("real floating", "complex floating")):
        raise TypeError(
            f"matrix_exp: needed are floating matrices, these are {x.dtype}. Convert them with astype."
        )
    if math.prod(x.shape) == 0:
        return xp.zeros_like(x)
    size = xp.max(xp.sum(xp.abs(x), axis=-2), axis=-1)[..., None, None]
    large = xp.isfinite(size) & (size > _THETA)
    halvings = xp.where(large, xp.ceil(xp.log2(xp.where(large, size, _THETA) / _THETA)), 0)
    result = _pade(xp, x * 0.5**halvings)
    for step in range(int(xp.max(halvings))):
        result = xp.where(step < halvings, result @ result, result)
    return result


@matrix_exp.gradient("x")
def matrix_exp_wrt_x(xp, grad, x):
    return _derivative(xp, matrix_exp, x, grad)


_THETA = 5.371920351148152
"""Up to this 1-norm the approximant is exact in double precision."""

_COEFFICIENTS = (
    64764752532480000.0,
    32382376266240000.0,
    7771770303897600.0,
    1187353796428800.0,
    129060195264000.0,
    10559470521600.0,
    670442572800.0,
    33522128640.0,
    1323241920.0,
    40840800.0,
    960960.0,
    16380.0,
    182.0,
    1.0,
)


def _pade(xp: Namespace, x: Array) -> Array:
    b = _COEFFICIENTS
    one = xp.eye(x.shape[-1], dtype=x.dtype)
    x2 = x @ x
    x4 = x2 @ x2
    x6 = x4 @ x2
    odd = (
        x6 @ (b[13] * x6 + b[11] * x4 + b[9] * x2) + b[7] * x6 + b[5] * x4 + b[3] * x2 + b[1] * one
    )
    odd = x @ odd
    even = (
        x6 @ (b[12] * x6 + b[10] * x4 + b[8] * x2) + b[6] * x6 + b[4] * x4 + b[2] * x2 + b[0] * one
    )
    return xp.linalg.solve(even - odd, even + odd)


def _derivative(xp: Namespace, function: Callable[[Array], Array], x: Array, grad: Array) -> Array:
    """Give the gradient for `x` of a function of matrices (see the module's text)."""
    across = xp.matrix_transpose(x)
    above = xp.concat([across, grad], axis=-1)
    below = xp.concat([xp.zeros_like(across), across], axis=-1)
    size = x.shape[-1]
    return function(xp.concat([above, below], axis=-2))[..., :size, size:]
