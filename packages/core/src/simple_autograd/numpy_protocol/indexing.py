"""NumPy's functions that take, insert, delete or choose elements. Those that write in place write no recorded value."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..errors import NotDifferentiableError
from ..variable import Variable
from ..writes import written
from .dispatch import alike, arrays, host, implements, no_out, operands, raw_of, variables_in

__all__: list[str] = []


@implements(np.where)
def _where(condition: Any, *choices: Any) -> Any:
    if not choices:
        return ops.nonzero(condition)
    # Floats, too, are conditions: true where they are not 0.
    condition = ops.astype(arrays(condition, *choices)[0].detach(), "bool", copy=False)
    return ops.where(condition, *operands(*choices))


@implements(np.take)
def _take(
    a: Any, indices: Any, axis: int | None = None, out: Any = None, mode: str = "raise"
) -> Variable:
    no_out(out)
    a = ops.asarray(a)
    if axis is None:
        a, axis = ops.reshape(a, (-1,)), 0
    places = np.asarray(host(indices))
    if mode == "wrap":
        places = places % a.shape[axis]
    elif mode == "clip":
        places = np.clip(places, 0, a.shape[axis] - 1)
    return ops.take(a, a._backend.asarray(places), axis=axis)


@implements(np.take_along_axis)
def _take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Variable:
    if axis is None:
        arr, axis = ops.reshape(arr, (-1,)), 0
    return ops.take_along_axis(*operands(arr, indices), axis=axis)


@implements(np.compress)
def _compress(condition: Any, a: Variable, axis: int | None = None, out: Any = None) -> Variable:
    no_out(out)
    return _take(a, np.flatnonzero(host(condition)), axis)


@implements(np.extract)
def _extract(condition: Any, arr: Variable) -> Variable:
    return _take(arr, np.flatnonzero(host(condition)))


@implements(np.delete)
def _delete(arr: Variable, obj: Any, axis: int | None = None) -> Variable:
    arr, axis = _line(arr, axis)
    return _take(arr, np.delete(np.arange(arr.shape[axis]), host(obj)), axis)


@implements(np.insert)
def _insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Variable:
    arr, values = operands(arr, values)
    arr, axis = _line(ops.asarray(arr), axis)
    length = arr.shape[axis]
    places = np.arange(*obj.indices(length)) if isinstance(obj, slice) else np.asarray(host(obj))
    if places.dtype == bool:
        places = np.flatnonzero(places)
    values, count = ops.asarray(values, dtype=arr.dtype), places.size
    if count == 1:  # several may be put in at one place
        values = ops.reshape(values, (1,) * (arr.ndim - values.ndim) + tuple(values.shape))
        if places.ndim == 0:
            values = ops.moveaxis(values, 0, axis)
        places, count = places.item(), values.shape[axis]  # type: ignore[assignment] # its position follows
    lengths = (*arr.shape[:axis], count, *arr.shape[axis + 1 :])
    order = np.insert(np.arange(length), places, np.arange(length, length + count))
    both = ops.concat([arr, ops.broadcast_to(values, lengths)], axis=axis)
    return _take(both, order, axis)


def _line(arr: Any, axis: int | None) -> tuple[Variable, int]:
    """Give the array and the axis to work along: the flattened array's where none is named."""
    if axis is None:
        return ops.reshape(arr, (-1,)), 0
    return arr, axis % arr.ndim


@implements(np.select)
def _select(condlist: Any, choicelist: Any, default: Any = 0) -> Variable:
    if len(condlist) != len(choicelist):
        raise ValueError(
            f"np.select: there are {len(condlist)} conditions and {len(choicelist)} choices."
        )
    *choices, chosen = operands(*choicelist, default)
    for condition, choice in zip(condlist[::-1], choices[::-1], strict=True):
        chosen = _where(condition, choice, chosen)
    return chosen


@implements(np.choose)
def _choose(a: Any, choices: Any, out: Any = None, mode: str = "raise") -> Variable:
    no_out(out)
    options = alike(*choices)
    chosen = np.asarray(host(a))
    if mode != "raise":
        chosen = np.clip(chosen, 0, len(options) - 1) if mode == "clip" else chosen % len(options)
    if np.any((chosen < 0) | (chosen >= len(options))):
        raise ValueError(f"np.choose: a names others than the {len(options)} choices there are.")
    place, *options = ops.broadcast_arrays(options[0]._backend.asarray(chosen), *options)
    return ops.take_along_axis(ops.stack(options, axis=0), ops.expand_dims(place, axis=0), axis=0)[
        0
    ]


# Writing in place -------------------------------------------------------------------------------------------------


def _writer(function: Any) -> Any:
    """Make the adapter of a function that writes into its first argument."""

    def write(target: Any, *args: Any, **options: Any) -> None:
        name = f"np.{function.__name__}"
        if any(variable._node is not None for variable in variables_in((target, args, options))):
            raise NotDifferentiableError(
                f"{name}: it writes in place, and an argument requires grad. Assign with v[index] = values, which is "
                f"recorded, or write into v.detach()."
            )
        if isinstance(target, Variable):
            written(target._backend, target._raw, name)
        function(raw_of(target), *raw_of(args), **raw_of(options))

    return write


for _function in (np.copyto, np.fill_diagonal, np.place, np.put, np.put_along_axis, np.putmask):
    implements(_function)(_writer(_function))
