"""``np.linalg``, ``np.fft`` and NumPy's products on Variables: its values, its defaults, and true gradients."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable
from simple_autograd.backends import get_backend
from tests.core.arrays import assert_close, to_numpy
from tests.core.matrices import low_rank, normal, regular, spread
from tests.core.raising import raises

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

RNG = np.random.default_rng(5)
SQUARE, STACK = regular(RNG, 3, 3), regular(RNG, 2, 3, 3)
TALL, WIDE = spread(RNG, 4, 2), spread(RNG, 2, 4)
COMPLEX = regular(RNG, 3, 3, complex=True)
SYMMETRIC = spread(RNG, 3, 3)
SYMMETRIC = SYMMETRIC + SYMMETRIC.T
VECTOR, COLUMNS = normal(RNG, 3), normal(RNG, 3, 2)
CUBE = normal(RNG, 2, 3, 4)
TENSOR = regular(RNG, 6, 6).reshape(2, 3, 6)

CALLS = [
    (np.dot, [SQUARE, COLUMNS]),
    (np.dot, [VECTOR, VECTOR]),
    (np.dot, [CUBE, CUBE.swapaxes(1, 2)]),
    (np.dot, [[1.0, 2.0, 3.0], COLUMNS]),
    (np.dot, [VECTOR, 2.0]),
    (np.vdot, [SQUARE, SQUARE[::-1]]),
    (np.vdot, [COMPLEX, SQUARE]),
    (np.inner, [SQUARE, STACK]),
    (np.outer, [SQUARE, VECTOR]),
    (np.linalg.outer, [VECTOR, VECTOR]),
    (np.tensordot, [CUBE, STACK], {"axes": (1, 2)}),
    (np.tensordot, [CUBE, CUBE], {"axes": ([0, 2], [0, 2])}),
    (np.tensordot, [SQUARE, SQUARE]),
    (np.linalg.tensordot, [SQUARE, SQUARE], {"axes": 1}),
    (np.kron, [SQUARE, COLUMNS]),
    (np.cross, [VECTOR, SQUARE]),
    (np.cross, [CUBE[:, :, :3], SQUARE], {"axisa": 1, "axisc": 0}),
    (np.cross, [COLUMNS, COLUMNS[::-1]], {"axis": 0}),
    (np.linalg.cross, [SQUARE, SQUARE[::-1]]),
    (np.matmul, [SQUARE, COLUMNS]),
    (np.linalg.matmul, [STACK, COLUMNS]),
    (np.vecdot, [COMPLEX, VECTOR]),
    (np.linalg.vecdot, [SQUARE, COMPLEX], {"axis": 0}),
    (np.linalg.multi_dot, [[SQUARE, COLUMNS, COLUMNS.T]]),
    (np.einsum, ["ij,jk->ki", SQUARE, COLUMNS], {"optimize": True}),
    (np.einsum, ["ii", COMPLEX]),
    (np.einsum, [SQUARE, [0, 1], COLUMNS, [1, 2], [2, 0]]),
    (np.einsum, [SQUARE, [Ellipsis, 3], VECTOR, [3]]),
    (np.diagonal, [CUBE]),
    (np.diagonal, [CUBE, 1, 2, 0]),
    (np.trace, [CUBE]),
    (np.trace, [CUBE], {"axis1": 1, "axis2": -1, "offset": -1}),
    (np.linalg.diagonal, [CUBE], {"offset": 1}),
    (np.linalg.trace, [CUBE], {"offset": 1}),
    (np.linalg.matrix_transpose, [CUBE]),
    (np.linalg.cholesky, [SYMMETRIC @ SYMMETRIC], {"upper": True}, "symmetric"),
    (np.linalg.qr, [TALL]),
    (np.linalg.qr, [WIDE], {"mode": "complete"}),
    (np.linalg.qr, [SQUARE], {"mode": "r"}),
    (np.linalg.svd, [TALL], {"full_matrices": False}),
    (np.linalg.svd, [SQUARE]),
    (np.linalg.svd, [WIDE], {"compute_uv": False}),
    (np.linalg.svdvals, [COMPLEX]),
    (np.linalg.eigh, [SYMMETRIC], {}, "symmetric"),
    (np.linalg.eigh, [SYMMETRIC, "U"], {}, "symmetric"),
    (np.linalg.eigvalsh, [SYMMETRIC], {"UPLO": "U"}, "symmetric"),
    (np.linalg.inv, [STACK]),
    (np.linalg.solve, [STACK, COLUMNS]),
    (np.linalg.solve, [COMPLEX, VECTOR]),
    (np.linalg.tensorinv, [TENSOR.reshape(6, 2, 3)], {"ind": 1}),
    (np.linalg.tensorsolve, [TENSOR, COLUMNS.T]),
    (np.linalg.tensorsolve, [TENSOR.transpose(2, 0, 1), VECTOR.repeat(2)], {"axes": (1, 2)}),
    (np.linalg.pinv, [TALL]),
    (np.linalg.pinv, [TALL, 1e-3]),
    (np.linalg.pinv, [TALL], {"rtol": None}),
    (np.linalg.lstsq, [TALL, CUBE[0].T[:, :2]]),
    (np.linalg.lstsq, [TALL, CUBE[0, 0]], {"rcond": 1e-10}),
    (np.linalg.lstsq, [WIDE, VECTOR[:2]]),
    (np.linalg.det, [STACK]),
    (np.linalg.slogdet, [COMPLEX]),
    (np.linalg.matrix_power, [SQUARE, -2]),
    (np.linalg.norm, [CUBE]),
    (np.linalg.norm, [CUBE, 1], {"axis": (0, 2), "keepdims": True}),
    (np.linalg.norm, [SQUARE, "nuc"]),
    (np.linalg.norm, [VECTOR, 3]),
    (np.linalg.norm, [COMPLEX, np.inf]),
    (np.linalg.vector_norm, [CUBE], {"axis": 1, "ord": 1}),
    (np.linalg.matrix_norm, [CUBE], {"ord": -2}),
    (np.linalg.cond, [STACK]),
    (np.linalg.cond, [SQUARE, 1]),
    *[
        (getattr(np.fft, name), [CUBE])
        for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
    ],
    (np.fft.fft, [COMPLEX, 5], {"axis": 0, "norm": "ortho"}),
    (np.fft.rfft, [CUBE, 3, 1, "forward"]),
    (np.fft.irfft, [COMPLEX, 5]),
    *[(getattr(np.fft, name), [CUBE]) for name in ("fft2", "ifft2", "fftn", "ifftn")],
    *[(getattr(np.fft, name), [CUBE]) for name in ("rfft2", "irfft2", "rfftn", "irfftn")],
    (np.fft.fft2, [CUBE, (3, 2), (0, 2)]),
    (np.fft.rfftn, [CUBE], {"s": (2, -1), "axes": (2, 1), "norm": "ortho"}),
    (np.fft.irfftn, [CUBE], {"s": (2, 5), "axes": (0, 1)}),
    (np.fft.fftshift, [CUBE]),
    (np.fft.ifftshift, [CUBE, 1]),
]


def names(call):
    function, args = call[:2]
    return f"{function.__name__} {' '.join(str(getattr(a, 'shape', a)).replace(' ', '') for a in args)}"


def lifted(value, make):
    """Put Variables in the place of arrays, also inside lists."""
    if isinstance(value, np.ndarray):
        return make(value)
    return [lifted(item, make) for item in value] if isinstance(value, list) else value


def several(result):
    """Give the floating results of a call."""
    results = result if isinstance(result, tuple) else (result,)
    return [item for item in results if np.dtype(_name(item)).kind in "fc"]


def _name(item):
    return str(getattr(item, "dtype", "int64")).rpartition(".")[2]


@pytest.mark.parametrize("call", CALLS, ids=names)
def test_value_and_gradient_are_those_of_numpy(call):
    function, args, options, *marks = (*call, {}) if len(call) == 2 else call
    rng = np.random.default_rng(7)
    variables = []

    def make(array):
        variables.append(Variable(get_backend().asarray(array)))
        return variables[-1]

    expected = several(function(*args, **options))
    found = several(function(*lifted(args, make), **options))
    assert len(found) == len(expected)
    for item, truth in zip(found, expected, strict=True):
        assert isinstance(item, Variable)
        assert _name(item) == _name(truth)
        assert_close(item, np.asarray(truth), 1e-9)

    weights = [normal(rng, *np.shape(item)) for item in expected]
    steps = {}

    def direction(array):
        step = normal(rng, *array.shape)
        step = step + step.T if "symmetric" in marks else step
        steps[len(steps)] = step
        return step

    lifted(args, direction)

    def value(t):
        count = iter(steps)
        moved = lifted(args, lambda array: array + t * steps[next(count)])
        results = several(function(*moved, **options))
        return sum(
            float(np.sum(w * np.real(r) + w * np.imag(r)))
            for w, r in zip(weights, results, strict=True)
        )

    total = sum(
        sa.sum((sa.real(item) + sa.imag(item)) * get_backend().asarray(w))
        if _name(item).startswith("complex")
        else sa.sum(item * get_backend().asarray(w))
        for w, item in zip(weights, found, strict=True)
    )
    grads = sa.grad(total, variables)
    slope = sum(
        float(np.sum(np.real(to_numpy(grad)) * step))
        for grad, step in zip(grads, steps.values(), strict=True)
    )
    h = 1e-4
    truth = (8 * (value(h) - value(-h)) - (value(2 * h) - value(-2 * h))) / (12 * h)
    assert abs(slope - truth) <= 1e-6 * (1 + abs(truth))


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
