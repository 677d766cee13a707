"""Cumulative functions: running sums, products, extremes and logarithms of sums along an axis, and differences."""

from __future__ import annotations

from ..op import op
from ..types import Array, DType, Namespace
from .arguments import refuse_complex
from .arithmetic import subtract
from .axes import axis_of, one_axis, shape_of
from .comparison import not_equal
from .gathering import take_along_axis
from .index_keys import at_axis, complete
from .indexing import getitem
from .joining import concat
from .results import ValuesAndIndices

__all__ = [
    "cummax",
    "cummin",
    "cumulative_positions",
    "cumulative_prod",
    "cumulative_sum",
    "diff",
    "linear_recurrence",
    "logcumsumexp",
]


def cumulative_sum(
    x: Array,
    /,
    *,
    axis: int | None = None,
    dtype: DType = None,
    include_initial: bool = False,
) -> Array:
    """Sums of the elements up to each position along an axis.

    Parameters
    ----------
    x
        Numeric, any shape.
    axis
        May be left out only for one-dimensional `x`.
    dtype
        The data type to sum in; by default that of `x`, small integers widened.
    include_initial
        Begin with the sum of nothing, 0: the result is one longer.
    """
    axis = _line("cumulative_sum", x, axis)
    return _cumulative_sum(x, axis=axis, dtype=dtype, include_initial=include_initial)


@op(precision="float32")
def _cumulative_sum(
    xp: Namespace, x: Array, /, *, axis: int, dtype: DType, include_initial: bool
) -> Array:
    return xp.cumulative_sum(x, axis=axis, dtype=dtype, include_initial=include_initial)


@_cumulative_sum.gradient("x")
def cumulative_sum_wrt_x(xp, grad, axis, include_initial):
    if include_initial:
        grad = _cut(grad, axis, 1, None)
    return xp.flip(xp.cumulative_sum(xp.flip(grad, axis=axis), axis=axis), axis=axis)


def cumulative_prod(
    x: Array,
    /,
    *,
    axis: int | None = None,
    dtype: DType = None,
    include_initial: bool = False,
) -> Array:
    """Products of the elements up to each position along an axis. The gradient is right where elements are 0, too.

    Parameters
    ----------
    x
        Numeric, any shape.
    axis
        May be left out only for one-dimensional `x`.
    dtype
        The data type to multiply in; by default that of `x`, small integers widened.
    include_initial
        Begin with the product of nothing, 1: the result is one longer.
    """
    axis = _line("cumulative_prod", x, axis)
    return _cumulative_prod(x, axis=axis, dtype=dtype, include_initial=include_initial)


@op(precision="float32")
def _cumulative_prod(
    xp: Namespace, x: Array, /, *, axis: int, dtype: DType, include_initial: bool
) -> Array:
    return xp.cumulative_prod(x, axis=axis, dtype=dtype, include_initial=include_initial)


@_cumulative_prod.gradient("x")
def cumulative_prod_wrt_x(xp, grad, out, x, axis, dtype, include_initial):
    # With P the products before k, and g the gradient from above: P[k] (g[k] + x[k+1] (g[k+1] + x[k+2] (...))).
    # Dividing the products by x is cheaper, but has no answer where one is 0 or has overflowed.
    if include_initial:
        grad = _cut(grad, axis, 1, None)
    if x.shape[axis] == 0:
        return grad
    if dtype is not None:
        x = xp.astype(x, dtype)
    if bool(xp.all(xp.isfinite(out) & (out != 0))):
        products = _cut(out, axis, 1, None) if include_initial else out
        return cumulative_sum_wrt_x(xp, grad * products, axis, False) / x
    before = xp.cumulative_prod(_cut(x, axis, 0, -1), axis=axis, include_initial=True)
    share = linear_recurrence(_shifted(xp, x, axis), grad, axis=axis)
    beyond = (share == 0) & ~xp.isfinite(before)  # what has overflowed there counts for nothing
    return xp.where(beyond, 0, xp.where(beyond, 1, before) * share)


def logcumsumexp(x: Array, /, *, axis: int | None = None) -> Array:
    """The logarithm of the cumulative sum of exponentials along an axis, without overflow.

    Parameters
    ----------
    x
        Real, any shape.
    axis
        May be left out only for one-dimensional `x`.
    """
    return _logcumsumexp(x, axis=_line("logcumsumexp", x, axis))


@op(precision="float32")
def _logcumsumexp(xp: Namespace, x: Array, /, *, axis: int) -> Array:
    refuse_complex(xp, "logcumsumexp", x)
    step = 1
    while step < x.shape[axis]:
        sums = xp.logaddexp(_cut(x, axis, step, None), _cut(x, axis, 0, -step))
        x = xp.concat([_cut(x, axis, 0, step), sums], axis=axis)
        step *= 2
    return x


@_logcumsumexp.gradient("x")
def logcumsumexp_wrt_x(xp, grad, out, x, axis):
    # exp(x[k]) * sum(grad[i] * exp(-out[i]) for i >= k) would overflow. As out never falls, exp(out[k] - out[k + 1])
    # is at most 1, and the sum is a recurrence with these factors. Where out is infinite there is no gradient.
    finite = xp.isfinite(out)
    out = xp.where(finite, out, 0)
    factors = xp.where(finite, xp.exp(out - _shifted(xp, out, axis, fill=float("inf"))), 0)
    share = xp.where(finite, xp.exp(xp.where(finite, x - out, 0)), 0)
    return share * linear_recurrence(factors, grad, axis=axis)


