"""Cases of ``ops/statistical.py``."""

from __future__ import annotations

import numpy as np

from tests.core.op_case import (
    BOOLEANS,
    FLOATING_ONLY,
    INTEGERS,
    SPECIAL,
    Failing,
    OpCase,
    kink,
    other,
    reductions,
    refused,
    sample,
)

TIES = np.array([[1.0, 2.0, 2.0], [2.0, 1.0, 1.0], [0.0, 0.0, 2.0]])
EXTREMES = [
    *[kink(TIES, axis=axis) for axis in (None, 0, 1, (0,), (0, 1))],
    kink(TIES, axis=-1, keepdims=True),
    kink([np.nan, 1.0, np.nan]),
    kink([[np.nan, 1.0, np.nan], [3.0, 1.0, 0.0]], axis=1),
    other(INTEGERS, axis=1),
]
CORRECTED = [
    sample(TIES, axis=axis, correction=correction)
    for axis in (None, 0, (0, 1))
    for correction in (1, 0.5)
]
ZEROS = np.array([[2.0, 0.0, 3.0], [0.0, 0.0, 1.5], [1.0, 2.0, 4.0], [0.0, 0.0, 0.0]])
CONSTANT = [kink([[2.0, 2.0], [1.0, 3.0]], axis=1), kink([2.0, 2.0])]


def of_torch(name, **fixed):
    """Give torch's reduction of that name under the standard's argument names."""

    def function(torch):
        def call(x, axis=None, keepdims=False, **options):
            axis = tuple(range(x.ndim)) if axis is None else axis
            return getattr(torch, name)(x, dim=axis, keepdim=keepdims, **{**fixed, **options})

        return call

    return function


def extreme_of_torch(name):
    """Give torch's ``max``: over one axis the first of equals, over all ``max``, else ``amax``."""

    def function(torch):
        def call(x, axis=None, keepdims=False):
            if isinstance(axis, int):
                return getattr(torch, name)(x, dim=axis, keepdim=keepdims).values
            if axis is None and not keepdims:
                return getattr(torch, name)(x)
            axis = tuple(range(x.ndim)) if axis is None else axis
            return getattr(torch, f"a{name}")(x, dim=axis, keepdim=keepdims)

        return call

    return function


def products(rng):
    for drawn in reductions()(rng):
        # PyTorch divides the product by each element, and so makes NaN of what is infinite.
        yield refused(drawn, torch="NaN spreads there") if drawn.kind == SPECIAL else drawn


def product_of_torch(torch):
    """Multiply over several axes one by one."""

    def call(x, axis=None, keepdims=False):
        axes = range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
        for place in sorted((item % x.ndim for item in axes), reverse=True):
            x = x.prod(place, keepdim=keepdims)
        return x

    return call


CASES = [
    OpCase(
        "max",
        np.max,
        reductions(empty=False),
        EXTREMES,
        torch=extreme_of_torch("max"),
        errors=[Failing((np.zeros((2, 0)),), ["zero-size"], ValueError, {"axis": 1})],
    ),
    OpCase(
        "mean",
        np.mean,
        reductions(),
        [other(INTEGERS, axis=0, refused=FLOATING_ONLY)],
        torch=of_torch("mean"),
        complex=True,
    ),
    OpCase("min", np.min, reductions(empty=False), EXTREMES, torch=extreme_of_torch("min")),
    OpCase(
        "prod",
        np.prod,
        products,
        [
            *[sample(ZEROS, axis=axis) for axis in (None, 0, 1, (0, 1))],
            sample(ZEROS, axis=1, keepdims=True),
            *[other(INTEGERS.astype(dtype), axis=0) for dtype in ("int8", "int32", "uint8")],
            other(INTEGERS.astype(np.float32), dtype="float64"),
        ],
        torch=product_of_torch,
        complex=True,
    ),
    OpCase(
        "std",
        lambda x, correction=0, **options: np.std(x, ddof=correction, **options),
        reductions(),
        [*CORRECTED, *CONSTANT],
        torch=of_torch("std", correction=0),
        complex=True,
    ),
    OpCase(
        "sum",
        np.sum,
        reductions(),
        [
            *[other(INTEGERS.astype(dtype), axis=0) for dtype in ("int8", "int32", "uint8")],
            other(INTEGERS.astype(np.float32), dtype="float64"),
            other(BOOLEANS, refused={"strict": "the standard does not sum booleans"}),
        ],
        torch=of_torch("sum"),
        complex=True,
    ),
    OpCase(
        "var",
        lambda x, correction=0, **options: np.var(x, ddof=correction, **options),
        reductions(),
        [*CORRECTED, *CONSTANT],
        torch=of_torch("var", correction=0),
        complex=True,
    ),
]
