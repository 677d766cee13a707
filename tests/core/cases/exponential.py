"""Cases of ``ops/exponential.py``."""

from __future__ import annotations

import numpy as np

from tests.core.cases.statistical import of_torch
from tests.core.op_case import (
    FLOATING_ONLY,
    INTEGERS,
    SPECIAL,
    OpCase,
    binary,
    kink,
    other,
    reductions,
    refused,
    sample,
    unary,
)

INFINITE_IN_TORCH = "equal infinities give NaN there, equal shares here"


def logsumexp(x, axis=None, keepdims=False):
    if np.iscomplexobj(x):
        return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))
    axis = tuple(range(x.ndim)) if axis is None else axis
    return np.logaddexp.reduce(x, axis=axis, keepdims=keepdims)


def over_axes(rng):
    for drawn in reductions()(rng):
        yield refused(drawn, torch=INFINITE_IN_TORCH) if drawn.kind == SPECIAL else drawn


CASES = [
    OpCase("exp", np.exp, unary(), torch=lambda t: t.exp, complex=True),
    OpCase("exp2", np.exp2, unary(), torch=lambda t: t.exp2, complex=True),
    OpCase(
        "expm1", np.expm1, unary(), [sample([1e-9, -1e-12])], torch=lambda t: t.expm1, complex=True
    ),
    OpCase("log", np.log, unary(0.1, 4), [kink([0.0])], torch=lambda t: t.log, complex=True),
    OpCase("log10", np.log10, unary(0.1, 4), [kink([0.0])], torch=lambda t: t.log10, complex=True),
    OpCase(
        "log1p",
        np.log1p,
        unary(-0.9, 4),
        [kink([-1.0]), sample([1e-9, -1e-12])],
        torch=lambda t: t.log1p,
        complex=True,
    ),
    OpCase("log2", np.log2, unary(0.1, 4), [kink([0.0])], torch=lambda t: t.log2, complex=True),
    OpCase(
        "logaddexp",
        np.logaddexp,
        binary(integers=False, special_in_torch=INFINITE_IN_TORCH),
        [sample([1000.0, -1000.0, 2.0], [-1000.0, 1000.0, 2.0])],
        torch=lambda t: t.logaddexp,
    ),
    OpCase(
        "logaddexp2",
        np.logaddexp2,
        binary(integers=False, special_in_torch=INFINITE_IN_TORCH),
        [sample([1000.0, -1000.0, 2.0], [-1000.0, 1000.0, 2.0])],
        torch=lambda t: t.logaddexp2,
    ),
    OpCase(
        "logsumexp",
        logsumexp,
        over_axes,
        [
            sample([[600.0, 599.0, -600.0], [-1e4, 3.0, 3.0]], axis=1),
            kink([[-np.inf, 0.0], [-np.inf, 2.0]], axis=1),
            other(INTEGERS, axis=0, refused=FLOATING_ONLY),
        ],
        torch=of_torch("logsumexp"),
        complex=True,
    ),
]
