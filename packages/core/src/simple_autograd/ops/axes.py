"""Axes as arguments: counted from the front, and checked. No op is here."""

from __future__ import annotations

from ..types import Axis

__all__ = ["all_axes", "one_axis"]


def one_axis(operation: str, axis: int, ndim: int) -> int:
    """Give an axis counted from the front.

    Raises
    ------
    ValueError
        If there is no such axis.
    """
    if not -ndim <= axis < ndim:
        raise ValueError(f"{operation}: axis {axis} is not one of the {ndim} axes of the array.")
    return axis % ndim


def all_axes(axis: Axis, ndim: int) -> tuple[int, ...]:
    """Give the axes that an argument means, counted from the front: one, several, or for None all of them."""
    if axis is None:
        return tuple(range(ndim))
    return tuple([item % ndim for item in ((axis,) if isinstance(axis, int) else axis)])
