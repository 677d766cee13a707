"""What the methods share: one argument from two spellings, and arrays without axes.

PyTorch takes such an array for one element along an axis 0, wherever a method goes along an axis. A reduction of it is
one over all axes (`axis_of`); what keeps the axis is done on a line of one element (`along_an_axis`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from .. import ops
from ..types import Axis
from .base import VariablePart

__all__ = [
    "along_an_axis",
    "axis_of",
    "cast_to",
    "floating",
    "one_of",
    "required_axis",
    "vector_of",
]

Method = TypeVar("Method", bound=Callable[..., Any])


def axis_of(method: str, dim: Axis, axis: Axis, reduced: VariablePart | None = None) -> Any:
    """Give the one axis argument of two spellings.

    Parameters
    ----------
    method
        Its name, for the error.
    dim, axis
        The two spellings; a list counts as a tuple.
    reduced
        What is reduced over these axes, if that is what the method does.
    """
    if axis is None:
        axis = dim
    elif dim is not None:
        raise TypeError(
            f"{method}: got both dim={dim!r} and axis={axis!r}; they are two names for one thing."
        )
    if isinstance(axis, list):
        axis = tuple(axis)
    if axis is not None and reduced is not None and not reduced.ndim:
        return None if axis in (0, -1, (0,), (-1,)) else axis
    return axis


def along_an_axis(method: Method) -> Method:
    """Let a method that goes along an axis take an array without axes, as one element; the results have none either."""

    @functools.wraps(method)
    def on_any(self: VariablePart, *args: Any, **options: Any) -> Any:
        if self.ndim:
            return method(self, *args, **options)
        found = method(ops.reshape(self, (1,)), *args, **options)
        if isinstance(found, tuple):
            return type(found)(*[ops.reshape(part, ()) for part in found])
        return ops.reshape(found, ())

    return cast(Method, on_any)


def vector_of(x: Any) -> Any:
    """Give an array without axes as a line of one element, for an argument beside such a line; the rest as it is."""
    return ops.reshape(x, (1,)) if getattr(x, "ndim", None) == 0 else x


def cast_to(x: Any, dtype: Any) -> Any:
    """Give a Variable as another data type, where one is asked for."""
    return x if dtype is None else ops.astype(x, dtype, copy=False)


def floating(x: Any) -> Any:
    """Give a Variable of integers or booleans as floating numbers, for a method that divides; any other as it is."""
    return x if x.backend.is_floating(x.dtype) else ops.astype(x, "float64")


def one_of(args: tuple[Any, ...], named: Any = None) -> Any:
    """Give ``f(2, 3)``, ``f((2, 3))`` and ``f(name=(2, 3))`` one meaning."""
    args = args if named is None else (*args, named)
    return args[0] if len(args) == 1 and isinstance(args[0], tuple | list) else args


def required_axis(method: str, dim: int | None, axis: int | None) -> int:
    """Give the one axis that a method cannot do without."""
    found = axis_of(method, dim, axis)
    if found is None or isinstance(found, tuple):
        raise TypeError(f"{method}: needed is an axis, for instance {method}(-1).")
    return found
