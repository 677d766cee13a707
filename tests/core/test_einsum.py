"""``einsum`` with random subscripts is NumPy's and PyTorch's, and plans sensibly."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("hypothesis", reason="Hypothesis is not installed")
from hypothesis import given
from hypothesis import strategies as st

import simple_autograd as sa
from simple_autograd import Variable
from simple_autograd.backends import get_backend
from simple_autograd.ops.contraction_plan import contraction
from tests.core.arrays import assert_close, variable
from tests.core.raising import raises


@st.composite
def calls(draw):
    """Draw subscripts, with diagonals, ellipses and lengths of one, and shapes for them."""
    lengths = {letter: draw(st.integers(1, 3)) for letter in "abcd"}
    hidden = draw(st.lists(st.integers(1, 3), max_size=2))
    parts, shapes, letters, dots = [], [], "", False
    for _ in range(draw(st.integers(1, 3))):
        part = draw(st.text("abcd", max_size=3))
        letters += part
        shape = [lengths[letter] for letter in part]
        if len(set(part)) == len(part):
            shape = [draw(st.sampled_from([1, length])) for length in shape]
        if draw(st.booleans()):
            dots = True
            place = draw(st.integers(0, len(part)))
            part = f"{part[:place]}...{part[place:]}"
            own = hidden[draw(st.integers(0, len(hidden))) :]
            shape[place:place] = [draw(st.sampled_from([1, length])) for length in own]
        parts.append(part)
        shapes.append(tuple(shape))
    subscripts = ",".join(parts)
    if draw(st.booleans()):
        found = draw(st.permutations(sorted(set(letters))))
        output = "".join(found[: draw(st.integers(0, len(found)))])
        place = draw(st.integers(0, len(output)))
        subscripts += f"->{output[:place]}...{output[place:]}" if dots else f"->{output}"
    return subscripts, shapes


@given(calls(), st.integers(0, 2**32 - 1))
def test_random_subscripts(call, seed):
    subscripts, shapes = call
    rng = np.random.default_rng(seed)
    arrays = [rng.standard_normal(shape) for shape in shapes]
    variables = [Variable(get_backend().asarray(array)) for array in arrays]
    out = sa.einsum(subscripts, *variables)
    expected = np.asarray(np.einsum(subscripts, *arrays))
    assert_close(out, expected)
    # The result is linear in each operand, so a step along the operand itself changes it by itself.
    weight = rng.standard_normal(expected.shape)
    grads = sa.grad(out, variables, get_backend().asarray(weight))
    for array, grad in zip(arrays, grads, strict=True):
        step = rng.standard_normal(array.shape)
        others = [step if other is array else other for other in arrays]
        slope = np.sum(weight * np.einsum(subscripts, *others))
        assert_close(np.sum(np.asarray(get_backend().to_numpy(grad)) * step), slope)


def test_sublists_are_numpys():
    x, y = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
    v, w = variable(x), variable(y)
    for labels in ([[0, 1], [1, 2], [2, 0]], [[30, 1], [1, 2]], [[..., 1], [1, 0], [0, ...]]):
        first, second, *output = labels
        expected = np.einsum(x, first, y, second, *output)
        assert_close(sa.einsum(v, first, w, second, *output), expected)
    with raises(ValueError, "einsum", "no list of labels", "0 to 51"):
        sa.einsum(v, [0, 99])


def test_products_go_in_an_order_that_keeps_the_middle_small():
    plan = contraction("ab,bc,c->a", ((50, 60), (60, 70), (70,)))
    assert [product.places for product in plan.products] == [(1, 2), (0, 1)]


def test_matrix_products_are_not_copied_about():
    (product,) = contraction("ij,kj->ik", ((2, 3), (4, 3))).products
    assert product.orders == (None, (1, 0))
    assert product.shapes == (None, None)
    assert product.shape is None


@pytest.mark.parametrize("subscripts", ["ij->ij", "ii->i", "ij->ji"])
def test_a_result_is_not_its_operand(subscripts):
    x = np.zeros((2, 2))
    assert sa.einsum(subscripts, Variable(x)).data is not x
