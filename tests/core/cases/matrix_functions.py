"""Cases of ``ops/matrix_functions.py``."""

from __future__ import annotations

import numpy as np

import simple_autograd as sa
from tests.core.matrices import normal, regular
from tests.core.op_case import Failing, OpCase, other, sample

TOLERANCE = {"float32": 1e-4, "complex64": 1e-4}
SQUARE = [(3, 3), (2, 4, 4), (1, 1), (0, 0), (0, 2, 2)]


def powers(rng):
    for complex in (False, True):
        for n in (0, 1, 2, 3, 7, -1, -2):
            yield sample(regular(rng, 3, 3, complex=complex), n=n)
        for shape in SQUARE[1:]:
            yield sample(regular(rng, *shape, complex=complex), n=3)


def exponents(rng):
    for complex in (False, True):
        for shape in SQUARE:
            yield sample(normal(rng, *shape, complex=complex))
        # Far apart in size: each is halved as often as it needs.
        scales = np.array([1e-3, 1.0, 12.0])[:, None, None]
        yield sample(0.5 * normal(rng, 3, 2, 2, complex=complex) * scales)
    yield sample(np.array([[0.0, 1.0], [0.0, 0.0]]))


def exponential(x):
    """Sum the series after many halvings."""
    x = x / 2**20
    term = result = np.eye(x.shape[-1], dtype=np.longdouble) + 0 * x.astype(
        np.clongdouble if np.iscomplexobj(x) else np.longdouble
    )
    for k in range(1, 6):
        term = _product(term, x) / k
        result = result + term
    for _ in range(20):
        result = _product(result, result)
    return result.astype(x.dtype)


def _product(x1, x2):
    return (x1[..., :, :, None] * x2[..., None, :, :]).sum(axis=-2)


CASES = [
    OpCase(
        "matrix_power",
        np.linalg.matrix_power,
        powers,
        [other(np.arange(4).reshape(2, 2), n=3, refused={"strict": "floating data only there"})],
        function=lambda x, n: sa.linalg.matrix_power(x, n),
        torch=lambda t: t.linalg.matrix_power,
        tolerance=TOLERANCE,
        errors=[
            Failing((np.ones((2, 2)),), ["ingular"], np.linalg.LinAlgError, {"n": -1}),
            Failing((np.ones((2, 3)),), ["matrix_power", "square", "(2, 3)"], ValueError, {"n": 2}),
        ],
    ),
    OpCase(
        "matrix_exp",
        exponential,
        exponents,
        function=sa.linalg.matrix_exp,
        torch=lambda t: t.linalg.matrix_exp,
        tolerance=TOLERANCE,
        errors=[
            Failing((np.ones((2, 3)),), ["matrix_exp", "square", "(2, 3)"], ValueError),
            Failing((np.ones((2, 2), dtype=int),), ["matrix_exp", "floating", "int64"]),
        ],
    ),
]
