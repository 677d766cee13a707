"""NumPy's products (``np.dot``, ``np.einsum``) and ``np.linalg``, with their signatures and defaults.

``np.linalg.matrix_rank`` and ``np.einsum_path`` have no gradient and are in ``not_differentiable.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..ops.eigenvalues import EighResult, EigResult
from ..ops.solving import SlogdetResult
from ..variable import Variable
from .dispatch import arrays, host, implements, no_out, no_variable, operands, type_of

__all__: list[str] = []


# Products ---------------------------------------------------------------------------------------------------------


@implements(np.dot)
def _dot(a: Any, b: Any, out: Any = None) -> Variable:
    no_out(out)
    return ops.dot(*arrays(a, b))


@implements(np.vdot)
def _vdot(a: Any, b: Any, /) -> Variable:
    a, b = arrays(a, b)
    return ops.vecdot(ops.reshape(a, (-1,)), ops.reshape(b, (-1,)))


@implements(np.inner)
def _inner(a: Any, b: Any, /) -> Variable:
    return ops.inner(*arrays(a, b))


@implements(np.outer)
def _outer(a: Any, b: Any, out: Any = None) -> Variable:
    no_out(out)
    a, b = arrays(a, b)
    return ops.outer(ops.reshape(a, (-1,)), ops.reshape(b, (-1,)))


@implements(np.linalg.outer)
def _outer_of_vectors(x1: Any, x2: Any, /) -> Variable:
    return ops.outer(*arrays(x1, x2))


@implements(np.tensordot)
def _tensordot(a: Any, b: Any, axes: Any = 2) -> Variable:
    return ops.tensordot(*arrays(a, b), axes=axes)


@implements(np.linalg.tensordot)
def _tensordot_of_linalg(x1: Any, x2: Any, /, *, axes: Any = 2) -> Variable:
    return _tensordot(x1, x2, axes)


@implements(np.kron)
def _kron(a: Any, b: Any) -> Variable:
    return ops.kron(*arrays(a, b))


@implements(np.cross)
def _cross(
    a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Variable:
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = (
        ops.moveaxis(x, place, -1) for x, place in zip(arrays(a, b), (axisa, axisb), strict=True)
    )
    for name, x in (("a", a), ("b", b)):
        if x.shape[-1] != 3:
            raise ValueError(
                f"np.cross: {name} has vectors of length {x.shape[-1]}; needed is 3. For length 2, append a zero."
            )
    return ops.moveaxis(ops.cross(a, b), -1, axisc)


@implements(np.linalg.cross)
def _cross_of_linalg(x1: Any, x2: Any, /, *, axis: int = -1) -> Variable:
    return ops.cross(*arrays(x1, x2), axis=axis)


@implements(np.linalg.matmul)
def _matmul(x1: Any, x2: Any, /) -> Variable:
    return ops.matmul(*arrays(x1, x2))


@implements(np.linalg.vecdot)
def _vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Variable:
    return ops.vecdot(*arrays(x1, x2), axis=axis)


@implements(np.linalg.multi_dot)
def _multi_dot(arrays: Any, *, out: Any = None) -> Variable:
    no_out(out)
    return ops.multi_dot(operands(*arrays))


@implements(np.einsum)
def _einsum(*given: Any, out: Any = None, optimize: Any = False, **options: Any) -> Variable:
    no_out(out)
    if options:  # `optimize` chooses an order, and so does ops.einsum
        raise TypeError(f"np.einsum: {sorted(options)} cannot be given for a Variable.")
    if isinstance(given[0], str):
        return ops.einsum(given[0], *arrays(*given[1:]))
    return ops.einsum(*given)


# Diagonals --------------------------------------------------------------------------------------------------------


@implements(np.diagonal)
def _diagonal(a: Variable, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Variable:
    return ops.diagonal(ops.moveaxis(a, (axis1, axis2), (-2, -1)), offset=offset)


@implements(np.trace)
def _trace(
    a: Variable,
    offset: int = 0,
    axis1: int = 0,
    axis2: int = 1,
    dtype: Any = None,
    out: Any = None,
) -> Variable:
    no_out(out)
    return ops.sum(_diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype)


@implements(np.linalg.diagonal)
def _diagonal_of_matrices(x: Variable, /, *, offset: int = 0) -> Variable:
    return ops.diagonal(x, offset=offset)


@implements(np.linalg.trace)
def _trace_of_matrices(x: Variable, /, *, offset: int = 0, dtype: Any = None) -> Variable:
    return ops.trace(x, offset=offset, dtype=dtype)


@implements(np.linalg.matrix_transpose)
def _matrix_transpose(x: Variable, /) -> Variable:
    return ops.matrix_transpose(x)


# Decompositions ---------------------------------------------------------------------------------------------------


@implements(np.linalg.cholesky)
def _cholesky(a: Variable, /, *, upper: bool = False) -> Variable:
    return ops.cholesky(a, upper=upper)


@implements(np.linalg.qr)
def _qr(a: Variable, mode: str = "reduced") -> Any:
    if mode == "r":
        return ops.qr(a).R
    return ops.qr(a, mode=mode)


@implements(np.linalg.svd)
def _svd(
    a: Variable, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> Any:
    # `hermitian` lets NumPy compute the same decomposition from eigenvalues.
    return ops.svd(a, full_matrices=full_matrices) if compute_uv else ops.svdvals(a)


@implements(np.linalg.svdvals)
def _svdvals(x: Variable, /) -> Variable:
    return ops.svdvals(x)


@implements(np.linalg.eigh)
def _eigh(a: Variable, UPLO: str = "L") -> EighResult:  # noqa: N803 - NumPy's name
    return ops.eigh(_lower(a, UPLO))


@implements(np.linalg.eigvalsh)
def _eigvalsh(a: Variable, UPLO: str = "L") -> Variable:  # noqa: N803
    return ops.eigvalsh(_lower(a, UPLO))


def _lower(a: Variable, triangle: str) -> Variable:
    """Give Hermitian matrices, of which one triangle is there, with the lower one there."""
    if triangle.upper() not in ("L", "U"):
        raise ValueError(f"np.linalg.eigh: UPLO is {triangle!r}; needed is 'L' or 'U'.")
    return a if triangle.upper() == "L" else ops.conj(ops.matrix_transpose(a))


@implements(np.linalg.eig)
def _eig(a: Variable) -> EigResult:
    values, vectors = ops.eig(a)
    if _are_real(a, values):
        values, vectors = ops.real(values), ops.real(vectors)
    return EigResult(values, vectors)


@implements(np.linalg.eigvals)
def _eigvals(a: Variable) -> Variable:
    values = ops.eigvals(a)
    return ops.real(values) if _are_real(a, values) else values


def _are_real(a: Variable, values: Variable) -> bool:
    """Say whether NumPy gives real eigenvalues: those of real matrices, if all are."""
    return not np.iscomplexobj(host(a)) and not np.any(host(values).imag)


# Equations --------------------------------------------------------------------------------------------------------


@implements(np.linalg.inv)
def _inv(a: Variable) -> Variable:
    return ops.inv(a)


@implements(np.linalg.solve)
def _solve(a: Any, b: Any) -> Variable:
    return ops.solve(*arrays(a, b))


@implements(np.linalg.tensorinv)
def _tensorinv(a: Variable, ind: int = 2) -> Variable:
    return ops.tensorinv(a, ind)


@implements(np.linalg.tensorsolve)
def _tensorsolve(a: Any, b: Any, axes: Any = None) -> Variable:
    return ops.tensorsolve(*arrays(a, b), axes)


_UNSET = object()


@implements(np.linalg.pinv)
def _pinv(
    a: Variable, rcond: Any = None, hermitian: bool = False, *, rtol: Any = _UNSET
) -> Variable:
    if rcond is not None and rtol is not _UNSET:
        raise ValueError("np.linalg.pinv: rcond and rtol are two names for one thing; give one.")
    cutoff = no_variable("np.linalg.pinv", "rtol", rcond if rtol is _UNSET else rtol)
    return ops.pinv(a, rtol=1e-15 if cutoff is None and rtol is _UNSET else cutoff)


@implements(np.linalg.lstsq)
def _lstsq(a: Any, b: Any, rcond: float | None = None) -> tuple[Any, ...]:
    a, b = arrays(a, b)
    rcond = None if rcond is None else float(no_variable("np.linalg.lstsq", "rcond", rcond))
    if rcond is not None and rcond < 0:  # which to LAPACK means the precision itself
        rcond = float(np.finfo(np.result_type(type_of(a), type_of(b), np.float32)).eps)
    solution, residuals, rank, values = ops.lstsq(a, b, rcond=rcond)
    count = rank.item() if isinstance(rank, Variable) else int(rank)
    rows, columns = a.shape[-2:]
    residuals = ops.reshape(residuals, (-1,))
    # NumPy's are empty where the solution is exact or not unique.
    return solution, residuals if count == columns < rows else residuals[:0], count, values


@implements(np.linalg.det)
def _det(a: Variable) -> Variable:
    return ops.det(a)


@implements(np.linalg.slogdet)
def _slogdet(a: Variable) -> SlogdetResult:
    return ops.slogdet(a)


@implements(np.linalg.matrix_power)
def _matrix_power(a: Variable, n: int) -> Variable:
    return ops.matrix_power(a, n)


# Norms ------------------------------------------------------------------------------------------------------------


@implements(np.linalg.norm)
def _norm(x: Variable, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Variable:
    return ops.norm(x, ord, axis, keepdims)


@implements(np.linalg.vector_norm)
def _vector_norm(x: Variable, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    return ops.vector_norm(x, axis=axis, keepdims=keepdims, ord=ord)


@implements(np.linalg.matrix_norm)
def _matrix_norm(x: Variable, /, *, keepdims: bool = False, ord: Any = "fro") -> Variable:
    return ops.matrix_norm(x, keepdims=keepdims, ord=ord)


@implements(np.linalg.cond)
def _cond(x: Variable, p: Any = None) -> Variable:
    return ops.cond(x, p)
