"""NumPy's differences, gradients, integrals, interpolation and convolution of sampled functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..ops.axes import all_axes
from ..variable import Variable
from .dispatch import arrays, host, implements, no_variable

__all__: list[str] = []

_NOT_GIVEN = np._NoValue


def _at(x: Any, axis: int, index: Any) -> Any:
    """Give what an index selects along an axis."""
    return ops.getitem(x, (slice(None),) * (axis % len(x.shape)) + (index,))


@implements(np.diff)
def _diff(
    a: Any, n: int = 1, axis: int = -1, prepend: Any = _NOT_GIVEN, append: Any = _NOT_GIVEN
) -> Variable:
    a = ops.asarray(a)

    def end(values: Any) -> Any:
        if values is _NOT_GIVEN:
            return None
        values = ops.asarray(values)
        if values.ndim:
            return values
        shape = list(a.shape)
        shape[axis] = 1
        return ops.broadcast_to(values, tuple(shape))

    return ops.diff(a, axis=axis, n=n, prepend=end(prepend), append=end(append))


@implements(np.ediff1d)
def _ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Variable:
    parts = arrays(*[part for part in (ary, to_begin, to_end) if part is not None])
    dtype = parts[0].dtype
    parts = [ops.astype(ops.reshape(part, (-1,)), dtype, copy=False) for part in parts]
    inner = ops.diff(parts.pop(0))
    begin = [] if to_begin is None else [parts.pop(0)]
    return ops.concat([*begin, inner, *parts])


@implements(np.unwrap)
def _unwrap(
    p: Variable, discont: Any = None, axis: int = -1, *, period: float = 2 * np.pi
) -> Variable:
    raw = host(p)
    period = no_variable("np.unwrap", "period", period)
    discont = host(discont)
    # Whole periods are added, which do not depend on p but for the jumps.
    return p + p._backend.asarray(np.unwrap(raw, discont, axis, period=period) - raw)


@implements(np.trapezoid)
def _trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Variable:
    y = ops.asarray(y)
    if x is None:
        width = dx
    else:
        x = ops.asarray(x)
        width = ops.diff(x) if x.ndim == 1 else ops.diff(x, axis=axis)
        if x.ndim == 1:
            behind = y.ndim - 1 - axis % y.ndim
            width = ops.reshape(width, (-1,) + (1,) * behind)
    middle = (_at(y, axis, slice(1, None)) + _at(y, axis, slice(-1))) / 2
    return ops.sum(middle * width, axis=axis)


@implements(np.gradient)
def _gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    f = ops.asarray(f)
    f = f if f._backend.is_floating(f.dtype) else ops.astype(f, "float64")
    axes = all_axes(axis, f.ndim)
    if len(varargs) not in (0, 1, len(axes)) or (
        len(varargs) == 1 and len(axes) > 1 and np.ndim(host(varargs[0]))
    ):
        raise TypeError(
            f"np.gradient: {len(varargs)} spacings for {len(axes)} axes; needed is a number, or one spacing per axis."
        )
    if edge_order not in (1, 2):
        raise ValueError(f"np.gradient: edge_order is {edge_order}; needed is 1 or 2.")
    spacings = list(varargs or [1.0])
    spacings *= len(axes) // len(spacings)
    found = tuple(
        [_slope(f, h, place, edge_order) for h, place in zip(spacings, axes, strict=True)]
    )
    return found[0] if len(found) == 1 else found


def _slope(f: Variable, spacing: Any, axis: int, edge_order: int) -> Variable:
    """Give the derivative along one axis: parabolas through three points inside, lines or parabolas at the ends."""
    length = f.shape[axis]
    if length < edge_order + 1:
        raise ValueError(
            f"np.gradient: axis {axis} has {length} elements; needed are at least {edge_order + 1}."
        )
    behind = f.ndim - 1 - axis
    if np.ndim(host(spacing)):
        spacing = ops.asarray(spacing)
        if spacing.shape != (length,):
            raise ValueError(
                f"np.gradient: coordinates of shape {tuple(spacing.shape)} for axis {axis} of length {length}."
            )
        steps = ops.reshape(ops.diff(spacing), (-1,) + (1,) * behind)
    else:
        steps = ops.ones_like(f, dtype=f.dtype)
        steps = _at(steps, axis, slice(1, None)) * spacing
    rises = ops.diff(f, axis=axis) / steps
    before, after = _at(rises, axis, slice(-1)), _at(rises, axis, slice(1, None))
    left, right = _at(steps, axis, slice(-1)), _at(steps, axis, slice(1, None))
    inside = (before * right + after * left) / (left + right)
    first, last = _at(rises, axis, slice(1)), _at(rises, axis, slice(-1, None))
    if edge_order == 2:
        bend = (after - before) / (left + right)
        first = first - _at(bend, axis, slice(1)) * _at(left, axis, slice(1))
        last = last + _at(bend, axis, slice(-1, None)) * _at(right, axis, slice(-1, None))
    return ops.concat([first, inside, last], axis=axis)


@implements(np.interp)
def _interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Variable:
    x, xp, fp = arrays(x, xp, fp)
    x, xp = (ops.astype(values, "float64", copy=False) for values in (x, xp))
    fp = ops.astype(fp, np.result_type(host(fp).dtype, np.float64).name, copy=False)
    if period is not None:
        period = abs(period)
        x, xp, left, right = x % period, xp % period, None, None
        order = x._backend.asarray(np.argsort(host(xp)))
        xp, fp = ops.take(xp, order, axis=0), ops.take(fp, order, axis=0)
        xp = ops.concat([xp[-1:] - period, xp, xp[:1] + period])
        fp = ops.concat([fp[-1:], fp, fp[:1]])
    places = np.asarray(host(xp))
    if places.ndim != 1 or places.shape != fp.shape or not places.size:
        raise ValueError(
            f"np.interp: xp of shape {places.shape} and fp of shape {tuple(fp.shape)}; needed are two vectors of one "
            f"length."
        )
    if len(places) == 1:
        xp, fp = ops.concat([xp, xp + 1], axis=0), ops.concat([fp, fp], axis=0)
    at = np.asarray(host(x))
    upper = np.clip(np.searchsorted(places, at, side="right"), 1, max(len(places) - 1, 1))
    flat = upper.reshape(-1)
    x0, x1, f0, f1 = (
        ops.reshape(ops.take(values, values._backend.asarray(place)), at.shape)
        for values in (xp, fp)
        for place in (flat - 1, flat)
    )
    out = f0 + (f1 - f0) / (x1 - x0) * (x - x0)
    below, above = (x._backend.asarray(beyond) for beyond in (at < places[0], at > places[-1]))
    out = ops.where(below, _at(fp, 0, 0) if left is None else left, out)
    return ops.where(above, _at(fp, 0, -1) if right is None else right, out)


@implements(np.convolve)
def _convolve(a: Any, v: Any, mode: str = "full") -> Variable:
    return ops.convolve(*arrays(a, v), mode=mode)


@implements(np.correlate)
def _correlate(a: Any, v: Any, mode: str = "valid") -> Variable:
    a, v = arrays(a, v)
    if len(v) > len(a):  # NumPy exchanges them, which the mode "same" shows
        return ops.conj(ops.flip(_correlate(v, a, mode)))
    return ops.convolve(a, ops.flip(ops.conj(v)), mode=mode)


@implements(np.vander)
def _vander(x: Variable, N: int | None = None, increasing: bool = False) -> Variable:  # noqa: N803
    powers = np.arange(len(x) if N is None else N)
    if not increasing:
        powers = powers[::-1]
    x = ops.astype(x, np.result_type(host(x).dtype, np.int64).name, copy=False)
    return ops.stack([x ** int(power) for power in powers], axis=1)
