"""Cases of ``ops/norms.py``."""

from __future__ import annotations

import numpy as np

import simple_autograd as sa
from tests.core.matrices import regular, spread
from tests.core.op_case import FLOATING_ONLY, Failing, OpCase, draw, kink, other, refused, sample

INF = np.inf
ORDERS = (2, 1, INF, -INF, 3, 2.5, 1.5, 0.5, -1, 0)
MATRIX_ORDERS = ("fro", "nuc", 2, -2, 1, -1, INF, -INF)
ZEROS = np.array([[0.0, 0.0, 0.0], [3.0, 0.0, -3.0]])
INTEGERS = np.array([[3, 0, -2], [1, 7, -5]])
TOLERANCE = {"float32": 1e-4, "complex64": 1e-4}
TORCH_FAILS = "its backward fails: it has written into the inverse"
ALL_IN_TORCH = "an empty tuple of axes means all of them there"


def vectors(rng):
    for ord in ORDERS:
        for options in ({}, {"axis": 0}, {"axis": (-1, 0), "keepdims": True}):
            yield sample(draw(rng, (2, 3, 2), away=0.2), ord=ord, **options)
    yield sample(draw(rng, (3, 0)), axis=1)
    yield sample(draw(rng, (0, 3)), axis=1, ord=3)
    yield sample(draw(rng, (3,), away=0.1))
    yield sample(draw(rng, (), away=0.1))
    yield sample(draw(rng, (2, 3)), axis=-1)
    yield refused(sample(draw(rng, (2, 3), away=0.1), axis=()), torch=ALL_IN_TORCH)


VECTOR_KINKS = [
    *[kink(ZEROS, axis=1, ord=ord) for ord in (2, 1, INF, -INF, 3, 2.5, 1.5, 0.5, 0)],
    *[kink(ZEROS + 0j, axis=1, ord=ord) for ord in (2, 1, INF, 3)],
    kink([[2.0, -2.0, 1.0]], ord=INF),
    kink([[2.0, -1.0, 1.0]], ord=-INF, axis=1),
]


def matrices(rng):
    for complex in (False, True):
        for ord in MATRIX_ORDERS:
            for shape in [(3, 3), (2, 2, 4)]:
                yield sample(spread(rng, *shape, complex=complex), ord=ord)
            yield sample(spread(rng, 3, 2, complex=complex), ord=ord, keepdims=True)
    yield sample(np.zeros((2, 0, 3)))
    yield sample(np.zeros((2, 0, 3)), ord="nuc")


MATRIX_KINKS = [
    kink(np.zeros((2, 3))),
    *[kink(np.diag([2.0, 2.0, 1.0]), ord=ord) for ord in (1, -1, INF, -INF)],
    *[kink(np.diag([2.0, 2.0, 1.0]), ord=ord) for ord in (2, "nuc")],
]


def norms(rng):
    for options in (
        {},
        {"axis": 1},
        {"axis": (0, 2)},
        {"axis": (2, 0), "ord": 1},
        {"axis": (0, -1), "ord": "nuc", "keepdims": True},
        {"axis": -1, "ord": 3, "keepdims": True},
        {"axis": (1,), "ord": 1},
    ):
        yield sample(draw(rng, (2, 3, 4), away=0.1), **options)
    for ord in (1, "fro", 2, INF):
        yield sample(spread(rng, 3, 2), ord=ord)
    yield sample(draw(rng, (4,), away=0.1), ord=3)
    yield sample(draw(rng, (2, 2, 2), away=0.1), keepdims=True)


def numpy_norm(x, **options):
    axis = options.pop("axis", None)
    return np.linalg.norm(x, axis=axis[0] if axis == (1,) else axis, **options)


def renamed(function):
    """Give torch's function under the standard's argument names."""

    def call(x, *, axis=None, keepdims=False, ord=None):
        options = {} if ord is None else {"ord": ord}
        return function(x, dim=axis, keepdim=keepdims, **options)

    return call


def of_matrices(function):
    return lambda x, keepdims=False, ord="fro": function(x, ord=ord, keepdim=keepdims)


def conditions(rng):
    for complex in (False, True):
        for p in (None, *MATRIX_ORDERS):
            drawn = sample(regular(rng, 3, 3, complex=complex) + np.diag([0, 1, 2]), p=p)
            yield drawn if p in (None, 2, -2) else refused(drawn, torch=TORCH_FAILS)
        yield sample(spread(rng, 2, 2, 3, complex=complex), p=None)
        yield refused(sample(spread(rng, 2, 3, 3, complex=complex), p=1), torch=TORCH_FAILS)


CASES = [
    OpCase(
        "vector_norm",
        np.linalg.vector_norm,
        vectors,
        [*VECTOR_KINKS, other(INTEGERS, axis=1, refused=FLOATING_ONLY)],
        function=sa.linalg.vector_norm,
        torch=lambda t: renamed(t.linalg.vector_norm),
        complex=True,
        tolerance=TOLERANCE,
    ),
    OpCase(
        "matrix_norm",
        np.linalg.matrix_norm,
        matrices,
        MATRIX_KINKS,
        function=sa.linalg.matrix_norm,
        torch=lambda t: of_matrices(t.linalg.matrix_norm),
        tolerance=TOLERANCE,
        errors=[
            Failing((np.eye(2),), ["matrix_norm", "ord is 3", "'nuc'"], ValueError, {"ord": 3}),
            Failing((np.zeros(2),), ["matrix_norm", "(..., N, M)", "(2,)"], ValueError),
        ],
    ),
    OpCase(
        "norm",
        numpy_norm,
        norms,
        function=sa.linalg.norm,
        torch=lambda t: renamed(t.linalg.norm),
        complex=True,
        tolerance=TOLERANCE,
        errors=[
            Failing((np.zeros((2, 2, 2)),), ["norm", "ord 1", "gives 3"], ValueError, {"ord": 1}),
            Failing((np.zeros(2),), ["norm", "'fro'", "matrices"], ValueError, {"ord": "fro"}),
        ],
    ),
    OpCase(
        "cond",
        # An older NumPy gives the Frobenius one as a complex number without an imaginary part.
        lambda x, p: np.real(np.linalg.cond(x, p)),
        conditions,
        function=lambda x, p: sa.linalg.cond(x, p),
        torch=lambda t: lambda x, p: t.linalg.cond(x, p),
        tolerance={**TOLERANCE, "float64": 1e-6, "complex128": 1e-6},
        errors=[
            Failing((np.ones((2, 2)),), ["ingular"], np.linalg.LinAlgError, {"p": 1}),
            Failing((np.zeros(2),), ["cond", "(..., N, M)", "(2,)"], ValueError, {"p": None}),
        ],
    ),
]
