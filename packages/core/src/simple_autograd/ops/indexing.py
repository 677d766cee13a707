"""Indexing: ``x[key]`` and ``x[key] = value`` for every key that NumPy knows, and the scatters behind their gradients.

The standard itself takes integers, slices, None, Ellipsis and one boolean mask. What NumPy can do beyond that is
brought to a gather from, or a scatter into, the flattened array (see ``index_keys.py``), so it works in every
namespace. A backend that indexes as NumPy does registers kernels for ``getitem``, ``put_add``, ``index_put`` and
``write_at``.
"""

from __future__ import annotations

import gc
import math
from typing import Any

from ..backends import kernel
from ..errors import BackendMismatchError, GraphError, NotDifferentiableError
from ..op import op
from ..tape import mode
from ..types import Array, Namespace, Shape
from ..variable import Variable
from ..writes import written
from .index_keys import complete, flat_positions, is_basic, may_repeat, plain

__all__ = ["getitem", "index_put", "put_add", "setitem"]


def getitem(x: Array, key: Any, /) -> Array:
    """``x[key]`` for every index of NumPy's. Elements met several times add up their gradients.

    Parameters
    ----------
    x
        Any shape.
    key
        Integers, slices, None, Ellipsis, lists, boolean or integer arrays or Variables, or a tuple of these.

    Raises
    ------
    IndexError
        If the key does not fit the shape.
    """
    return _getitem(x, key=plain(key))


@op
def _getitem(xp: Namespace, x: Array, /, *, key: Any) -> Array:
    if is_basic(key):
        return x[complete(x.shape, key)]
    positions = flat_positions(xp, x.shape, key)
    flat = xp.take(xp.reshape(x, (-1,)), xp.reshape(positions, (-1,)), axis=0)
    return xp.reshape(flat, positions.shape)


@_getitem.gradient("x")
def getitem_wrt_x(xp, grad, x_shape, key):
    return _put_add(grad, key=key, shape=x_shape)


def put_add(values: Array, key: Any, shape: Shape, /) -> Array:
    """Zeros of a shape with `values` added at ``[key]``: the gradient of indexing.

    Parameters
    ----------
    values
        Of the shape that ``zeros(shape)[key]`` has.
    key
        As in `getitem`. What is met several times adds up.
    shape
        The result's.
    """
    return _put_add(values, key=plain(key), shape=shape)


@op
def _put_add(xp: Namespace, values: Array, /, *, key: Any, shape: Shape) -> Array:
    if is_basic(key):
        out = xp.zeros(shape, dtype=values.dtype)
        _assign(xp, out, complete(shape, key), values)
        return out
    positions = xp.reshape(flat_positions(xp, shape, key), (-1,))
    added = _scatter_add(xp, xp.reshape(values, (-1,)), positions, math.prod(shape))
    return xp.reshape(added, shape)


@_put_add.gradient("values")
def put_add_wrt_values(xp, grad, key):
    return _getitem(grad, key=key)


def index_put(x: Array, key: Any, values: Array, /) -> Array:
    """A copy of `x` with `values` written at ``[key]``: what ``x[key] = values`` does on the tape.

    Parameters
    ----------
    x
        Any shape.
    key
        As in `getitem`. Of several writes to one element the last counts, and it alone gets the gradient.
    values
        A number, or an array that broadcasts to the shape of ``x[key]``. It is cast to the data type of `x`.
    """
    return _index_put(x, values, key=plain(key))


@op
def _index_put(xp: Namespace, x: Array, values: Array, /, *, key: Any) -> Array:
    values = _as_type_of(xp, values, x)
    if is_basic(key):
        out = xp.asarray(x, copy=True)
        key = complete(x.shape, key)
        _assign(xp, out, key, _fitted(xp, values, x[key].shape))
        return out
    positions = flat_positions(xp, x.shape, key)
    values = _fitted(xp, values, positions.shape)
    return _scatter_last(xp, x, xp.reshape(values, (-1,)), xp.reshape(positions, (-1,)))


@_index_put.gradient("x")
def index_put_wrt_x(xp, grad, key):
    return _index_put(grad, 0, key=key)


