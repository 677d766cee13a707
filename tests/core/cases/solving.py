"""Cases of ``ops/solving.py``."""

from __future__ import annotations

import numpy as np

import simple_autograd as sa
from simple_autograd import ops
from tests.core.matrices import low_rank, normal, regular, spread
from tests.core.op_case import FLOATING_ONLY, Failing, OpCase, kink, other, refused, sample

TOLERANCE = {"float32": 1e-4, "complex64": 1e-4}
SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])
ONE_SIDE = "torch takes a right side of one axis for a stack of vectors, if it can"
SQUARE = [(3, 3), (2, 4, 4), (1, 1), (0, 0), (0, 2, 2)]
ONE_TYPE = "torch wants one data type"
WHOLE = np.array([[4, 1], [2, 3]])


def squares(rng):
    for complex in (False, True):
        for shape in SQUARE:
            yield sample(regular(rng, *shape, complex=complex))


def systems(rng):
    for complex in (False, True):
        for shape, right in [
            ((3, 3), (3, 2)),
            ((3, 3), (3,)),
            ((2, 3, 3), (2, 3, 1)),
            ((3, 3), (2, 3, 2)),
            ((2, 1, 2, 2), (3, 2, 2)),
            ((0, 0), (0, 2)),
        ]:
            yield sample(
                regular(rng, *shape, complex=complex), normal(rng, *right, complex=complex)
            )
        one = sample(regular(rng, 2, 3, 3, complex=complex), normal(rng, 3, complex=complex))
        yield refused(one, torch=ONE_SIDE)
    yield refused(sample(regular(rng, 2, 2), normal(rng, 2, 2, complex=True)), torch=ONE_TYPE)
    yield refused(sample(regular(rng, 2, 2, complex=True), normal(rng, 2)), torch=ONE_TYPE)


def inverses(rng):
    for complex in (False, True):
        for shape in [(3, 3), (4, 2), (2, 2, 3), (0, 2)]:
            yield sample(regular(rng, *shape, complex=complex))
    yield sample(regular(rng, 3, 2), rtol=1e-6)


def least_squares(rng):
    for complex in (False, True):
        for shape, right in [
            ((4, 2), (4, 3)),
            ((4, 2), (4,)),
            ((2, 4), (2, 2)),
            ((3, 3), (3, 2)),
            ((2, 3, 2), (2, 3, 2)),
            ((2, 3, 2), (3, 1)),
        ]:
            left = regular(rng, *shape, complex=complex)
            right = normal(rng, *right, complex=complex)
            for part in ("solution", "residuals", "all"):
                yield sample(left, right, part=part)
        yield sample(spread(rng, 4, 3, complex=complex), normal(rng, 4), part="singular_values")
    yield sample(regular(rng, 4, 2), normal(rng, 4, 2), part="solution", rcond=1e-5)


def lstsq(x1, x2, part, rcond=None):
    return _part(sa.linalg.lstsq(x1, x2, rcond=rcond), part)


def numpy_lstsq(x1, x2, part, rcond=None):
    solution = np.linalg.pinv(x1, rtol=rcond) @ x2
    residuals = np.sum(np.abs(x1 @ solution - x2) ** 2, axis=-2 if x2.ndim > 1 else -1)
    values = np.linalg.svdvals(x1)
    found = ops.solving.LstsqResult(solution, residuals, np.linalg.matrix_rank(x1), values)
    return _part(found, part)


def _part(found, part):
    if part != "all":
        return getattr(found, part)
    values = found.singular_values[..., 0]
    return found.solution * values[(..., *[None] * (found.solution.ndim - values.ndim))]


def torch_lstsq(torch):
    def function(x1, x2, part, rcond=None):
        if x2.ndim == 1:
            x2 = x2[:, None]
            return function(x1, x2, part, rcond)[..., 0] if part != "all" else None
        return torch.linalg.lstsq(x1, x2).solution

    return function


def slogdet(linalg):
    def function(x, part):
        sign, log = linalg.slogdet(x)
        return {"sign": sign, "log": log, "both": sign * log}[part]

    return function


def slogdets(rng):
    for complex in (False, True):
        for shape in SQUARE:
            for part in ("sign", "log", "both"):
                yield sample(regular(rng, *shape, complex=complex), part=part)
    yield sample(-regular(rng, 3, 3), part="both")


