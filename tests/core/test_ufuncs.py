"""NumPy's ufuncs on Variables: what they give, their keywords and methods, and that none drops a gradient."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, get_backend
from simple_autograd.errors import NotDifferentiableError
from tests.core.raising import raises

pytestmark = pytest.mark.skipif(
    get_backend().name != "numpy", reason="NumPy's functions are asked of NumPy's arrays"
)


def test_integers_go_through_ufuncs_that_have_no_op():
    out = np.gcd(Variable(np.array([4, 6])), 2)
    assert isinstance(out, Variable)
    np.testing.assert_array_equal(out.data, [2, 2])


def test_lists_are_operands():
    v = Variable(np.array([1.0, 2.0]))
    out = np.add([3, 4], v)
    np.testing.assert_array_equal(out.data, [4, 6])
    assert out.requires_grad


def test_modf_frexp_and_divmod_have_two_results():
    x = np.array([-2.75, 0.0, np.inf, 3e-320])
    for ufunc in (np.modf, np.frexp):
        for one, truth in zip(ufunc(Variable(x)), ufunc(x), strict=True):
            np.testing.assert_array_equal(one.data, truth, strict=True)
    quotient, rest = np.divmod(Variable(x[:2]), 2.0)
    np.testing.assert_array_equal(quotient.data, [-2, 0])
    np.testing.assert_array_equal(rest.data, [1.25, 0])


# Keywords ----------------------------------------------------------------------------------------


def test_dtype_casts_the_operands_on_the_tape():
    v = Variable(np.array([0.1, 0.2]))
    out = np.multiply(v, v, dtype=np.float32)
    np.testing.assert_array_equal(
        out.data, np.multiply(v.data, v.data, dtype=np.float32), strict=True
    )
    sa.sum(out).backward()
    assert v.grad.dtype == np.float64
    np.testing.assert_allclose(v.grad, [0.2, 0.4], rtol=1e-6)
    wide = np.add(Variable(np.array([1.0], np.float32)), 1, dtype="float64")
    assert wide.dtype == np.float64
    assert wide.requires_grad
    assert np.add(v, True, dtype="float32").dtype == np.float32
    assert np.add(v, 1, signature="ff->f").dtype == np.float32
    assert np.add(v, 1, signature=(np.float32, None, None)).dtype == np.float32


def test_casting_is_checked_as_numpy_does():
    v = Variable(np.array([0.1, 0.2]))
    for options in [{"dtype": np.int64}, {"dtype": np.float32, "casting": "safe"}]:
        with pytest.raises(TypeError):
            np.add(v.data, 1, **options)
        with raises(TypeError, "cast"):
            np.add(v, 1, **options)


def test_vecdot_takes_an_axis():
    v, w = Variable(np.arange(6.0).reshape(2, 3)), np.ones((2, 1))
    out = np.vecdot(v, w, axis=0)
    np.testing.assert_array_equal(out.data, [3, 5, 7])
    assert out.requires_grad
    with raises(NotDifferentiableError, "np.matmul with axes"):
        np.matmul(v, w, axes=[(1, 0), (0, 1), (0, 1)])


def test_default_keywords_mean_nothing():
    v = Variable(np.array([0.1, 0.2]))
    out = np.add(
        v, 1, where=True, casting="same_kind", order="C", subok=False, dtype=None, out=None
    )
    assert out.requires_grad


def test_where_needs_a_value_for_what_it_leaves_out():
    v, mask = Variable(np.array([0.1, 0.2])), np.array([True, False])
    with raises(NotDifferentiableError, "np.exp with where", "np.where(mask, np.exp(...), other)"):
        np.exp(v, where=mask)
    out = np.zeros(2)
    assert np.exp(v.detach(), where=mask, out=out) is out
    np.testing.assert_array_equal(out, [np.exp(0.1), 0])
    # A comparison has no gradient to lose.
    truth = np.less(v, 1, where=mask, out=np.zeros(2, bool))
    np.testing.assert_array_equal(np.asarray(truth), [True, False])


def test_out_is_refused_on_the_tape():
    v = Variable(np.array([0.1, 0.2]))
    with raises(NotDifferentiableError, "np.add with out", "a = a + v"):
        np.add(v, 1, out=np.zeros(2))
    array = np.zeros(2)
    with raises(NotDifferentiableError, "np.add with out"):
        array += v
    array += v.detach()
    assert type(array) is np.ndarray
    np.testing.assert_array_equal(array, [0.1, 0.2])


def test_a_variable_as_out_is_written_and_the_tape_knows():
    target = Variable(np.zeros(2), requires_grad=False)
    w = Variable(np.ones(2))
    product = w * target  # saves target's memory
    assert np.add(np.ones(2), 1, out=target) is target
    np.testing.assert_array_equal(target.data, [2, 2])
    with raises(RuntimeError, "multiply", "overwritten by np.add with out"):
        sa.sum(product).backward()


# Methods -----------------------------------------------------------------------------------------

DATA = np.random.default_rng(0).permutation(24).reshape(2, 3, 4) / 10 + 0.1
MASK = np.random.default_rng(1).random((2, 3, 4)) > 0.4
REDUCTIONS = [np.add, np.multiply, np.maximum, np.minimum, np.logaddexp, np.logaddexp2]
CALLS = {
    "plain": ({}, REDUCTIONS),
    "axis": ({"axis": 1}, REDUCTIONS),
    "axes": ({"axis": (0, 2), "keepdims": True}, REDUCTIONS),
    "all": ({"axis": None}, REDUCTIONS),
    "dtype": ({"axis": 2, "dtype": "float32"}, REDUCTIONS),
    "initial": ({"axis": 1, "initial": 0.7}, REDUCTIONS),
    "where": ({"axis": 1, "where": MASK}, [np.add, np.multiply, np.logaddexp, np.logaddexp2]),
    "where and initial": ({"axis": 1, "where": MASK, "initial": 0.7}, REDUCTIONS),
}


def assert_as_numpy(call):
    """Compare the value with NumPy's, and the gradient with finite differences."""
    v = Variable(DATA)
    out, expected = call(v), call(DATA)
    assert isinstance(out, Variable)
    assert out.dtype == expected.dtype
    np.testing.assert_allclose(out.data, expected, rtol=1e-6 if out.dtype == np.float32 else 1e-12)
    if out.dtype == np.float32:
        return
    above = np.linspace(1, 2, expected.size).reshape(expected.shape)
    (grad,) = sa.grad(out, [v], above)
    step = np.linspace(0.5, 1, DATA.size).reshape(DATA.shape)
    slope = (
        np.sum(call(DATA + 1e-6 * step) * above) - np.sum(call(DATA - 1e-6 * step) * above)
    ) / 2e-6
    np.testing.assert_allclose(np.sum(grad * step), slope, rtol=1e-6)


