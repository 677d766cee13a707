"""What the key of an index selects. No op is here; ``indexing.py`` calls.

Two kinds of keys are told apart. A *basic* one (integers, slices, None, Ellipsis) selects a regular block, and every
namespace of the standard takes it once it is written out (`complete`). Any other (lists, integer arrays, masks,
mixed with the former as NumPy allows) is brought to positions in the flattened array (`flat_positions`).
"""

from __future__ import annotations

import math
import operator
from typing import Any

from ..backends import backend_of
from ..types import Array, Namespace, Shape
from ..variable import Variable

__all__ = ["along_axis", "at_axis", "complete", "flat_positions", "is_basic", "may_repeat", "plain"]

_BASIC = frozenset({int, slice, type(None), type(Ellipsis)})


def plain(key: Any) -> Any:
    """Give a key without Variables, with Python's integers for what counts as one, and with lists of its own."""
    if type(key) in _BASIC:
        return key
    if isinstance(key, tuple):
        return tuple([item if type(item) in _BASIC else _plain_item(item) for item in key])
    return _plain_item(key)


def _plain_item(item: Any) -> Any:
    if isinstance(item, list):  # the caller's, who may change it before the backward pass reads it
        return [entry if type(entry) is int else _plain_item(entry) for entry in item]
    if isinstance(item, Variable):
        item = item._raw
    if isinstance(item, bool) or getattr(item, "shape", ()) != ():
        return item
    try:
        return operator.index(item)  # NumPy's integers, and zero-dimensional integer arrays
    except TypeError:
        return item


def is_basic(key: Any) -> bool:
    """Say whether a plain key is made of integers, slices, None and Ellipsis alone."""
    if isinstance(key, tuple):
        return all([type(item) in _BASIC for item in key])
    return type(key) in _BASIC


def may_repeat(key: Any) -> bool:
    """Say whether a plain key can select one element several times: only lists and integer arrays can."""
    items = key if isinstance(key, tuple) else (key,)
    return not all(
        [
            type(item) in _BASIC or isinstance(item, bool) or "bool" in str(_dtype(item))
            for item in items
        ]
    )


def _dtype(item: Any) -> Any:
    return getattr(item, "dtype", None)


def complete(shape: Shape, key: Any) -> tuple[Any, ...]:
    """Write a basic key out for the standard: one entry per axis, slices that end within it."""
    given = list(key) if isinstance(key, tuple) else [key]
    _fill(given, shape, [item is not None and item is not Ellipsis for item in given])
    out: list[Any] = []
    axis = 0
    for item in given:
        if item is None:
            out.append(None)
            continue
        if isinstance(item, int):
            _check_integer(item, shape[axis], axis)
        out.append(_within(item, shape[axis]) if isinstance(item, slice) else item)
        axis += 1
    return tuple(out)


def _within(item: slice, length: int) -> slice:
    start, stop, step = item.indices(length)
    if len(range(start, stop, step)) == 0:
        return slice(0, 0, 1)
    return slice(start, None if stop < 0 else stop, step)


def at_axis(index: Any, axis: int, ndim: int) -> tuple[Any, ...]:
    """Give the key that has `index` at an axis and everything along the others."""
    return (*[slice(None)] * (axis % ndim), index)


def along_axis(index: Any, axis: int, lengths: Shape) -> tuple[Any, ...]:
    """Give the key that pairs an index array, at `axis`, with the positions ``0, 1, …`` along all other axes.

    Parameters
    ----------
    index
        Integers, with as many axes as `lengths`; a raw array or a Variable.
    axis
        Which axis it is for.
    lengths
        How far to count along each of the others.
    """
    index = index._raw if isinstance(index, Variable) else index
    backend = backend_of(index)
    assert backend is not None  # the callers have made it an array
    ndim = len(lengths)
    key = [
        backend.xp.reshape(backend.xp.arange(length), (-1,) + (1,) * (ndim - place - 1))
        for place, length in enumerate(lengths)
    ]
    key[axis] = index
    return tuple(key)


def flat_positions(xp: Namespace, shape: Shape, key: Any) -> Array:
    """Give the positions, in the flattened array, of the elements that ``x[key]`` selects, in its shape.

    NumPy's rules: masks become their nonzero positions; index arrays broadcast together; their axes stand where the
    first of them stood if they are neighbours in the key, and in front otherwise.
    """
    items = _expand(xp, shape, key)
    advanced = [place for place, item in enumerate(items) if isinstance(item, tuple)]
    neighbours = bool(advanced) and advanced == list(range(advanced[0], advanced[-1] + 1))
    regular = [item for item in items if not isinstance(item, tuple) and item is not Ellipsis]
    before = items[: advanced[0]] if neighbours else []
    count = len([item for item in before if item is not Ellipsis])
    front, back = regular[:count], regular[count:]

    total = xp.zeros((), dtype=xp.int64)
    if advanced:
        arrays = [items[place][0] for place in advanced]
        try:
            indices = xp.broadcast_arrays(*arrays)
        except ValueError as error:
            lengths = ", ".join(str(tuple(array.shape)) for array in arrays)
            raise IndexError(
                f"getitem: index arrays of shapes {lengths} do not broadcast together."
            ) from error
        for place, index in zip(advanced, indices, strict=True):
            _, stride, length, axis = items[place]
            total = total + _from_front(xp, index, length, axis) * stride
    total = xp.reshape(total, total.shape + (1,) * len(back))
    ndim = len(front) + total.ndim
    for axis, offsets in [*enumerate(front), *enumerate(back, ndim - len(back))]:
        total = total + xp.reshape(offsets, (-1,) + (1,) * (ndim - axis - 1))
    return total