def signs_of(x, part):
    """Give NumPy's slogdet."""
    return slogdet(np.linalg)(x, part)


def not_square(name, **options):
    return Failing((np.zeros((2, 3)),), [name, "square", "(2, 3)"], ValueError, options)


SINGULAR_FAILS = Failing((SINGULAR,), ["ingular"], np.linalg.LinAlgError)

CASES = [
    OpCase(
        "inv",
        np.linalg.inv,
        squares,
        [other(WHOLE, refused=FLOATING_ONLY)],
        function=sa.linalg.inv,
        torch=lambda t: t.linalg.inv,
        tolerance=TOLERANCE,
        errors=[SINGULAR_FAILS, not_square("inv")],
    ),
    OpCase(
        "solve",
        np.linalg.solve,
        systems,
        [other(WHOLE, np.array([1, 2]), refused=FLOATING_ONLY)],
        function=sa.linalg.solve,
        torch=lambda t: t.linalg.solve,
        tolerance=TOLERANCE,
        errors=[
            Failing((SINGULAR, np.ones(2)), ["ingular"], np.linalg.LinAlgError),
            Failing((np.zeros((2, 3)), np.ones(2)), ["solve", "square", "(2, 3)"], ValueError),
        ],
    ),
    OpCase(
        "pinv",
        lambda x, rtol=None: np.linalg.pinv(x, rtol=rtol),
        inverses,
        [
            kink(low_rank(np.random.default_rng(0), 4, 3, 2)),
            kink(low_rank(np.random.default_rng(1), 3, 4, 1, complex=True)),
        ],
        function=sa.linalg.pinv,
        torch=lambda t: t.linalg.pinv,
        tolerance=TOLERANCE,
        errors=[Failing((np.zeros(3),), ["pinv", "(..., N, M)", "(3,)"], ValueError)],
    ),
    OpCase(
        "lstsq",
        numpy_lstsq,
        least_squares,
        [
            other(low_rank(np.random.default_rng(0), 4, 3, 2), np.ones(4), part="rank"),
            other(low_rank(np.random.default_rng(0), 4, 3, 2), np.ones(4), part="solution"),
        ],
        function=lstsq,
        tolerance=TOLERANCE,
        errors=[
            Failing((np.zeros(3), np.ones(3)), ["lstsq", "(3,)"], ValueError, {"part": "solution"})
        ],
    ),
    OpCase(
        "det",
        np.linalg.det,
        squares,
        [other(SINGULAR), other(WHOLE, refused=FLOATING_ONLY)],
        function=sa.linalg.det,
        torch=lambda t: t.linalg.det,
        tolerance=TOLERANCE,
        errors=[not_square("det")],
    ),
    OpCase(
        "cofactors",
        lambda x: np.linalg.det(x)[..., None, None] * np.swapaxes(np.linalg.inv(x), -1, -2),
        squares,
        function=ops.cofactors,
        torch=lambda t: lambda x: t.linalg.det(x)[..., None, None] * t.linalg.inv(x).mT,
        tolerance=TOLERANCE,
    ),
    OpCase(
        "slogdet",
        signs_of,
        slogdets,
        [other(SINGULAR, part="sign"), other(SINGULAR, part="log")],
        function=slogdet(sa.linalg),
        torch=lambda t: slogdet(t.linalg),
        tolerance=TOLERANCE,
        errors=[not_square("slogdet", part="sign")],
    ),
    OpCase(
        "logdet",
        lambda x: signs_of(x, "log") + np.log(signs_of(x, "sign")),
        squares,
        [other(-np.eye(1)), other(SINGULAR)],
        function=sa.linalg.logdet,
        torch=lambda t: t.logdet,
        tolerance=TOLERANCE,
        errors=[not_square("slogdet")],
    ),
    OpCase(
        "matrix_rank",
        lambda x, rtol=None: np.linalg.matrix_rank(x, rtol=rtol),
        lambda rng: (other(low_rank(rng, 4, 3, 2), **options) for options in ({}, {"rtol": 1e-3})),
        [other(np.ones((2, 3, 3))), other(np.zeros((2, 2), np.complex64))],
        function=sa.linalg.matrix_rank,
        order=0,
        errors=[Failing((np.zeros(3),), ["matrix_rank", "(..., N, M)", "(3,)"], ValueError)],
    ),
]
