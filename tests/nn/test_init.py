"""``init.py``: PyTorch's gains, bounds and deviations; in place, from the right generator."""

from __future__ import annotations

import math

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.backends import get_backend
from simple_autograd.nn import init
from tests.core.arrays import assert_equal, to_backend, to_numpy
from tests.core.raising import raises

SHAPE = (60, 20, 5)  # fan in 100, fan out 300


def filled(function, *args, **kwargs):
    return to_numpy(function(to_backend(np.empty(SHAPE)), *args, **kwargs))


@pytest.mark.parametrize(
    ("nonlinearity", "param"),
    [
        *[(name, None) for name in ("linear", "conv1d", "conv2d", "conv3d", "conv_transpose2d")],
        *[(name, None) for name in ("sigmoid", "tanh", "relu", "selu", "leaky_relu")],
        ("leaky_relu", 0.2),
        ("leaky_relu", 1),
    ],
)
def test_gains_are_pytorchs(nonlinearity, param, torch):
    expected = torch.nn.init.calculate_gain(nonlinearity, param)
    assert init.calculate_gain(nonlinearity, param) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("function", "args", "kwargs", "bound"),
    [
        (init.uniform_, (), {}, None),
        (init.xavier_uniform_, (), {}, math.sqrt(6 / 400)),
        (init.xavier_uniform_, (2.0,), {}, 2 * math.sqrt(6 / 400)),
        (init.kaiming_uniform_, (), {}, math.sqrt(6 / 100)),
        (init.kaiming_uniform_, (), {"mode": "fan_out"}, math.sqrt(6 / 300)),
        (init.kaiming_uniform_, (), {"nonlinearity": "linear"}, math.sqrt(3 / 100)),
        (init.kaiming_uniform_, (math.sqrt(5),), {}, 0.1),
    ],
)
def test_uniform(function, args, kwargs, bound):
    values = filled(function, *args, **kwargs)
    low, high = (0, 1) if bound is None else (-bound, bound)
    assert low <= values.min() < low + 0.01 * (high - low)
    assert high - 0.01 * (high - low) < values.max() <= high
    assert values.std() == pytest.approx((high - low) / math.sqrt(12), rel=0.05)


@pytest.mark.parametrize(
    ("function", "args", "kwargs", "std"),
    [
        (init.normal_, (), {}, 1),
        (init.normal_, (0.0, 3.0), {}, 3),
        (init.xavier_normal_, (), {}, math.sqrt(2 / 400)),
        (init.kaiming_normal_, (), {}, math.sqrt(2 / 100)),
        (init.kaiming_normal_, (), {"mode": "fan_out", "nonlinearity": "relu"}, math.sqrt(2 / 300)),
    ],
)
def test_normal(function, args, kwargs, std):
    values = filled(function, *args, **kwargs)
    assert values.std() == pytest.approx(std, rel=0.05)
    assert abs(values.mean()) < 0.05 * std
    assert filled(init.normal_, 5.0, 0.1).mean() == pytest.approx(5, abs=0.01)


def test_constants():
    assert_equal(filled(init.zeros_), np.zeros(SHAPE))
    assert_equal(filled(init.ones_), np.ones(SHAPE))
    assert_equal(filled(init.constant_, 2.5), np.full(SHAPE, 2.5))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_in_place_on_whatever_is_given(dtype):
    array = to_backend(np.empty((3, 4), dtype))
    variable = Variable(array)
    assert init.uniform_(variable, 2, 3) is variable
    assert ((to_numpy(array) >= 2) & (to_numpy(array) < 3)).all()
    assert variable.is_leaf
    transposed = to_backend(np.zeros((4, 3), dtype)).T
    assert init.ones_(transposed) is transposed
    assert_equal(transposed, np.ones((3, 4), dtype))


def test_draws_follow_the_seed_and_the_generator():
    sa.manual_seed(3)
    first = filled(init.normal_)
    assert not (filled(init.normal_) == first).any()
    sa.manual_seed(3)
    assert_equal(filled(init.normal_), first)
    generator = get_backend().generator(3)
    assert_equal(filled(init.normal_, generator=generator), first)


def test_the_tape_sees_it():
    v = Variable(to_backend(np.ones(3)))
    out = (v * v).sum()
    init.zeros_(v)
    with raises(sa.errors.GraphError, "init.zeros_"):
        out.backward()


def test_what_is_empty_stays_so():
    for function in (init.kaiming_uniform_, init.xavier_normal_):
        assert function(to_backend(np.empty((0, 3)))).shape == (0, 3)


def test_errors():
    weight = to_backend(np.empty((2, 3)))
    with raises(ValueError, "calculate_gain: nonlinearity is 'swoosh'", "relu"):
        init.calculate_gain("swoosh")
    with raises(ValueError, "calculate_gain: param is 'a'", "number"):
        init.calculate_gain("leaky_relu", "a")
    with raises(ValueError, "kaiming_uniform_: mode is 'fan'", "fan_in"):
        init.kaiming_uniform_(weight, mode="fan")
    with raises(ValueError, "xavier_normal_: tensor has shape (3,)", "two axes"):
        init.xavier_normal_(to_backend(np.empty(3)))
    with raises(TypeError, "uniform_: tensor is a list"):
        init.uniform_([1.0])


