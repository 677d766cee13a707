"""Indexing: every kind that NumPy knows, and the scatter-add that is its gradient.

The standard itself indexes with integers, slices, None, Ellipsis and one boolean mask. What NumPy can do beyond that
(lists, integer arrays, several masks, mixed with slices) is brought here to a gather from the flattened array, so it
works in every namespace; a backend that indexes like NumPy registers ``x[key]`` itself as its kernel.
"""

from __future__ import annotations

import math
from typing import Any

from ..errors import GraphError
from ..op import op
from ..tape import mode
from ..types import Array, Namespace, Shape
from ..variable import Variable
from ..writes import written

__all__ = ["getitem", "put_add", "scatter_add", "setitem"]


def getitem(x: Array, key: Any, /) -> Array:
    """``x[key]`` for every index of NumPy's. Elements met several times add up their gradients.

    Parameters
    ----------
    x
        Any shape.
    key
        Integers, slices, None, Ellipsis, lists, boolean or integer arrays or Variables, or a tuple of these.
    """
    return _getitem(x, key=_plain(key))


def _plain(key: Any) -> Any:
    """Give an index without Variables in it."""
    if isinstance(key, tuple):
        return tuple(_plain(item) for item in key)
    return key._raw if isinstance(key, Variable) else key


@op
def _getitem(xp: Namespace, x: Array, /, *, key: Any) -> Array:
    if _is_basic(key):
        return x[key]
    positions = _flat_positions(xp, x.shape, key)
    flat = xp.take(xp.reshape(x, (-1,)), xp.reshape(positions, (-1,)), axis=0)
    return xp.reshape(flat, positions.shape)


@_getitem.gradient("x")
def getitem_wrt_x(xp, grad, x_shape, key):
    return put_add(grad, key=key, shape=x_shape)


@op
def put_add(xp: Namespace, values: Array, /, *, key: Any, shape: Shape) -> Array:
    """Zeros of `shape` with `values` added at ``[key]``: the gradient of indexing.

    Parameters
    ----------
    values
        Of the shape that ``zeros(shape)[key]`` has.
    key
        As in `getitem`.
    shape
        The result's.
    """
    if _is_basic(key):
        out = xp.zeros(shape, dtype=values.dtype)
        out[key] = values
        return out
    positions = xp.reshape(_flat_positions(xp, shape, key), (-1,))
    return xp.reshape(
        _scatter_add(xp, xp.reshape(values, (-1,)), positions, math.prod(shape)), shape
    )


@put_add.gradient("values")
def put_add_wrt_values(xp, grad, key):
    return grad[key]


@op
def scatter_add(xp: Namespace, values: Array, positions: Array, /, *, length: int) -> Array:
    """A vector of zeros with ``values[i]`` added at ``positions[i]``, in the order of i.

    Parameters
    ----------
    values
        (N,), numeric.
    positions
        (N,), integers in [0, length).
    length
        The result's.
    """
    return _scatter_add(xp, values, positions, length)


@scatter_add.gradient("values")
def scatter_add_wrt_values(xp, grad, positions):
    return xp.take(grad, positions, axis=0)


def _scatter_add(xp: Namespace, values: Array, positions: Array, length: int) -> Array:
    """Scatter with nothing but the standard: sort by position, add up each run, pick each run's last."""
    count = values.shape[0]
    if count == 0 or length == 0:
        return xp.zeros((length,), dtype=values.dtype)
    order = xp.argsort(positions, stable=True)
    places, sums = xp.take(positions, order, axis=0), xp.take(values, order, axis=0)
    step = 1
    while (
        step < count
    ):  # Hillis and Steele's scan, confined to runs: after it, sums[i] holds its run up to i
        same = places[step:] == places[:-step]
        earlier = xp.where(same, sums[:-step], 0)
        sums = xp.concat([sums[:step], sums[step:] + earlier])
        step *= 2
    targets = xp.arange(length)
    last = xp.searchsorted(places, xp.astype(targets, places.dtype), side="right") - 1
    last = xp.where(last < 0, 0, last)
    hit = xp.take(places, last, axis=0) == xp.astype(targets, places.dtype)
    return xp.where(hit, xp.take(sums, last, axis=0), 0)


