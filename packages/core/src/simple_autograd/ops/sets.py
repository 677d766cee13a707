"""Set functions: the different elements of an array. Values stay on the tape; positions and counts have no gradient."""

from __future__ import annotations

from ..op import op
from ..types import Array, Namespace
from .gathering import take
from .manipulation import reshape
from .results import UniqueAll, UniqueCounts, UniqueInverse

__all__ = [
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_positions",
    "unique_values",
]


def unique_all(x: Array, /) -> UniqueAll:
    """The different elements in ascending order, where each is first, which one stands where, and how often.

    The first of equal elements gets the gradient. Every NaN differs from all others.

    Parameters
    ----------
    x
        Any shape; it is seen flattened.

    Returns
    -------
    UniqueAll
        ``values``, ``indices`` and ``counts`` of one length, and ``inverse_indices`` in the shape of `x`.
    """
    indices, inverse, counts = unique_positions(x)
    return UniqueAll(take(reshape(x, (-1,)), indices), indices, inverse, counts)


def unique_counts(x: Array, /) -> UniqueCounts:
    """The different elements, and how often each occurs (see `unique_all`)."""
    found = unique_all(x)
    return UniqueCounts(found.values, found.counts)


def unique_inverse(x: Array, /) -> UniqueInverse:
    """The different elements, and which of them stands where (see `unique_all`)."""
    found = unique_all(x)
    return UniqueInverse(found.values, found.inverse_indices)


def unique_values(x: Array, /) -> Array:
    """The different elements in ascending order (see `unique_all`)."""
    return unique_all(x).values


@op(differentiable=False)
def unique_positions(xp: Namespace, x: Array, /) -> tuple[Array, Array, Array]:
    """Everything of `unique_all` but the values."""
    _, indices, inverse, counts = xp.unique_all(x)
    return indices, inverse, counts