def _expand(xp: Namespace, shape: Shape, key: Any) -> list[Any]:
    """Give one item per indexed or new axis, in the order of the key.

    An item is the offsets along a regular axis (a slice, a new axis, one left out), one-dimensional; or a tuple of an
    index array and the stride, length and number of the axis that it indexes; or Ellipsis where one took no axis,
    because it keeps index arrays around it from being neighbours all the same.
    """
    given = [_as_index(xp, item) for item in (key if isinstance(key, tuple) else (key,))]
    _fill(given, shape, [_axes_taken(xp, item) for item in given])
    items: list[Any] = []
    axis = 0
    for item in given:
        if item is Ellipsis:
            items.append(item)
            continue
        if item is None:
            items.append(xp.zeros((1,), dtype=xp.int64))
            continue
        lengths = shape[axis : axis + _axes_taken(xp, item)]
        stride = math.prod(shape[axis + 1 :])
        if isinstance(item, slice):
            items.append(xp.arange(*item.indices(lengths[0]), dtype=xp.int64) * stride)
        elif not xp.isdtype(item.dtype, "bool"):
            if item.ndim == 0:
                _check_integer(int(item), lengths[0], axis)
            items.append((item, stride, lengths[0], axis))
        elif item.ndim == 0:  # x[True] and x[False]: a new axis of length one or zero
            items.append((xp.zeros((int(bool(item)),), dtype=xp.int64), 0, 1, axis))
        elif tuple(item.shape) != tuple(lengths):
            raise IndexError(
                f"getitem: a mask of shape {tuple(item.shape)} for axes of lengths {tuple(lengths)}."
            )
        else:
            items += [
                (where, math.prod(shape[axis + i + 1 :]), lengths[i], axis + i)
                for i, where in enumerate(xp.nonzero(item))
            ]
        axis += len(lengths)
    return items


def _fill(given: list[Any], shape: Shape, taken: list[int]) -> None:
    """Put slices in the place of the Ellipsis, or at the end, for the axes that the key leaves out.

    An Ellipsis that stands for no axis stays, unless the key is basic: see `_expand`.
    """
    missing = len(shape) - sum(taken)
    if missing < 0:
        raise IndexError(
            f"getitem: too many indices: {sum(taken)} for an array of shape {tuple(shape)}."
        )
    places = [i for i, item in enumerate(given) if item is Ellipsis]
    if len(places) > 1:
        raise IndexError("getitem: an index can have only one Ellipsis ('...').")
    place = places[0] if places else len(given)
    keep = missing == 0 and bool(places) and not is_basic(tuple(given))
    given[place : place + 1] = [Ellipsis] if keep else [slice(None)] * missing


def _as_index(xp: Namespace, item: Any) -> Any:
    """Give a list or integer among the indices as an array."""
    if item is None or item is Ellipsis or isinstance(item, slice):
        return item
    array = (
        xp.zeros((0,), dtype=xp.int64) if isinstance(item, list) and not item else xp.asarray(item)
    )
    if xp.isdtype(array.dtype, "integral"):
        return xp.astype(array, xp.int64)
    if xp.isdtype(array.dtype, "bool"):
        return array
    raise IndexError(
        f"getitem: an index array must hold integers or booleans, this one is {array.dtype}."
    )


def _axes_taken(xp: Namespace, item: Any) -> int:
    """Say how many axes an index consumes: a mask as many as it has itself, a new axis none, others one."""
    if item is None or item is Ellipsis:
        return 0
    return item.ndim if not isinstance(item, slice) and xp.isdtype(item.dtype, "bool") else 1


def _from_front(xp: Namespace, index: Array, length: int, axis: int) -> Array:
    """Count negative positions from the end; refuse those that lie outside."""
    if math.prod(index.shape) and not bool(xp.all((index >= -length) & (index < length))):
        raise IndexError(
            f"getitem: an index is out of bounds for axis {axis} with length {length}."
        )
    return xp.where(index < 0, index + length, index)


def _check_integer(index: int, length: int, axis: int) -> None:
    if not -length <= index < length:
        raise IndexError(
            f"getitem: index {index} is out of bounds for axis {axis} with length {length}."
        )
