"""NumPy's ``zeros_like`` and its like: the shape and data type of a Variable, on its backend, without its gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..ops.axes import as_tuple
from ..variable import Variable
from .dispatch import implements

__all__: list[str] = []


def _like(function: Any, name: str) -> None:
    """Register a function that makes an array like another."""
    op = getattr(ops, f"{name}_like")

    def like(
        a: Variable,
        dtype: Any = None,
        order: str = "K",
        subok: bool = True,
        shape: Any = None,
        *,
        device: Any = None,
    ) -> Variable:
        return op(_shaped(a, shape), dtype=dtype, device=device)

    implements(function)(like)


_like(np.zeros_like, "zeros")
_like(np.ones_like, "ones")


@implements(np.empty_like)
def _empty_like(
    prototype: Variable,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> Variable:
    return ops.empty_like(_shaped(prototype, shape), dtype=dtype, device=device)


@implements(np.full_like)
def _full_like(
    a: Variable,
    fill_value: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> Variable:
    return ops.full_like(_shaped(a, shape), fill_value, dtype=dtype, device=device)


def _shaped(a: Variable, shape: Any) -> Variable:
    """Give a Variable of another shape and the same data type and backend, whatever is in it."""
    if shape is None:
        return a
    return ops.broadcast_to(ops.asarray(a._backend.xp.zeros((), dtype=a.dtype)), as_tuple(shape))