def setitem(x: Variable, key: Any, value: Any, /) -> None:
    """``x[key] = value``, in place.

    Raises
    ------
    GraphError
        If `x` or `value` requires grad while operations are recorded. Build the result with `where` or `concat`, or
        write inside ``no_grad()``.
    """
    needs_grad = x._node is not None or (isinstance(value, Variable) and value._node is not None)
    if needs_grad and mode.record is not None:
        what = "the Variable" if x._node is not None else "the value"
        raise GraphError(
            f"setitem: {what} requires grad, and a write in place cannot be recorded. Build the result with where or "
            f"concat, or write inside no_grad() or into v.detach()."
        )
    raw = value._raw if isinstance(value, Variable) else value
    written(x._backend, x._raw, "an assignment v[...] = ...")
    x._raw[_plain(key)] = raw


def _is_basic(key: Any) -> bool:
    """Say whether an index is made of integers, slices, None and Ellipsis alone: it selects a regular block."""
    items = key if isinstance(key, tuple) else (key,)
    return all(
        item is None
        or item is Ellipsis
        or isinstance(item, slice)
        or (isinstance(item, int) and not isinstance(item, bool))
        for item in items
    )


def _flat_positions(xp: Namespace, shape: Shape, key: Any) -> Array:
    """Give the positions, in the flattened array, of the elements that ``x[key]`` selects, in its shape.

    NumPy's rules: masks become their nonzero positions; index arrays broadcast together; their axes stand where the
    first of them stood if they are neighbours, and in front otherwise.
    """
    items = _expand(xp, shape, key)
    advanced = [place for place, item in enumerate(items) if isinstance(item, tuple)]
    neighbours = bool(advanced) and advanced == list(range(advanced[0], advanced[-1] + 1))
    front = (
        [item for item in items[: advanced[0]] if not isinstance(item, tuple)] if neighbours else []
    )
    back = [item for item in items if not isinstance(item, tuple)][len(front) :]

    middle = xp.zeros((), dtype=xp.int64)
    if advanced:
        pairs = [items[place] for place in advanced]
        for index, (_, stride) in zip(
            xp.broadcast_arrays(*[index for index, _ in pairs]), pairs, strict=True
        ):
            middle = middle + index * stride
    total = xp.reshape(middle, middle.shape + (1,) * len(back))
    ndim = len(front) + total.ndim
    for axis, offsets in [*enumerate(front), *enumerate(back, ndim - len(back))]:
        total = total + xp.reshape(offsets, (-1,) + (1,) * (ndim - axis - 1))
    return total


def _expand(xp: Namespace, shape: Shape, key: Any) -> list[Any]:
    """Give one item per indexed or new axis, in the order of the key.

    An item is either the offsets along a regular axis (slice, new axis, left out), one-dimensional, or a pair of an
    index array and the stride of the axis that it indexes.
    """
    given = [_as_index(xp, item) for item in (key if isinstance(key, tuple) else (key,))]
    taken = sum(_axes_taken(xp, item) for item in given)
    if taken > len(shape):
        raise IndexError(f"getitem: {taken} indices for an array of shape {tuple(shape)}.")
    place = next((i for i, item in enumerate(given) if item is Ellipsis), len(given))
    given[place : place + 1] = [slice(None)] * (len(shape) - taken)

    items: list[Any] = []
    axis = 0
    for item in given:
        if item is None:
            items.append(xp.zeros((1,), dtype=xp.int64))
            continue
        lengths = shape[axis : axis + _axes_taken(xp, item)]
        stride = math.prod(shape[axis + 1 :])
        if isinstance(item, slice):
            items.append(xp.arange(*item.indices(lengths[0]), dtype=xp.int64) * stride)
        elif not xp.isdtype(item.dtype, "bool"):
            items.append((_checked(xp, item, lengths[0], axis), stride))
        elif item.ndim == 0:  # x[True] and x[False]: a new axis of length one or zero
            items.append((xp.zeros((int(bool(item)),), dtype=xp.int64), 0))
        elif item.shape != lengths:
            raise IndexError(
                f"getitem: a mask of shape {tuple(item.shape)} for axes of lengths {tuple(lengths)}."
            )
        else:
            items += [
                (where, math.prod(shape[axis + i + 1 :]))
                for i, where in enumerate(xp.nonzero(item))
            ]
        axis += len(lengths)
    return items


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


def _checked(xp: Namespace, index: Array, length: int, axis: int) -> Array:
    """Count negative positions from the end; refuse those that lie outside."""
    if math.prod(index.shape) and not bool(xp.all((index >= -length) & (index < length))):
        raise IndexError(f"getitem: an index for axis {axis} lies outside its length, {length}.")
    return xp.where(index < 0, index + length, index)
