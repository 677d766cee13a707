"""Axes and lengths as arguments: as tuples, counted from the front, checked. No op is here."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

from ..types import Array, Axis, Shape

__all__ = ["all_axes", "as_tuple", "axis_of", "one_axis", "shape_of"]


def as_tuple(value: int | Iterable[int]) -> tuple[int, ...]:
    """Give one integer or several as a tuple of Python's; NumPy's integers, and arrays of them, count too."""
    if isinstance(value, int):
        return (value,)
    try:
        return tuple([operator.index(item) for item in value])
    except TypeError:
        return (operator.index(value),)  # type: ignore[arg-type] # it cannot be iterated over


def shape_of(operation: str, x: Any, argument: str = "x") -> Shape:
    """Give the shape of an argument.

    Raises
    ------
    TypeError
        If it is no array.
    """
    try:
        return tuple(x.shape)
    except AttributeError:
        raise TypeError(
            f"{operation}: {argument} is a {type(x).__name__}; needed is a Variable or an array. Convert it first, "
            f"for instance with simple_autograd.asarray(...)."
        ) from None


def axis_of(operation: str, axis: int, x: Array) -> int:
    """Give an axis of `x` counted from the front (see `one_axis`)."""
    return one_axis(operation, axis, len(shape_of(operation, x)))


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
    if axis is None or not ndim:  # NumPy and PyTorch let a number have an axis 0
        return tuple(range(ndim))
    return tuple([item % ndim for item in as_tuple(axis)])
