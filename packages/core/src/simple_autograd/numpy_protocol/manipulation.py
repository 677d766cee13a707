"""NumPy's functions on shapes and the order of axes and elements, and ``clip``."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..ops.axes import as_tuple
from ..variable import Variable
from .dispatch import host, implements, no_out

__all__: list[str] = []


# Shapes -----------------------------------------------------------------------------------------------------------


@implements(np.reshape)
def _reshape(a: Variable, /, shape: Any, order: str = "C", *, copy: bool | None = None) -> Variable:
    if order != "C":
        raise TypeError(f"np.reshape: order={order!r}; a Variable is read in row-major order, 'C'.")
    return ops.reshape(a, as_tuple(shape), copy=copy)


@implements(np.ravel)
def _ravel(a: Variable, order: str = "C") -> Variable:
    return _reshape(a, -1, order)


@implements(np.squeeze)
def _squeeze(a: Variable, axis: Any = None) -> Variable:
    return ops.squeeze(a, axis)


@implements(np.expand_dims)
def _expand_dims(a: Variable, axis: Any) -> Variable:
    return ops.expand_dims(a, axis=as_tuple(axis))


@implements(np.broadcast_to)
def _broadcast_to(array: Variable, shape: Any, subok: bool = False) -> Variable:
    return ops.broadcast_to(array, as_tuple(shape))


@implements(np.broadcast_arrays)
def _broadcast_arrays(*args: Any, subok: bool = False) -> tuple[Variable, ...]:
    return ops.broadcast_arrays(*[ops.asarray(arg) for arg in args])


@implements(np.atleast_1d)
def _atleast_1d(*arys: Any) -> Any:
    return _each(arys, lambda a: a if a.ndim else ops.reshape(a, (1,)))


@implements(np.atleast_2d)
def _atleast_2d(*arys: Any) -> Any:
    return _each(arys, lambda a: a if a.ndim > 1 else ops.reshape(a, (1, -1)))


@implements(np.atleast_3d)
def _atleast_3d(*arys: Any) -> Any:
    def grown(a: Variable) -> Variable:
        if a.ndim > 2:
            return a
        return ops.reshape(a, (*a.shape, 1) if a.ndim == 2 else (1, -1, 1))

    return _each(arys, grown)


def _each(arrays: tuple[Any, ...], function: Any) -> Any:
    """Give one result for one array, and a tuple for several."""
    found = tuple([function(ops.asarray(array)) for array in arrays])
    return found[0] if len(found) == 1 else found


@implements(np.resize)
def _resize(a: Variable, new_shape: Any) -> Variable:
    shape = as_tuple(new_shape)
    count = int(np.prod(shape))
    if not a.size:
        return ops.zeros_like(ops.broadcast_to(ops.sum(a), shape))
    positions = a._backend.asarray(np.arange(count) % a.size)
    return ops.reshape(ops.take(_ravel(a), positions), shape)


# The order of axes ------------------------------------------------------------------------------------------------


@implements(np.transpose, np.permute_dims)
def _transpose(a: Variable, axes: Any = None) -> Variable:
    return ops.permute_dims(a, tuple(range(a.ndim))[::-1] if axes is None else tuple(axes))


@implements(np.matrix_transpose)
def _matrix_transpose(x: Variable, /) -> Variable:
    return ops.matrix_transpose(x)


@implements(np.swapaxes)
def _swapaxes(a: Variable, axis1: int, axis2: int) -> Variable:
    return ops.swapaxes(a, axis1, axis2)


@implements(np.moveaxis)
def _moveaxis(a: Variable, source: Any, destination: Any) -> Variable:
    return ops.moveaxis(a, source, destination)


@implements(np.rollaxis)
def _rollaxis(a: Variable, axis: int, start: int = 0) -> Variable:
    if not -a.ndim <= axis < a.ndim or not -a.ndim <= start <= a.ndim:
        raise ValueError(
            f"np.rollaxis: axis {axis} to before {start}; there are {a.ndim} axes to choose from."
        )
    axis, start = axis % a.ndim, start + a.ndim if start < 0 else start
    return ops.moveaxis(a, axis, start - 1 if start > axis else start)


# The order of elements --------------------------------------------------------------------------------------------


@implements(np.flip)
def _flip(m: Variable, axis: Any = None) -> Variable:
    return ops.flip(m, axis=axis)


@implements(np.fliplr)
def _fliplr(m: Variable) -> Variable:
    return ops.flip(m, axis=1)


@implements(np.flipud)
def _flipud(m: Variable) -> Variable:
    return ops.flip(m, axis=0)


@implements(np.rot90)
def _rot90(m: Variable, k: int = 1, axes: Any = (0, 1)) -> Variable:
    return ops.rot90(m, k, tuple(axes))


@implements(np.roll)
def _roll(a: Variable, shift: Any, axis: Any = None) -> Variable:
    if axis is None:
        return ops.roll(a, int(np.sum(shift)))
    pairs = [(int(by), int(along)) for by, along in np.broadcast(shift, axis)]  # as NumPy does
    return ops.roll(a, tuple([by for by, _ in pairs]), axis=tuple([along for _, along in pairs]))


@implements(np.repeat)
def _repeat(a: Variable, repeats: Any, axis: int | None = None) -> Variable:
    if isinstance(repeats, list | tuple):
        repeats = a._backend.asarray(repeats)
    return ops.repeat(a, repeats, axis=axis)


@implements(np.tile)
def _tile(A: Variable, reps: Any) -> Variable:  # noqa: N803 - NumPy's name
    return ops.tile(A, reps)


@implements(np.pad)
def _pad(array: Variable, pad_width: Any, mode: Any = "constant", **options: Any) -> Variable:
    constants = options.pop("constant_values", 0)
    reflect_type = options.pop("reflect_type", "even")
    if callable(mode) or options or reflect_type != "even":
        given = mode if not options else ", ".join(options)
        raise TypeError(
            f"np.pad: {given!r} is none of what a Variable can be padded by; there are the modes constant, edge, "
            f"reflect, symmetric and wrap."
        )
    if isinstance(pad_width, dict):
        pad_width = [pad_width.get(i, pad_width.get(i - array.ndim, 0)) for i in range(array.ndim)]
        pad_width = [pair if np.ndim(pair) else (pair, pair) for pair in pad_width]
    return ops.pad(array, pad_width, mode=mode, constant_values=constants)


@implements(np.tril)
def _tril(m: Variable, k: int = 0) -> Variable:
    return ops.tril(m, k=k)


@implements(np.triu)
def _triu(m: Variable, k: int = 0) -> Variable:
    return ops.triu(m, k=k)


@implements(np.diag)
def _diag(v: Variable, k: int = 0) -> Variable:
    return ops.diag(v, k)


@implements(np.trim_zeros)
def _trim_zeros(filt: Variable, trim: str = "fb", axis: Any = None) -> Variable:
    if not {*trim.lower()} <= {*"fb"}:
        raise ValueError(f"np.trim_zeros: trim is {trim!r}; needed are letters of 'fb'.")
    places = np.argwhere(host(filt))
    axes = np.atleast_1d(range(filt.ndim) if axis is None else axis) % filt.ndim
    key = [slice(None)] * filt.ndim
    for i in axes.tolist():
        found = places[:, i]
        first, last = (int(found.min()), int(found.max()) + 1) if found.size else (0, 0)
        key[i] = slice(
            first if "f" in trim.lower() else None, last if "b" in trim.lower() else None
        )
    return filt[tuple(key)]


@implements(np.diagflat)
def _diagflat(v: Variable, k: int = 0) -> Variable:
    return ops.diagflat(v, k)


# Elements as they are ---------------------------------------------------------------------------------------------


@implements(np.clip)
def _clip(
    a: Variable,
    a_min: Any = None,
    a_max: Any = None,
    out: Any = None,
    *,
    min: Any = None,
    max: Any = None,
) -> Variable:
    no_out(out)
    return ops.clip(a, a_min if min is None else min, a_max if max is None else max)


@implements(np.copy)
def _copy(a: Variable, order: str = "K", subok: bool = False) -> Variable:
    return ops.asarray(a, copy=True)


@implements(np.astype)
def _astype(x: Variable, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Variable:
    return ops.astype(x, dtype, copy=copy, device=device)
