"""Cases of ``ops/gathering.py``."""

from __future__ import annotations

import numpy as np

import simple_autograd as sa
from simple_autograd import ops
from tests.core.op_case import (
    BOOLEANS,
    SPECIAL,
    Failing,
    OpCase,
    Sample,
    draw,
    kink,
    refused,
    sample,
)

BROADCASTS = "PyTorch's indices do not broadcast"
MATRIX = np.zeros((2, 3))
INDEX = np.array([[0, 2], [1, 1]])


def by_lines(*arrays):
    """Sample positions along an axis: an array, indices into it, and ``values`` more arrays of their shape."""

    def samples(rng):
        for shape, places, axis in [
            ((2, 3), (2, 5), 1),
            ((2, 3), (2, 2), -1),
            ((4, 3), (2, 3), 0),
            ((3, 2, 4), (3, 1, 4), 1),
            ((3,), (4,), 0),
            ((3,), (0,), 0),
            ((0, 3), (0, 2), 1),
        ]:
            indices = rng.integers(-shape[axis], shape[axis], places)
            values = [draw(rng, places, place=i + 1) for i in range(*arrays)]
            yield sample(draw(rng, shape), indices, *values, axis=axis)

    return samples


def takes_along(rng):
    for drawn in by_lines(0)(rng):
        yield refused(drawn, torch="PyTorch knows no negative indices here")
    yield sample(draw(rng, (2, 3)), np.argsort(draw(rng, (2, 3)), axis=-1))
    yield sample(draw(rng, (2, 3)), INDEX, axis=1)
    yield refused(sample(draw(rng, (2, 3)), np.array([[2, 0]])), torch=BROADCASTS)
    yield refused(sample(draw(rng, (1, 3)), np.array([[2], [0]])), torch=BROADCASTS)


def picks(rng):
    for shape, count, axis in [((2, 3), 3, 1), ((4, 3), 2, 0), ((2, 4, 2), 1, 1), ((0, 3), 2, 1)]:
        yield sample(
            draw(rng, shape),
            np.argsort(draw(rng, shape), axis=axis).take(range(count), axis),
            axis=axis,
        )


def placed(values, indices, axis, length):
    out = np.zeros((*values.shape[:axis], length, *values.shape[axis + 1 :]), values.dtype)
    np.put_along_axis(out, indices, values, axis)
    return out


def places(rng):
    for shape, length, axis in [((2, 3), 3, 1), ((2, 3), 4, 0), ((2, 1, 2), 4, 1), ((0, 2), 3, 1)]:
        lines = (*shape[:axis], length, *shape[axis + 1 :])
        indices = np.argsort(draw(rng, lines), axis=axis).take(range(shape[axis]), axis)
        yield sample(draw(rng, shape), indices, axis=axis, length=length)


def along_lines(x, indices, values, axis=-1):
    out = x.copy()
    np.put_along_axis(out, indices, values, axis)
    return out


def puts_along(rng):
    yield from by_lines(1)(rng)
    yield sample(draw(rng, (2, 3)), np.array([[2], [0]]), draw(rng, (2, 1), place=1))
    yield sample(draw(rng, (2, 3)), np.array([[2], [0]]), 1.5)
    yield sample(draw(rng, (2, 3)), np.array([[2, 0]]), draw(rng, (2, 1), place=1), axis=1)


def takes(rng):
    for shape, indices, axis in [
        ((2, 3), [0, 2, 2, -1], 1),
        ((2, 3), [1], 0),
        ((4,), [3, 0, 0], None),
        ((4,), [3, 0, 0], 0),
        ((2, 3, 2), [[0, 1], [2, 2]], -2),
        ((2, 3), 1, 1),
        ((2, 3), [], 0),
        ((0, 3), [0, 1], 1),
    ]:
        yield sample(draw(rng, shape), np.array(indices, dtype=np.int64), axis=axis)


def gathers(rng):
    for shape, places, axis in [
        ((2, 3), (2, 4), 1),
        ((4, 3), (5, 2), 0),
        ((3, 2, 4), (2, 2, 3), -1),
        ((3,), (2,), 0),
        ((2, 3), (0, 2), 1),
    ]:
        yield sample(draw(rng, shape), rng.integers(0, shape[axis], places), axis=axis)


def gathered(x, index, axis):
    key = [
        np.arange(n).reshape(-1, *(1,) * (index.ndim - i - 1)) for i, n in enumerate(index.shape)
    ]
    key[axis] = index
    return x[tuple(key)]


