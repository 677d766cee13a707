"""Linear algebra beyond the table of ops: named results, conventions, and what has no gradient."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, linalg
from simple_autograd.backends import get_backend
from simple_autograd.errors import GraphError
from tests.core.arrays import assert_close, to_backend, to_numpy, variable
from tests.core.matrices import hermitian, low_rank, normal, regular, spread
from tests.core.raising import raises

RNG = np.random.default_rng(3)


def test_results_have_the_names_of_the_standard():
    x = variable(spread(RNG, 3, 3))
    assert linalg.qr(x)._fields == ("Q", "R")
    assert linalg.svd(x)._fields == ("U", "S", "Vh")
    assert linalg.eigh(x)._fields == ("eigenvalues", "eigenvectors")
    assert linalg.slogdet(x)._fields == ("sign", "logabsdet")
    fields = ("solution", "residuals", "rank", "singular_values")
    assert linalg.lstsq(x, x)._fields == fields
    for result in (linalg.qr(x), linalg.eigh(x), linalg.svd(x), linalg.slogdet(x)):
        assert all(isinstance(part, Variable) and part.requires_grad for part in result)


def test_raw_arrays_give_raw_results_with_names():
    found = linalg.svd(get_backend().asarray(spread(RNG, 3, 2)), full_matrices=False)
    assert all(type(part) is get_backend().array_type for part in found)
    assert found.U.shape == (3, 2)


def test_the_parts_put_together_are_the_matrix():
    x = spread(RNG, 2, 4, 3)
    v = variable(x)
    q, r = linalg.qr(v, mode="complete")
    assert_close(q @ r, x)
    u, s, vh = linalg.svd(v, full_matrices=False)
    assert_close((u * s[..., None, :]) @ vh, x)


@pytest.mark.parametrize("complex", [False, True])
def test_gradient_of_several_parts_at_once(complex):
    """All outputs of a decomposition carry a gradient, which add up: put together they are the identity."""
    x = regular(RNG, 3, 3, complex=complex)
    weight = get_backend().asarray(normal(RNG, 3, 3, complex=complex))
    v = variable(x)
    u, s, vh = linalg.svd(v)
    (grad,) = sa.grad((u * s[None, :]) @ vh, v, weight)
    assert_close(grad, to_numpy(weight), 1e-9)
    q, r = linalg.qr(v)
    (grad,) = sa.grad(q @ r, v, weight)
    assert_close(grad, to_numpy(weight), 1e-9)


def test_what_completes_a_basis_has_no_gradient():
    v = variable(spread(RNG, 4, 2))
    with raises(GraphError, "qr", "columns of Q beyond the first 2"):
        sa.sum(linalg.qr(v, mode="complete").Q).backward()
    with raises(GraphError, "svd", "columns of U beyond the first 2"):
        sa.sum(linalg.svd(v).U).backward()
    with raises(GraphError, "svd", "rows of Vh beyond the first 2"):
        sa.sum(linalg.svd(v.mT).Vh).backward()


def test_phases_of_complex_vectors_have_no_gradient():
    x = spread(RNG, 3, 3, complex=True)
    for compute in (
        lambda v: linalg.eigh((v + sa.conj(v).mT) / 2).eigenvectors[2, 1],
        lambda v: linalg.svd(v).U[0, 1],
        lambda v: linalg.svd(v).Vh[1, 2],
    ):
        v = variable(x)
        with raises(GraphError, "phases of complex vectors"):
            sa.real((1 + 0.5j) * compute(v)).backward()
        size = sa.abs(compute(v))
        size.backward()  # does not depend on the phase


def test_equal_singular_values_and_eigenvalues_have_a_sum_with_a_gradient():
    v = variable(np.eye(3) * 2)
    sa.sum(linalg.svdvals(v)).backward()
    assert_close(v.grad, np.eye(3))
    v = variable(np.eye(3) * 2)
    sa.sum(linalg.eigvalsh(v) ** 2).backward()
    assert_close(v.grad, np.eye(3) * 4)
    v = variable(np.eye(3) * 2)
    sa.sum(linalg.svd(v).S).backward()
    assert_close(v.grad, np.eye(3))


@pytest.mark.parametrize(
    "x",
    [
        np.array([[1.0, 2.0], [2.0, 4.0]]),
        np.zeros((2, 2)),
        np.zeros((1, 1)),
        low_rank(RNG, 3, 3, 1),
        np.diag([0.0, 2.0, 3.0]) + 1j * np.diag([0.0, 1.0, 0.0]),
        np.stack([np.diag([1.0, 0.0]), np.diag([1.0, 2.0])]),
    ],
    ids=["rank 1 of 2", "zero", "1 by 1", "rank 1 of 3", "complex", "one of two"],
)
def test_determinant_of_a_singular_matrix_has_its_cofactors_for_gradient(x):
    v = variable(x)
    (grad,) = sa.grad(linalg.det(v), v, get_backend().asarray(np.ones(x.shape[:-2], x.dtype)))
    expected = np.zeros_like(x)
    size = x.shape[-1]
    for place in np.ndindex(x.shape):
        *stack, i, j = place
        minor = np.delete(np.delete(x[tuple(stack)], i, 0), j, 1)
        minor = np.linalg.det(minor) if size > 1 else 1.0
        expected[place] = (-1) ** (i + j) * np.conj(minor)
    assert_close(grad, expected, 1e-9)


def test_singular_matrices_raise_numpys_error():
    singular = variable(np.ones((2, 2)))
    for compute in (
        linalg.inv,
        lambda v: linalg.solve(v, v),
        lambda v: linalg.matrix_power(v, -1),
        lambda v: linalg.cond(v, 1),
        linalg.cholesky,
    ):
        with pytest.raises(np.linalg.LinAlgError):
            compute(singular)
    with pytest.raises(np.linalg.LinAlgError):
        linalg.slogdet(singular).logabsdet.backward()


def test_rank_of_least_squares_requires_no_grad():
    v = variable(low_rank(RNG, 4, 3, 2))
    found = linalg.lstsq(v, variable(np.ones(4)))
    assert not found.rank.requires_grad
    assert found.rank.item() == 2
    assert found.solution.requires_grad
    assert found.singular_values.requires_grad


def test_least_squares_without_full_rank_differentiate_along_matrices_of_that_rank():
    left, right = normal(RNG, 4, 2), normal(RNG, 2, 3)
    b = normal(RNG, 4, 2)
    weight = normal(RNG, 3, 2)
    step = normal(RNG, 4, 2)

    def value(t):
        return np.sum(weight * (np.linalg.pinv((left + t * step) @ right) @ b))

    v = variable(left)
    found = linalg.lstsq(v @ get_backend().asarray(right), get_backend().asarray(b)).solution
    (grad,) = sa.grad(found, v, get_backend().asarray(weight))
    h = 1e-5
    slope = (value(h) - value(-h)) / (2 * h)
    assert abs(np.sum(to_numpy(grad) * step) - slope) < 1e-6 * (1 + abs(slope))


@pytest.mark.parametrize("complex", [False, True])
@pytest.mark.parametrize("shape", [(4, 3), (3, 3), (2, 3), (2, 3, 3)])
def test_singular_values_that_are_not_0_may_be_left_out(shape, complex):
    """The gradient of a truncated pseudo-inverse holds what the values left out and those kept mix."""
    rng = np.random.default_rng(4)
    x = normal(rng, *shape, complex=complex)
    b = normal(rng, *shape[:-1], 2, complex=complex)
    values = np.linalg.svdvals(x)
    cutoff = float(np.max(values[..., -1] / values[..., 0])) * 1.01
    assert np.all(values[..., 0] * cutoff < values[..., 1]) or shape[-2] < 3

    def pseudo_inverse(v):
        return linalg.pinv(v, rtol=cutoff)

    def least_squares(v):
        return linalg.lstsq(v, get_backend().asarray(b), rcond=cutoff).solution

    for function in (pseudo_inverse, least_squares):
        step, other = normal(rng, *shape, complex=complex), normal(rng, *shape, complex=complex)
        weight = normal(rng, *function(variable(x)).shape, complex=complex)

        def first(t, function=function, weight=weight, step=step):
            v = variable(x + t * step)
            out = function(v)
            (grad,) = sa.grad(out, v, to_backend(weight), create_graph=True)
            return np.sum(weight.conj() * to_numpy(out.detach())).real, grad, v

        _, grad, v = first(0.0)
        h = 1e-5
        (above, grad_above, _), (below, grad_below, _) = first(h), first(-h)
        slope = (above - below) / (2 * h)
        assert abs(np.sum(to_numpy(grad.detach()).conj() * step).real - slope) < 1e-5 * (
            1 + abs(slope)
        )
        (second,) = sa.grad(grad, v, to_backend(other))
        change = to_numpy(grad_above.detach()) - to_numpy(grad_below.detach())
        slope = np.sum(other.conj() * change).real / (2 * h)
        assert abs(np.sum(to_numpy(second).conj() * step).real - slope) < 1e-4 * (1 + abs(slope))


def test_matrix_exponential_of_far_different_sizes():
    x = np.stack([np.diag([700.0, -700.0]), np.zeros((2, 2)), np.diag([1e-9, 0.0])])
    expected = np.stack([np.diag(np.exp(np.diagonal(matrix))) for matrix in x])
    found = to_numpy(linalg.matrix_exp(variable(x)))
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=0)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_matrix_exponential_of_what_is_not_finite_is_not_finite():
    x = np.stack([np.full((2, 2), np.nan), np.full((2, 2), np.inf), np.eye(2)])
    found = to_numpy(linalg.matrix_exp(variable(x)))
    assert not np.isfinite(found[0]).any()
    assert not np.isfinite(found[1]).all()
    assert_close(found[2], np.diag([np.e, np.e]), 1e-13)


def test_hermitian_gradients_are_shared_by_both_triangles():
    x = hermitian(spread(RNG, 3, 3, complex=True), np.conj)
    for compute in (linalg.eigvalsh, lambda v: linalg.cholesky(v + 0)):
        v = variable(x)
        (grad,) = sa.grad(sa.sum(sa.abs(compute(v)) ** 2), v)
        assert_close(grad, np.conj(to_numpy(grad)).T)


def test_hessian_of_a_decomposition_is_symmetric():
    x = spread(RNG, 3, 2)
    v = variable(x)
    u, s, vh = linalg.svd(v, full_matrices=False)
    loss = sa.sum((u @ vh) ** 3) + sa.sum(s**2)
    (first,) = sa.grad(loss, v, create_graph=True)
    rows = [
        to_numpy(sa.grad(first[i, j], v, retain_graph=True)[0]).ravel()
        for i in range(3)
        for j in range(2)
    ]
    assert_close(np.stack(rows), np.stack(rows).T, 1e-8)


def test_batches_are_matrices_one_by_one():
    x = regular(RNG, 2, 3, 3)
    v = variable(x)
    weight = normal(RNG, 2, 3, 3)
    (together,) = sa.grad(linalg.inv(v), v, get_backend().asarray(weight))
    for i in range(2):
        one = variable(x[i])
        (alone,) = sa.grad(linalg.inv(one), one, get_backend().asarray(weight[i]))
        assert_close(to_numpy(together)[i], to_numpy(alone))


@pytest.mark.skipif(get_backend().name != "numpy", reason="about NumPy's kernel")
def test_a_stack_times_a_matrix_is_one_product_of_any_layout():
    x = normal(RNG, 4, 2, 3).swapaxes(0, 1)
    w = normal(RNG, 3, 5)
    for array in (x, np.ascontiguousarray(x), x[:, ::2], x[:0]):
        assert_close(sa.matmul(Variable(array), Variable(w)), np.matmul(array, w))


def test_the_order_of_a_norm_has_no_gradient_and_says_so():
    order = variable(2.0)
    for call in (
        lambda: sa.linalg.vector_norm(variable([3.0, 4.0]), ord=order),
        lambda: sa.linalg.norm(variable([3.0, 4.0]), order),
        lambda: np.linalg.norm(variable([3.0, 4.0]), order),
    ):
        with raises(TypeError, "ord", "Variable", "ord.item()"):
            call()


def test_a_relative_tolerance_may_be_a_variable():
    """It decides which singular values count, to every order; it has no gradient of its own."""
    x = normal(np.random.default_rng(5), 2, 4, 3)
    rtol = np.array([0.3, 0.5])

    def orders(tolerance):
        v = variable(x)
        out = linalg.pinv(v, rtol=tolerance)
        (first,) = sa.grad(sa.sum(out**2), v, create_graph=True)
        (second,) = sa.grad(sa.sum(first**2), v)
        return out.detach(), first.detach(), second

    for found, wanted in zip(orders(variable(rtol)), orders(to_backend(rtol)), strict=True):
        assert_close(found, to_numpy(wanted))
    assert_close(
        linalg.matrix_rank(variable(x), rtol=variable(rtol)), np.linalg.matrix_rank(x, rtol=rtol)
    )
