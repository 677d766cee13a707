"""The named tuples that functions with several results give. It imports no op, so that methods can import it."""

from __future__ import annotations

from typing import NamedTuple

from ..types import Array

__all__ = ["UniqueAll", "UniqueCounts", "UniqueInverse", "ValuesAndIndices"]


class ValuesAndIndices(NamedTuple):
    """Chosen elements, and their positions along the axis (PyTorch's pair)."""

    values: Array
    indices: Array


class MinAndMax(NamedTuple):
    """The smallest and the largest elements (PyTorch's ``aminmax``)."""

    min: Array
    max: Array


class UniqueAll(NamedTuple):
    """What `unique_all` gives."""

    values: Array
    indices: Array
    inverse_indices: Array
    counts: Array


class UniqueCounts(NamedTuple):
    """What `unique_counts` gives."""

    values: Array
    counts: Array


class UniqueInverse(NamedTuple):
    """What `unique_inverse` gives."""

    values: Array
    inverse_indices: Array