def scatters(*, distinct):
    def samples(rng):
        for shape, places, source, axis in [
            ((2, 5), (2, 4), (2, 4), 1),
            ((6, 3), (5, 2), (6, 3), 0),
            ((3, 2, 4), (2, 2, 3), (2, 2, 3), -1),
            ((5,), (2,), (3,), 0),
            ((2, 3), (0, 2), (1, 2), 1),
        ]:
            lines = list(places)
            lines[axis] = shape[axis]
            index = np.argsort(rng.random(lines), axis=axis).take(range(places[axis]), axis)
            cannot = (
                {"torch": "there is no gradient for a larger source"} if source != places else {}
            )
            for chosen in [index] if distinct else [index, index // 2]:
                drawn = sample(draw(rng, shape), chosen, draw(rng, source, place=1), axis=axis)
                yield refused(drawn, **cannot)
        yield sample(
            draw(rng, (2, 3)), INDEX, *([1.5] if distinct else [draw(rng, (2, 2))]), axis=1
        )

    return samples


def scattered(combine):
    def reference(x, index, src, axis):
        out = np.array(x, dtype=np.result_type(x, src) if combine else x.dtype)
        key = [
            np.arange(n).reshape(-1, *(1,) * (index.ndim - i - 1))
            for i, n in enumerate(index.shape)
        ]
        key[axis] = index
        if not combine:
            out[tuple(key)] = src if np.ndim(src) == 0 else src[tuple(map(slice, index.shape))]
        else:
            np.add.at(out, tuple(key), src[tuple(map(slice, index.shape))])
        return out

    return reference


def reductions(rng):
    for reduce in ("sum", "prod", "mean", "amax", "amin"):
        for shape, places, axis, include_self in [
            ((2, 3), (2, 7), 1, True),
            ((4, 3), (5, 2), 0, False),
            ((3, 2, 4), (2, 2, 3), -1, True),
            ((3,), (0,), 0, False),
        ]:
            index = rng.integers(0, shape[axis], places)
            x, src = draw(rng, shape), draw(rng, places, place=1)
            options = {"axis": axis, "reduce": reduce, "include_self": include_self}
            yield sample(x, index, src, **options)
            if reduce not in ("amax", "amin"):
                turned = sample(x + 0.5j, index, src - 0.3j, **options)
                yield refused(turned, torch="there is no gradient for complex numbers")
    ties, where = np.array([2.0, 1.0, 2.0, 2.0]), np.array([0, 1, 0, 0])
    for reduce in ("amax", "amin"):
        for include_self in (True, False):
            options = {"axis": 0, "reduce": reduce, "include_self": include_self}
            tied = kink(np.array([2.0, 3.0]), where, ties, **options)
            counts = (
                {} if include_self else {"torch": "it counts what is left out among the equals"}
            )
            yield refused(tied, **counts)
            missing = np.array([np.nan, 1.0, 2.0, 3.0])
            holed = Sample((np.array([2.0, np.nan]), where, missing), options, kind=SPECIAL)
            yield refused(holed, torch="a result of NaN has the gradient 0 / 0")


def reduced(x, index, src, axis, reduce, include_self=True):
    out = x.copy()
    function, start = {
        "sum": (np.add, 0),
        "prod": (np.multiply, 1),
        "mean": (np.add, 0),
        "amax": (np.maximum, -np.inf),
        "amin": (np.minimum, np.inf),
    }[reduce]
    key = [
        np.arange(n).reshape(-1, *(1,) * (index.ndim - i - 1)) for i, n in enumerate(index.shape)
    ]
    key[axis] = index
    if not include_self:
        out[tuple(key)] = start
    function.at(out, tuple(key), src)
    if reduce == "mean":
        count = np.full(x.shape, int(include_self))
        np.add.at(count, tuple(key), 1)
        out = out / np.maximum(count, 1).astype(x.dtype)
    return out


def extremes(rng):
    for largest in (True, False):
        for include_self in (True, False):
            positions = rng.integers(0, 4, 6)
            options = {"largest": largest, "include_self": include_self}
            yield sample(draw(rng, (4,)), draw(rng, (6,), place=1), positions, **options)


def extreme(x, src, positions, largest, include_self):
    return reduced(x, positions, src, 0, "amax" if largest else "amin", include_self)


def adds(rng):
    for shape, index, axis, alpha in [
        ((3, 2), [0, 2, 0], 0, 1),
        ((2, 3), [1], -1, 2.5),
        ((3,), [2, 2, 2], 0, -1),
        ((3, 2), [], 0, 1),
        ((2, 0), [0], 0, 1),
    ]:
        lengths = list(shape)
        lengths[axis] = len(index)
        positions = np.array(index, dtype=np.int64)
        yield sample(
            draw(rng, shape), positions, draw(rng, lengths, place=1), axis=axis, alpha=alpha
        )


def added(x, index, source, axis, alpha):
    out = np.moveaxis(x, axis, 0).astype(np.result_type(x, source))
    np.add.at(out, index, alpha * np.moveaxis(source, axis, 0))
    return np.moveaxis(out, 0, axis)


def fills(rng):
    yield sample(draw(rng, (2, 3)), BOOLEANS, 1.5)
    yield sample(draw(rng, (2, 3)), BOOLEANS[0], 2)
    yield sample(draw(rng, (2, 3)), BOOLEANS, draw(rng, ()))
    yield sample(draw(rng, ()), np.array(True), 0.0)


def as_type_of(x, value):
    """Give a tensor in the data type of another: PyTorch puts no real numbers among complex ones."""
    return value.to(x.dtype) if hasattr(value, "to") else value


CASES = [
    OpCase(
        "gather",
        gathered,
        gathers,
        function=lambda x, index, axis: sa.gather(x, axis, index),
        torch=lambda t: lambda x, index, axis: t.gather(x, axis, index),
        constant=("index",),
        complex=True,
        errors=[
            Failing(
                (MATRIX, np.zeros(2, int)), ["gather", "(2,)", "(2, 3)"], ValueError, {"axis": 0}
            ),
            Failing((MATRIX, INDEX), ["gather: axis 2"], ValueError, {"axis": 2}),
            Failing((MATRIX, "text"), ["gather: the index is a str"], TypeError, {"axis": 0}),
        ],
    ),
    OpCase(
        "index_add",
        added,
        adds,
        function=lambda x, index, source, axis, alpha: sa.index_add(
            x, axis, index, source, alpha=alpha
        ),
        torch=lambda t: (
            lambda x, index, source, axis, alpha: t.index_add(
                x, axis, index, as_type_of(x, source), alpha=alpha
            )
        ),
        constant=("index",),
        complex=True,
    ),
    OpCase(
        "masked_fill",
        lambda x, mask, value: np.where(mask, np.asarray(value, x.dtype), x),
        fills,
        torch=lambda t: lambda x, mask, value: t.masked_fill(x, mask, as_type_of(x, value)),
        constant=("mask",),
        complex=True,
    ),
    OpCase(
        "pick_along_axis",
        lambda x, indices, axis: np.take_along_axis(x, indices, axis),
        picks,
        torch=lambda t: lambda x, indices, axis: t.take_along_dim(x, indices, axis),
        constant=("indices",),
        complex=True,
    ),
    OpCase("place_along_axis", placed, places, constant=("indices",), complex=True),
    OpCase(
        "put_along_axis",
        along_lines,
        puts_along,
        constant=("indices",),
        complex=True,
        errors=[
            Failing(
                (MATRIX, np.zeros(2, int), 1.0), ["put_along_axis", "(2,)", "(2, 3)"], ValueError
            ),
            Failing((MATRIX, [[0]], 1.0), ["put_along_axis: the index is a list"]),
        ],
    ),
    OpCase(
        "scatter",
        scattered(combine=False),
        scatters(distinct=True),
        function=lambda x, index, src, axis: sa.scatter(x, axis, index, src),
        torch=lambda t: (
            lambda x, index, src, axis: t.scatter(
                x, axis, index, as_type_of(x, src.expand(index.shape) if src.ndim == 0 else src)
            )
        ),
        constant=("index",),
        complex=True,
    ),
    OpCase(
        "scatter_add",
        scattered(combine=True),
        scatters(distinct=False),
        function=lambda x, index, src, axis: sa.scatter_add(x, axis, index, src),
        torch=lambda t: (
            lambda x, index, src, axis: t.scatter_add(x, axis, index, as_type_of(x, src))
        ),
        constant=("index",),
        complex=True,
        errors=[
            Failing(
                (MATRIX, INDEX, np.zeros((2, 2, 2))),
                ["scatter_add", "(2, 2)", "(2, 2, 2)"],
                ValueError,
                {"axis": 0},
            )
        ],
    ),
    OpCase(
        "scatter_extreme",
        extreme,
        extremes,
        constant=("positions",),
        mixes=False,
    ),
    OpCase(
        "scatter_reduce",
        reduced,
        reductions,
        function=lambda x, index, src, axis, **options: ops.scatter_reduce(
            x, axis, index, src, **options
        ),
        torch=lambda t: (
            lambda x, index, src, axis, reduce, include_self: t.scatter_reduce(
                x, axis, index, src, reduce, include_self=include_self
            )
        ),
        constant=("index",),
        mixes=False,
        errors=[
            Failing(
                (MATRIX, INDEX, MATRIX),
                ["scatter_reduce", "'max'", "'amax'"],
                ValueError,
                {"axis": 1, "reduce": "max"},
            )
        ],
    ),
    OpCase(
        "take",
        lambda x, indices, axis=None: np.take(x, indices, axis),
        takes,
        torch=lambda t: (
            lambda x, indices, axis: x[(slice(None),) * ((axis or 0) % x.ndim) + (indices,)]
        ),
        constant=("indices",),
        complex=True,
        errors=[
            Failing((MATRIX, np.array([0])), ["take: needed is the axis", "(2, 3)"], ValueError),
            Failing((MATRIX, np.array([0])), ["take: axis 2"], ValueError, {"axis": 2}),
        ],
    ),
    OpCase(
        "take_along_axis",
        lambda x, indices, axis=-1: np.take_along_axis(x, indices, axis),
        takes_along,
        torch=lambda t: lambda x, indices, axis=-1: t.take_along_dim(x, indices, axis),
        constant=("indices",),
        complex=True,
    ),
]
