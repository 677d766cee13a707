"""``simple_autograd.special``: how exact it is, its names, SciPy's own functions on Variables, and SciPy missing."""

from __future__ import annotations

import math
import sys
from functools import partial

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, get_backend, special
from simple_autograd.errors import GraphError, NotDifferentiableError
from tests.core.arrays import assert_close, to_backend, to_numpy, variable
from tests.core.raising import raises

# x, erf(x), erfc(x), erfcx(x), log_ndtr(x), computed with 60 to 400 digits (mpmath).
# fmt: off
TRUTH = np.array([
    (-26.0, -1.0, 2.0, 7.657724931490568e+293, -342.17850892992783),
    (-6.5, -1.0, 2.0, 4.466546463040817e+18, -23.938149495161838),
    (-2.0, -0.9953222650189527, 1.9953222650189528, 108.94090438997797, -3.783184333682032),
    (-0.99, -0.8385080695553698, 1.8385080695553697, 4.8991141886885226, -1.8258103178428124),
    (-0.3, -0.3286267594591274, 1.3286267594591274, 1.4537492328427655, -0.9621028181688507),
    (-1e-09, -1.1283791670955127e-09, 1.0000000011283792, 1.0000000011283792, -0.6931471813578298),
    (1e-300, 1.1283791670955126e-300, 1.0, 1.0, -0.6931471805599453),
    (0.25, 0.27632639016823696, 0.7236736098317631, 0.7703465477309968, -0.5129840754094305),
    (0.75, 0.7111556336535151, 0.28884436634648486, 0.5069376502931449, -0.25699426683836524),
    (0.999, 0.8422852702064969, 0.15771472979350307, 0.4278569426214168, -0.17304156420053252),
    (1.001, 0.8431154854780762, 0.15688451452192373, 0.42731051843339507, -0.17246636416008146),
    (1.5, 0.9661051464753108, 0.033894853524689274, 0.3215854164543175, -0.06914345561223398),
    (3.9, 0.9999999652077514, 3.4792248597231765e-08, 0.14031418160068973, -4.8097500683844425e-05),
    (5.5, 0.9999999999999927, 7.357847917974398e-15, 0.10096221839949909, -1.8989562646189464e-08),
    (6.5, 1.0, 3.8421483271206475e-20, 0.08580567010489461, -4.016000583939759e-11),
    (7.9, 1.0, 5.572718056952545e-29, 0.07085747736739713, -1.3945171466592653e-15),
    (8.1, 1.0, 2.216308572065754e-30, 0.06913392017734316, -2.747959392398229e-16),
    (12.0, 1.0, 1.3562611692059042e-64, 0.04685422101489376, -1.776482112077679e-33),
    (20.0, 1.0, 5.395865611607901e-176, 0.02817434874105132, -2.7536241186062337e-89),
    (26.0, 1.0, 5.663192408856143e-296, 0.021683584850562907, -2.4760633155033892e-149),
])
# fmt: on
COLUMNS = {"erf": 1, "erfc": 2, "erfcx": 3, "log_ndtr": 4}


@pytest.mark.parametrize("count", [1, 100], ids=["small", "large"])
@pytest.mark.parametrize("name", COLUMNS)
def test_error_functions_are_exact_to_the_last_digits(name, count):
    x, truth = np.tile(TRUTH[:, [0, COLUMNS[name]]], (count, 1)).T
    out = to_numpy(getattr(special, name)(to_backend(x.copy())))
    np.testing.assert_allclose(out, truth, rtol=4e-16 if name != "log_ndtr" else 2e-13)


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize("name", COLUMNS)
def test_error_functions_in_single_precision(name):
    x = TRUTH[:, 0].astype(np.float32)
    truth = to_numpy(getattr(special, name)(to_backend(x.astype(np.float64))))
    out = to_numpy(getattr(special, name)(to_backend(x)))
    assert out.dtype == np.float32
    held = np.abs(truth) < 1e38  # what single precision has
    np.testing.assert_allclose(
        out[held], truth[held], rtol=3e-7 if name != "log_ndtr" else 1e-5, atol=1e-37
    )