@pytest.mark.parametrize(
    ("ufunc", "name"),
    [(ufunc, name) for name, (_, ufuncs) in CALLS.items() for ufunc in ufuncs],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_reduce(ufunc, name):
    assert_as_numpy(lambda array: ufunc.reduce(array, **CALLS[name][0]))


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize(
    "ufunc", [np.add, np.multiply, np.maximum, np.minimum, np.logaddexp], ids=lambda u: u.__name__
)
def test_accumulate(ufunc, axis):
    assert_as_numpy(lambda array: ufunc.accumulate(array, axis))


@pytest.mark.parametrize("ufunc", REDUCTIONS, ids=lambda u: u.__name__)
def test_reduceat(ufunc):
    assert_as_numpy(lambda array: ufunc.reduceat(array, [0, 2, 1, 1, 3], axis=2))
    with raises(IndexError, "reduceat", "[0, 4]", "from 0 to 3"):
        ufunc.reduceat(Variable(DATA), [0, 4], axis=-1)


@pytest.mark.parametrize(
    "ufunc", [np.add, np.multiply, np.hypot, np.arctan2], ids=lambda u: u.__name__
)
def test_outer(ufunc):
    row = np.array([0.5, 1.5])
    assert_as_numpy(lambda array: ufunc.outer(array, row))
    assert_as_numpy(lambda array: ufunc.outer(row, array))
    assert_as_numpy(lambda array: ufunc.outer(array, array))
    assert_as_numpy(lambda array: ufunc.outer(array, 2.0))
    assert_as_numpy(lambda array: ufunc.outer(array, row, dtype="float64"))


def test_methods_without_a_gradient_raise():
    v = Variable(DATA)
    for name, call in {
        "np.subtract.reduce": lambda: np.subtract.reduce(v),
        "np.hypot.accumulate": lambda: np.hypot.accumulate(v),
    }.items():
        with raises(NotDifferentiableError, name, "detach"):
            call()
    np.testing.assert_allclose(np.subtract.reduce(v.detach()).data, np.subtract.reduce(DATA))


def test_reduce_refuses_what_it_cannot_do():
    v = Variable(DATA)
    with raises(ValueError, "np.maximum.reduce with where", "initial"):
        np.maximum.reduce(v, where=MASK)
    with raises(TypeError, "np.add.reduce", "out"):
        np.add.reduce(v, 0, None, np.zeros((3, 4)))
    with raises(NotDifferentiableError, "np.add.reduce with out"):
        np.add.reduce(v, out=np.zeros((3, 4)))


def test_logical_reductions_have_no_gradient_to_lose():
    out = np.logical_and.reduce(Variable(DATA), axis=0)
    np.testing.assert_array_equal(np.asarray(out), np.logical_and.reduce(DATA, axis=0))


def test_at_writes_in_place_and_so_cannot_stay_on_the_tape():
    v = Variable(np.ones(3))
    with raises(NotDifferentiableError, "np.add.at", "index_add"):
        np.add.at(v, [0, 0], 1.0)
    with raises(NotDifferentiableError, "np.add.at"):
        np.add.at(np.zeros(3), [0], v)
    target = v.detach()
    product = Variable(np.ones(3)) * target
    np.add.at(target, [0, 0], 1.0)
    np.testing.assert_array_equal(target.data, [3, 1, 1])
    with raises(RuntimeError, "overwritten by np.add.at"):
        sa.sum(product).backward()


# Functions that are no ufuncs --------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        np.real,
        np.imag,
        np.sinc,
        np.fix,
        np.round,
        lambda x: np.round(x, 1),
        lambda x: np.around(x, decimals=-1),
        lambda x: np.angle(x + 1, deg=True),
        lambda x: np.nan_to_num(x, nan=1.0),
        lambda x: np.angle(x + 1j),
        lambda x: np.real(x * (1 + 2j)),
        lambda x: np.imag(x * (1 + 2j)),
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_elementwise_functions(call):
    v = Variable(DATA + 0.01)
    out = call(v)
    np.testing.assert_allclose(out.data, call(v.data), rtol=1e-13, atol=1e-15)
    (grad,) = sa.grad(sa.sum(out), [v])
    slope = (np.sum(call(v.data + 1e-6)) - np.sum(call(v.data - 1e-6))) / 2e-6
    np.testing.assert_allclose(np.sum(grad), slope, rtol=1e-6, atol=1e-6)


def test_rounding_integers_keeps_them():
    v = Variable(np.array([14, 26]))
    assert np.round(v, 2) is v
    out = np.round(v, -1)
    np.testing.assert_array_equal(out.data, [10, 30], strict=True)


def test_nan_to_num_in_place_is_refused():
    with raises(TypeError, "np.nan_to_num", "copy=False"):
        np.nan_to_num(Variable(np.ones(2)), copy=False)