def test_a_layer_can_be_initialised_anew():
    layer = nn.Linear(3, 2)
    init.zeros_(layer.bias)
    init.constant_(layer.weight, 2.0)
    assert_equal(layer(to_backend(np.ones(3, np.float32))), np.full(2, 6.0, np.float32))


@pytest.mark.parametrize(
    "args", [(), (1.0, 2.0, -1.0, 4.0), (0.0, 1.0, 2.0, 3.0), (5.0, 1.0, 0.0, 1.0)]
)
def test_truncated_normal(args):
    values = filled(init.trunc_normal_, *args)
    centre, std, low, high = args or (0.0, 1.0, -2.0, 2.0)
    assert values.min() >= low
    assert values.max() <= high
    grid = np.linspace(low, high, 10_001)
    density = np.exp(-(((grid - centre) / std) ** 2) / 2)
    expected = (grid * density).sum() / density.sum()
    spread = math.sqrt(((grid - expected) ** 2 * density).sum() / density.sum())
    assert values.mean() == pytest.approx(expected, abs=0.05 * spread)
    assert values.std() == pytest.approx(spread, rel=0.05)


@pytest.mark.parametrize(("low", "high"), [(1.0, math.inf), (-math.inf, -3.0), (0.0, math.inf)])
def test_truncated_normal_on_one_side(low, high):
    values = filled(init.trunc_normal_, 0.0, 1.0, low, high)
    assert (values >= low).all()
    assert (values <= high).all()
    # The mean of a normal variable beyond a bound is the density at the bound over the probability.
    bound = abs(low if math.isfinite(low) else high)
    density = math.exp(-(bound**2) / 2) / math.sqrt(2 * math.pi)
    expected = density / (math.erfc(bound / math.sqrt(2)) / 2)
    assert abs(values).mean() == pytest.approx(expected, rel=0.05)


def test_truncated_normal_follows_its_generator():
    generator = get_backend().generator
    first = filled(init.trunc_normal_, generator=generator(1))
    assert_equal(filled(init.trunc_normal_, generator=generator(1)), first)


@pytest.mark.parametrize("shape", [(3, 3), (2, 4), (4, 2), (0, 3)])
def test_identity(shape, torch):
    array = to_backend(np.full(shape, 7.0))
    assert_equal(init.eye_(array), torch.nn.init.eye_(torch.full(shape, 7.0).double()).numpy())


@pytest.mark.parametrize("shape", [(4, 2, 3), (2, 4, 3, 3), (6, 2, 2, 3, 4), (6, 3, 1)])
@pytest.mark.parametrize("groups", [1, 2])
def test_dirac(shape, groups, torch):
    array = to_backend(np.full(shape, 7.0))
    truth = torch.nn.init.dirac_(torch.empty(shape).double(), groups)
    assert_equal(init.dirac_(array, groups), truth.numpy())


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4), (3, 2, 2, 2), (8, 2, 2)])
def test_orthogonal(shape):
    values = to_numpy(init.orthogonal_(Variable(to_backend(np.empty(shape))), 2.0))
    matrix = values.reshape(shape[0], -1)
    rows, columns = matrix.shape
    gram = matrix @ matrix.T if rows <= columns else matrix.T @ matrix
    np.testing.assert_allclose(gram, 4 * np.eye(len(gram)), atol=1e-12)


def test_orthogonal_matrices_have_no_preferred_sign():
    signs = [
        np.sign(to_numpy(init.orthogonal_(to_backend(np.empty((2, 2)))))[0, 0]) for _ in range(40)
    ]
    assert abs(sum(signs)) < 30


@pytest.mark.parametrize(("sparsity", "zeros"), [(0.0, 0), (0.1, 1), (0.25, 2), (1.0, 7)])
def test_sparse(sparsity, zeros):
    values = to_numpy(init.sparse_(to_backend(np.empty((7, 300))), sparsity, std=0.5))
    assert ((values == 0).sum(axis=0) == zeros).all()
    assert (values == 0).any(axis=1).all() == (zeros > 0)
    if zeros < 7:
        assert values[values != 0].std() == pytest.approx(0.5, rel=0.1)
    assert init.sparse_(to_backend(np.empty((3, 0))), 0.5).shape == (3, 0)


def test_more_errors():
    vector = to_backend(np.empty(3))
    for function, words in (
        (init.eye_, ["eye_: tensor has shape (3,)", "two axes"]),
        (init.dirac_, ["dirac_: tensor has shape (3,)", "three, four or five"]),
        (init.orthogonal_, ["orthogonal_: tensor has shape (3,)", "two axes"]),
        (lambda v: init.sparse_(v, 0.5), ["sparse_: tensor has shape (3,)"]),
        (lambda v: init.trunc_normal_(v, a=1, b=0), ["trunc_normal_: a is 1, b 0", "a below b"]),
        (lambda v: init.trunc_normal_(v, std=0), ["trunc_normal_", "std above 0"]),
    ):
        with raises(ValueError, *words):
            function(vector)
    with raises(ValueError, "dirac_: groups is 2", "divides the 3"):
        init.dirac_(to_backend(np.empty((3, 1, 1))), 2)


def test_everything_of_pytorchs_is_there(torch):
    names = {name for name in dir(torch.nn.init) if name.endswith("_") and name[0] != "_"}
    assert names <= set(init.__all__)
