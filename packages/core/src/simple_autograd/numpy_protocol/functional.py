"""NumPy's functions that call functions of the user's: along an axis, over several, by pieces."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import ops
from ..variable import Variable
from .dispatch import host, implements

__all__: list[str] = []


@implements(np.apply_along_axis)
def _apply_along_axis(
    func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any
) -> Variable:
    """Call the function for each line of the array, and join what it gives."""
    arr = ops.asarray(arr)
    axis = range(arr.ndim)[axis]
    lines = ops.moveaxis(arr, axis, -1)
    lead = tuple(lines.shape[:-1])
    if not math.prod(lead):
        raise ValueError(
            f"np.apply_along_axis: an array of shape {tuple(arr.shape)} has no line along axis {axis}."
        )
    found = [ops.asarray(func1d(lines[place], *args, **kwargs)) for place in np.ndindex(lead)]
    shape = tuple(found[0].shape)
    joined = ops.reshape(ops.stack(found), lead + shape)
    places = range(len(shape))
    return ops.moveaxis(
        joined, tuple(len(lead) + i for i in places), tuple(axis + i for i in places)
    )


@implements(np.apply_over_axes)
def _apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Any:
    """Call a reduction over one axis after the other; the axes stay, with length 1."""
    a = ops.asarray(a)
    for axis in np.atleast_1d(axes).tolist():
        reduced = func(a, range(a.ndim)[axis])
        if a.ndim - reduced.ndim not in (0, 1):
            raise ValueError(
                f"np.apply_over_axes: the function gave {reduced.ndim} axes for {a.ndim}; needed is as many or one "
                f"less."
            )
        if reduced.ndim < a.ndim:
            reduced = ops.expand_dims(reduced, axis=axis)
        a = reduced
    return a


@implements(np.piecewise)
def _piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Variable:
    """Call each function with the elements for which its condition holds; the last one holding decides."""
    x = ops.asarray(x)
    condlist = host(condlist)
    if np.isscalar(condlist) or (
        x.ndim and not isinstance(condlist[0], list | np.ndarray | Variable)
    ):
        condlist = [condlist]
    conditions = [np.asarray(host(condition), bool) for condition in condlist]
    if len(conditions) == len(funclist) - 1:
        conditions.append(~np.any(conditions, axis=0))
    if len(conditions) != len(funclist):
        raise ValueError(
            f"np.piecewise: {len(conditions)} conditions and {len(funclist)} functions; needed are as many, or one "
            f"function more."
        )
    out = ops.zeros_like(x)
    for condition, function in zip(conditions, funclist, strict=True):
        place = x._backend.asarray(condition)
        if not callable(function):
            out[place] = function
        elif np.any(condition):
            out[place] = function(x[place], *args, **kw)
    return out
