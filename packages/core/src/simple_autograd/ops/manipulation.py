"""Manipulation functions: the same elements in another shape or order, joined or repeated."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..op import op
from ..types import Array, Namespace, Shape

__all__ = [
    "broadcast_to",
    "concat",
    "expand_dims",
    "flatten",
    "permute_dims",
    "reshape",
    "squeeze",
    "stack",
    "swapaxes",
]


@op
def reshape(xp: Namespace, x: Array, /, shape: Shape, *, copy: bool | None = None) -> Array:
    """The same elements in another shape, in row-major order.

    Parameters
    ----------
    x
        Any shape.
    shape
        The new shape; one length may be -1 and is found from the others.
    copy
        True always copies, False never does (and raises where it must), None as needed.
    """
    return xp.reshape(x, shape, copy=copy)


@reshape.gradient("x")
def reshape_wrt_x(xp, grad, x_shape):
    return xp.reshape(grad, x_shape)


def flatten(x: Array, /, start_axis: int = 0, end_axis: int = -1) -> Array:
    """The axes from `start_axis` to `end_axis`, both included, as one (PyTorch's ``flatten``)."""
    ndim = len(x.shape)
    if ndim == 0:
        return reshape(x, (1,))
    for name, axis in (("start_axis", start_axis), ("end_axis", end_axis)):
        if not -ndim <= axis < ndim:
            raise ValueError(
                f"flatten: {name} is {axis}; needed is one of the {ndim} axes of shape {tuple(x.shape)}."
            )
    start, end = start_axis % ndim, end_axis % ndim
    if start > end:
        raise ValueError(f"flatten: start_axis {start_axis} lies behind end_axis {end_axis}.")
    lengths = tuple(x.shape)
    return reshape(x, (*lengths[:start], math.prod(lengths[start : end + 1]), *lengths[end + 1 :]))


@op
def permute_dims(xp: Namespace, x: Array, /, axes: tuple[int, ...]) -> Array:
    """The axes in another order: axis ``i`` of the result is axis ``axes[i]`` of `x`."""
    return xp.permute_dims(x, axes)


@permute_dims.gradient("x")
def permute_dims_wrt_x(xp, grad, axes):
    places = [axis % len(axes) for axis in axes]
    return xp.permute_dims(grad, tuple(places.index(axis) for axis in range(len(axes))))


def swapaxes(x: Array, axis1: int, axis2: int, /) -> Array:
    """Two axes exchanged."""
    ndim = len(x.shape)
    order = list(range(ndim))
    for axis in (axis1, axis2):
        if not -ndim <= axis < ndim:
            raise ValueError(
                f"swapaxes: axis {axis} is not one of the {ndim} axes of shape {tuple(x.shape)}."
            )
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return permute_dims(x, tuple(order))


@op
def expand_dims(xp: Namespace, x: Array, /, *, axis: int = 0) -> Array:
    """An axis of length one put in, so that it is axis `axis` of the result."""
    return xp.expand_dims(x, axis=axis)


@expand_dims.gradient("x")
def expand_dims_wrt_x(xp, grad, x_shape):
    return xp.reshape(grad, x_shape)


def squeeze(x: Array, /, axis: int | tuple[int, ...] | None = None) -> Array:
    """Axes of length one taken away: those named (each must have length one), or all of them."""
    if axis is None:
        axis = tuple(i for i, length in enumerate(x.shape) if length == 1)
    return _squeeze(x, axis=axis)


@op
def _squeeze(xp: Namespace, x: Array, /, *, axis: int | tuple[int, ...]) -> Array:
    return xp.squeeze(x, axis=axis)


@_squeeze.gradient("x")
def squeeze_wrt_x(xp, grad, x_shape):
    return xp.reshape(grad, x_shape)


@op
def broadcast_to(xp: Namespace, x: Array, /, shape: Shape) -> Array:
    """`x` repeated along axes of length one, or new axes in front, to a shape."""
    return xp.broadcast_to(x, shape)


@broadcast_to.gradient("x")
def broadcast_to_wrt_x(xp, grad):
    return grad  # the walk sums it back


def concat(arrays: Sequence[Array], /, *, axis: int | None = 0) -> Array:
    """Arrays one after the other along an axis; with None, each is flattened first.

    Parameters
    ----------
    arrays
        Of one shape, but for the length along `axis`.
    axis
        Which axis grows.
    """
    if axis is None:
        return _concat(*(reshape(array, (-1,)) for array in arrays), axis=0)
    return _concat(*arrays, axis=axis)


@op
def _concat(xp: Namespace, *arrays: Array, axis: int) -> Array:
    return xp.concat(arrays, axis=axis)


@_concat.gradient("arrays")
def concat_wrt_arrays(xp, grad, index, arrays_shape, axis):
    start = sum(shape[axis] for shape in arrays_shape[:index])
    place = [slice(None)] * grad.ndim
    place[axis] = slice(start, start + arrays_shape[index][axis])
    return grad[tuple(place)]


def stack(arrays: Sequence[Array], /, *, axis: int = 0) -> Array:
    """Arrays of one shape side by side along a new axis."""
    return _stack(*arrays, axis=axis)


@op
def _stack(xp: Namespace, *arrays: Array, axis: int) -> Array:
    return xp.stack(arrays, axis=axis)


@_stack.gradient("arrays")
def stack_wrt_arrays(xp, grad, index, axis):
    place = [slice(None)] * grad.ndim
    place[axis] = index
    return grad[tuple(place)]
