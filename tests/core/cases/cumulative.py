"""Cases of ``ops/cumulative.py``."""

from __future__ import annotations

import numpy as np

import simple_autograd as sa
from tests.core.op_case import (
    BOOLEANS,
    INTEGERS,
    SPECIAL,
    Failing,
    OpCase,
    Sample,
    draw,
    kink,
    other,
    refused,
    sample,
)

NAN_THERE = "gradients of what is infinite are NaN there, here 0"
MATRIX = np.zeros((2, 3))
WITHOUT_AXIS = Failing((MATRIX,), ["needed is the axis", "(2, 3)"], ValueError)
NO_SUCH_AXIS = Failing((MATRIX,), ["axis 2 is not one of the 2 axes"], ValueError, {"axis": 2})
# Positions of zeros: none, one, two, neighbours, all; at the ends and within.
ZEROS = [[0], [3], [1, 2], [0, 3], [0, 1, 2, 3]]
TIES = np.array([[1.0, 2.0, 2.0, 1.0, 2.0], [3.0, 3.0, 1.0, 0.0, 3.0]])


def lines(rng):
    for shape, axis in [
        ((5,), None),
        ((3, 4), 0),
        ((3, 4), -1),
        ((2, 3, 2), 1),
        ((0, 3), 0),
        ((2, 0), 0),
        ((1,), 0),
    ]:
        yield sample(draw(rng, shape), **({} if axis is None else {"axis": axis}))


def with_initial(rng):
    yield from lines(rng)
    for shape, axis in [((4,), 0), ((2, 3), 1), ((0, 2), 0)]:
        yield sample(draw(rng, shape), axis=axis, include_initial=True)


def products(rng):
    yield from with_initial(rng)
    for zeros in ZEROS:
        x = draw(rng, (4,), away=0.5)
        x[zeros] = 0.0
        yield sample(x)
        yield sample(np.stack([x, x[::-1]], axis=1), axis=0, include_initial=True)


def accumulated(name, initial):
    """Give NumPy's accumulation under the standard's argument names."""

    def reference(x, axis=0, dtype=None, include_initial=False):
        out = getattr(np, name)(x, axis, dtype=dtype)
        if include_initial:
            shape = list(x.shape)
            shape[axis] = 1
            out = np.concatenate([np.full(shape, initial, out.dtype), out], axis)
        return out

    return reference


def accumulated_by_torch(name, initial):
    def function(torch):
        def call(x, axis=0, include_initial=False):
            out = getattr(torch, name)(x, axis)
            if include_initial:
                first = torch.full_like(x.narrow(axis, 0, 1), initial) if x.shape[axis] else None
                shape = list(x.shape)
                shape[axis] = 1
                first = torch.full(shape, initial, dtype=x.dtype)
                out = torch.cat([first, out], axis)
            return out

        return call

    return function


def recurrences(rng):
    for shape, axis in [((6,), 0), ((2, 5), 1), ((3, 2), 0), ((1, 2), 0), ((0, 2), 0), ((7, 0), 0)]:
        yield sample(draw(rng, shape), draw(rng, shape, place=1), axis=axis)


def recurred(a, b, axis):
    a, b = np.moveaxis(a, axis, 0), np.moveaxis(b, axis, 0)
    out = np.array(b, dtype=np.result_type(a, b) if len(b) > 1 else b.dtype)
    for k in range(len(b) - 2, -1, -1):
        out[k] += a[k] * out[k + 1]
    return np.moveaxis(out, 0, axis)


def extremes(largest):
    def reference(x, axis):
        return (np.maximum if largest else np.minimum).accumulate(x, axis)

    return reference


def last_extremes(x, axis, largest):
    """Look at the elements one by one."""
    lines = np.moveaxis(np.asarray(x), axis, 0)
    out = np.zeros(lines.shape, int)
    for place in np.ndindex(lines.shape[1:]):
        best = 0
        for k, value in enumerate(lines[(slice(None), *place)]):
            so_far = lines[(best, *place)]
            if value != value or (value >= so_far if largest else value <= so_far):
                best = k
            out[(k, *place)] = best
    return np.moveaxis(out, 0, axis)


def extreme_lines(rng):
    for drawn in lines(rng):
        if drawn.options:
            yield drawn


EXTREMES = [
    kink(TIES, axis=1),
    kink(np.zeros((3, 2)), axis=0),
    Sample((np.array([1.0, np.nan, 3.0, np.nan, np.inf, -np.inf]),), {"axis": 0}, SPECIAL),
    other(INTEGERS, axis=1),
]


