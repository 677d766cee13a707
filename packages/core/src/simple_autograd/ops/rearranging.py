"""Manipulation functions III: elements moved, turned around or repeated along axes."""

from __future__ import annotations

from ..op import op
from ..types import Array, Axis, Namespace
from .axes import as_tuple, axis_of
from .index_keys import at_axis
from .indexing import put_add
from .manipulation import reshape, swapaxes

__all__ = ["flip", "repeat", "roll", "rot90", "tile"]


@op
def flip(xp: Namespace, x: Array, /, *, axis: Axis = None) -> Array:
    """The elements in reverse order along one axis, several, or (None) all."""
    return xp.flip(x, axis=axis)


@flip.gradient("x")
def flip_wrt_x(xp, grad, axis):
    return xp.flip(grad, axis=axis)


@op
def roll(
    xp: Namespace,
    x: Array,
    /,
    shift: int | tuple[int, ...],
    *,
    axis: Axis = None,
) -> Array:
    """The elements moved along axes; those pushed out at an end come in at the other.

    Parameters
    ----------
    x
        Any shape.
    shift
        How far, one number or one for each axis; positive numbers move to higher positions.
    axis
        Which axes; None rolls the flattened array and gives it its shape again.
    """
    return xp.roll(x, shift, axis=axis)


@roll.gradient("x")
def roll_wrt_x(xp, grad, shift, axis):
    back = tuple([-item for item in shift]) if isinstance(shift, tuple | list) else -shift
    return xp.roll(grad, back, axis=axis)


def rot90(x: Array, k: int = 1, axes: tuple[int, int] = (0, 1), /) -> Array:
    """An array turned by ``k`` right angles in the plane of two axes, from the first towards the second.

    Parameters
    ----------
    x
        At least two axes.
    k
        How often to turn; negative numbers turn the other way.
    axes
        The plane.
    """
    first, second = (axis_of("rot90", axis, x) for axis in axes)
    if first == second:
        raise ValueError(f"rot90: axes {axes}; needed are two different ones.")
    if k % 4 == 0:
        return reshape(x, x.shape)
    if k % 4 == 2:
        return flip(x, axis=(first, second))
    if k % 4 == 1:
        return swapaxes(flip(x, axis=second), first, second)
    return flip(swapaxes(x, first, second), axis=second)


def repeat(x: Array, repeats: int | Array, /, *, axis: int | None = None) -> Array:
    """Each element several times in a row along an axis.

    Parameters
    ----------
    x
        Any shape.
    repeats
        How often: one number for all, or integers (N,) for the N positions along `axis`.
    axis
        None repeats the elements of the flattened array.
    """
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    return _repeat(x, repeats, axis=axis_of("repeat", axis, x))


@op
def _repeat(xp: Namespace, x: Array, repeats: int | Array, /, *, axis: int) -> Array:
    return xp.repeat(x, repeats, axis=axis)


@_repeat.gradient("x")
def repeat_wrt_x(xp, grad, x_shape, repeats, axis):
    length = x_shape[axis]
    if isinstance(repeats, int):
        lengths = (*x_shape[:axis], length, repeats, *x_shape[axis + 1 :])
        return xp.sum(xp.reshape(grad, lengths), axis=axis + 1)
    origins = xp.repeat(xp.arange(length), repeats)
    return put_add(grad, at_axis(origins, axis, len(x_shape)), x_shape)


def tile(x: Array, repetitions: int | tuple[int, ...], /) -> Array:
    """Copies of an array side by side.

    Parameters
    ----------
    x
        Any shape.
    repetitions
        How many copies along each axis; the shorter of this and the shape gets ones in front.
    """
    return _tile(x, repetitions=as_tuple(repetitions))


@op
def _tile(xp: Namespace, x: Array, /, *, repetitions: tuple[int, ...]) -> Array:
    return xp.tile(x, repetitions)


@_tile.gradient("x")
def tile_wrt_x(xp, grad, x_shape, repetitions):
    ndim = len(grad.shape)
    shape = (1,) * (ndim - len(x_shape)) + tuple(x_shape)
    counts = (1,) * (ndim - len(repetitions)) + repetitions
    pairs = tuple([n for pair in zip(counts, shape, strict=True) for n in pair])
    total = xp.sum(xp.reshape(grad, pairs), axis=tuple(range(0, 2 * ndim, 2)))
    return xp.reshape(total, x_shape)
