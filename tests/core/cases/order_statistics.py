"""Cases of ``ops/order_statistics.py``."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.core.op_case import (
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

METHODS = (
    "averaged_inverted_cdf", "hazen", "higher", "interpolated_inverted_cdf", "inverted_cdf", "linear",
    "lower", "median_unbiased", "midpoint", "nearest", "normal_unbiased", "weibull",
)  # fmt: skip
IN_TORCH = ("linear", "lower", "higher", "midpoint", "nearest")
WITH_NAN = np.array([[1.0, np.nan, 3.0, 0.5, -2.0], [0.0, 2.0, -1.0, 5.0, 4.0]])
INFINITE = np.array([[np.inf, np.inf, 1.0, 2.0], [-np.inf, 3.0, np.inf, 1.0]])
EMPTY = Failing((np.zeros((2, 0)),), ["no elements"], ValueError, {"axis": 1})
NAN_THERE = "gradients for what holds NaN differ"


def axes(rng):
    for shape, axis in [
        ((5,), None),
        ((4,), 0),
        ((3, 4), 0),
        ((3, 4), -1),
        ((2, 3, 3), (0, 2)),
        ((2, 3), (1, 0)),
    ]:
        yield draw(rng, shape), {"axis": axis}
        yield draw(rng, shape), {"axis": axis, "keepdims": True}
    yield draw(rng, ()), {}
    yield draw(rng, (0, 3)), {"axis": 1}


def medians(rng):
    for array, options in axes(rng):
        yield sample(array, **options)


def parts(rng):
    for array, options in axes(rng):
        yield sample(array, q=0.3, **options)
        yield sample(array, q=[0.0, 0.45, 1.0], **options)
    yield sample(draw(rng, (7,)), q=np.array([[0.1, 0.5], [0.9, 0.75]]))
    yield sample(draw(rng, (7,)), q=[])
    for method in METHODS:
        for length in (1, 4, 5):
            several = [0.0, 0.21, 0.5, 0.77, 1.0]
            drawn = sample(draw(rng, (2, length)), q=several, axis=1, method=method)
            yield drawn if method in IN_TORCH else refused(drawn, torch="it has not this method")


def with_nan(samples):
    """Put NaN into every fifth place of the arrays of samples."""

    def drawn(rng):
        for one in samples(rng):
            array = one.args[0].copy()
            if not array.size:
                continue  # NumPy's result has the wrong shape
            array.ravel()[2::5] = np.nan
            yield one
            yield replace(one, args=(array,))

    return drawn


def in_own_type(function):
    """Give the result in the array's data type, whatever that of q (with NumPy's function it counts)."""

    def reference(x, **options):
        out = function(x, **options)
        return out.astype(x.dtype) if x.dtype == np.float32 else out

    return reference


def of_torch(name):
    """Give torch's quantile under NumPy's argument names; it goes over one axis or all."""

    def function(torch):
        def call(x, q, axis=None, keepdims=False, method="linear"):
            q = torch.tensor(np.asarray(q), dtype=x.dtype)
            found = getattr(torch, name)(
                x, q.reshape(-1), axis, keepdim=keepdims, interpolation=method
            )
            return found.reshape((*q.shape, *found.shape[1:]))

        return call

    return function


def one_axis(samples):
    """Say that PyTorch cannot do what goes over several axes, or has nothing to do."""

    def drawn(rng):
        for one in samples(rng):
            axis, q = one.options.get("axis"), one.options.get("q")
            cannot = (
                isinstance(axis, tuple) or not one.args[0].size or (isinstance(q, list) and not q)
            )
            yield refused(one, torch="it goes over one axis, of some elements") if cannot else one

    return drawn


CASES = [
    OpCase(
        "median",
        np.median,
        medians,
        [
            Sample((WITH_NAN,), {"axis": 1}, SPECIAL),
            Sample((INFINITE,), {"axis": 1}, SPECIAL),
            kink([1.0, 1.0, 1.0, 2.0]),
            other(INTEGERS, axis=1),
        ],
        errors=[EMPTY],
    ),
    OpCase(
        "nanmedian",
        np.nanmedian,
        with_nan(medians),
        [other(np.array([[np.nan, np.nan], [1.0, np.nan]]), axis=1), other(INTEGERS, axis=0)],
        errors=[EMPTY],
    ),
    OpCase(
        "nanquantile",
        in_own_type(np.nanquantile),
        one_axis(with_nan(parts)),
        [
            other(np.array([[np.nan, np.nan], [1.0, np.nan]]), q=0.4, axis=1),
            other(INTEGERS, q=[0.25, 0.5], axis=0),
        ],
        torch=of_torch("nanquantile"),
    ),
    OpCase(
        "quantile",
        in_own_type(np.quantile),
        one_axis(parts),
        [
            Sample((WITH_NAN,), {"q": [0.3, 1.0], "axis": 1}, SPECIAL, {"torch": NAN_THERE}),
            Sample((INFINITE,), {"q": 0.3, "axis": 1}, SPECIAL, {"torch": NAN_THERE}),
            other(INTEGERS, q=0.3, axis=0),
            other(np.float32(WITH_NAN), q=0.3),
        ],
        torch=of_torch("quantile"),
        errors=[
            Failing((np.zeros((2, 0)),), ["no elements"], ValueError, {"axis": 1, "q": 0.5}),
            Failing((np.zeros(2),), ["quantile: q is 1.5", "from 0 to 1"], ValueError, {"q": 1.5}),
            Failing(
                (np.zeros(2),),
                ["method 'cubic'", "linear"],
                ValueError,
                {"q": 0.5, "method": "cubic"},
            ),
            Failing((np.zeros(2, complex),), ["real", "complex128"], options={"q": 0.5}),
        ],
    ),
]
