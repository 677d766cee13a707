"""SciPy's LAPACK on matrices at addresses; ``cublas.py`` and ``cusolver.py`` call."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import lapack

from .memory import array_at, matrix_at

__all__ = ["getrf", "getrs", "of"]


def of(name: str, dtype: Any) -> Any:
    """Give a function of LAPACK for a data type."""
    letter = {"f": "s", "d": "d", "F": "c", "D": "z"}[np.dtype(dtype).char]
    return getattr(lapack, letter + name)


def getrf(dtype: Any, rows: int, columns: int, a: int, step: int, pivots: int, info: int) -> None:
    """Factorise a matrix in its place; pivots count from 1, as LAPACK's do."""
    matrix = matrix_at(a, rows, columns, step, dtype)
    matrix[...], found, status = of("getrf", dtype)(matrix)
    array_at(pivots, (min(rows, columns),), "int32")[...] = found + 1
    array_at(info, (), "int32")[...] = status


def getrs(
    dtype: Any, as_: int, n: int, columns: int, a: int, step: int, pivots: int, b: int, b_step: int
) -> None:
    """Solve a system that `getrf` has factorised, in the place of its right sides."""
    side = matrix_at(b, n, columns, b_step, dtype)
    found = array_at(pivots, (n,), "int32") - 1
    side[...], _ = of("getrs", dtype)(matrix_at(a, n, n, step, dtype), found, side, trans=as_)
