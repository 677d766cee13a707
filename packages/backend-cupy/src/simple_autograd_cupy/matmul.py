"""Matrix products: ``matmul`` through cuBLAS, also while a step is captured.

Operands that are stored transposed, or one matrix for a whole stack, are told to cuBLAS as they are; only what it
cannot be told is copied. What it is told besides addresses is found once for each kind of product and kept, since
training repeats few kinds. ``namespace/`` has `matmul` in place of CuPy's, so every operation comes here.
"""

from __future__ import annotations

import ctypes
import functools
import math
from typing import Any, NamedTuple

import cupy

from . import cublas
from .precision import get_float32_matmul_precision

__all__ = ["matmul"]

Array = Any
Shape = tuple[int, ...]

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
"""Lengths are 32-bit integers to cuBLAS."""


def matmul(x1: Array, x2: Array, /, *, factor: float = 1.0) -> Array:
    """Matrix product: (..., M, K) and (..., K, N) to (..., M, N); vectors as in the array API standard.

    Kernels may have it multiplied by a factor, which takes no launch of its own.
    """
    if not (type(x1) is type(x2) is cupy.ndarray) or not x1.ndim or not x2.ndim:
        return _by_cupy(x1, x2, factor)
    if x2.ndim == 1:
        return matmul(x1, x2[:, None], factor=factor)[..., 0]
    if x1.ndim == 1:
        return matmul(x1[None, :], x2, factor=factor)[..., 0, :]
    dtype = x1.dtype
    if dtype != x2.dtype:
        dtype = cupy.result_type(x1, x2)
        x1, x2 = x1.astype(dtype, copy=False), x2.astype(dtype, copy=False)
    precision = get_float32_matmul_precision()
    plan = _plan(dtype, precision, factor, x1.shape, x1.strides, x2.shape, x2.strides)
    if plan is None:
        return _by_cupy(x1, x2, factor)
    if plan.stacks is None:
        if plan.copied is None:
            return cupy.zeros(plan.shape, dtype)
        x1, x2 = (_copied(x, shape) for x, shape in zip((x1, x2), plan.copied, strict=True))
        return matmul(x1, x2, factor=factor)
    out = cupy.ndarray(plan.shape, dtype)  # what `cupy.empty` gives, without its detour
    cublas.multiply(
        *(plan.stacks, *plan.sizes, x2.data.ptr, *plan.second, x1.data.ptr, *plan.first),
        *(out.data.ptr, *plan.out),
    )
    return out


def _by_cupy(x1: Array, x2: Array, factor: float) -> Array:
    out = cupy.matmul(x1, x2)
    return out if factor == 1 else out * factor


def _copied(x: Array, shape: Shape | None) -> Array:
    return x if shape is None else cupy.broadcast_to(x, shape).copy()


# What cuBLAS is told --------------------------------------------------------------------------------------------


class _Plan(NamedTuple):
    """How to multiply two arrays that lie in memory in one way.

    cuBLAS counts down columns: what lies row by row is the transpose to it, so it makes ``out.T = x2.T @ x1.T``.
    """

    shape: Shape
    """Of the product."""
    copied: tuple[Shape | None, Shape | None] | None = None
    """The shapes that operands must be broadcast and copied to first; None for one that need not be."""
    stacks: bool | None = None
    """Whether cuBLAS makes several products; None where it makes none of these arrays."""
    sizes: tuple[int, ...] = ()
    """What it is told first: which operands are transposed, three lengths, and where the factor is."""
    second: tuple[int, ...] = ()
    """What follows the second operand's address: its type, and how far columns or rows, and matrices, are apart."""
    first: tuple[int, ...] = ()
    """What follows the first operand's address: the same, and where 0 is, the factor of what is overwritten."""
    out: tuple[int, ...] = ()
    """What follows the product's address: the same, how many matrices there are, and how to compute."""
    factors: Any = None
    """What lies where the factors are."""


