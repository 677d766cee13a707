"""Matrices to sample decompositions and solvers with: far from singular, their values far from equal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def regular(rng: np.random.Generator, *shape: int, complex: bool = False) -> np.ndarray:
    """Draw matrices near the identity, or for rectangular shapes near its part."""
    return 0.25 * normal(rng, *shape, complex=complex) + 2 * np.eye(*shape[-2:])


def spread(rng: np.random.Generator, *shape: int, complex: bool = False) -> np.ndarray:
    """Draw matrices near a diagonal one, whose eigenvalues and singular values lie apart."""
    steps = np.arange(1.0, min(shape[-2:]) + 1)
    middle = np.zeros(shape[-2:])
    np.fill_diagonal(middle, steps)
    return 0.15 * normal(rng, *shape, complex=complex) + middle


def low_rank(
    rng: np.random.Generator, rows: int, columns: int, rank: int, complex: bool = False
) -> np.ndarray:
    """Draw a matrix of less than full rank."""
    left = normal(rng, rows, rank, complex=complex)
    return left @ normal(rng, rank, columns, complex=complex)


def normal(rng: np.random.Generator, *shape: int, complex: bool = False) -> np.ndarray:
    """Draw matrices from the normal distribution."""
    drawn = rng.standard_normal(shape)
    return drawn + 1j * rng.standard_normal(shape) if complex else drawn


def hermitian(x: Any, conj: Callable[[Any], Any]) -> Any:
    """Give the Hermitian part, in the library that `conj` is of."""
    return (x + conj(x).mT) / 2
