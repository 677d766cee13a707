"""``optim/sgd.py``: PyTorch's numbers, step by step, with every setting."""

from __future__ import annotations

import pytest

from simple_autograd import Variable, nn
from tests.core.raising import raises
from tests.nn.optimizer_oracle import Pair

SETTINGS = [
    {"lr": 0.1},
    {"lr": 0.1, "maximize": True},
    {"lr": 0.1, "weight_decay": 0.3},
    {"lr": 0.05, "momentum": 0.9},
    {"lr": 0.05, "momentum": 0.9, "dampening": 0.4},
    {"lr": 0.05, "momentum": 0.9, "dampening": -0.1, "weight_decay": 0.1},
    {"lr": 0.05, "momentum": 0.8, "nesterov": True},
    {"lr": 0.01, "momentum": 0.8, "nesterov": True, "weight_decay": 0.2, "maximize": True},
    {"lr": 0.0, "momentum": 0.5},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_fifty_steps(settings, torch):
    pair = Pair(torch, "SGD", **settings)
    pair.run(50)
    pair.compare(1e-12)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_fifty_steps_with_gradients_missing(settings, torch):
    pair = Pair(torch, "SGD", **settings)
    pair.run(50, missing=True)
    pair.compare(1e-12)


@pytest.mark.parametrize("settings", SETTINGS[3:8:2], ids=str)
def test_single_precision(settings, torch):
    pair = Pair(torch, "SGD", "float32", **settings)
    pair.run(10)
    pair.compare(1e-5)


def test_momentum_switched_on_later(torch):
    pair = Pair(torch, "SGD", lr=0.1)
    pair.run(3)
    for optimizer in (pair.optimizer, pair.oracle):
        optimizer.param_groups[0]["momentum"] = 0.9
        optimizer.param_groups[0]["dampening"] = 0.5
    pair.run(3)
    pair.compare(1e-12)


def test_defaults_are_pytorchs(torch):
    ours = nn.optim.SGD([Variable(1.0)]).defaults
    theirs = torch.optim.SGD([torch.ones(1)]).defaults
    assert ours == {key: theirs[key] for key in ours}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"lr": -1.0}, ["SGD: lr is -1.0", "at least 0"]),
        ({"momentum": -0.5}, ["SGD: momentum is -0.5", "at least 0"]),
        ({"weight_decay": -1}, ["SGD: weight_decay is -1"]),
        ({"nesterov": True}, ["SGD: nesterov", "momentum 0", "above 0"]),
        ({"nesterov": True, "momentum": 0.9, "dampening": 0.1}, ["dampening 0.1", "of 0"]),
        ({"lr": float("nan")}, ["SGD: lr is nan"]),
    ],
)
def test_settings_that_make_no_sense(settings, words):
    with raises(ValueError, *words):
        nn.optim.SGD([Variable(1.0)], **settings)


def test_settings_are_numbers():
    with raises(TypeError, "SGD: lr is a Variable", "number"):
        nn.optim.SGD([Variable(1.0)], lr=Variable(0.1))
