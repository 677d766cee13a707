"""NumPy's older functions on polynomials: vectors of coefficients, that of the highest power first."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from .. import ops
from ..variable import Variable
from .calculus import _vander
from .dispatch import arrays, host, implements
from .linear_algebra import _eigvals, _lstsq

__all__: list[str] = []


def _coefficients(*given: Any) -> list[Variable]:
    """Give coefficients as vectors."""
    return [ops.reshape(p, (-1,)) for p in arrays(*given)]


def _trimmed(p: Variable) -> Variable:
    """Leave out the zeros in front, but for the last element."""
    (places,) = np.nonzero(host(p))
    return p[int(places[0]) if places.size else len(p) - 1 :]


@implements(np.poly)
def _poly(seq_of_zeros: Any) -> Variable:
    zeros = ops.asarray(seq_of_zeros)
    if zeros.ndim == 2 and zeros.shape[0] == zeros.shape[1] != 0:
        zeros = _eigvals(zeros)
    elif zeros.ndim != 1:
        raise ValueError(
            f"np.poly: needed are a vector of zeros or a square matrix, not shape {tuple(zeros.shape)}."
        )
    out = ops.asarray(zeros._backend.asarray(np.ones(1)), dtype=zeros.dtype)
    for zero in zeros:
        out = ops.convolve(out, ops.stack([ops.ones_like(zero), -zero]))
    values = np.sort_complex(host(zeros))
    if values.dtype == host(zeros).dtype and np.all(values == np.sort_complex(values.conj())):
        return ops.real(out)  # the zeros come in conjugate pairs
    return out


@implements(np.polyadd)
def _polyadd(a1: Any, a2: Any) -> Variable:
    a1, a2 = _coefficients(a1, a2)
    length = max(len(a1), len(a2))
    a1, a2 = (ops.pad(a, (length - len(a), 0)) for a in (a1, a2))
    return a1 + a2


@implements(np.polysub)
def _polysub(a1: Any, a2: Any) -> Variable:
    a1, a2 = _coefficients(a1, a2)
    return _polyadd(a1, -a2)


@implements(np.polymul)
def _polymul(a1: Any, a2: Any) -> Variable:
    return ops.convolve(*[_trimmed(a) for a in _coefficients(a1, a2)])


@implements(np.polydiv)
def _polydiv(u: Any, v: Any) -> tuple[Variable, Variable]:
    rest, divisor = (a + 0.0 for a in _coefficients(u, v))
    scale, size = 1.0 / divisor[0], len(divisor)
    quotient = []
    for k in range(len(rest) - size + 1):
        quotient.append(scale * rest[k])
        part = rest[k : k + size] - quotient[-1] * divisor
        rest = ops.concat([rest[:k], part, rest[k + size :]])
    values = host(rest)
    first = next(
        (i for i, value in enumerate(values) if not np.isclose(value, 0, rtol=1e-14)),
        len(values) - 1,
    )
    return ops.stack(quotient) if quotient else ops.zeros_like(rest[:1]), rest[first:]


@implements(np.polyder)
def _polyder(p: Any, m: int = 1) -> Variable:
    (p,) = _coefficients(p)
    if m < 0:
        raise ValueError(f"np.polyder: m is {m}; needed is how often to differentiate, 0 or more.")
    for _ in range(m):
        factors = np.arange(len(p) - 1, 0, -1)
        p = p[:-1] * p._backend.asarray(factors.astype(_with_integers(p)))
    return p


@implements(np.polyint)
def _polyint(p: Any, m: int = 1, k: Any = None) -> Variable:
    constants = np.zeros(m) if k is None else k
    p, constants = _coefficients(p, constants)
    if len(constants) == 1:
        constants = ops.broadcast_to(constants, (m,))
    if m < 0 or len(constants) < m:
        raise ValueError(
            f"np.polyint: m is {m} with {len(constants)} constants; needed are 0 or more times, and as many constants "
            f"or one."
        )
    for i in range(m):
        divisors = np.arange(len(p), 0, -1).astype(_with_integers(p))
        p = ops.concat([p / p._backend.asarray(divisors), constants[i : i + 1]])
    return p


def _with_integers(p: Variable) -> np.dtype:
    """Give NumPy's data type for products of `p` with integers."""
    return np.result_type(host(p).dtype, np.int64)


@implements(np.polyval)
def _polyval(p: Any, x: Any) -> Variable:
    (p,) = _coefficients(p)
    x = ops.asarray(x)
    out = ops.zeros_like(x)
    for coefficient in p:
        out = out * x + coefficient
    return out


@implements(np.polyfit)
def _polyfit(
    x: Any,
    y: Any,
    deg: int,
    rcond: float | None = None,
    full: bool = False,
    w: Any = None,
    cov: bool | str = False,
) -> Any:
    x, y = (values + 0.0 for values in arrays(x, y))
    if deg < 0 or x.ndim != 1 or y.ndim not in (1, 2) or not len(x) == y.shape[0] != 0:
        raise ValueError(
            f"np.polyfit: degree {deg}, x of shape {tuple(x.shape)} and y of shape {tuple(y.shape)}; needed are a "
            f"degree of 0 or more, a vector and as many values, or rows of them."
        )
    rcond = len(x) * np.finfo(host(x).dtype).eps if rcond is None else rcond
    matrix, right = _vander(x, deg + 1), y
    if w is not None:
        (w,) = _coefficients(w)
        w = ops.expand_dims(w, axis=1)
        matrix, right = matrix * w, right * (w if y.ndim == 2 else w[:, 0])
    scale = ops.sqrt(ops.sum(matrix * matrix, axis=0))
    matrix = matrix / scale
    solution, residuals, rank, values = _lstsq(matrix, right, rcond)
    columns = scale if y.ndim == 1 else ops.expand_dims(scale, axis=1)
    solution = solution / columns
    if full:
        return solution, residuals, rank, values, rcond
    if rank != deg + 1:
        warnings.warn("Polyfit may be poorly conditioned", np.exceptions.RankWarning, stacklevel=2)
    if not cov:
        return solution
    inverse = ops.inv(ops.matmul(ops.matrix_transpose(matrix), matrix)) / ops.outer(scale, scale)
    if cov != "unscaled":
        if len(x) <= deg + 1:
            raise ValueError(
                f"np.polyfit: {len(x)} points for {deg + 1} coefficients leave no spread to scale the covariance by. "
                f"Give cov='unscaled'."
            )
        spread = residuals / (len(x) - deg - 1)
        inverse = inverse * spread if y.ndim == 1 else ops.expand_dims(inverse, axis=2) * spread
    elif y.ndim == 2:
        inverse = ops.expand_dims(inverse, axis=2)
    return solution, inverse


@implements(np.roots)
def _roots(p: Any) -> Variable:
    (p,) = _coefficients(p)
    (places,) = np.nonzero(host(p))
    if not places.size:
        return ops.asarray(np.zeros(0))
    first, last = int(places[0]), int(places[-1])
    zeros, size = len(p) - 1 - last, last - first
    p = p[first : last + 1] * 1.0
    below = p._backend.asarray(np.eye(max(size - 1, 0), size), dtype=p.dtype)
    found = (
        _eigvals(ops.concat([ops.expand_dims(-p[1:] / p[0], axis=0), ops.asarray(below)]))
        if size
        else p[:0]
    )
    at_zero = p._backend.asarray(np.zeros(zeros), dtype=found.dtype)
    return ops.concat([found, ops.asarray(at_zero)])
