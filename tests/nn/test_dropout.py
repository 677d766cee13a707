"""``functional/dropout.py`` and ``layers/dropout.py``: what chance does, and that a seed brings it back."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.nn import functional
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy
from tests.core.raising import raises

ALL = [
    ("Dropout", "dropout", (20, 30)),
    ("Dropout1d", "dropout1d", (20, 30, 2)),
    ("Dropout2d", "dropout2d", (20, 30, 2, 3)),
    ("Dropout3d", "dropout3d", (20, 30, 1, 2, 3)),
    ("AlphaDropout", "alpha_dropout", (20, 30)),
    ("FeatureAlphaDropout", "feature_alpha_dropout", (20, 30, 2)),
]


@pytest.mark.parametrize(("layer", "function", "shape"), ALL)
def test_a_seed_brings_the_draws_back(layer, function, shape):
    x = to_backend(np.random.default_rng(1).normal(size=shape))
    results = []
    for run in (
        getattr(nn, layer)(0.4),
        lambda x: getattr(functional, function)(x, 0.4, training=True),
    ):
        sa.manual_seed(3)
        results += [to_numpy(run(x)), to_numpy(run(x))]
    assert_equal(results[0], results[2])
    assert_equal(results[1], results[3])
    assert (results[0] != results[1]).any()
    assert_equal(getattr(nn, layer)(0.4).eval()(x), to_numpy(x))


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_a_share_of_the_elements_is_zero_and_the_mean_stays(p):
    sa.manual_seed(0)
    out = to_numpy(functional.dropout(to_backend(np.ones((200, 200))), p))
    assert_close(np.unique(out), np.array([0, 1 / (1 - p)]))
    assert abs((out == 0).mean() - p) < 0.01
    assert abs(out.mean() - 1) < 0.03


@pytest.mark.parametrize(
    ("function", "shape", "axes"),
    [
        ("dropout1d", (20, 30, 4), 2),
        ("dropout1d", (30, 4), 1),
        ("dropout2d", (20, 30, 2, 3), 2),
        ("dropout2d", (20, 30, 3), 2),
        ("dropout3d", (20, 30, 2, 1, 3), 2),
        ("dropout3d", (20, 30, 2, 3), 2),
        ("feature_alpha_dropout", (20, 30, 2), 2),
    ],
)
def test_channels_go_as_a_whole(function, shape, axes):
    sa.manual_seed(0)
    out = to_numpy(getattr(functional, function)(to_backend(np.ones(shape)), 0.5, training=True))
    channels = out.reshape(int(np.prod(shape[:axes])), -1)
    assert (channels == channels[:, :1]).all()
    assert len(np.unique(channels)) == 2


def test_alpha_dropout_keeps_mean_and_variance():
    sa.manual_seed(0)
    x = np.random.default_rng(0).normal(size=(400, 400))
    out = to_numpy(functional.alpha_dropout(to_backend(x), 0.3, training=True))
    assert abs(out.mean()) < 0.02
    assert abs(out.std() - 1) < 0.02


@pytest.mark.parametrize("p", [0.2, 0.6])
@pytest.mark.parametrize("function", ["alpha_dropout", "feature_alpha_dropout", "dropout"])
def test_what_becomes_of_a_number_is_pytorchs(function, p, torch):
    ours = getattr(functional, function)(to_backend(np.full((50, 8), 0.7)), p, training=True)
    theirs = getattr(torch.nn.functional, function)(
        torch.full((50, 8), 0.7, dtype=torch.float64), p, training=True
    )
    assert_close(np.unique(to_numpy(ours).round(12)), np.unique(theirs.numpy().round(12)), 1e-9)


@pytest.mark.parametrize(("layer", "function", "shape"), ALL)
def test_gradients_go_where_values_went(layer, function, shape):
    x = np.random.default_rng(1).normal(size=shape).astype("float32")
    v = Variable(to_backend(x))
    sa.manual_seed(5)
    out = getattr(functional, function)(v, 0.4, training=True)
    assert to_numpy(out).dtype == np.float32
    above = np.ones(shape, "float32")
    (grad,) = sa.grad(out, v, to_backend(above), create_graph=True)
    values, slope = to_numpy(out), to_numpy(grad)
    (slope_of_kept,) = set(np.unique(slope)) - {0.0}
    kept = slope != 0
    base = values - slope * x
    # The result is linear in x: a slope and a summand, each of two values.
    assert np.ptp(base[kept]) < 1e-6
    assert np.ptp(base[~kept]) < 1e-6
    assert slope_of_kept > 0


@pytest.mark.parametrize("function", ["dropout", "dropout2d"])
def test_gradients_of_gradients_drop_the_same(function):
    v = Variable(to_backend(np.random.default_rng(1).normal(size=(4, 3, 2, 2))))
    out = getattr(functional, function)(v, 0.4)
    (first,) = sa.grad((out**3).sum(), v, create_graph=True)
    (second,) = sa.grad(first.sum(), v)
    factors = np.where(to_numpy(out) == 0, 0, 1 / 0.6)
    assert_close(to_numpy(out), factors * to_numpy(v))
    assert_close(to_numpy(first), 3 * factors**3 * to_numpy(v) ** 2)
    assert_close(to_numpy(second), 6 * factors**3 * to_numpy(v))


def test_nan_is_not_hidden(torch):
    x = np.array([np.nan, 1.0])
    assert np.isnan(to_numpy(functional.dropout(to_backend(x), 1.0))[0])
    assert np.isnan(torch.nn.functional.dropout(torch.tensor(x), 1.0).numpy()[0])


@pytest.mark.parametrize("p", [-0.1, 1.5, float("nan")])
@pytest.mark.parametrize(("layer", "function", "shape"), ALL)
def test_what_is_no_probability_is_refused(layer, function, shape, p):
    with raises(ValueError, f"{function}: p is {p}", "[0, 1]"):
        getattr(functional, function)(to_backend(np.ones(shape)), p)
    with raises(ValueError, f"{layer}: p is {p}"):
        getattr(nn, layer)(p)


def test_errors():
    with raises(ValueError, "dropout2d: x", "(3, 4)", "4 axes, or 3"):
        functional.dropout2d(to_backend(np.ones((3, 4))))
    with raises(TypeError, "dropout: x has the type", "int64"):
        functional.dropout(to_backend(np.ones(3, "int64")))
    with raises(TypeError, "dropout1d: x is a list"):
        functional.dropout1d([1.0])
