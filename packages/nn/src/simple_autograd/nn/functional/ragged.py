"""Sequences of different lengths, one behind the other in a vector, as the rows of a matrix.

Bags of embeddings and the targets of CTC come so. No function that users call is here.
"""

from __future__ import annotations

from ...types import Array, Namespace

__all__ = ["rows_of_vector"]


def rows_of_vector(xp: Namespace, starts: Array, lengths: Array) -> tuple[Array, Array]:
    """Give the positions in the vector of each row's elements, and where a row has an element at all.

    Parameters
    ----------
    xp
        The namespace of the arrays, which are raw.
    starts, lengths
        (B,), integers: where each row begins, and how long it is.

    Returns
    -------
    positions, mask
        (B, W), where W is the longest length, but at least 1. Beyond a row's end the position is 0.
    """
    width = max(int(xp.max(lengths)) if lengths.shape[0] else 0, 1)
    places = xp.arange(width, dtype=starts.dtype)
    mask = places < xp.expand_dims(lengths, axis=1)
    return xp.where(mask, xp.expand_dims(starts, axis=1) + places, 0), mask
