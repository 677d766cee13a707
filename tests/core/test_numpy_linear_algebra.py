"""``np.linalg`` and ``np.fft`` on Variables: what differs by case, and errors. The rest: ``test_numpy_walk.py``."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable
from simple_autograd.backends import get_backend
from tests.core.arrays import assert_close, to_numpy
from tests.core.matrices import low_rank
from tests.core.numpy_calls.linear_algebra import COMPLEX, SQUARE
from tests.core.raising import raises

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@pytest.mark.skipif(get_backend().name != "numpy", reason="the standard has no eig")
def test_eigenvalues_of_general_matrices():
    v = Variable(SQUARE)
    values, vectors = np.linalg.eig(v)
    assert_close(v.detach() @ vectors.detach(), to_numpy(vectors * values), 1e-10)
    sa.real(sa.sum(np.linalg.eigvals(v))).backward()
    assert_close(v.grad, np.eye(3), 1e-10)


@pytest.mark.parametrize("triangle", ["L", "U"])
def test_eigenvalues_read_one_triangle(triangle):
    for matrix in (SQUARE, COMPLEX):
        v = Variable(get_backend().asarray(matrix))
        expected = np.linalg.eigvalsh(matrix, triangle)
        assert_close(np.linalg.eigvalsh(v, triangle), expected)
        assert_close(np.linalg.eigh(v, UPLO=triangle).eigenvalues, expected)
    with raises(ValueError, "UPLO", "'X'", "'U'"):
        np.linalg.eigh(v, "X")


def test_pseudo_inverse_counts_small_singular_values_as_numpys_does():
    matrix = np.diag([1.0, 1e-2, 1e-15, 1e-17])
    v = Variable(get_backend().asarray(matrix))
    for options in ({}, {"rcond": 1e-1}, {"rtol": None}, {"rtol": 1e-16}):
        assert_close(np.linalg.pinv(v, **options), np.linalg.pinv(matrix, **options))
    with raises(ValueError, "pinv", "give one"):
        np.linalg.pinv(v, 1e-3, rtol=1e-3)


def test_least_squares_give_what_numpy_leaves_empty():
    matrix = low_rank(np.random.default_rng(1), 4, 3, 2)
    expected = np.linalg.lstsq(matrix, np.ones(4))
    found = np.linalg.lstsq(Variable(get_backend().asarray(matrix)), [1.0, 1.0, 1.0, 1.0])
    assert_close(found[0], expected[0])
    assert found[1].shape == expected[1].shape == (0,)
    assert found[2] == expected[2] == 2


def test_least_squares_cut_off_at_the_precision():
    matrix = np.ones((3, 2))
    expected = np.linalg.lstsq(matrix, np.ones(3), rcond=-1)
    found = np.linalg.lstsq(Variable(get_backend().asarray(matrix)), [1.0, 1.0, 1.0], rcond=-1)
    assert_close(found[0], expected[0])
    assert found[2] == expected[2] == 1


def test_rank_is_a_plain_number():
    assert np.linalg.matrix_rank(Variable(low_rank(np.random.default_rng(1), 4, 3, 2))) == 2


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda v: np.dot(v, v, np.zeros((3, 3))), ["out", "Leave it out"]),
        (lambda v: np.fft.fft(v, None, -1, None, np.zeros((3, 3))), ["out", "Leave it out"]),
        (lambda v: np.dot(v, v, out=np.zeros((3, 3))), ["np.dot with out"]),
        (lambda v: np.einsum("ij->ji", v, dtype="float32"), ["np.einsum", "dtype"]),
    ],
)
def test_what_cannot_stay_on_the_tape_raises(call, words):
    with raises(TypeError, *words):
        call(Variable(SQUARE))
