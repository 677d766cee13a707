"""Cases of ``ops/eigenvalues.py``: each sample names the part of the result that it looks at."""

from __future__ import annotations

import numpy as np

import simple_autograd as sa
from tests.core.matrices import hermitian, spread
from tests.core.op_case import FLOATING_ONLY, Failing, OpCase, kink, other, refused, sample

SIGNS = "LAPACK's libraries choose the signs of eigenvectors differently"
NO_EIG = {"strict": "the standard has no eigenvalues of general matrices"}
TOLERANCE = {"float32": 1e-4, "complex64": 1e-4}
PARTS = {
    "values": lambda values, vectors, conj: values,
    "vectors": lambda values, vectors, conj: vectors,
    # These do not depend on signs and phases.
    "all": lambda values, vectors, conj: (vectors * values[..., None, :] ** 2) @ conj(vectors).mT,
    "first": lambda values, vectors, conj: vectors[..., :1] @ conj(vectors[..., :1]).mT,
}


def eigh(linalg, conj):
    """Make eigh read both triangles, as its gradient does."""

    def function(x, part, both=True):
        return PARTS[part](*linalg.eigh(hermitian(x, conj) if both else x), conj)

    return function


def eighs(rng):
    for complex in (False, True):
        for shape in [(3, 3), (2, 4, 4), (1, 1)]:
            for part in ("values", "all", "first"):
                yield sample(spread(rng, *shape, complex=complex), part=part)
        symmetric = hermitian(spread(rng, 3, 3, complex=complex), np.conj)
        for part in ("values", "all", "first"):
            yield kink(symmetric, part=part, both=False)
    yield refused(sample(spread(rng, 3, 3), part="vectors"), torch=SIGNS)
    yield sample(np.zeros((0, 0)), part="values")
    yield sample(np.zeros((2, 0, 0)), part="all")


def eigvalsh(linalg, conj):
    def function(x, both=True):
        return linalg.eigvalsh(hermitian(x, conj) if both else x)

    return function


def eigvalshs(rng):
    for complex in (False, True):
        for shape in [(3, 3), (2, 4, 4), (1, 1), (0, 0)]:
            yield sample(spread(rng, *shape, complex=complex))
        yield kink(hermitian(spread(rng, 3, 3, complex=complex), np.conj), both=False)


def eig(linalg, conj):
    """Ask for what does not depend on the order either: LAPACK keeps none."""

    def function(x, part):
        values, vectors = linalg.eig(x)
        if part == "cubes":
            return (values**3).sum()
        if part == "projectors":
            return vectors @ conj(vectors).mT
        return PARTS[part](values, vectors, conj)

    return function


def numpy_eig(x, part):
    return eig(np.linalg, np.conj)(x, part) + 0j


def eigvals(linalg):
    def function(x, cubed=True):
        values = linalg.eigvals(x)
        return (values**3).sum() if cubed else values

    return function


def eigs(rng):
    for complex in (False, True):
        for shape in [(3, 3), (2, 3, 3), (1, 1)]:
            for part in ("cubes", "all", "projectors"):
                yield refused(sample(spread(rng, *shape, complex=complex), part=part), **NO_EIG)
    turning = np.array([[1.0, 2.0, 0.0], [-2.0, 1.0, 0.5], [0.3, 0.0, 3.0]])
    yield refused(sample(turning, part="cubes"), **NO_EIG)
    yield refused(sample(turning, part="projectors"), **NO_EIG)
    yield refused(sample(np.zeros((0, 0)), part="all"), **NO_EIG)
    for part in ("values", "vectors"):
        yield other(turning, part=part, refused=NO_EIG)


NOT_SQUARE = np.zeros((2, 3))

CASES = [
    OpCase(
        "eigh",
        eigh(np.linalg, np.conj),
        eighs,
        [other(np.diag([1, 2]), part="values", refused=FLOATING_ONLY)],
        function=eigh(sa.linalg, sa.conj),
        torch=lambda t: eigh(t.linalg, t.conj),
        tolerance=TOLERANCE,
        errors=[
            Failing(
                (NOT_SQUARE,),
                ["eigh", "square", "(2, 3)"],
                ValueError,
                {"part": "values", "both": False},
            )
        ],
    ),
    OpCase(
        "eigvalsh",
        eigvalsh(np.linalg, np.conj),
        eigvalshs,
        [other(np.diag([1, 2]), refused=FLOATING_ONLY)],
        function=eigvalsh(sa.linalg, sa.conj),
        torch=lambda t: eigvalsh(t.linalg, t.conj),
        tolerance=TOLERANCE,
        errors=[
            Failing((NOT_SQUARE,), ["eigvalsh", "square", "(2, 3)"], ValueError, {"both": False})
        ],
    ),
    OpCase(
        "eig",
        numpy_eig,
        eigs,
        function=eig(sa.linalg, sa.conj),
        torch=lambda t: eig(t.linalg, t.conj),
        tolerance=TOLERANCE,
    ),
    OpCase(
        "eigvals",
        lambda x, cubed=True: eigvals(np.linalg)(x, cubed) + 0j,
        lambda rng: (
            refused(sample(spread(rng, *shape, complex=complex)), **NO_EIG)
            for complex in (False, True)
            for shape in [(3, 3), (2, 3, 3), (0, 0)]
        ),
        [other(np.diag([3.0, 1.0]), cubed=False, refused=NO_EIG)],
        function=eigvals(sa.linalg),
        torch=lambda t: eigvals(t.linalg),
        tolerance=TOLERANCE,
    ),
]
