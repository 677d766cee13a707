"""What all losses share: how the losses of single samples become one number, and what they ask of their arguments.

No function that users call is here.
"""

from __future__ import annotations

import math
from typing import Any, Literal

from ... import ops
from ...types import Array
from .arguments import (
    backend_of_argument,
    check_floating,
    describe,
    kind_of,
    raw_option,
    refuse_complex,
)

__all__ = [
    "Reduction",
    "check_pair",
    "check_reduction",
    "check_same_shape",
    "factors",
    "floating_like",
    "reduced",
]

Reduction = Literal["mean", "sum", "none"]


def check_reduction(function: str, reduction: str) -> None:
    """Raise if a reduction is unknown.

    Raises
    ------
    ValueError
        Naming the function.
    """
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(
            f"{function}: reduction is {reduction!r}; needed is 'mean', 'sum' or 'none'."
        )


def reduced(loss: Any, reduction: Reduction) -> Any:
    """Give losses as they are, their sum, or their mean, which is NaN if there are none."""
    if reduction == "none":
        return loss
    total = ops.sum(loss)
    return total if reduction == "sum" else ops.divide(total, math.prod(loss.shape) or math.nan)


def check_pair(
    function: str, x: Array, target: Array, reduction: str, *, takes_complex: bool = False
) -> Array:
    """Give a loss's targets, as floating data; raise if they do not fit to `x`, or the reduction is unknown.

    Raises
    ------
    TypeError, ValueError
        Naming the function and the argument.
    """
    check_reduction(function, reduction)
    check_floating(function, "x", x)
    target = floating_like(function, "target", target, x)
    if not takes_complex:
        refuse_complex(function, "x", x)
        refuse_complex(function, "target", target)
    return target


def floating_like(function: str, argument: str, value: Array, x: Array, other: str = "x") -> Array:
    """Give an argument of the shape of `x`, which is called `other`; integers in its data type.

    Raises
    ------
    TypeError, ValueError
        If it is no array, or has another shape, naming the function and the argument.
    """
    check_same_shape(function, argument, value, x, other)
    if kind_of(function, argument, value) == "floating":
        return value
    return ops.astype(value, x.dtype)


def check_same_shape(
    function: str, argument: str, value: Array, x: Array, other: str = "x"
) -> None:
    """Raise if an argument does not have the shape of `x`, which is called `other`.

    Raises
    ------
    TypeError, ValueError
        Naming the function and the argument.
    """
    backend_of_argument(function, argument, value)
    if tuple(value.shape) != tuple(x.shape):
        raise ValueError(
            f"{function}: {argument} is a {describe(value)}; needed is the shape of {other}, {tuple(x.shape)}."
        )


def factors(function: str, argument: str, value: Array, x: Array) -> Array:
    """Give factors, to which no gradient flows, as a raw array of the data type of `x`; they broadcast to its shape.

    Raises
    ------
    TypeError, ValueError
        If they do not, naming the function and the argument.
    """
    backend = backend_of_argument(function, "x", x)
    value = raw_option(function, argument, value, backend)
    given, shape = tuple(value.shape), tuple(x.shape)
    pairs = zip(given[::-1], shape[::-1], strict=False)
    if len(given) > len(shape) or any(a not in (1, b) for a, b in pairs):
        raise ValueError(
            f"{function}: {argument} is a {describe(value)}; needed is a shape that broadcasts to that of x, {shape}."
        )
    return backend.xp.astype(value, x.dtype, copy=False)
