"""Cases of ``ops/scipy_special.py``. SciPy is their reference; ``op_table.py`` leaves them out where there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import simple_autograd as sa
from simple_autograd.ops import scipy_special
from tests.core.op_case import (
    MIXED_KINDS,
    Failing,
    OpCase,
    Sample,
    binary,
    draw,
    kink,
    sample,
    unary,
)

POLES = "the gradient at poles, where only one side has a limit"
OVERFLOW = "the gradient at NaN, and where it overflows"
NEAR_0 = [0.0, 1e-12, -1e-6, 1e-3]


def of_scipy(name):
    """Give SciPy's function of that name, imported when called."""

    def function(*args, **options):
        from scipy import special

        return getattr(special, name)(*args, **options)

    return function


def of_torch(name):
    return lambda torch: getattr(torch.special, name)


def one(name, samples, extra=(), *, torch=True):
    """Make the case of a function of one array."""
    return OpCase(
        name,
        of_scipy(name),
        samples,
        extra,
        function=getattr(scipy_special, name),
        torch=of_torch(name) if torch else None,
        errors=[Failing((np.array([1j]),), [name, "real", "complex128"])],
    )


def two(name, samples, **options):
    """Make the case of a function of two arrays."""
    return OpCase(name, of_scipy(name), samples, function=getattr(scipy_special, name), **options)


def positive_pairs(rng):
    for drawn in binary(0.3, 3)(rng):
        # SciPy mixes integers with floating data on every backend.
        yield replace(drawn, refused={})


def of_order(name):
    """Make the case of a Bessel function of order n."""

    def reference(x, n):
        return of_scipy(name)(float(n), x)

    def samples(rng):
        for n in (2, 3):
            for shape in [(3, 4), (), (0, 3)]:
                yield sample(draw(rng, shape, -4, 4), n=n)
        yield kink([1e-9, -1e-4], n=2)

    return OpCase(name, reference, samples, function=getattr(scipy_special, name))


def areas(rng):
    for shape in [(3, 4), (), (0, 3)]:
        for order in (0.7, 1.0, 3):
            yield Sample((order, draw(rng, shape, 0.2, 5)))
    yield Sample((np.array([[1], [3]]), draw(rng, (4,), 0.2, 5)))


def shares(rng):
    for shape in [(3, 4), (), (0, 3)]:
        for a, b in [(0.7, 2.0), (1.0, 1.0), (3, 0.5)]:
            yield Sample((a, b, draw(rng, shape, 0.05, 0.95)))
    yield Sample((np.array([[1], [3]]), np.array([2, 1, 4]), draw(rng, (3,), 0.05, 0.95)))


def of_students(rng):
    for shape in [(3, 4), (), (0, 3)]:
        for df in (1.0, 2.5, 30):
            yield Sample((df, draw(rng, shape, -3, 3)))
    yield Sample((np.array([[1], [3]]), np.array([0.0, -1.5, 2.0])))


def ratios(rng):
    for shape in [(3, 4), (), (0, 3)]:
        yield Sample((3.0, 5, draw(rng, shape, 0.2, 4)))
    mixed = Sample((np.array([[1], [3]]), np.array([2, 7]), draw(rng, (2,), 0.2, 4)))
    yield replace(mixed, refused=MIXED_KINDS)


def polygammas(rng):
    for n in (0, 1, 2, 4):
        for shape in [(3, 4), (), (0, 3)]:
            yield sample(draw(rng, shape, 0.5, 4), n=n)
    yield sample([-0.5, -1.3], n=1)


def polygamma(x, n):
    return of_scipy("polygamma")(n, x).astype(x.dtype)


CASES = [
    two("beta", positive_pairs),
    two("betainc", shares, constant=("a", "b")),
    two("betaln", positive_pairs),
    one("digamma", unary(0.3, 4, integers=True, special_in_torch=POLES), [sample([-0.5, -1.3])]),
    one("erfcinv", unary(0.1, 1.9, integers=True), torch=False),
    one("erfinv", unary(-0.9, 0.9, integers=True), [kink([1.0, -1.0])]),
    two("fdtr", ratios, constant=("dfn", "dfd")),
    two("fdtrc", ratios, constant=("dfn", "dfd")),
    one("gamma", unary(0.3, 4, integers=True), [sample([-0.5, -1.3])], torch=False),
    two("gammainc", areas, torch=of_torch("gammainc"), constant=("a",)),
    two("gammaincc", areas, torch=of_torch("gammaincc"), constant=("a",)),
    one("gammaln", unary(0.3, 4, integers=True, special_in_torch=POLES), [sample([-0.5, -1.3])]),
    one("i0", unary(-4, 4, integers=True), [sample(NEAR_0)]),
    one("i0e", unary(-4, 4, integers=True), [kink(NEAR_0)]),
    one("i1", unary(-4, 4, integers=True, special_in_torch=OVERFLOW), [sample(NEAR_0)]),
    one("i1e", unary(-4, 4, integers=True, special_in_torch=OVERFLOW), [kink(NEAR_0)]),
    of_order("iv"),
    of_order("ive"),
    one("ndtri", unary(0.05, 0.95, integers=True), [kink([0.0, 1.0])]),
    OpCase(
        "polygamma",
        polygamma,
        polygammas,
        function=lambda x, n: sa.special.polygamma(n, x),
        torch=lambda t: lambda x, n: t.special.polygamma(n, x),
        errors=[Failing((np.ones(2),), ["polygamma", "-1", "whole"], ValueError, {"n": -1})],
    ),
    two("stdtr", of_students, constant=("df",)),
]
