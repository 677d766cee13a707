"""Manipulation functions I: other shapes for the same elements, other orders of the axes, broadcasting.

Joining and splitting are in ``joining.py``, moving elements along an axis in ``rearranging.py``.
"""

from __future__ import annotations

import math

from ..op import op
from ..types import Array, Namespace, Shape
from .axes import as_tuple, one_axis, shape_of

__all__ = [
    "broadcast_arrays",
    "broadcast_to",
    "expand_dims",
    "flatten",
    "moveaxis",
    "permute_dims",
    "reshape",
    "squeeze",
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
    ndim = len(shape_of("flatten", x))
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
    ndim = len(shape_of("swapaxes", x))
    order = list(range(ndim))
    axis1, axis2 = one_axis("swapaxes", axis1, ndim), one_axis("swapaxes", axis2, ndim)
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return permute_dims(x, tuple(order))


def moveaxis(
    x: Array, source: int | tuple[int, ...], destination: int | tuple[int, ...], /
) -> Array:
    """Axes brought to other places; those not named keep their order.

    Parameters
    ----------
    x
        Any shape.
    source
        The axes to move.
    destination
        For each of them its place in the result.
    """
    ndim = len(shape_of("moveaxis", x))
    sources = tuple(one_axis("moveaxis", axis, ndim) for axis in as_tuple(source))
    targets = tuple(one_axis("moveaxis", axis, ndim) for axis in as_tuple(destination))
    if not len({*sources}) == len(sources) == len(targets) == len({*targets}):
        raise ValueError(
            f"moveaxis: source {source} and destination {destination}; needed are as many of one as of the other, "
            f"none of them twice."
        )
    order = [axis for axis in range(ndim) if axis not in sources]
    for target, axis in sorted(zip(targets, sources, strict=True)):
        order.insert(target, axis)
    return permute_dims(x, tuple(order))


def expand_dims(x: Array, /, axis: int | tuple[int, ...] = 0) -> Array:
    """Axes of length one put in, so that they are the axes `axis` of the result."""
    if not isinstance(axis, tuple | list):
        return _expand_dims(x, axis=axis)
    ndim = len(shape_of("expand_dims", x)) + len(axis)
    places = sorted(one_axis("expand_dims", item, ndim) for item in axis)
    if len({*places}) < len(places):
        raise ValueError(f"expand_dims: an axis stands twice in {axis}.")
    for place in places:
        x = _expand_dims(x, axis=place)
    return x


@op
def _expand_dims(xp: Namespace, x: Array, /, *, axis: int) -> Array:
    return xp.expand_dims(x, axis=axis)


@_expand_dims.gradient("x")
def expand_dims_wrt_x(xp, grad, x_shape):
    return xp.reshape(grad, x_shape)


def squeeze(x: Array, /, axis: int | tuple[int, ...] | None = None) -> Array:
    """Axes of length one taken away: those named (each must have length one), or all of them."""
    if axis is None:
        axis = tuple(i for i, length in enumerate(shape_of("squeeze", x)) if length == 1)
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


def broadcast_arrays(*arrays: Array) -> tuple[Array, ...]:
    """Arrays, all broadcast to the one shape that they have together."""
    shapes = [
        shape_of("broadcast_arrays", array, f"arrays[{place}]")
        for place, array in enumerate(arrays)
    ]
    shape = _together("broadcast_arrays", shapes)
    return tuple([broadcast_to(array, shape) for array in arrays])


def _together(operation: str, shapes: list[Shape]) -> Shape:
    """Give the shape to which shapes broadcast."""
    ndim = max(map(len, shapes), default=0)
    padded = [(1,) * (ndim - len(shape)) + shape for shape in shapes]
    lengths = []
    for column in zip(*padded, strict=True):
        different = {*column} - {1}
        if len(different) > 1:
            raise ValueError(f"{operation}: the shapes {shapes} do not broadcast together.")
        lengths.append(different.pop() if different else 1)
    return tuple(lengths)