@_index_put.gradient("values")
def index_put_wrt_values(xp, grad, x_shape, values_shape, key):
    grad = _getitem(grad, key=key)
    if may_repeat(key):
        grad = xp.where(_is_last_write(xp, x_shape, key), grad, 0)
    # An assignment ignores leading axes of length one that the target lacks; the walk would not know them.
    extra = len(values_shape) - grad.ndim
    return xp.reshape(grad, (1,) * extra + tuple(grad.shape)) if extra > 0 else grad


def setitem(x: Variable, key: Any, value: Any, /) -> None:
    """``x[key] = value``.

    Where no gradient is involved, or nothing is recorded, the array of `x` is written in place. Otherwise the write is
    an operation: `x` becomes the result of `index_put`, with an array of its own. So views and arrays that shared
    memory with `x` before do not see a recorded write, and gradients for what `x` was before stay right. The other way
    round, where `x` is itself a view of another Variable (``a[0][1] = w``), that one would not see the write; so that
    raises.

    Parameters
    ----------
    x
        Not a leaf that requires grad.
    key
        As in `getitem`.
    value
        A Variable, an array, nested lists or a number that broadcasts to the shape of ``x[key]``.

    Raises
    ------
    GraphError
        If operations are recorded, and `x` is a leaf that requires grad, or a view of another Variable.
    NotDifferentiableError
        If `value` requires grad and `x` has a data type that cannot.
    """
    backend = x._backend
    value = _operand(x, value)
    value_node = value._node if isinstance(value, Variable) else None
    if not mode.recording or (x._node is None and value_node is None):
        if isinstance(value, Variable):
            value = value._raw
        written(backend, x._raw, "an assignment v[...] = ...")
        write_at(backend, x._raw, plain(key), value)
        return
    if x._node is not None and x._node.vjp is None:
        raise GraphError(
            "setitem: this Variable is a leaf that requires grad; its values are what gradients are computed for, and "
            "an assignment would replace them. Assign to v.clone(), or inside no_grad() if the write shall not count."
        )
    if value_node is not None and not backend.is_floating(x.dtype):
        raise NotDifferentiableError(
            f"setitem: the value requires grad, and a Variable of {x.dtype} cannot keep its gradient. Assign "
            f"value.detach(), or make the Variable floating first (v.astype(...))."
        )
    if backend.is_view(x._raw) and _is_shared(x):
        raise GraphError(
            f"setitem: this Variable (shape {tuple(x.shape)}) shares its memory with another one, which would not see "
            f"a write that is recorded. Assign to that one with the whole index (a[i, j] = value for a[i][j] = value), "
            f"or to v.clone()."
        )
    old = x._node
    result = _index_put(x, value, key=plain(key))
    x._raw, x._node = result._raw, result._node
    if old is not None and old.extras is not None and old.extras.retains:
        old.extras.retains = False
        x.retain_grad()


def _is_shared(x: Variable) -> bool:
    """Say whether another Variable that is alive has its array in the same memory.

    That takes milliseconds. It is asked only where a view is written to and the write recorded: once per view, since
    the written one has an array of its own.
    """
    backend = x._backend
    key = backend.memory_key(x._raw)
    # Not isinstance, which asks proxies of other libraries what they stand for.
    others = [obj for obj in gc.get_objects() if issubclass(type(obj), Variable) and obj is not x]
    return any(
        other._backend is backend and backend.memory_key(other._raw) == key
        for other in others
        if hasattr(other, "_raw")  # another thread may be making it
    )


@kernel
def write_at(xp: Namespace, x: Array, key: Any, values: Array) -> None:
    """``x[key] = values`` in place, on raw arrays."""
    x[...] = _index_put.op.body(xp, x, values, key=key)


def _operand(x: Variable, value: Any) -> Any:
    """Give what shall be assigned to `x` as a number, an array or a Variable of its backend."""
    backend = x._backend
    if isinstance(value, Variable):
        if value._backend is not backend:
            raise BackendMismatchError(
                f"setitem: the Variable is on backend {backend.name!r}, the value on {value._backend.name!r}. Use "
                f"value.to({backend.name!r})."
            )
        return value
    if value is None:  # which NumPy takes for NaN
        raise TypeError(
            "setitem: the value is a NoneType; needed is a Variable, an array, a number, or nested lists of numbers."
        )
    return value if type(value) in backend.operand_types else backend.asarray(value)


