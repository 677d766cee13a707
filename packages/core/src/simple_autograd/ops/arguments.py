"""What several families ask of their arguments before they compute."""

from __future__ import annotations

from ..types import Array, Namespace
from .axes import shape_of

__all__ = ["as_array", "check_matrices", "check_square", "conjugate", "refuse_complex"]


def as_array(xp: Namespace, value: Array | complex, like: Array) -> Array:
    """Give a Python number as an array of the data type that it has beside `like`; an array stays."""
    if isinstance(value, float) and not xp.isdtype(
        like.dtype, ("real floating", "complex floating")
    ):
        return xp.asarray(value)  # integers yield to it
    if isinstance(value, int | float | complex):
        return xp.asarray(value, dtype=like.dtype)
    return value


def check_matrices(operation: str, x: Array) -> None:
    """Raise where the last two axes of matrices are missing."""
    if len(shape_of(operation, x)) < 2:
        raise ValueError(
            f"{operation}: needed are matrices, shape (..., N, M); this array has shape {tuple(x.shape)}."
        )


def check_square(operation: str, x: Array) -> None:
    """Raise where matrices are not square."""
    check_matrices(operation, x)
    if x.shape[-1] != x.shape[-2]:
        raise ValueError(
            f"{operation}: needed are square matrices, shape (..., N, N); this array has shape {tuple(x.shape)}."
        )


def conjugate(xp: Namespace, x: Array) -> Array:
    """Give the complex conjugate; a real array itself, where ``xp.conj`` would copy it."""
    return xp.conj(x) if xp.isdtype(x.dtype, "complex floating") else x


def refuse_complex(xp: Namespace, operation: str, *arrays: Array) -> None:
    """Raise for complex arrays, which compare and round to nonsense where an operation is for real ones.

    Raises
    ------
    TypeError
        Naming the operation.
    """
    for array in arrays:
        if hasattr(array, "dtype") and xp.isdtype(array.dtype, "complex floating"):
            raise TypeError(
                f"{operation}: it is defined for real arrays only, this one is {array.dtype}. Take v.real, v.imag or "
                f"abs(v)."
            )
