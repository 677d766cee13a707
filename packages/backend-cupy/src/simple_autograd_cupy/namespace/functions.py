"""Functions of the standard that CuPy lacks, or has with other arguments."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import cupy

from simple_autograd.types import Array, Axis, DType, Shape

from ..matmul import matmul
from .creation import asarray

__all__ = [
    "argsort",
    "astype",
    "broadcast_arrays",
    "broadcast_to",
    "clip",
    "concat",
    "count_nonzero",
    "floor_divide",
    "isin",
    "meshgrid",
    "remainder",
    "reshape",
    "sort",
    "stack",
    "std",
    "take_along_axis",
    "tensordot",
    "unstack",
    "var",
    "vecdot",
]


def astype(x: Array, dtype: DType, /, *, copy: bool = True, device: Any = None) -> Array:
    """The elements as another data type."""
    return asarray(x.astype(dtype, copy=copy), device=device)


def reshape(x: Array, /, shape: Shape, *, copy: bool | None = None) -> Array:
    """The same elements in another shape."""
    return x.reshape(shape, copy=copy)


def concat(arrays: Sequence[Array], /, *, axis: int | None = 0) -> Array:
    """The arrays one behind the other. Of more than eight CuPy takes the addresses from the host; a graph cannot."""
    if len(arrays) <= 8 or not cupy.cuda.get_current_stream().is_capturing():
        return cupy.concat(arrays, axis=axis)
    parts = [concat(arrays[first : first + 8], axis=axis) for first in range(0, len(arrays), 8)]
    return concat(parts, axis=axis)


def stack(arrays: Sequence[Array], /, *, axis: int = 0) -> Array:
    """The arrays along a new axis; as `concat`."""
    return concat([cupy.expand_dims(x, axis) for x in arrays], axis=axis)


def unstack(x: Array, /, *, axis: int = 0) -> tuple[Array, ...]:
    """The slices along an axis, without it."""
    return tuple(cupy.moveaxis(x, axis, 0))


def broadcast_arrays(*arrays: Array) -> tuple[Array, ...]:
    """All arrays in their common shape; CuPy's gives a list."""
    return tuple(cupy.broadcast_arrays(*arrays))


def broadcast_to(x: Array, /, shape: Shape) -> Array:
    """The elements repeated to a shape. CuPy's makes an array of any negative lengths in front."""
    if any([length < 0 for length in shape]):
        raise ValueError(
            f"broadcast_to: shape is {tuple(shape)}, with a negative length; needed are lengths of 0 or more."
        )
    return cupy.broadcast_to(x, shape)


def meshgrid(*arrays: Array, indexing: str = "xy") -> tuple[Array, ...]:
    """The coordinates of all points of a grid; CuPy's gives a list."""
    return tuple(cupy.meshgrid(*arrays, indexing=indexing))


def clip(x: Array, /, min: Any = None, max: Any = None) -> Array:
    """The elements, none below `min` or above `max`, in the data type of `x`."""
    out = x if min is None else cupy.maximum(x, min)
    out = out if max is None else cupy.minimum(out, max)
    return out.astype(x.dtype, copy=out is x)


def remainder(x1: Any, x2: Any, /) -> Array:
    """The remainder of `floor_divide`, with the sign of `x2`.

    CuPy's is ``x1 - floor(x1 / x2) * x2``, which rounds: it is wrong by up to `x2`, and NaN for an infinite one.
    """
    if cupy.result_type(x1, x2).kind != "f":
        return cupy.remainder(x1, x2)
    return _divided(x1, x2)[1]


def floor_divide(x1: Any, x2: Any, /) -> Array:
    """The exact quotient, rounded down. CuPy rounds the quotient first: 1.0 by 0.1 would give 10 instead of 9."""
    if cupy.result_type(x1, x2).kind != "f":
        return cupy.floor_divide(x1, x2)
    quotient = _divided(x1, x2)[0]
    nearest = cupy.round(quotient)
    signed = cupy.where(nearest == 0, cupy.copysign(nearest, cupy.divide(x1, x2)), nearest)
    return cupy.where(cupy.equal(x2, 0), cupy.divide(x1, x2), signed)


