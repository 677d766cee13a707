"""Products, cumulative functions and choices by rank where the obvious formulas fail, and their pairs of results."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy, variable
from tests.core.raising import raises

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ([0.0, 3.0, 2.0], [6.0, 0.0, 0.0]),
        ([0.0, 3.0, 0.0], [0.0, 0.0, 0.0]),
        ([1e-200, 1e-200, 1e200, 1.0], [1.0, 1.0, 0.0, 0.0]),  # it vanishes midway
        ([1e300, 1e300, 0.0], [0.0, 0.0, np.inf]),
        ([1e-300, 1e-300], [1e-300, 1e-300]),
    ],
)
def test_gradient_of_a_product_is_the_product_of_the_others(x, expected):
    v = variable(x)
    sa.prod(v).backward()
    assert_equal(v.grad, np.array(expected))
    v = variable(x)
    sa.cumulative_prod(v)[-1].backward()
    assert_equal(v.grad, np.array(expected))


def test_zeros_in_every_place_of_a_cumulative_product(torch):
    rng = np.random.default_rng(0)
    for count in range(4):
        x = rng.normal(size=(5, 6))
        x[rng.random((5, 6)).argsort(axis=1) < count] = 0.0
        v, tensor = variable(x), torch.tensor(x, requires_grad=True)
        above = rng.normal(size=(5, 6))
        sa.cumulative_prod(v, axis=1).backward(to_backend(above))
        tensor.cumprod(1).backward(torch.tensor(above))
        assert_close(v.grad, tensor.grad.numpy())


def test_an_overflow_at_the_end_does_not_reach_the_beginning():
    v = variable([2.0, 1e200, 1e200, 5.0])
    sa.cumulative_prod(v).backward(to_backend(np.array([1.0, 1.0, 0.0, 0.0])))
    assert_equal(v.grad, np.array([1.0 + 1e200, 2.0, 0.0, 0.0]))


def test_long_cumulative_logsumexp_neither_overflows_nor_vanishes():
    x = np.linspace(-2000.0, 2000.0, 101)
    v = variable(x)
    out = sa.logcumsumexp(v)
    out.sum().backward()
    assert np.isfinite(to_numpy(v.grad)).all()
    assert to_numpy(v.grad).sum() == pytest.approx(101)
    assert_close(out, np.logaddexp.accumulate(x))


def test_cumulative_logsumexp_of_nothing_has_the_gradient_zero():
    v = variable([-np.inf, -np.inf, 1.0, -np.inf])
    out = sa.logcumsumexp(v)
    assert out.tolist() == [-np.inf, -np.inf, 1.0, 1.0]
    out.backward(to_backend(np.ones(4)))
    assert_equal(v.grad, np.array([0.0, 0.0, 2.0, 0.0]))


# Pairs ----------------------------------------------------------------------------------------------


def test_cumulative_extremes_are_pairs(torch):
    x = np.array([[1.0, 3.0, 3.0, 2.0, np.nan, 5.0], [4.0, 1.0, 1.0, 0.0, 6.0, 6.0]])
    for name in ("cummax", "cummin"):
        v, tensor = variable(x), torch.tensor(x, requires_grad=True)
        found, expected = getattr(sa, name)(v, axis=1), getattr(torch, name)(tensor, 1)
        assert found._fields == ("values", "indices")
        assert_equal(found.values, expected.values.detach().numpy())
        assert_equal(found.indices, expected.indices.numpy())
        assert not found.indices.requires_grad
        above = np.arange(12.0).reshape(2, 6)
        found.values.backward(to_backend(above))
        expected.values.backward(torch.tensor(above))
        assert_equal(v.grad, tensor.grad.numpy())


def test_topk_is_a_pair():
    v = variable([[5.0, 1.0, 4.0], [0.0, 2.0, 3.0]])
    found = sa.topk(v, 2)
    assert found.indices.tolist() == [[0, 2], [2, 1]]
    found.values.backward(to_backend(np.array([[1.0, 2.0], [3.0, 4.0]])))
    assert_equal(v.grad, np.array([[1.0, 0.0, 2.0], [0.0, 4.0, 3.0]]))
    assert sa.topk(v, 2, largest=False, axis=0).indices.tolist() == [[1, 0, 1], [0, 1, 0]]


def test_unique_elements_stay_on_the_tape():
    v = variable([[2.0, 1.0], [2.0, 3.0]])
    for found in (
        sa.unique_all(v).values,
        sa.unique_counts(v).values,
        sa.unique_inverse(v).values,
        sa.unique_values(v),
    ):
        assert found.tolist() == [1.0, 2.0, 3.0]
        v.grad = None
        found.backward(to_backend(np.array([1.0, 10.0, 100.0])))
        assert_equal(v.grad, np.array([[10.0, 1.0], [0.0, 100.0]]))
    found = sa.unique_all(v)
    assert found.inverse_indices.shape == (2, 2)
    assert_equal(found.values[found.inverse_indices], v.detach().numpy())
    assert [part.requires_grad for part in found] == [True, False, False, False]


def test_unstack_without_elements():
    assert sa.unstack(variable(np.zeros((0, 2)))) == ()


def test_parts_of_a_split_share_one_gradient():
    v = variable(np.arange(6.0))
    first, _, last = sa.split(v, 3)
    (first * last).sum().backward()
    assert_equal(v.grad, np.array([4.0, 5.0, 0.0, 0.0, 0.0, 1.0]))


@pytest.mark.parametrize("function", [sa.quantile, sa.nanquantile])
def test_the_part_of_a_quantile_has_a_gradient(function):
    """It is the slope between two elements; 0 at an element, and where the method does not interpolate."""
    q = variable([0.75, 0.5, 0.25])
    out = function(variable([4.0, 1.0, 2.0]), q)
    assert_equal(out, np.array([3.0, 2.0, 1.5]))
    out.sum().backward()
    assert_equal(q.grad, np.array([4.0, 0.0, 2.0]))
    for method, slope in [("hazen", 3 * 2.0), ("weibull", 0.0), ("higher", 0.0), ("midpoint", 0.0)]:
        q = variable(0.75)
        function(variable([4.0, 1.0, 2.0]), q, method=method).backward()
        assert q.grad == slope


# Refusals -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        lambda: sa.take([1.0], 0),
        lambda: sa.flatten("text"),
        lambda: sa.cumulative_sum([1.0]),
        lambda: sa.split([1.0], 1),
        lambda: sa.pad([1.0], 1),
        lambda: sa.median(None),
        lambda: sa.meshgrid([1.0]),
        lambda: sa.broadcast_arrays([1.0]),
        lambda: sa.diag([1.0]),
    ],
)
def test_what_is_no_array_is_refused_by_name(call):
    with raises(TypeError, "needed is a Variable"):
        call()