# The portable scatters --------------------------------------------------------------------------------------------


def _assign(xp: Namespace, out: Array, key: tuple[Any, ...], values: Array) -> None:
    """Write into a block. The standard assigns to no new axes, so the values go without them."""
    key = tuple([item for item in key if item is not None])
    out[key] = xp.reshape(values, out[key].shape)


def _as_type_of(xp: Namespace, values: Any, x: Array) -> Array:
    if isinstance(values, int | float | complex):
        return xp.asarray(values, dtype=x.dtype)
    return values if values.dtype == x.dtype else xp.astype(values, x.dtype)


def _fitted(xp: Namespace, values: Array, shape: Shape) -> Array:
    """Broadcast values to what they shall be written to, ignoring leading axes of length one, as NumPy does."""
    lengths = tuple(values.shape)
    while len(lengths) > len(shape) and lengths[0] == 1:
        lengths = lengths[1:]
    fits = len(lengths) <= len(shape) and all(
        length in (1, wanted)
        for length, wanted in zip(lengths[::-1], tuple(shape)[::-1], strict=False)
    )
    if not fits:
        raise ValueError(
            f"setitem: could not broadcast a value of shape {tuple(values.shape)} to {tuple(shape)}, the shape of what "
            f"the index selects."
        )
    return xp.broadcast_to(xp.reshape(values, lengths), shape)


def _scatter_add(xp: Namespace, values: Array, positions: Array, length: int) -> Array:
    """Add ``values[i]`` at ``positions[i]``: sort by position, add up each run, pick each run's last."""
    count = values.shape[0]
    if count == 0 or length == 0:
        return xp.zeros((length,), dtype=values.dtype)
    order = xp.argsort(positions, stable=True)
    places, sums = xp.take(positions, order, axis=0), xp.take(values, order, axis=0)
    step = 1
    while step < count:
        # Hillis and Steele's scan, confined to runs: after it, sums[i] holds its run up to i.
        same = places[step:] == places[:-step]
        earlier = xp.where(same, sums[:-step], 0)
        sums = xp.concat([sums[:step], sums[step:] + earlier])
        step *= 2
    return _last_of_runs(xp, places, sums, xp.zeros((length,), dtype=values.dtype))


def _scatter_last(xp: Namespace, x: Array, values: Array, positions: Array) -> Array:
    """Write ``values[i]`` at ``positions[i]`` of the flattened `x`; of several the last stays."""
    if values.shape[0] == 0:
        return xp.asarray(x, copy=True)
    order = xp.argsort(positions, stable=True)
    places, values = xp.take(positions, order, axis=0), xp.take(values, order, axis=0)
    return xp.reshape(_last_of_runs(xp, places, values, xp.reshape(x, (-1,))), x.shape)


def _last_of_runs(xp: Namespace, places: Array, values: Array, elsewhere: Array) -> Array:
    """Give, for each target, the last of the values whose place it is; `elsewhere` where there is none."""
    targets = xp.arange(elsewhere.shape[0], dtype=places.dtype)
    last = xp.searchsorted(places, targets, side="right") - 1
    last = xp.where(last < 0, 0, last)
    hit = xp.take(places, last, axis=0) == targets
    return xp.where(hit, xp.take(values, last, axis=0), elsewhere)


def _is_last_write(xp: Namespace, shape: Shape, key: Any) -> Array:
    """Say of each element that a key selects whether it is the last occurrence of its position."""
    selected = flat_positions(xp, shape, key)
    positions = xp.reshape(selected, (-1,))
    if positions.shape[0] == 0:
        return xp.astype(selected, xp.bool)
    order = xp.argsort(positions, stable=True)
    places = xp.take(positions, order, axis=0)
    last = xp.concat([places[1:] != places[:-1], xp.ones((1,), dtype=xp.bool)])
    return xp.reshape(xp.take(last, xp.argsort(order), axis=0), selected.shape)
