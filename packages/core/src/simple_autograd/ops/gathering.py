"""Indexing functions: elements taken from, and written or added to, positions that arrays name.

``take`` and ``take_along_axis`` are the standard's; ``put_along_axis`` is NumPy's and the rest PyTorch's, as functions
that give a new array and leave their argument alone. All that move gradients back are `put_add` and `getitem`.
"""

from __future__ import annotations

from typing import Any

from ..backends import backend_of
from ..op import op
from ..types import Array, Namespace
from ..variable import Variable
from .arguments import refuse_complex
from .arithmetic import add, divide, floor_divide, multiply
from .axes import axis_of, one_axis, shape_of
from .data_types import astype, isdtype
from .index_keys import along_axis, at_axis, flat_positions
from .indexing import getitem, index_put, put_add
from .manipulation import reshape
from .searching import where

__all__ = [
    "gather",
    "index_add",
    "masked_fill",
    "pick_along_axis",
    "place_along_axis",
    "put_along_axis",
    "scatter",
    "scatter_add",
    "scatter_extreme",
    "scatter_reduce",
    "take",
    "take_along_axis",
]


def take(x: Array, indices: Array, /, *, axis: int | None = None) -> Array:
    """The elements at positions along an axis; those taken several times add up their gradients.

    Parameters
    ----------
    x
        Any shape.
    indices
        Integers; negative ones count from the end. Their axes take the place of `axis` in the result.
    axis
        May be left out only for one-dimensional `x`.
    """
    if axis is None:
        shape = shape_of("take", x)
        if len(shape) != 1:
            raise ValueError(
                f"take: needed is the axis for an array of shape {shape}; only a one-dimensional one does "
                f"without."
            )
        axis = 0
    return _take(x, indices, axis=axis_of("take", axis, x))


@op
def _take(xp: Namespace, x: Array, indices: Array, /, *, axis: int) -> Array:
    taken = xp.take(x, xp.reshape(indices, (-1,)), axis=axis)
    return xp.reshape(taken, (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]))


@_take.gradient("x")
def take_wrt_x(xp, grad, x_shape, indices, axis):
    return put_add(grad, at_axis(indices, axis, len(x_shape)), x_shape)


def take_along_axis(x: Array, indices: Array, /, *, axis: int = -1) -> Array:
    """The elements at positions along an axis, with positions of their own for each line along it.

    Parameters
    ----------
    x
        Any shape.
    indices
        Integers, with as many axes as `x`; all but `axis` broadcast with those of `x`. Elements taken several times
        add up their gradients.
    axis
        The axis that the positions count along.
    """
    return _take_along_axis(x, indices, axis=axis_of("take_along_axis", axis, x))


def pick_along_axis(x: Array, indices: Array, /, *, axis: int) -> Array:
    """`take_along_axis` where no element is taken twice, and no axis broadcasts: its gradient is cheaper."""
    return _take_along_axis(x, indices, axis=axis, distinct=True)


@op
def _take_along_axis(
    xp: Namespace, x: Array, indices: Array, /, *, axis: int, distinct: bool = False
) -> Array:
    return xp.take_along_axis(x, indices, axis=axis)


@_take_along_axis.gradient("x")
def take_along_axis_wrt_x(xp, grad, x_shape, indices, axis, distinct):
    if distinct:
        return place_along_axis(grad, indices, axis=axis, length=x_shape[axis])
    return put_add(grad, along_axis(indices, axis, x_shape), x_shape)


@op
def place_along_axis(
    xp: Namespace, values: Array, indices: Array, /, *, axis: int, length: int
) -> Array:
    """Zeros with values at positions along an axis, none of which is meant twice: the gradient of picking them.

    Parameters
    ----------
    values, indices
        Of one shape; the second are integers.
    axis
        The axis that the positions count along, from the front.
    length
        Its length in the result.
    """
    shape = (*values.shape[:axis], length, *values.shape[axis + 1 :])
    return put_add(values, along_axis(indices, axis, shape), shape)


@place_along_axis.gradient("values")
def place_along_axis_wrt_values(xp, grad, indices, axis):
    return pick_along_axis(grad, indices, axis=axis)


def put_along_axis(x: Array, indices: Array, values: Array, /, *, axis: int = -1) -> Array:
    """A copy of `x` with values written where `take_along_axis` would take from.

    Parameters
    ----------
    x
        Any shape.
    indices
        Integers, with as many axes as `x`; all but `axis` broadcast with those of `x`. Of several writes to one
        element the last counts.
    values
        A number, or an array that broadcasts to the shape of the elements written.
    axis
        The axis that the positions count along.
    """
    _match("put_along_axis", x, indices)
    return index_put(x, along_axis(indices, axis, x.shape), values)


