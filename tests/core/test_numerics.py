"""The conventions of ``docs/numerics.md``: gradients at kinks, at infinities, and where formulas lose their digits."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, special
from tests.core.arrays import to_backend, to_numpy
from tests.core.cases import (
    activation,
    arithmetic,
    complex_parts,
    exponential,
    extremes,
    powers,
    rounding,
    trigonometric,
)
from tests.core.cases import special as cases_of_special
from tests.core.gradcheck import Call
from tests.core.op_case import SMOOTH
from tests.core.op_table import named, samples_of

inf, nan = math.inf, math.nan
FAMILIES = [
    activation,
    arithmetic,
    complex_parts,
    exponential,
    extremes,
    powers,
    rounding,
    cases_of_special,
    trigonometric,
]
ELEMENTWISE = [case for family in FAMILIES for case in family.CASES]

# A name, a function, its arguments, and the gradients of the sum of its results.
KINKS = [
    ("abs at 0", sa.abs, [[0.0, -0.0]], [[0, 0]]),
    ("abs at complex 0", sa.abs, [[0j, 3 + 4j]], [[0, 0.6 + 0.8j]]),
    ("sign", sa.sign, [[0.0, 2.0]], [[0, 0]]),
    ("sqrt at 0", sa.sqrt, [[0.0, 4.0]], [[inf, 0.25]]),
    ("cbrt at 0", sa.cbrt, [[0.0, 8.0]], [[inf, 1 / 12]]),
    ("x**0", lambda x: x**0, [[0.0, 2.0]], [[0, 0]]),
    ("x**0.0 with arrays", sa.pow, [[0.0, 0.0], [0.0, 1.0]], [[0, 1], [0, 0]]),
    ("hypot at the origin", sa.hypot, [[0.0, 3.0], [0.0, 4.0]], [[0, 0.6], [0, 0.8]]),
    ("hypot of large numbers", sa.hypot, [[3e300], [4e300]], [[0.6], [0.8]]),
    ("atan2 at the origin", sa.atan2, [[0.0, 0.0], [0.0, -0.0]], [[0, 0], [0, 0]]),
    ("atan2 of small numbers", sa.atan2, [[1e-200], [1e-200]], [[5e199], [-5e199]]),
    ("angle at 0", sa.angle, [[0j, 2j]], [[0, -0.5]]),
    ("maximum of equals", sa.maximum, [[1.0, 1.0], [1.0, 2.0]], [[0.5, 0], [0.5, 1]]),
    ("minimum of equals", sa.minimum, [[1.0, 1.0], [1.0, 2.0]], [[0.5, 1], [0.5, 0]]),
    ("fmax of equals, of NaN", sa.fmax, [[1.0, nan, 1.0], [1.0, 1.0, nan]], [[1, 0, 1], [0, 1, 0]]),
    ("fmin of equals, of NaN", sa.fmin, [[1.0, nan, 1.0], [1.0, 1.0, nan]], [[1, 0, 1], [0, 1, 0]]),
    ("clip at its borders", lambda x: sa.clip(x, 0, 1), [[-1.0, 0.0, 1.0, 2.0]], [[0, 1, 1, 0]]),
    ("floor", sa.floor, [[1.0, 1.5]], [[0, 0]]),
    ("round", sa.round, [[0.5, 1.5]], [[0, 0]]),
    ("frac", sa.frac, [[1.0, -1.5]], [[1, 1]]),
    ("floor_divide", sa.floor_divide, [[3.0], [2.0]], [[0], [0]]),
    ("remainder at a step", sa.remainder, [[4.0, -1.0], [2.0, 2.0]], [[1, 1], [-2, 1]]),
    ("fmod", sa.fmod, [[4.0, -3.0], [2.0, 2.0]], [[1, 1], [-2, 1]]),
    ("heaviside", sa.heaviside, [[-1.0, 0.0], [0.5, 0.5]], [[0, 0], [0, 1]]),
    ("copysign", sa.copysign, [[0.0, 2.0], [1.0, -1.0]], [[0, -1], [0, 0]]),
    ("nextafter", sa.nextafter, [[1.0, 1.0], [2.0, 1.0]], [[1, 0], [0, 0]]),
    ("relu at 0", sa.relu, [[0.0, 1.0]], [[0, 1]]),
    ("where", lambda x: sa.where(x > 0, x, sa.sqrt(x)), [[1.0, 4.0]], [[1, 1]]),
    ("nan_to_num", sa.nan_to_num, [[nan, inf, 1.0]], [[0, 0, 1]]),
    (
        "logaddexp of infinities",
        sa.logaddexp,
        [[inf, -inf, inf], [inf, -inf, 0.0]],
        [[0.5, 0.5, 1], [0.5, 0.5, 0]],
    ),
    ("logsumexp of infinities", sa.logsumexp, [[inf, inf, 0.0]], [[0.5, 0.5, 0]]),
    ("logsumexp of -inf alone", sa.logsumexp, [[-inf, -inf]], [[0.5, 0.5]]),
    ("softplus beyond its threshold", sa.softplus, [[30.0, -800.0]], [[1, 0]]),
    ("xlogy at 0", sa.xlogy, [[0.0, 0.0], [0.0, 2.0]], [[0, math.log(2)], [nan, 0]]),
    ("entr at 0", special.entr, [[0.0, 1.0]], [[inf, -1]]),
    ("sinc at 0", sa.sinc, [[0.0]], [[0]]),
    ("erfc far out", sa.erfc, [[0.0, 40.0]], [[-2 / math.sqrt(math.pi), 0]]),
    ("log_ndtr far out", special.log_ndtr, [[-1e8, -inf, inf]], [[1e8, inf, 0]]),
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("function", "args", "expected"), [k[1:] for k in KINKS], ids=[k[0] for k in KINKS]
)
def test_gradient_at_a_kink(function, args, expected):
    variables = [Variable(to_backend(np.array(value))) for value in args]
    grads = sa.grad(sa.sum(function(*variables)), variables)
    for grad, truth in zip(grads, expected, strict=True):
        np.testing.assert_allclose(to_numpy(grad), truth, rtol=1e-12)


# A name, a function, an argument, and the second derivative there.
SECOND = [
    ("sinc at 0", sa.sinc, 0.0, -(math.pi**2) / 3),
    ("sinc near 0", sa.sinc, 1e-9, -(math.pi**2) / 3),
    ("logaddexp of equals", lambda x: sa.logaddexp(x, 0.0), 0.0, 0.25),
    ("log_ndtr at 0", special.log_ndtr, 0.0, -2 / math.pi),
    ("x**2 at 0", lambda x: x**2, 0.0, 2.0),
    ("sigmoid", sa.sigmoid, -40.0, math.exp(-40.0)),
]


@pytest.mark.parametrize(
    ("function", "at", "expected"), [k[1:] for k in SECOND], ids=[k[0] for k in SECOND]
)
def test_second_derivative(function, at, expected):
    x = Variable(to_backend(np.array(at)))
    (first,) = sa.grad(function(x), x, create_graph=True)
    (second,) = sa.grad(first, x)
    np.testing.assert_allclose(to_numpy(second), expected, rtol=1e-9)


LARGE = [
    (sa.sigmoid, [1e3, -1e3], [1, 0]),
    (sa.sigmoid, [1e3 + 1j, -1e3 + 1j], [1, 0]),
    (sa.logsigmoid, [1e3, -1e3], [0, -1e3]),
    (sa.softplus, [1e3, -1e3], [1e3, 0]),
    (sa.silu, [1e3, -1e3], [1e3, 0]),
    (sa.logaddexp, [1e3, -1e3], [1e3 + math.log(2), -1e3 + math.log(2)]),
    (sa.logsumexp, [1e3, 1e3], 1e3 + math.log(2)),
    (sa.erf, [100.0, -100.0], [1, -1]),
    (sa.erfc, [100.0, -100.0], [0, 2]),
    (special.ndtr, [100.0, -100.0], [1, 0]),
    (special.log_ndtr, [40.0, -40.0], [0, -804.6084420137538]),
]


@pytest.mark.parametrize(("function", "args", "expected"), LARGE)
def test_large_arguments_neither_overflow_nor_warn(function, args, expected):
    x = Variable(to_backend(np.array(args)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        out = function(x, x) if function is sa.logaddexp else function(x)
        sa.sum(sa.abs(out)).backward()
    np.testing.assert_allclose(to_numpy(out), expected, rtol=1e-15, atol=1e-300)


def test_cube_roots_are_exact_to_the_last_digit():
    roots = np.array([3.0, 1e100, -1e-100, 7e-90])
    out = sa.cbrt(to_backend(roots * roots * roots))
    np.testing.assert_allclose(to_numpy(out), roots, rtol=4e-16)


def test_expm1_of_complex_infinities_is_the_standards(backend):
    if backend.name != "numpy":
        pytest.skip("it may give what NumPy's ufunc gives: NaN in both parts")
    values = [complex(inf, 0), complex(-inf, inf), complex(-inf, nan), complex(nan, 0), 1 + 2j]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        out = to_numpy(sa.expm1(to_backend(np.array(values))))
    expected = [complex(inf, 0), complex(-1, 0), complex(-1, 0), complex(nan, 0)]
    np.testing.assert_array_equal(out[:-1].view(float), np.array(expected).view(float))
    np.testing.assert_allclose(out[-1], np.expm1(1 + 2j))


@pytest.mark.parametrize("case", ELEMENTWISE, ids=str)
def test_ordinary_arguments_do_not_warn(case):
    """Branches that are not chosen are computed of harmless numbers."""
    for sample in samples_of(case, SMOOTH):
        with warnings.catch_warnings(), named(sample):
            warnings.simplefilter("error")
            call = Call(case, sample)
            if case.order:
                call.gradients(*call.inputs)
