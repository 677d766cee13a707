"""Cases of ``ops/decompositions.py``: each sample names the part of the result that it looks at."""

from __future__ import annotations

import numpy as np

import simple_autograd as sa
from tests.core.matrices import hermitian, normal, regular, spread
from tests.core.op_case import FLOATING_ONLY, Failing, OpCase, kink, other, refused, sample

SIGNS = "LAPACK's libraries choose the signs of singular vectors differently"
TOLERANCE = {"float32": 1e-4, "complex64": 1e-4}


def positive(rng, *shape, complex=False):
    """Draw Hermitian positive definite matrices."""
    drawn = 0.5 * normal(rng, *shape, complex=complex)
    return hermitian(drawn, np.conj) + 3 * np.eye(shape[-1])


def cholesky(linalg, conj):
    """Make cholesky read both triangles, as its gradient does."""

    def function(x, upper=False, both=True):
        return linalg.cholesky(hermitian(x, conj) if both else x, upper=upper)

    return function


def choleskys(rng):
    for complex in (False, True):
        for shape in [(3, 3), (2, 4, 4), (1, 1), (0, 0), (2, 0, 0)]:
            yield sample(positive(rng, *shape, complex=complex))
        yield sample(positive(rng, 3, 3, complex=complex), upper=True)
    yield kink(positive(rng, 3, 3), both=False)
    yield kink(positive(rng, 3, 3), both=False, upper=True)


def parts_of(name, parts):
    """Give a decomposition of a library, of which a sample names the part."""

    def build(linalg, conj):
        def function(x, part, **options):
            return parts[part](getattr(linalg, name)(x, **options), conj)

        return function

    return build


QR = parts_of(
    "qr",
    {
        "Q": lambda found, conj: found[0],
        "R": lambda found, conj: found[1],
        "both": lambda found, conj: found[0] @ conj(found[1]).mT,
        "Q[:3]": lambda found, conj: found[0][..., :3],
    },
)


def qrs(rng):
    for complex in (False, True):
        for shape in [(3, 3), (4, 3), (2, 4, 2), (5, 1)]:
            for part in ("Q", "R"):
                yield sample(regular(rng, *shape, complex=complex), part=part)
        yield sample(regular(rng, 3, 3, complex=complex), part="both")
        for shape in [(2, 4), (2, 2, 3)]:
            for part in ("Q", "R"):
                yield sample(regular(rng, *shape, complex=complex), part=part)
        for shape in [(3, 3), (3, 4)]:
            for part in ("Q", "R"):
                yield sample(regular(rng, *shape, complex=complex), part=part, mode="complete")
        in_torch = "no gradient of the complete mode for tall matrices there"
        for part in ("R", "Q[:3]"):
            tall = sample(regular(rng, 4, 3, complex=complex), part=part, mode="complete")
            yield refused(tall, torch=in_torch)
    yield sample(np.zeros((0, 0)), part="Q")
    yield sample(np.zeros((0, 3, 2)), part="R")


SVD = parts_of(
    "svd",
    {
        "U": lambda found, conj: found[0],
        "S": lambda found, conj: found[1],
        "Vh": lambda found, conj: found[2],
        # These do not depend on signs and phases.
        "all": lambda found, conj: (found[0] * found[1][..., None, :] ** 2) @ found[2],
        "UV": lambda found, conj: found[0] @ found[2],
        "UU": lambda found, conj: found[0][..., :1] @ conj(found[0][..., :1]).mT,
        "VV": lambda found, conj: conj(found[2][..., :1, :]).mT @ found[2][..., :1, :],
    },
)


def svds(rng):
    reduced = {"full_matrices": False}
    for complex in (False, True):
        for shape in [(3, 3), (4, 3), (2, 2, 4), (3, 1), (1, 3)]:
            for part in ("S", "all", "UV", "UU", "VV"):
                yield sample(spread(rng, *shape, complex=complex), part=part, **reduced)
        yield sample(spread(rng, 3, 4, complex=complex), part="S")
        yield sample(spread(rng, 4, 3, complex=complex), part="UU")
        yield sample(spread(rng, 3, 3, complex=complex), part="all")
    for shape in [(3, 3), (4, 2), (2, 4)]:
        for part in ("U", "Vh"):
            yield refused(sample(spread(rng, *shape), part=part, **reduced), torch=SIGNS)
    yield sample(np.zeros((0, 3, 2)), part="all", **reduced)


def of_numpy(build):
    return build(np.linalg, np.conj)


def of_torch(build):
    return lambda t: build(t.linalg, t.conj)


SQUARE = np.arange(4).reshape(2, 2) + 5 * np.eye(2, dtype=int)

CASES = [
    OpCase(
        "cholesky",
        of_numpy(cholesky),
        choleskys,
        function=cholesky(sa.linalg, sa.conj),
        torch=of_torch(cholesky),
        tolerance=TOLERANCE,
        errors=[
            Failing((-np.eye(2),), ["ositive definite"], np.linalg.LinAlgError),
            Failing(
                (np.zeros((2, 3)),), ["cholesky", "square", "(2, 3)"], ValueError, {"both": False}
            ),
            Failing(
                (np.zeros(3),), ["cholesky", "(..., N, M)", "(3,)"], ValueError, {"both": False}
            ),
        ],
    ),
    OpCase(
        "qr",
        of_numpy(QR),
        qrs,
        [other(SQUARE, part="R", refused=FLOATING_ONLY)],
        function=QR(sa.linalg, sa.conj),
        torch=of_torch(QR),
        tolerance=TOLERANCE,
        errors=[
            Failing((np.eye(2),), ["qr", "mode is 'r'"], ValueError, {"mode": "r", "part": "R"}),
            Failing((np.zeros(3),), ["qr", "(..., N, M)", "(3,)"], ValueError, {"part": "R"}),
        ],
    ),
    OpCase(
        "svd",
        of_numpy(SVD),
        svds,
        [other(SQUARE, part="S", refused=FLOATING_ONLY)],
        function=SVD(sa.linalg, sa.conj),
        torch=of_torch(SVD),
        tolerance=TOLERANCE,
        errors=[Failing((np.zeros(3),), ["svd", "(..., N, M)", "(3,)"], ValueError, {"part": "S"})],
    ),
    OpCase(
        "svdvals",
        np.linalg.svdvals,
        lambda rng: (
            sample(spread(rng, *shape, complex=complex))
            for complex in (False, True)
            for shape in [(3, 3), (4, 2), (2, 2, 3), (1, 1)]
        ),
        [sample(np.zeros((2, 0, 3))), other(SQUARE, refused=FLOATING_ONLY)],
        function=sa.linalg.svdvals,
        torch=lambda t: t.linalg.svdvals,
        tolerance=TOLERANCE,
        errors=[Failing((np.zeros(3),), ["svdvals", "(..., N, M)", "(3,)"], ValueError)],
    ),
]