@functools.lru_cache(maxsize=4096)
def _plan(
    dtype: Any,
    precision: str,
    factor: float,
    shape1: Shape,
    strides1: Shape,
    shape2: Shape,
    strides2: Shape,
) -> _Plan | None:
    """Plan the product of arrays of such shapes and strides.

    None for types that cuBLAS does not multiply, lengths that it cannot be told, and shapes that do not fit together.
    """
    a, b = _Stack.of(shape1, strides1), _Stack.of(shape2, strides2)
    known = _TYPES.get(dtype.char)
    if known is None or a.columns != b.rows:
        return None
    try:
        lead = cupy.broadcast_shapes(a.lead, b.lead)
    except ValueError:
        return None
    shape = (*lead, a.rows, b.columns)
    if 0 in shape or not a.columns:
        return _Plan(shape)
    size = dtype.itemsize
    if lead and math.prod(b.lead) == 1 and a.is_contiguous(size):
        # A stack times one matrix: all rows at once.
        a = _Stack((), math.prod(lead) * a.rows, a.columns, (a.columns * size, size))
        b, lead = _Stack((), b.rows, b.columns, b.strides[-2:]), ()
    steps_a, steps_b = a.steps(size), b.steps(size)
    apart_a, apart_b = a.apart(lead, size), b.apart(lead, size)
    if steps_a is None or steps_b is None or apart_a is None or apart_b is None:
        wanted = a.copied(shape1, lead, size), b.copied(shape2, lead, size)
        return _Plan(shape, copied=wanted)
    lengths, count = (b.columns, a.rows, a.columns), math.prod(lead)
    if max(*lengths, *steps_a, *steps_b, count) > _MOST:
        return None
    kind, compute, real = known
    # Where the factors lie is told to cuBLAS, which reads them at once: one and then 0, as complex numbers.
    factors = (real * 4)(factor, 0, 0, 0)
    alpha = ctypes.addressof(factors)
    beta = alpha + 2 * ctypes.sizeof(real)
    how = (_COMPUTE[precision] if compute is None else compute, _DEFAULT_ALGORITHM)
    stacks = count > 1
    return _Plan(
        shape,
        stacks=stacks,
        sizes=(steps_b[0], steps_a[0], *lengths, alpha),
        second=(kind, steps_b[1], *[apart_b] * stacks),
        first=(kind, steps_a[1], *[apart_a] * stacks, beta),
        out=(kind, b.columns, *[a.rows * b.columns, count] * stacks, *how),
        factors=factors,
    )


class _Stack(NamedTuple):
    """A stack of matrices, as an array's shape and strides tell."""

    lead: Shape
    rows: int
    columns: int
    strides: Shape

    @classmethod
    def of(cls, shape: Shape, strides: Shape) -> _Stack:
        rows, columns = shape[-2:]
        return cls(shape[:-2], rows, columns, strides)

    def is_contiguous(self, size: int) -> bool:
        """Say whether all elements, of this size, lie one after the other, row by row."""
        for length, stride in zip(
            (self.columns, self.rows, *self.lead[::-1]), self.strides[::-1], strict=True
        ):
            if length != 1 and stride != size:
                return False
            size *= length
        return True

    def steps(self, size: int) -> tuple[int, int] | None:
        """Say whether the matrices lie column by column (1) or row by row (0), and how far columns or rows are apart.

        That is in elements of this size; None where cuBLAS cannot be told.
        """
        if any([stride % size for stride in self.strides]):
            return None  # a view of another data type
        down, along = self.strides[-2:]
        if (along == size or self.columns == 1) and (self.rows == 1 or down >= self.columns * size):
            return 0, down // size if self.rows > 1 else self.columns
        if (down == size or self.rows == 1) and (self.columns == 1 or along >= self.rows * size):
            return 1, along // size if self.columns > 1 else self.rows
        return None

    def apart(self, lead: Shape, size: int) -> int | None:
        """Say how many elements of this size the matrices are apart; None if not equally far over all of `lead`."""
        missing = len(lead) - len(self.lead)
        lengths, strides = (1,) * missing + self.lead, (0,) * missing + self.strides[:-2]
        step: int | None = None
        whole = 0
        for length, own, distance in zip(lead[::-1], lengths[::-1], strides[::-1], strict=True):
            if length == 1:
                continue
            distance = distance if own == length else 0
            if step is None:
                step = whole = distance
            elif distance != whole:
                return None
            whole *= length
        return (step or 0) // size

    def copied(self, own: Shape, lead: Shape, size: int) -> Shape | None:
        """Give the shape that an array of the shape `own` must be copied to before cuBLAS can be told of its matrices.

        None if it need not be.
        """
        if self.steps(size) is None:
            return own
        return (*lead, self.rows, self.columns) if self.apart(lead, size) is None else None
