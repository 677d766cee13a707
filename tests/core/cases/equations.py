"""Cases of ``ops/equations.py``."""

from __future__ import annotations

import numpy as np

import simple_autograd as sa
from tests.core.matrices import normal, regular
from tests.core.op_case import Failing, OpCase, sample

TOLERANCE = {"float32": 1e-4, "complex64": 1e-4}


def triangles(rng):
    for complex in (False, True):
        for shape, right, options in [
            ((3, 3), (3, 2), {"upper": True}),
            ((3, 3), (2, 3), {"upper": False, "left": False}),
            ((2, 3, 3), (3, 1), {"upper": True, "unitriangular": True}),
            ((2, 2), (3, 2, 2), {"upper": False, "unitriangular": True}),
            ((0, 0), (0, 2), {"upper": True}),
        ]:
            left = regular(rng, *shape, complex=complex) + 2 * np.eye(shape[-1])
            yield sample(left, normal(rng, *right, complex=complex), **options)


def solve_triangular(x1, x2, upper, left=True, unitriangular=False):
    triangle = np.triu(x1) if upper else np.tril(x1)
    if unitriangular:
        eye = np.eye(x1.shape[-1], dtype=bool)
        triangle = np.where(eye, np.ones((), x1.dtype), triangle)
    if left:
        return np.linalg.solve(triangle, x2)
    return np.linalg.solve(triangle.mT, x2.mT).mT


def inverses(rng):
    for complex in (False, True):
        matrix = regular(rng, 6, 6, complex=complex)
        yield sample(matrix.reshape(3, 2, 6))
        yield sample(matrix.reshape(6, 2, 3), 1)


def systems(rng):
    for complex in (False, True):
        matrix, right = regular(rng, 6, 6, complex=complex), normal(rng, 6, complex=complex)
        yield sample(matrix.reshape(3, 2, 6), right.reshape(3, 2))
        yield sample(matrix.reshape(6, 2, 3), right)
        yield sample(np.moveaxis(matrix.reshape(6, 2, 3), 2, 0), right, axes=(0,))


CASES = [
    OpCase(
        "solve_triangular",
        solve_triangular,
        triangles,
        function=sa.linalg.solve_triangular,
        torch=lambda t: t.linalg.solve_triangular,
        tolerance=TOLERANCE,
        errors=[
            Failing(
                (np.zeros((2, 3)), np.ones((2, 1))),
                ["solve_triangular", "square", "(2, 3)"],
                ValueError,
                {"upper": True},
            ),
            Failing(
                (np.eye(2), np.ones(2)),
                ["solve_triangular", "(..., N, M)", "(2,)"],
                ValueError,
                {"upper": True},
            ),
        ],
    ),
    OpCase(
        "tensorinv",
        np.linalg.tensorinv,
        inverses,
        function=sa.linalg.tensorinv,
        torch=lambda t: t.linalg.tensorinv,
        tolerance=TOLERANCE,
        errors=[
            Failing((np.eye(2), 0), ["tensorinv", "ind", "positive"], ValueError),
            Failing((np.zeros((2, 3)), 1), ["inv", "square", "(2, 3)"], ValueError),
        ],
    ),
    OpCase(
        "tensorsolve",
        np.linalg.tensorsolve,
        systems,
        function=sa.linalg.tensorsolve,
        torch=lambda t: lambda x1, x2, axes=None: t.linalg.tensorsolve(x1, x2, dims=axes),
        tolerance=TOLERANCE,
        errors=[
            Failing((np.zeros((2, 3)), np.zeros(2)), ["tensorsolve", "(2, 3)", "has 3"], ValueError)
        ],
    ),
]
