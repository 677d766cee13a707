"""The names that users of the first sketch know keep working: those of ``nn``, ``functional`` and ``optim``."""

from __future__ import annotations

import io

import numpy as np
import pytest

import simple_autograd.nn as nn
import simple_autograd.nn.functional as F  # noqa: N812 - as users write it
from simple_autograd import Variable
from simple_autograd.nn import optim
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy

RNG = np.random.default_rng(13)
IMAGES = RNG.normal(size=(2, 3, 6, 6)).astype(np.float32)
ROWS = RNG.normal(size=(4, 5)).astype(np.float32)


def given(array):
    return to_backend(array.copy())


# Layers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "x", "shape"),
    [
        (lambda: nn.Linear(5, 3), ROWS, (4, 3)),
        (lambda: nn.Conv2d(3, 4, (3, 3), 1), IMAGES, (2, 4, 4, 4)),
        (lambda: nn.Conv2d(3, 4, 3, padding=1), IMAGES, (2, 4, 6, 6)),
        (lambda: nn.BatchNorm1d(5), ROWS, (4, 5)),
        (lambda: nn.BatchNorm2d(3), IMAGES, (2, 3, 6, 6)),
        (lambda: nn.LayerNorm(5), ROWS, (4, 5)),
        (lambda: nn.MaxPool2d(2), IMAGES, (2, 3, 3, 3)),
        (lambda: nn.MinPool2d(2), IMAGES, (2, 3, 3, 3)),
        (lambda: nn.AvgPool2d(2), IMAGES, (2, 3, 3, 3)),
        (lambda: nn.GlobalAvgPool2d(), IMAGES, (2, 3)),
        (lambda: nn.ReLU(), ROWS, (4, 5)),
        (lambda: nn.LeakyReLU(), ROWS, (4, 5)),
        (lambda: nn.Sigmoid(), ROWS, (4, 5)),
        (lambda: nn.Softmax(1), ROWS, (4, 5)),
        (lambda: nn.Exp(), ROWS, (4, 5)),
        (lambda: nn.Identity(), ROWS, (4, 5)),
        (lambda: nn.Flatten(), IMAGES, (2, 108)),
    ],
)
def test_layers_take_plain_arrays_and_variables(layer, x, shape):
    layer = layer()
    assert isinstance(layer, nn.Module)
    layer.eval()
    plain = layer(given(x))
    assert tuple(plain.shape) == shape
    variable = Variable(given(x))
    out = layer(variable)
    assert_close(out, to_numpy(plain), 1e-5)
    (out * out).sum().backward()
    assert tuple(variable.grad.shape) == x.shape


def test_numpy_arrays_are_taken_wherever_the_backend_is_numpys(backend):
    if backend.name == "numpy":
        assert nn.Linear(5, 3)(ROWS).shape == (4, 3)


def test_a_single_query():
    attention = nn.MultiHeadSelfAttention(8, 2)
    x = Variable(given(RNG.normal(size=(3, 5, 8)).astype(np.float32)))
    whole, first = attention(x), attention(x, single_query=True)
    assert tuple(whole.shape) == (3, 5, 8)
    assert_close(to_numpy(first).reshape(3, 8), to_numpy(whole)[:, 0], 1e-5)
    by_name = nn.MultiHeadSelfAttention(emb_dim=8, num_heads=4)
    assert tuple(by_name(x).shape) == (3, 5, 8)


def test_sequential_is_indexed_and_iterated():
    model = nn.Sequential(nn.Linear(5, 3), nn.ReLU())
    assert [type(layer) for layer in model] == [nn.Linear, nn.ReLU]
    assert model[0] is next(iter(model))
    assert nn.count_parameters(model) == 18


def test_the_loss_takes_targets_by_name():
    loss = nn.CrossEntropyLoss()(given(ROWS), targets=given(np.array([0, 1, 2, 4])))
    truth = np.log(np.exp(ROWS).sum(1)) - ROWS[np.arange(4), [0, 1, 2, 4]]
    assert_close(loss, np.float32(truth.mean()), 1e-5)