def gather(x: Array, axis: int, index: Array, /) -> Array:
    """PyTorch's ``gather``: ``out[i, j] = x[index[i, j], j]`` for axis 0, and so on.

    Parameters
    ----------
    x
        Any shape.
    axis
        The axis that the positions count along.
    index
        Integers, with as many axes as `x` and nowhere longer but along `axis`. The result has its shape.
    """
    _match("gather", x, index)
    axis = axis_of("gather", axis, x)
    return take_along_axis(_corner("gather", x, index, axis), index, axis=axis)


def scatter(x: Array, axis: int, index: Array, src: Array, /) -> Array:
    """PyTorch's ``scatter``: a copy of `x` with ``out[index[i, j], j] = src[i, j]`` for axis 0, and so on.

    Parameters
    ----------
    x
        Any shape.
    axis
        The axis that the positions count along.
    index
        Integers, with as many axes as `x` and nowhere longer but along `axis`. Of several writes to one element the
        last counts.
    src
        A number, or an array at least as large as `index` in every axis.
    """
    _match("scatter", x, index)
    axis = axis_of("scatter", axis, x)
    if not isinstance(src, int | float | complex):
        _match("scatter", src, index)
        src = _corner("scatter", src, index)
    return index_put(x, along_axis(index, axis, index.shape), src)


def scatter_add(x: Array, axis: int, index: Array, src: Array, /) -> Array:
    """PyTorch's ``scatter_add``: `scatter`, but what is written is added to what is there, and adds up."""
    _match("scatter_add", x, index)
    _match("scatter_add", src, index)
    axis = axis_of("scatter_add", axis, x)
    added = _corner("scatter_add", src, index)
    return add(x, put_add(added, along_axis(index, axis, index.shape), x.shape))


def scatter_reduce(
    x: Array, axis: int, index: Array, src: Array, /, *, reduce: str, include_self: bool = True
) -> Array:
    """PyTorch's ``scatter_reduce``: the elements of `src` that `index` brings to one position, reduced to one.

    Parameters
    ----------
    x
        Any shape. Where nothing is brought to, its elements stay.
    axis
        The axis that the positions count along.
    index
        Integers, with as many axes as `x` and nowhere longer but along `axis`.
    src
        At least as large as `index` in every axis.
    reduce
        ``"sum"``, ``"prod"``, ``"mean"``, ``"amax"`` or ``"amin"``. Equal extremes share the gradient equally.
    include_self
        Whether the element of `x` at a position is one of those that are reduced.
    """
    if reduce not in ("sum", "prod", "mean", "amax", "amin"):
        raise ValueError(
            f"scatter_reduce: reduce is {reduce!r}; there are 'sum', 'prod', 'mean', 'amax' and 'amin'."
        )
    _match("scatter_reduce", x, index)
    _match("scatter_reduce", src, index)
    axis = axis_of("scatter_reduce", axis, x)
    src = reshape(_corner("scatter_reduce", src, index), (-1,))
    index = index._raw if isinstance(index, Variable) else index
    backend = backend_of(index)
    assert backend is not None  # it has a shape
    places = flat_positions(backend.xp, x.shape, along_axis(index, axis, index.shape))
    places = backend.xp.reshape(places, (-1,))
    flat = reshape(x, (-1,))
    if reduce in ("amax", "amin"):
        out = scatter_extreme(
            flat, src, places, largest=reduce == "amax", include_self=include_self
        )
        return reshape(out, x.shape)
    if not include_self:
        flat = index_put(flat, (places,), int(reduce == "prod"))
    if reduce == "prod":
        return reshape(_times(backend.xp, flat, places, src), x.shape)
    total = add(flat, put_add(src, (places,), flat.shape))
    if reduce == "mean":
        ones = backend.xp.ones(places.shape, dtype=backend.xp.float64)
        count = put_add(ones, (places,), flat.shape) + int(include_self)
        count = backend.xp.astype(backend.xp.where(count == 0, 1, count), x.dtype)
        inexact = backend.xp.isdtype(x.dtype, ("real floating", "complex floating"))
        total = divide(total, count) if inexact else floor_divide(total, count)
    return reshape(total, x.shape)


