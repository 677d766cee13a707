"""What the methods share: one argument from two spellings."""

from __future__ import annotations

from typing import Any

from ..types import Axis

__all__ = ["axis_of", "one_of", "required_axis"]


def axis_of(method: str, dim: Axis, axis: Axis) -> Any:
    """Give the one axis argument of two spellings."""
    if axis is None:
        return tuple(dim) if isinstance(dim, list) else dim
    if dim is not None:
        raise TypeError(
            f"{method}: got both dim={dim!r} and axis={axis!r}; they are two names for one thing."
        )
    return tuple(axis) if isinstance(axis, list) else axis


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