def test_states_have_pytorchs_keys_and_go_through_npz():
    layers = [nn.Linear(5, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.LayerNorm(4)]
    model = nn.Sequential(*layers, nn.Sequential(nn.Identity(), nn.Identity(), nn.BatchNorm1d(4)))
    assert "4.2.num_batches_tracked" in model.state_dict()
    assert list(model.state_dict())[:7] == [
        "0.weight",
        "0.bias",
        "1.weight",
        "1.bias",
        "1.running_mean",
        "1.running_var",
        "1.num_batches_tracked",
    ]
    file = io.BytesIO()
    np.savez(file, **{key: to_numpy(value) for key, value in model.state_dict().items()})
    file.seek(0)
    model.load_state_dict(np.load(file))


# Functions ----------------------------------------------------------------------------------------


def test_functions():
    x, w = Variable(given(IMAGES)), Variable(given(RNG.normal(size=(4, 3, 3, 3)).astype("f4")))
    assert tuple(F.conv2d(x, w, padding=1).shape) == (2, 4, 6, 6)
    assert tuple(F.conv2d(x, w, padding=(1, 0)).shape) == (2, 4, 6, 4)
    for function, reduced in (
        (F.max_pool2d, np.max),
        (F.avg_pool2d, np.mean),
        (F.min_pool2d, np.min),
    ):
        windows = IMAGES.reshape(2, 3, 3, 2, 3, 2)
        assert_close(function(x, 2), reduced(windows, axis=(3, 5)), 1e-5)
    rows = Variable(given(ROWS))
    assert_equal(F.relu(rows), np.maximum(ROWS, 0))
    assert_close(F.leaky_relu(rows, 0.1), np.where(ROWS > 0, ROWS, 0.1 * ROWS), 1e-6)
    weight, bias = given(RNG.normal(size=(2, 5)).astype("f4")), given(np.ones(2, np.float32))
    assert_close(F.linear(rows, weight, bias), ROWS @ to_numpy(weight).T + 1, 1e-5)
    centred = ROWS - ROWS.mean(1, keepdims=True)
    expected = centred / np.sqrt(ROWS.var(1, keepdims=True) + 1e-5)
    assert_close(F.layer_norm(rows, (5,)), expected, 1e-5)
    mean, variance = given(ROWS.mean(0)), given(ROWS.var(0))
    expected = (ROWS - ROWS.mean(0)) / np.sqrt(ROWS.var(0) + 1e-5)
    assert_close(F.batch_norm(rows, mean, variance), expected, 1e-5)


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_cross_entropy_has_reductions(reduction):
    losses = np.log(np.exp(ROWS).sum(1)) - ROWS[:, 2]
    expected = {"none": losses, "mean": losses.mean(), "sum": losses.sum()}[reduction]
    found = F.cross_entropy(given(ROWS), given(np.full(4, 2)), reduction=reduction)
    assert_close(found, np.asarray(expected, np.float32), 1e-5)


def test_patches():
    patches = F.get_2D_patches(given(IMAGES), (2, 3))
    assert_equal(patches, IMAGES.reshape(2, 3, 3, 2, 2, 3).transpose(0, 1, 2, 4, 3, 5))


# Optimizers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda params: optim.SGD(params, 0.005, 0.5, 0.0, 0.01, True, maximize=False),
        lambda params: optim.SGD(
            params, lr=0.005, momentum=0.5, dampening=0.1, weight_decay=0.01, nesterov=False
        ),
        lambda params: optim.Adam(
            params, lr=0.05, betas=(0.9, 0.99), eps=1e-8, weight_decay=0.01, maximize=False
        ),
    ],
)
def test_optimizers(make):
    model = nn.Linear(5, 3)
    optimizer, other = make(model.parameters()), make(nn.Linear(5, 3).parameters())
    losses = []
    for _ in range(5):
        optimizer.zero_grad()
        loss = (model(given(ROWS)) ** 2).sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
    other.load_state_dict(optimizer.state_dict())
    assert list(other.state_dict()["state"]) == [0, 1]