def test_erf_in_single_precision_everywhere():
    x = np.linspace(-5, 5, 20_001).astype(np.float32)
    truth = to_numpy(special.erf(to_backend(x.astype(np.float64))))
    np.testing.assert_allclose(to_numpy(special.erf(to_backend(x))), truth, rtol=2.7e-7)


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_gelu_in_single_precision_follows_double(approximate):
    x = np.linspace(-12, 12, 100_001)
    v = Variable(to_backend(x.astype(np.float32)))
    out = sa.gelu(v, approximate=approximate)
    wide = Variable(to_backend(x.astype(np.float32).astype(np.float64)))
    truth = sa.gelu(wide, approximate=approximate)
    np.testing.assert_allclose(to_numpy(out), to_numpy(truth), rtol=3e-7, atol=2e-6)
    for one in (out, truth):
        sa.sum(one).backward()
    np.testing.assert_allclose(to_numpy(v.grad), to_numpy(wide.grad), rtol=3e-7, atol=4e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("function", [sa.gelu, partial(sa.gelu, approximate="tanh"), sa.silu])
def test_slopes_next_to_nothing_and_far_out(function, dtype):
    """Where a result has lost its digits, or is 0, or infinite, nothing may be read off it."""
    tiny = 2.0 ** np.arange(-149, -90)
    for x in (np.concatenate([tiny, -tiny, [0, -0.0]]), tiny, np.array([300.0, -300, -500, -1e9])):
        v = Variable(to_backend(x.astype(dtype)))
        sa.sum(function(v)).backward()
        slope = np.where(np.abs(x) < 1, 0.5, x > 0)
        np.testing.assert_allclose(to_numpy(v.grad), slope, rtol=1e-6, atol=1e-18)


@pytest.mark.parametrize("name", ["erf", "erfc", "gelu", "sigmoid", "silu", "softplus"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_large_arrays_are_computed_as_small_ones_are(name, dtype):
    """Large ones go in tiles."""
    x = np.random.default_rng(0).normal(size=(3, 50_000)).astype(dtype) * 3
    function = getattr(sa, name)
    whole = to_numpy(function(to_backend(x.T))).T
    some = [(0, 0), (1, 7), (2, 49_999), (1, 16_384)]
    tolerance = 1e-6 if dtype == "float32" else 1e-14
    for place in some:
        one = to_numpy(function(to_backend(np.array([x[place]]))))[0]
        np.testing.assert_allclose(whole[place], one, rtol=tolerance, atol=tolerance)
    assert whole.shape == x.shape


@pytest.mark.skipif(get_backend().name != "numpy", reason="the standard has no half precision")
@pytest.mark.parametrize("name", ["erf", "erfc"])
def test_half_precision(name):
    x = np.array([-3.0, -0.5, 0.0, 2.0, 7.0])
    out = getattr(sa, name)(x.astype(np.float16))
    assert out.dtype == np.float16
    np.testing.assert_allclose(out, getattr(sa, name)(x), rtol=1e-3, atol=1e-6)


# SciPy --------------------------------------------------------------------------------------------


def test_functions_that_need_scipy_say_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)  # importing it raises ImportError
    with raises(ImportError, "stdtr: it needs SciPy", "pip install scipy", "[special]"):
        special.stdtr(3.0, variable([1.0]))  # no backend has one of its own
    assert_close(special.ndtr(variable([0.0])), np.array([0.5]))  # core's own


@pytest.fixture(scope="module")
def scipy_special():
    return pytest.importorskip("scipy.special")


def test_multigammaln(scipy_special):
    x = variable([2.5, 3.0])
    out = special.multigammaln(x, 3)
    assert_close(out, scipy_special.multigammaln(np.array([2.5, 3.0]), 3))
    sa.sum(out).backward()
    slope = sum(scipy_special.digamma(np.array([2.5, 3.0]) - i / 2) for i in range(3))
    assert_close(x.grad, slope)
    with raises(ValueError, "multigammaln", "d is 0"):
        special.multigammaln(x, 0)


def test_incomplete_gamma_has_no_gradient_for_its_order(scipy_special):
    with raises(GraphError, "gammainc", "'a'", "detach"):
        special.gammainc(variable([1.0]), variable([2.0]))


def test_polygamma_climbs_the_orders(scipy_special):
    x = variable([1.5])
    first = special.psi(x)
    for n in (1, 2, 3):
        (first,) = sa.grad(sa.sum(first), x, create_graph=True)
        assert_close(first, scipy_special.polygamma(n, np.array([1.5])))


@pytest.mark.skipif(
    get_backend().name != "numpy", reason="SciPy's own functions take NumPy's arrays"
)
def test_scipys_functions_take_variables(scipy_special):
    for name in ("gammaln", "psi", "erf", "ndtr", "expit", "xlogy", "i0", "betaln", "log_expit"):
        ufunc = getattr(scipy_special, name)
        args = [np.array([0.3, 0.6]), np.array([0.5, 0.9])][: ufunc.nin]
        variables = [Variable(arg) for arg in args]
        out = ufunc(*variables)
        assert_close(out, ufunc(*args), 1e-13)
        grads = sa.grad(sa.sum(out), variables)
        for k, grad in enumerate(grads):
            up, down = (
                [a + (t if i == k else 0) for i, a in enumerate(args)] for t in (1e-6, -1e-6)
            )
            assert_close(grad, (ufunc(*up) - ufunc(*down)) / 2e-6, 1e-8)
    with raises(NotDifferentiableError, "jv: there is no gradient"):
        scipy_special.jv(1, Variable(np.array([0.3])))


def test_no_function_of_the_module_is_forgotten():
    """Each name is SciPy's or PyTorch's, and is here under one of those."""
    assert special.psi is special.digamma
    assert special.expit is sa.sigmoid
    assert special.log_expit is sa.logsigmoid
    assert math.isclose(float(special.ndtr(variable([0.0]).detach())[0]), 0.5)


@pytest.mark.skipif(get_backend().name != "numpy", reason="the standard has no log of integers")
@pytest.mark.parametrize("name", ["xlogy", "xlog1py"])
def test_numbers_beside_integers_keep_their_fractions(name, scipy_special):
    numbers = np.array([1, 2, 3])
    function, expected = getattr(special, name), getattr(scipy_special, name)
    integers = variable(numbers)
    assert_close(function(2.5, integers), expected(2.5, numbers))
    assert_close(function(integers, 2.5), expected(numbers, 2.5))