def differences(rng):
    for shape, options in [
        ((5,), {}),
        ((3, 4), {"axis": 0}),
        ((3, 4), {"axis": -1, "n": 2}),
        ((3, 4), {"n": 0}),
        ((3,), {"n": 4}),
        ((0, 2), {}),
        ((1, 2), {"axis": 0}),
    ]:
        yield sample(draw(rng, shape), **options)


def joined_differences(function):
    """Let the arrays at the ends be positional, as the gradient tests want them."""

    def call(x, *ends, **options):
        return function(x, **dict(zip(("prepend", "append"), ends, strict=False)), **options)

    return call


def ends(rng):
    yield from differences(rng)
    yield sample(draw(rng, (2, 3)), draw(rng, (2, 1), place=1))
    yield sample(
        draw(rng, (2, 3)), draw(rng, (1, 3), place=1), draw(rng, (2, 3), place=2), axis=0, n=2
    )


CASES = [
    OpCase(
        "cummax",
        extremes(largest=True),
        extreme_lines,
        EXTREMES,
        function=lambda x, axis: sa.cummax(x, axis=axis).values,
        torch=lambda t: lambda x, axis: t.cummax(x, axis).values,
        errors=[
            NO_SUCH_AXIS,
            Failing((np.zeros(2, complex),), ["cummax", "real"], options={"axis": 0}),
        ],
    ),
    OpCase(
        "cummin",
        extremes(largest=False),
        extreme_lines,
        EXTREMES,
        function=lambda x, axis: sa.cummin(x, axis=axis).values,
        torch=lambda t: lambda x, axis: t.cummin(x, axis).values,
        errors=[NO_SUCH_AXIS],
    ),
    OpCase(
        "cumulative_positions",
        last_extremes,
        extra=[
            *[
                other(array, axis=axis, largest=largest)
                for array in (TIES, INTEGERS)
                for axis in (0, 1)
                for largest in (True, False)
            ],
            *[
                other(np.array([1.0, np.nan, 3.0, 0.0, np.nan, np.inf]), axis=0, largest=largest)
                for largest in (True, False)
            ],
            other(np.zeros((0, 2)), axis=0, largest=True),
            other(np.zeros((2, 0)), axis=0, largest=True),
        ],
        order=0,
    ),
    OpCase(
        "cumulative_prod",
        accumulated("cumprod", 1),
        products,
        [other(INTEGERS, axis=1), other(INTEGERS.astype(np.int8), axis=0)],
        torch=accumulated_by_torch("cumprod", 1),
        complex=True,
        errors=[WITHOUT_AXIS, NO_SUCH_AXIS],
    ),
    OpCase(
        "cumulative_sum",
        accumulated("cumsum", 0),
        with_initial,
        [
            other(INTEGERS, axis=1),
            other(INTEGERS.astype(np.uint8), axis=0),
            other(INTEGERS.astype(np.float32), axis=0, dtype="float64"),
        ],
        torch=accumulated_by_torch("cumsum", 0),
        complex=True,
        errors=[WITHOUT_AXIS, NO_SUCH_AXIS],
    ),
    OpCase(
        "diff",
        joined_differences(np.diff),
        ends,
        [other(INTEGERS), other(BOOLEANS)],
        function=joined_differences(sa.diff),
        torch=lambda t: lambda x, *ends, axis=-1, n=1: t.diff(x, n, axis, *ends),
        complex=True,
        errors=[
            Failing((MATRIX,), ["diff: n is -1"], ValueError, {"n": -1}),
            Failing((MATRIX,), ["diff: axis 2"], ValueError, {"axis": 2}),
        ],
    ),
    OpCase(
        "logcumsumexp",
        lambda x, axis=0: np.logaddexp.accumulate(x, axis),
        lines,
        [
            sample([-1000.0, 1000.0, 0.0, -1000.0]),
            refused(kink([-np.inf, -np.inf, 1.0, 2.0, -np.inf]), torch=NAN_THERE),
            refused(
                Sample((np.array([1.0, np.inf, 2.0, np.nan, 0.0]),), {"axis": 0}, SPECIAL),
                torch=NAN_THERE,
            ),
        ],
        torch=lambda t: lambda x, axis=0: t.logcumsumexp(x, axis),
        errors=[WITHOUT_AXIS, Failing((np.zeros(2, complex),), ["logcumsumexp", "real"])],
    ),
    OpCase("linear_recurrence", recurred, recurrences, complex=True),
]
