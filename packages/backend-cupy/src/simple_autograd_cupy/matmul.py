"""Matrix products: ``matmul`` through cuBLAS, also while a step is captured.

Operands that are stored transposed, or one matrix for a whole stack, are told to cuBLAS as they are; only what it
cannot be told is copied. ``namespace/`` has `matmul` in place of CuPy's, so every operation comes here.
"""

from __future__ import annotations

import ctypes
import functools
import itertools
import math
from typing import Any

import cupy

from . import cublas
from .precision import get_float32_matmul_precision

__all__ = ["matmul"]

Array = Any

# cublasComputeType_t, from cublas_api.h.
_COMPUTE_32F, _COMPUTE_64F = 68, 70
_COMPUTE = {"highest": _COMPUTE_32F, "high": 77, "medium": 75}
"""By the precision of float32: float32 itself, TF32, bfloat16."""

_DEFAULT_ALGORITHM = -1

_TYPES = {
    "e": (2, _COMPUTE_32F, ctypes.c_float),
    "E": (14, _COMPUTE_32F, ctypes.c_float),  # bfloat16
    "f": (0, None, ctypes.c_float),
    "d": (1, _COMPUTE_64F, ctypes.c_double),
    "F": (4, None, ctypes.c_float),
    "D": (5, _COMPUTE_64F, ctypes.c_double),
}
"""By the character of a data type: its cudaDataType, what it is computed in (None: as the precision says), and the type
of the factors."""


_MOST = 2**31 - 1


def matmul(x1: Array, x2: Array, /, *, factor: float = 1.0) -> Array:
    """Matrix product: (..., M, K) and (..., K, N) to (..., M, N); vectors as in the array API standard.

    Kernels may have it multiplied by a factor, which takes no launch of its own.
    """
    if not (type(x1) is type(x2) is cupy.ndarray) or not x1.ndim or not x2.ndim:
        return _multiplied(cupy.matmul(x1, x2), factor)
    if x1.dtype != x2.dtype:
        dtype = cupy.result_type(x1, x2)
        x1, x2 = x1.astype(dtype, copy=False), x2.astype(dtype, copy=False)
    a = x1[None, :] if x1.ndim == 1 else x1
    b = x2[:, None] if x2.ndim == 1 else x2
    lead = () if a.ndim == b.ndim == 2 else _common(a.shape[:-2], b.shape[:-2])
    known = _TYPES.get(x1.dtype.char)
    fits = lead is not None and a.shape[-1] == b.shape[-2] and _is_counted(a) and _is_counted(b)
    if known is None or not fits or cublas.library() is None:
        return _multiplied(cupy.matmul(x1, x2), factor)
    assert lead is not None  # or it would not fit
    out = _product(a, b, lead, factor, *known)
    if x1.ndim == 1:
        out = out[..., 0, :]
    return out[..., 0] if x2.ndim == 1 else out


def _is_counted(x: Array) -> bool:
    """Say whether cuBLAS can be told the lengths, as 32-bit integers."""
    return x.size <= _MOST or max(x.shape) <= _MOST


def _multiplied(product: Array, factor: float) -> Array:
    return product if factor == 1 else product * factor


def _common(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...] | None:
    """Give the shape that two shapes broadcast to; None if they do not."""
    if first == second:
        return first
    lengths = []
    for one, other in itertools.zip_longest(first[::-1], second[::-1], fillvalue=1):
        if one != other and one != 1 and other != 1:
            return None
        lengths.append(other if one == 1 else one)
    return tuple(lengths[::-1])


def _product(
    a: Array,
    b: Array,
    lead: tuple[int, ...],
    factor: float,
    kind: int,
    compute: int | None,
    real: Any,
) -> Array:
    """Multiply (..., M, K) by (..., K, N), whose leading axes broadcast to `lead`, and by a factor."""
    rows, inner = a.shape[-2:]
    columns = b.shape[-1]
    shape = (*lead, rows, columns)
    if not inner or 0 in shape:
        return cupy.zeros(shape, a.dtype)
    if lead and math.prod(b.shape[:-2]) == 1 and a.flags.c_contiguous:
        # A stack times one matrix: all rows at once.
        a, b = a.reshape(-1, inner), b.reshape(b.shape[-2:])
        rows, lead = a.shape[0], ()
    out = cupy.empty(shape, a.dtype)
    count = math.prod(lead)
    a, transposed_a, width_a, step_a = _told(a, lead)
    b, transposed_b, width_b, step_b = _told(b, lead)
    # Where the factors lie is told to cuBLAS, which reads them at once.
    factors = _factors(real, factor)
    alpha = ctypes.addressof(factors)
    beta = alpha + 2 * ctypes.sizeof(real)
    compute = _COMPUTE[get_float32_matmul_precision()] if compute is None else compute
    # cuBLAS counts down columns: what lies there row by row is the transpose to it, so it makes out.T = b.T @ a.T.
    sizes = (cublas.handle(), transposed_b, transposed_a, columns, rows, inner, alpha)
    if count == 1:
        cublas.library().gemm_ex(
            *sizes,
            *(b.data.ptr, kind, width_b),
            *(a.data.ptr, kind, width_a),
            *(beta, out.data.ptr, kind, columns, compute, _DEFAULT_ALGORITHM),
        )
    else:
        cublas.library().gemm_strided_batched_ex(
            *sizes,
            *(b.data.ptr, kind, width_b, step_b),
            *(a.data.ptr, kind, width_a, step_a),
            *(beta, out.data.ptr, kind, columns, rows * columns),
            *(count, compute, _DEFAULT_ALGORITHM),
        )
    return out


@functools.lru_cache(maxsize=64)
def _factors(real: Any, factor: float) -> Any:
    """Give a factor, and then 0, as complex numbers."""
    return (real * 4)(factor, 0, 0, 0)


def _told(x: Array, lead: tuple[int, ...]) -> tuple[Array, int, int, int]:
    """Give a stack of matrices, copied where cuBLAS cannot be told how it lies, and what to tell.

    That is 1 where the matrices lie column by column and 0 where row by row, how far apart columns or rows are, and how
    far apart the matrices are: all in elements, and 0 for one matrix instead of a stack.
    """
    layout = _layout(x)
    if layout is None:
        x, layout = x.copy(), (0, x.shape[-1])
    step = _step(x, lead) if lead else 0
    if step is None:
        matrix = x.shape[-2:]
        x = cupy.broadcast_to(x, (*lead, *matrix)).copy()
        layout, step = (0, matrix[1]), matrix[0] * matrix[1]
    return x, *layout, step


def _layout(x: Array) -> tuple[int, int] | None:
    rows, columns = x.shape[-2:]
    down, along = x.strides[-2:]
    size = x.itemsize
    if (along == size or columns == 1) and (rows == 1 or down >= columns * size):
        return 0, down // size if rows > 1 else columns
    if (down == size or rows == 1) and (columns == 1 or along >= rows * size):
        return 1, along // size if columns > 1 else rows
    return None


def _step(x: Array, lead: tuple[int, ...]) -> int | None:
    """Say how far apart the matrices of a stack are; None if not equally far over all of `lead`."""
    missing = len(lead) - x.ndim + 2
    lengths, steps = (1,) * missing + x.shape[:-2], (0,) * missing + x.strides[:-2]
    step: int | None = None
    whole = 0
    for length, own, distance in zip(lead[::-1], lengths[::-1], steps[::-1], strict=True):
        if length == 1:
            continue
        distance = distance if own == length else 0
        if step is None:
            step = whole = distance
        elif distance != whole:
            return None
        whole *= length
    return (step or 0) // x.itemsize
