"""``functional/normalization.py`` and ``layers/normalization.py`` beyond the table: numbers, types, errors."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.nn import functional
from tests.core.arrays import assert_close, to_backend, to_numpy
from tests.core.raising import raises

RNG = np.random.default_rng(41)


def draw(*shape, dtype="float64"):
    return RNG.normal(size=shape).astype(dtype)


def test_large_means_in_single_precision_lose_nothing():
    x = draw(64, 8, 40)
    shifted = (x + 1000).astype("float32")
    exact = shifted.astype("float64")
    for found, truth in (
        (
            functional.batch_norm(to_backend(shifted), None, None, training=True),
            functional.batch_norm(to_backend(exact), None, None, training=True),
        ),
        (
            functional.layer_norm(to_backend(shifted), 40),
            functional.layer_norm(to_backend(exact), 40),
        ),
    ):
        # The mean is rounded to 6e-5; the mean square less the squared mean would be off by 0.1.
        assert_close(to_numpy(found).astype("float64"), truth, 1e-4)


def test_nan_and_infinity_stay_in_their_row():
    x = draw(3, 4)
    x[1, 2] = np.nan
    with np.errstate(invalid="ignore"):
        out = to_numpy(functional.layer_norm(to_backend(x), 4))
    assert np.isnan(out[1]).all()
    assert np.isfinite(out[[0, 2]]).all()


@pytest.mark.parametrize("p", [1.0, 2.0, 3.5, float("inf")])
def test_normalize(p, torch):
    x = draw(3, 4, 2)
    x[1, :, 1] = 0
    for dim in (1, -1, 0):
        v, t = Variable(to_backend(x)), torch.tensor(x, requires_grad=True)
        out, expected = functional.normalize(v, p, dim), torch.nn.functional.normalize(t, p, dim)
        assert_close(out, expected.detach().numpy())
        above = draw(*x.shape)
        (grad,) = sa.grad(out, v, to_backend(above))
        (truth,) = torch.autograd.grad(expected, t, torch.tensor(above))
        assert_close(grad, truth.numpy())


def test_rms_norm_takes_its_eps_from_the_type(torch):
    for dtype in ("float32", "float64"):
        x = (draw(2, 3) * 1e-6).astype(dtype)
        expected = torch.nn.functional.rms_norm(torch.tensor(x), (3,)).numpy()
        np.testing.assert_allclose(
            to_numpy(functional.rms_norm(to_backend(x), 3)), expected, rtol=1e-5
        )


X = draw(2, 4, 3)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda x: functional.batch_norm(x[0, 0, ...], None, None),
            ValueError,
            ["batch_norm: x", "(3,)"],
        ),
        (
            lambda x: functional.batch_norm([1.0], None, None),
            TypeError,
            ["batch_norm: x is a list"],
        ),
        (
            lambda x: functional.batch_norm(x, None, None),
            ValueError,
            ["running_mean or running_var is None"],
        ),
        (
            lambda x: functional.batch_norm(x, None, None, x[0, 0, ...], training=True),
            ValueError,
            ["batch_norm: weight", "(3,)", "needed is the shape (4,)", "(2, 4, 3)"],
        ),
        (
            lambda x: functional.batch_norm(x, x[0, 0, ...], x[0, 0, ...]),
            ValueError,
            ["batch_norm: running_mean", "(3,)", "(4,)"],
        ),
        (
            lambda x: functional.batch_norm(x, Variable(x[0, :, 0]), x[0, :, 0]),
            TypeError,
            ["batch_norm: running_mean requires grad"],
        ),
        (
            lambda x: functional.batch_norm(x[:1, :, :1], None, None, training=True),
            ValueError,
            ["more than one value per channel"],
        ),
        (
            lambda x: functional.instance_norm(x[..., :1]),
            ValueError,
            ["instance_norm", "(2, 4, 1)"],
        ),
        (
            lambda x: functional.instance_norm(x[..., 0]),
            ValueError,
            ["instance_norm: x", "(N, C, d1"],
        ),
        (
            lambda x: functional.instance_norm(x, use_input_stats=False),
            ValueError,
            ["instance_norm: running_mean or", "use_input_stats"],
        ),
        (lambda x: functional.layer_norm(x, 4), ValueError, ["layer_norm: x", "(2, 4, 3)", "(4,)"]),
        (
            lambda x: functional.layer_norm(x, (7, 2, 4, 3)),
            ValueError,
            ["layer_norm", "(7, 2, 4, 3)"],
        ),
        (lambda x: functional.layer_norm(x, 3, x), ValueError, ["layer_norm: weight", "(3,)"]),
        (
            lambda x: functional.layer_norm(x, 3, bias=3.0),
            TypeError,
            ["layer_norm: bias is a float"],
        ),
        (lambda x: functional.rms_norm(x, ()), ValueError, ["rms_norm: x", "()"]),
        (
            lambda x: functional.group_norm(x, 3),
            ValueError,
            ["group_norm: num_groups is 3", "4 channels"],
        ),
        (
            lambda x: functional.local_response_norm(x, 0),
            ValueError,
            ["local_response_norm: size is 0"],
        ),
        (lambda x: functional.normalize(x, dim=3), ValueError, ["normalize: dim is 3", "3 axes"]),
        (
            lambda x: functional.layer_norm(x, 2.5),
            TypeError,
            ["layer_norm: normalized_shape is 2.5", "a tuple"],
        ),
        (lambda x: nn.GroupNorm(3, 4), ValueError, ["GroupNorm: num_groups is 3", "4"]),
        (lambda x: nn.BatchNorm2d(4)(x), ValueError, ["BatchNorm2d: x", "(2, 4, 3)", "4 axes"]),
        (lambda x: nn.BatchNorm1d(5)(x), ValueError, ["running_mean", "(5,)", "(4,)"]),
        (lambda x: nn.InstanceNorm1d(5, affine=True)(x), ValueError, ["num_features is 5"]),
        (
            lambda x: functional.layer_norm(to_backend(np.ones((2, 3), int)), 3),
            TypeError,
            ["layer_norm: x has the type", "floating"],
        ),
    ],
)
def test_errors(call, error, words):
    with raises(error, *words):
        call(to_backend(X))


def test_instance_norm_warns_of_a_number_of_features_without_effect():
    with pytest.warns(UserWarning, match="num_features is 5"):
        nn.InstanceNorm1d(5)(to_backend(X))