def _times(xp: Namespace, x: Array, places: Any, src: Array) -> Array:
    """Multiply ``x[places[i]]`` by ``src[i]``: neighbours of one place in pairs, until each place has one factor."""
    order = xp.argsort(places, stable=True)
    places, src = xp.take(places, order, axis=0), take(src, order)
    while places.shape[0] > 1 and bool(xp.any(places[1:] == places[:-1])):
        count = places.shape[0]
        rank = xp.arange(count) - xp.searchsorted(places, places)
        (even,) = xp.nonzero(rank % 2 == 0)
        after = xp.where(even + 1 < count, even + 1, even)
        paired = (after > even) & (xp.take(places, after, axis=0) == xp.take(places, even, axis=0))
        (lone,) = xp.nonzero(~paired)
        factors = index_put(take(src, after), (lone,), 1)
        src, places = multiply(take(src, even), factors), xp.take(places, even, axis=0)
    return index_put(x, (places,), multiply(take(x, places), src))


@op
def scatter_extreme(
    xp: Namespace, x: Array, src: Array, positions: Array, /, *, largest: bool, include_self: bool
) -> Array:
    """A copy of `x` with the largest or smallest of what comes to each position. Equals share the gradient equally.

    Parameters
    ----------
    x
        (N,).
    src
        (M,).
    positions
        (M,), integers: where in `x` each element of `src` comes to.
    largest
        Whether the largest is meant.
    include_self
        Whether the element of `x` counts where others come to.
    """
    refuse_complex(xp, "scatter_extreme", x, src)
    order = xp.argsort(src, stable=True)
    if not largest:
        order = xp.flip(order)
        missing = xp.astype(xp.take(src != src, order, axis=0), xp.int8)
        order = xp.take(order, xp.argsort(missing, stable=True), axis=0)  # NaN at the end again
    written = xp.take(src, order, axis=0)
    found = index_put(x, (xp.take(positions, order, axis=0),), written)  # the last one stays
    if not include_self:
        return found
    return xp.maximum(x, found) if largest else xp.minimum(x, found)


@scatter_extreme.gradient("x", "src")
def scatter_extreme_wrt_x_and_src(xp, grad, x, src, positions, out, include_self):
    at = xp.take(out, positions, axis=0)
    mine, theirs = (x == out) | (x != x), (src == at) | (src != src)
    if not include_self:
        mine = index_put(mine, (positions,), False)
    theirs_there = put_add(xp.astype(theirs, grad.dtype), (positions,), x.shape)
    share = grad / (xp.astype(mine, grad.dtype) + theirs_there)
    return xp.where(mine, share, 0), xp.where(theirs, xp.take(share, positions, axis=0), 0)


def index_add(x: Array, axis: int, index: Array, source: Array, /, *, alpha: float = 1) -> Array:
    """PyTorch's ``index_add``: a copy of `x` with slices of `source` added at positions along an axis.

    Parameters
    ----------
    x
        Any shape.
    axis
        The axis that the positions count along.
    index
        (N,), integers. Slices added at one position add up.
    source
        As `x`, but of length N along `axis`.
    alpha
        A factor for `source`.
    """
    ndim = len(shape_of("index_add", x))
    axis = one_axis("index_add", axis, ndim)
    if alpha != 1:
        source = multiply(source, alpha)
    return add(x, put_add(source, at_axis(index, axis, ndim), x.shape))


def masked_fill(x: Array, mask: Array, value: Any, /) -> Array:
    """PyTorch's ``masked_fill``: `x` with `value` where `mask` holds.

    Parameters
    ----------
    x
        Any shape.
    mask
        Booleans that broadcast to the shape of `x`.
    value
        A number; or a zero-dimensional array, which is cast to the data type of `x`. Among booleans a number stands
        for whether it is not zero.
    """
    if hasattr(value, "dtype"):
        value = astype(value, x.dtype, copy=False)
    elif isdtype(x.dtype, "bool"):  # a number would make numbers of the booleans
        value = bool(value)
    return where(mask, value, x)


def _match(operation: str, x: Array, index: Any) -> None:
    shape, found = shape_of(operation, x), shape_of(operation, index, "the index")
    if len(found) != len(shape):
        raise ValueError(
            f"{operation}: the index has shape {found}; needed are as many axes as in the array, of shape {shape}."
        )


def _corner(operation: str, x: Array, index: Array, but: int | None = None) -> Array:
    """Give the first elements of `x` along every axis, as many as `index` has; along the axis `but`, all."""
    lengths = tuple(
        whole if axis == but else wanted
        for axis, (whole, wanted) in enumerate(zip(x.shape, index.shape, strict=True))
    )
    if any([wanted > whole for wanted, whole in zip(lengths, x.shape, strict=True)]):
        raise ValueError(
            f"{operation}: the index has shape {tuple(index.shape)}, and is longer somewhere than the array that it is "
            f"for, of shape {tuple(x.shape)}."
        )
    return x if lengths == tuple(x.shape) else getitem(x, tuple(slice(n) for n in lengths))
