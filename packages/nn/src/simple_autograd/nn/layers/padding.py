"""Padding layers: see ``functional/padding.py``.

A family has a class for one, two and three padded axes; they differ in how many numbers their `padding` stands for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from ...types import Array
from ..functional import pad
from ..functional.arguments import backend_of_argument, describe
from ..module import Module

__all__ = [
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
]


class _Pad(Module):
    """Pads the last axes of (N, C, ...) or (C, ...).

    Parameters
    ----------
    padding
        How many elements to add on every side; or for every side, ``(before, after)`` of the last axis first.
    """

    axes: ClassVar[int]
    mode: ClassVar[str]

    def __init__(self, padding: int | Sequence[int]) -> None:
        super().__init__()
        if isinstance(padding, int):
            padding = (padding,) * (2 * self.axes)
        if len(padding) != 2 * self.axes:
            raise ValueError(
                f"{type(self).__name__}: padding is {tuple(padding)}; needed is an integer, or {2 * self.axes} of them."
            )
        self.padding = tuple(padding)

    def forward(self, x: Array) -> Any:
        """Pad (N, C, ...) or (C, ...), with as many axes behind as the class's name says."""
        name = type(self).__name__
        backend_of_argument(name, "x", x)
        if len(x.shape) not in (self.axes + 1, self.axes + 2):
            raise ValueError(
                f"{name}: x is a {describe(x)}; needed are {self.axes + 2} axes (N, C, ...), or {self.axes + 1}."
            )
        return pad(x, self.padding, self.mode)

    def extra_repr(self) -> str:
        """Give the padding of every side."""
        return f"{self.padding}"


class _ConstantPad(_Pad):
    mode = "constant"

    def __init__(self, padding: int | Sequence[int], value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, x: Array) -> Any:
        """Pad any array that has the axes to pad."""
        return pad(x, self.padding, self.mode, self.value)

    def extra_repr(self) -> str:
        """Give the settings."""
        return f"padding={self.padding}, value={self.value}"


class _ZeroPad(_ConstantPad):
    def __init__(self, padding: int | Sequence[int]) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        """Give the padding of every side."""
        return f"{self.padding}"


class ConstantPad1d(_ConstantPad):
    """The last axis with a number around it.

    Parameters
    ----------
    padding
        How many elements to add on every side (negative numbers cut off); or for every side, 2 numbers, ``(before,
        after)`` of the last axis first.
    value
        The number.
    """

    axes = 1


class ConstantPad2d(_ConstantPad):
    """The last two axes with a number around them.

    Parameters
    ----------
    padding
        How many elements to add on every side (negative numbers cut off); or for every side, 4 numbers, ``(before,
        after)`` of the last axis first.
    value
        The number.
    """

    axes = 2


class ConstantPad3d(_ConstantPad):
    """The last three axes with a number around them.

    Parameters
    ----------
    padding
        How many elements to add on every side (negative numbers cut off); or for every side, 6 numbers, ``(before,
        after)`` of the last axis first.
    value
        The number.
    """

    axes = 3


class ZeroPad1d(_ZeroPad):
    """The last axis with zeros around it.

    Parameters
    ----------
    padding
        How many elements to add on every side (negative numbers cut off); or for every side, 2 numbers, ``(before,
        after)`` of the last axis first.
    """

    axes = 1


class ZeroPad2d(_ZeroPad):
    """The last two axes with zeros around them.

    Parameters
    ----------
    padding
        How many elements to add on every side (negative numbers cut off); or for every side, 4 numbers, ``(before,
        after)`` of the last axis first.
    """

    axes = 2


class ZeroPad3d(_ZeroPad):
    """The last three axes with zeros around them.

    Parameters
    ----------
    padding
        How many elements to add on every side (negative numbers cut off); or for every side, 6 numbers, ``(before,
        after)`` of the last axis first.
    """

    axes = 3


class ReflectionPad1d(_Pad):
    """The last axis mirrored at its ends, which are not repeated.

    Parameters
    ----------
    padding
        How many elements to add on every side (negative numbers cut off); or for every side, 2 numbers, ``(before,
        after)`` of the last axis first.
    """

    axes = 1
    mode = "reflect"


class ReflectionPad2d(_Pad):
    """The last two axes mirrored at their ends, which are not repeated.

    Parameters
    ----------
    padding
        How many elements to add on every side (negative numbers cut off); or for every side, 4 numbers, ``(before,
        after)`` of the last axis first.
    """

    axes = 2
    mode = "reflect"


class ReflectionPad3d(_Pad):
    """The last three axes mirrored at their ends, which are not repeated.

    Parameters
    ----------
    padding
        How many elements to add on every side (negative numbers cut off); or for every side, 6 numbers, ``(before,
        after)`` of the last axis first.
    """

    axes = 3
    mode = "reflect"


class ReplicationPad1d(_Pad):
    """The last axis with its outermost elements repeated.

    Parameters
    ----------
    padding
        How many elements to add on every side (negative numbers cut off); or for every side, 2 numbers, ``(before,
        after)`` of the last axis first.
    """

    axes = 1
    mode = "replicate"


class ReplicationPad2d(_Pad):
    """The last two axes with their outermost elements repeated.

    Parameters
    ----------
    padding
        How many elements to add on every side (negative numbers cut off); or for every side, 4 numbers, ``(before,
        after)`` of the last axis first.
    """

    axes = 2
    mode = "replicate"


class ReplicationPad3d(_Pad):
    """The last three axes with their outermost elements repeated.

    Parameters
    ----------
    padding
        How many elements to add on every side (negative numbers cut off); or for every side, 6 numbers, ``(before,
        after)`` of the last axis first.
    """

    axes = 3
    mode = "replicate"


class CircularPad1d(_Pad):
    """The last axis continued from its other ends.

    Parameters
    ----------
    padding
        How many elements to add on every side (negative numbers cut off); or for every side, 2 numbers, ``(before,
        after)`` of the last axis first.
    """

    axes = 1
    mode = "circular"


class CircularPad2d(_Pad):
    """The last two axes continued from their other ends.

    Parameters
    ----------
    padding
        How many elements to add on every side (negative numbers cut off); or for every side, 4 numbers, ``(before,
        after)`` of the last axis first.
    """

    axes = 2
    mode = "circular"


class CircularPad3d(_Pad):
    """The last three axes continued from their other ends.

    Parameters
    ----------
    padding
        How many elements to add on every side (negative numbers cut off); or for every side, 6 numbers, ``(before,
        after)`` of the last axis first.
    """

    axes = 3
    mode = "circular"