def _divided(x1: Any, x2: Any) -> tuple[Array, Array]:
    """The quotient up to rounding, and the remainder, whose parts are exact: as CPython's ``float_divmod`` has them."""
    rest = cupy.fmod(x1, x2)
    quotient = cupy.divide(cupy.subtract(x1, rest), x2)
    below = (rest != 0) & ((rest < 0) != cupy.less(x2, 0))
    rest = cupy.where(below, cupy.add(rest, x2), rest)
    return quotient - below, cupy.where(rest == 0, cupy.copysign(rest, x2), rest)


def var(
    x: Array, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False
) -> Array:
    """The mean squared distance from the mean."""
    return cupy.var(x, axis=axis, ddof=correction, keepdims=keepdims)


def std(
    x: Array, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False
) -> Array:
    """The square root of `var`."""
    return cupy.std(x, axis=axis, ddof=correction, keepdims=keepdims)


def count_nonzero(x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """How many elements are not zero; CuPy's has no keepdims."""
    return cupy.sum(x != 0, axis=axis, keepdims=keepdims)


def vecdot(x1: Array, x2: Array, /, *, axis: int = -1) -> Array:
    """The sums of products along an axis, the first factor conjugated."""
    x1, x2 = cupy.moveaxis(x1, axis, -1), cupy.moveaxis(x2, axis, -1)
    if x1.shape[-1] != x2.shape[-1]:
        raise ValueError(
            f"vecdot: axis {axis} has length {x1.shape[-1]} in x1 and {x2.shape[-1]} in x2; needed is "
            f"the same."
        )
    return matmul(cupy.conj(x1)[..., None, :], x2[..., None])[..., 0, 0]


def tensordot(x1: Array, x2: Array, /, *, axes: Any = 2) -> Array:
    """The sums of products over pairs of axes, as one matrix product; CuPy's own cannot be captured."""
    if not isinstance(axes, tuple | list):
        axes = range(x1.ndim - axes, x1.ndim), range(axes)
    summed1, summed2 = (
        [axis % x.ndim for axis in (given if isinstance(given, Sequence) else (given,))]
        for x, given in zip((x1, x2), axes, strict=True)
    )
    inner, other = [x1.shape[axis] for axis in summed1], [x2.shape[axis] for axis in summed2]
    if inner != other:
        raise ValueError(
            f"tensordot: the axes {summed1} of x1 have the lengths {inner}, the axes {summed2} of x2 {other}; needed "
            f"are the same."
        )
    free1 = [axis for axis in range(x1.ndim) if axis not in summed1]
    free2 = [axis for axis in range(x2.ndim) if axis not in summed2]
    rows, columns = [x1.shape[axis] for axis in free1], [x2.shape[axis] for axis in free2]
    left = cupy.permute_dims(x1, (*free1, *summed1)).reshape(math.prod(rows), math.prod(inner))
    right = cupy.permute_dims(x2, (*summed2, *free2)).reshape(math.prod(inner), math.prod(columns))
    return matmul(left, right).reshape((*rows, *columns))


# Order --------------------------------------------------------------------------------------------


def sort(x: Array, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
    """The elements in order. CuPy's sort is always a stable one."""
    ascending = cupy.sort(x, axis=axis)
    return cupy.flip(ascending, axis=axis) if descending else ascending


def argsort(x: Array, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
    """The positions of the elements in order; equal ones stay in theirs."""
    if not descending:
        return cupy.argsort(x, axis=axis)
    # From behind, so that equal elements are in their own order after the result is turned around.
    backwards = cupy.argsort(cupy.flip(x, axis=axis), axis=axis)
    return cupy.flip(x.shape[axis] - 1 - backwards, axis=axis)


def take_along_axis(x: Array, indices: Array, /, *, axis: int = -1) -> Array:
    """The elements at positions along an axis."""
    return cupy.take_along_axis(x, indices, axis)


def isin(x1: Any, x2: Any, /, *, invert: bool = False) -> Array:
    """Say of each element of `x1` whether it is in `x2`; either may be a number."""
    return cupy.isin(cupy.asarray(x1), cupy.asarray(x2), invert=invert)