@op
def linear_recurrence(xp: Namespace, a: Array, b: Array, /, *, axis: int) -> Array:
    """The solution of ``y[k] = b[k] + a[k] * y[k + 1]`` along an axis, where y behind the end is 0.

    Parameters
    ----------
    a, b
        Of one shape. The last of `a` counts for nothing.
    axis
        Along which.
    """
    # Hillis and Steele's scan: before each round, y[k] = b[k] + a[k] * y[k + step].
    step = 1
    while step < b.shape[axis]:
        near, rest = _cut(a, axis, 0, -step), _cut(a, axis, -step, None)
        further = _cut(b, axis, step, None)
        # A product that has overflowed counts for nothing either where there is nothing to multiply.
        ahead = _cut(b, axis, 0, -step) + xp.where(further == 0, 0, near * further)
        b = xp.concat([ahead, _cut(b, axis, -step, None)], axis=axis)
        a = xp.concat([near * _cut(a, axis, step, None), rest], axis=axis)
        step *= 2
    return b


@linear_recurrence.gradient("b")
def recurrence_wrt_b(xp, grad, a, axis):
    # The transpose runs the other way: z[k] = grad[k] + a[k - 1] * z[k - 1].
    factors = _shifted(xp, xp.flip(a, axis=axis), axis)
    return xp.flip(linear_recurrence(factors, xp.flip(grad, axis=axis), axis=axis), axis=axis)


@linear_recurrence.gradient("a")
def recurrence_wrt_a(xp, grad, out, a, axis):
    return recurrence_wrt_b(xp, grad, a, axis) * _shifted(xp, out, axis)


def cummax(x: Array, /, *, axis: int) -> ValuesAndIndices:
    """The largest elements up to each position along an axis, and where they are.

    Among equal ones the last is meant, and gets the gradient; so is the last NaN, once there is one.

    Parameters
    ----------
    x
        Real, any shape.
    axis
        Along which.
    """
    return _cumulative_extremes("cummax", x, axis, largest=True)


def cummin(x: Array, /, *, axis: int) -> ValuesAndIndices:
    """The smallest elements up to each position along an axis, and where they are (see `cummax`)."""
    return _cumulative_extremes("cummin", x, axis, largest=False)


def _cumulative_extremes(operation: str, x: Array, axis: int, *, largest: bool) -> ValuesAndIndices:
    axis = _line(operation, x, axis)
    indices = cumulative_positions(x, axis=axis, largest=largest)
    return ValuesAndIndices(take_along_axis(x, indices, axis=axis), indices)


@op(differentiable=False)
def cumulative_positions(xp: Namespace, x: Array, /, *, axis: int, largest: bool) -> Array:
    """The positions of `cummax` or `cummin`."""
    refuse_complex(xp, "cummax" if largest else "cummin", x)
    lengths = (-1,) + (1,) * (x.ndim - axis - 1)
    places = xp.broadcast_to(xp.reshape(xp.arange(x.shape[axis]), lengths), x.shape)
    step = 1
    while step < x.shape[axis]:
        earlier, later = _cut(x, axis, 0, -step), _cut(x, axis, step, None)
        stays = (later != later) | (later >= earlier if largest else later <= earlier)
        x, places = (
            xp.concat(
                [
                    _cut(value, axis, 0, step),
                    xp.where(stays, _cut(value, axis, step, None), _cut(value, axis, 0, -step)),
                ],
                axis=axis,
            )
            for value in (x, places)
        )
        step *= 2
    return places


def diff(
    x: Array,
    /,
    n: int = 1,
    axis: int = -1,
    *,
    prepend: Array | None = None,
    append: Array | None = None,
) -> Array:
    """Differences of neighbours along an axis; for booleans, whether they differ.

    Parameters
    ----------
    x
        Any shape.
    n
        How often to take differences. Each time the axis loses one element; 0 gives `x` itself.
    axis
        Along which.
    prepend, append
        Arrays to be joined to `x` at either end first.
    """
    if n < 0:
        raise ValueError(f"diff: n is {n}; needed is a number of times, 0 or more.")
    axis = axis_of("diff", axis, x)
    if n == 0:
        return x
    ends = [part for part in (prepend, x, append) if part is not None]
    x = concat(ends, axis=axis) if len(ends) > 1 else x
    subtraction = not_equal if "bool" in str(x.dtype) else subtract
    for _ in range(n):
        upper = getitem(x, at_axis(slice(1, None), axis, len(x.shape)))
        x = subtraction(upper, getitem(x, at_axis(slice(-1), axis, len(x.shape))))
    return x


def _line(operation: str, x: Array, axis: int | None) -> int:
    """Give the axis to go along, counted from the front."""
    shape = shape_of(operation, x)
    if axis is None:
        if len(shape) != 1:
            raise ValueError(
                f"{operation}: needed is the axis for an array of shape {shape}; only a one-dimensional one does "
                f"without."
            )
        return 0
    return one_axis(operation, axis, len(shape))


def _cut(x, axis, start, stop):
    """Give a stretch along an axis."""
    return x[complete(x.shape, at_axis(slice(start, stop), axis, x.ndim))]


def _shifted(xp, x, axis, fill=0.0):
    """Give each element's successor along an axis, and `fill` for the last."""
    end = xp.full((*x.shape[:axis], 1, *x.shape[axis + 1 :]), fill, dtype=x.dtype)
    return xp.concat([_cut(x, axis, 1, None), end], axis=axis)
