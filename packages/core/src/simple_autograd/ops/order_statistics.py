"""Statistical functions II: medians and quantiles.

The gradient goes to the one or two elements of each line that the result is interpolated from, and to the part `q` by
their difference.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ..backends import Backend, backend_of, get_backend
from ..types import Array, Axis
from ..variable import Variable
from .arithmetic import add, multiply, subtract
from .axes import shape_of
from .comparison import equal, isfinite, isnan, less, logical_and, not_equal
from .data_types import as_floating, astype
from .gathering import take, take_along_axis
from .lines import as_lines, reduced_shape
from .manipulation import moveaxis, reshape
from .searching import any, where
from .sorting import argsort, ranked_positions

__all__ = ["median", "nanmedian", "nanquantile", "quantile"]


def median(x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """The middle elements over axes; of an even number, the mean of the two in the middle. NaN if there is one.

    That is NumPy's median; PyTorch's, the method ``v.median()``, gives the lower one of the two.

    Parameters
    ----------
    x
        Real, any shape.
    axis, keepdims
        As in `sum`.
    """
    return quantile(x, 0.5, axis=axis, keepdims=keepdims)


def quantile(
    x: Array,
    /,
    q: float | Sequence[float] | Array,
    *,
    axis: Axis = None,
    keepdims: bool = False,
    method: str = "linear",
) -> Array:
    """The values below which a part `q` of the elements lies, over axes. NaN if there is one.

    Parameters
    ----------
    x
        Real, any shape.
    q
        One part, or several, in [0, 1]. The axes of the result begin with those of `q`. Its gradient is 0 where the
        result is an element itself, or lies next to an infinite one.
    axis, keepdims
        As in `sum`.
    method
        How to go between two elements: ``"linear"``, ``"lower"``, ``"higher"``, ``"midpoint"``, ``"nearest"``, or
        another one of NumPy's but ``"closest_observation"``.
    """
    parts, shape, moved = _parts("quantile", q)
    before = shape_of("quantile", x)
    lines = as_floating(as_lines(x, axis))
    length = _length("quantile", lines)
    places = [_place(method, length, part) for part in parts]
    ranks = tuple(sorted({rank for place in places for rank in place[:2]}))
    picked = take_along_axis(lines, ranked_positions(lines, ranks=ranks, axis=-1), axis=-1)
    backend = _backend(lines)
    lower, upper = (
        take(
            picked,
            backend.asarray([ranks.index(ends[end]) for ends in places], dtype="int64"),
            axis=-1,
        )
        for end in (0, 1)
    )
    weights, slopes = (
        backend.asarray([place[which] for place in places], dtype=lines.dtype) for which in (2, 3)
    )
    out = _moving(_between(lower, upper, weights), lower, upper, slopes, moved)
    out = where(any(isnan(lines), axis=-1, keepdims=True), math.nan, out)
    return _parts_first(out, (*shape, *reduced_shape(before, axis, keepdims)))


def nanmedian(x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """`median` of the elements that are not NaN; NaN where there is none."""
    return nanquantile(x, 0.5, axis=axis, keepdims=keepdims)


def nanquantile(
    x: Array,
    /,
    q: float | Sequence[float] | Array,
    *,
    axis: Axis = None,
    keepdims: bool = False,
    method: str = "linear",
) -> Array:
    """`quantile` of the elements that are not NaN; NaN where there is none."""
    parts, shape, moved = _parts("nanquantile", q)
    before = shape_of("nanquantile", x)
    lines = as_floating(as_lines(x, axis))
    _length("nanquantile", lines)
    backend = _backend(lines)
    xp = backend.xp
    raw = lines._raw if isinstance(lines, Variable) else lines
    # Lines have different numbers of elements, but few: their places come from a table by that number.
    counts = xp.count_nonzero(raw == raw, axis=-1)
    different = sorted({*backend.to_numpy(xp.reshape(counts, (-1,))).tolist()})
    table = [[_place(method, max(n, 1), part) for part in parts] for n in different]
    rows = xp.searchsorted(xp.asarray(different, dtype=counts.dtype), xp.reshape(counts, (-1,)))

    def entries(which: int, dtype: Any) -> Array:
        column = xp.asarray([[place[which] for place in row] for row in table], dtype=dtype)
        column = xp.reshape(column, (len(table), len(parts)))
        return xp.reshape(xp.take(column, rows, axis=0), (*counts.shape, len(parts)))

    order = argsort(raw, axis=-1)
    lower, upper = (
        take_along_axis(lines, xp.take_along_axis(order, entries(end, xp.int64), axis=-1), axis=-1)
        for end in (0, 1)
    )
    out = _between(lower, upper, entries(2, raw.dtype))
    out = _moving(out, lower, upper, entries(3, raw.dtype), moved)
    return _parts_first(out, (*shape, *reduced_shape(before, axis, keepdims)))


def _parts(operation: str, q: Any) -> tuple[list[float], tuple[int, ...], Variable | None]:
    """Give the parts as numbers, the shape they came in, and zeros on the tape that move as they do, if they do."""
    moved = None
    if isinstance(q, Variable):
        if q.requires_grad:
            moved = reshape(subtract(q, q.detach()), (-1,))
        q = q._raw
    if isinstance(q, int | float):
        parts, shape = [float(q)], ()
    else:
        backend = backend_of(q) or get_backend("numpy")
        values = backend.to_numpy(backend.asarray(q))
        parts, shape = values.reshape(-1).tolist(), tuple(values.shape)
    if not all([0 <= part <= 1 for part in parts]):
        raise ValueError(f"{operation}: q is {q}; needed are numbers from 0 to 1.")
    return parts, shape, moved


def _moving(out: Array, lower: Array, upper: Array, slopes: Array, moved: Variable | None) -> Array:
    """Put what was interpolated on the tape of the parts, if they are on one."""
    if moved is None:
        return out
    span = subtract(upper, lower)
    slope = where(logical_and(not_equal(slopes, 0), isfinite(span)), multiply(span, slopes), 0)
    return add(out, multiply(astype(moved, slopes.dtype, copy=False), slope))


def _backend(x: Array) -> Backend:
    backend = x._backend if isinstance(x, Variable) else backend_of(x)
    assert backend is not None  # as_lines is an op's result
    return backend


def _length(operation: str, lines: Array) -> int:
    if lines.shape[-1] == 0:
        raise ValueError(f"{operation}: there are no elements along the axes to reduce.")
    return lines.shape[-1]


def _between(lower: Array, upper: Array, weights: Array) -> Array:
    """Give ``lower + weights * (upper - lower)``, exact at both ends; of infinite elements as much as there is."""
    span = subtract(upper, lower)
    middle = add(multiply(lower, 0.5), multiply(upper, 0.5))
    near_lower = where(equal(weights, 0), lower, add(lower, multiply(span, weights)))
    near_upper = where(
        equal(weights, 0.5), middle, subtract(upper, multiply(span, subtract(1, weights)))
    )
    return where(less(weights, 0.5), near_lower, near_upper)


def _parts_first(out: Array, shape: tuple[int, ...]) -> Array:
    """Bring the axis of the parts to the front, and both groups of axes to their shapes."""
    return reshape(moveaxis(out, -1, 0), shape)


# Each method says at which place, counted from 0, among n sorted elements a part q lies, and, if it does not
# interpolate linearly between the neighbours of that place, how near to the upper one. Each is affine in q but for its
# rounding. Numbers as in Hyndman and Fan, "Sample quantiles in statistical packages", The American Statistician 50
# (1996).


def _of_constants(alpha: float, beta: float) -> Callable[[int, float], float]:
    return lambda n, q: n * q + alpha + q * (1 - alpha - beta) - 1


_METHODS: dict[str, Callable[[int, float], float]] = {
    "averaged_inverted_cdf": lambda n, q: n * q - 1,
    "hazen": _of_constants(0.5, 0.5),
    "higher": lambda n, q: math.ceil((n - 1) * q),
    "interpolated_inverted_cdf": _of_constants(0, 1),
    "inverted_cdf": lambda n, q: math.ceil(n * q - 1),
    "linear": lambda n, q: (n - 1) * q,
    "lower": lambda n, q: math.floor((n - 1) * q),
    "median_unbiased": _of_constants(1 / 3, 1 / 3),
    "midpoint": lambda n, q: (math.floor((n - 1) * q) + math.ceil((n - 1) * q)) / 2,
    "nearest": lambda n, q: round((n - 1) * q),
    "normal_unbiased": _of_constants(3 / 8, 3 / 8),
    "weibull": _of_constants(0, 0),
}


_STEPS = ["averaged_inverted_cdf", "higher", "inverted_cdf", "lower", "midpoint", "nearest"]
"""Those that do not move with q, but jump."""


def _place(method: str, n: int, q: float) -> tuple[int, int, float, float]:
    """Give the ranks of the two elements to go between, how near to the second, and that one's slope for q."""
    if method not in _METHODS:
        raise ValueError(f"quantile: method {method!r}; there are {', '.join(_METHODS)}.")
    place = min(max(_METHODS[method](n, q), 0), n - 1)
    lower = math.floor(place)
    weight = place - lower
    if method == "averaged_inverted_cdf" and weight:
        weight = 1.0
    elif method == "averaged_inverted_cdf" and 0 <= n * q - 1 < n - 1:
        weight = 0.5
    moves = weight and method not in _STEPS
    slope = _METHODS[method](n, 1) - _METHODS[method](n, 0) if moves else 0
    return lower, min(lower + 1, n - 1), float(weight), float(slope)
