"""Manipulation functions II: arrays joined, and one array split into several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from ..op import op
from ..types import Array, Namespace
from .axes import axis_of
from .index_keys import at_axis, complete
from .indexing import getitem
from .manipulation import reshape

__all__ = ["concat", "split", "stack", "unstack"]


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
    start = sum([shape[axis] for shape in arrays_shape[:index]])
    stop = start + arrays_shape[index][axis]
    return grad[complete(grad.shape, at_axis(slice(start, stop), axis, grad.ndim))]


def stack(arrays: Sequence[Array], /, *, axis: int = 0) -> Array:
    """Arrays of one shape side by side along a new axis."""
    return _stack(*arrays, axis=axis)


@op
def _stack(xp: Namespace, *arrays: Array, axis: int) -> Array:
    return xp.stack(arrays, axis=axis)


@_stack.gradient("arrays")
def stack_wrt_arrays(xp, grad, index, axis):
    return grad[complete(grad.shape, at_axis(index, axis, grad.ndim))]


def unstack(x: Array, /, *, axis: int = 0) -> tuple[Array, ...]:
    """The slices along an axis, without it: what `stack` would join to `x` again."""
    return _unstack(x, axis=axis_of("unstack", axis, x))


@op
def _unstack(xp: Namespace, x: Array, /, *, axis: int) -> tuple[Array, ...]:
    return tuple(xp.unstack(x, axis=axis))


@_unstack.gradient("x")
def unstack_wrt_x(xp, grad, axis):
    return xp.stack(with_zeros(xp, grad), axis=axis)


def with_zeros(xp, grad):
    """Give the gradients of outputs of one shape, with zeros for those that nobody used."""
    if not any([part is None for part in grad]):
        return grad
    zeros = xp.zeros_like(next(part for part in grad if part is not None))
    return [zeros if part is None else part for part in grad]


def split(x: Array, sections: int | Sequence[int], /, *, axis: int = 0) -> tuple[Array, ...]:
    """An array in parts along an axis (NumPy's ``split``; the method ``v.split`` is PyTorch's).

    Parameters
    ----------
    x
        Any shape.
    sections
        Into how many equal parts; or, as a sequence, the positions at which to cut.
    axis
        The axis to cut.

    Raises
    ------
    ValueError
        If the parts cannot be equal.
    """
    axis = axis_of("split", axis, x)
    length = x.shape[axis]
    if not isinstance(sections, Iterable):
        if sections < 1 or length % sections:
            raise ValueError(
                f"split: an axis of length {length} does not divide into {sections} equal parts. Give the positions "
                f"at which to cut."
            )
        sections = range(0, length, length // sections)[1:] if length else [0] * (sections - 1)
    cuts = [0, *(slice(cut).indices(length)[1] for cut in sections), length]
    if cuts == sorted(cuts):
        return _split(x, cuts=tuple(cuts), axis=axis)
    # NumPy allows parts that overlap, or miss something: these cannot be joined again.
    return tuple(
        [
            getitem(x, at_axis(slice(start, stop), axis, len(x.shape)))
            for start, stop in pairwise(cuts)
        ]
    )


@op
def _split(xp: Namespace, x: Array, /, *, cuts: tuple[int, ...], axis: int) -> tuple[Array, ...]:
    ndim = x.ndim
    return tuple(
        [
            x[complete(x.shape, at_axis(slice(start, stop), axis, ndim))]
            for start, stop in pairwise(cuts)
        ]
    )


@_split.gradient("x")
def split_wrt_x(xp, grad, x_shape, cuts, axis):
    dtype = next(part.dtype for part in grad if part is not None)
    parts = [
        xp.zeros((*x_shape[:axis], stop - start, *x_shape[axis + 1 :]), dtype=dtype)
        if part is None
        else part
        for part, start, stop in zip(grad, cuts[:-1], cuts[1:], strict=True)
    ]
    return xp.concat(parts, axis=axis)
