"""``optim/adam.py``: PyTorch's numbers, step by step, with every setting."""

from __future__ import annotations

import pytest

from simple_autograd import Variable, nn
from tests.core.raising import raises
from tests.nn.optimizer_oracle import Pair

SETTINGS = [
    {"lr": 0.1},
    {"lr": 0.1, "maximize": True},
    {"lr": 0.1, "betas": (0.0, 0.5)},
    {"lr": 0.1, "betas": (0.5, 0.7)},
    {"lr": 0.1, "eps": 0.1},
    {"lr": 0.1, "weight_decay": 0.3},
    {"lr": 0.1, "amsgrad": True},
    {"lr": 0.03, "amsgrad": True, "weight_decay": 0.1, "maximize": True, "betas": (0.8, 0.9)},
    {"lr": 0.0},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_fifty_steps(settings, torch):
    pair = Pair(torch, "Adam", **settings)
    pair.run(50)
    pair.compare(1e-12)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_fifty_steps_with_gradients_missing(settings, torch):
    pair = Pair(torch, "Adam", **settings)
    pair.run(50, missing=True)
    pair.compare(1e-12)


@pytest.mark.parametrize("settings", SETTINGS[::3], ids=str)
def test_single_precision(settings, torch):
    pair = Pair(torch, "Adam", "float32", **settings)
    pair.run(10)
    pair.compare(1e-4)


def test_settings_changed_between_steps(torch):
    pair = Pair(torch, "Adam", lr=0.1)
    for rate in (0.1, 0.02, 0.3):
        for optimizer in (pair.optimizer, pair.oracle):
            optimizer.param_groups[0].update(lr=rate, weight_decay=rate)
        pair.run(2)
    pair.compare(1e-12)


def test_betas_changed_in_each_step(torch):
    pair = Pair(torch, "Adam", lr=0.1)
    for beta in (0.95, 0.5, 0.05, 0.0, 0.9, 0.85):
        for optimizer in (pair.optimizer, pair.oracle):
            optimizer.param_groups[0].update(betas=(beta, 0.99 - beta / 2))
        pair.run(3)
    pair.compare(1e-12)


@pytest.mark.parametrize("amsgrad", [False, True])
def test_state_may_be_read_at_any_step(amsgrad, torch):
    pair = Pair(torch, "Adam", lr=0.1, amsgrad=amsgrad, betas=(0.6, 0.8))
    for _ in range(20):
        pair.run(1)
        pair.compare(1e-12)


def test_defaults_are_pytorchs(torch):
    ours = nn.optim.Adam([Variable(1.0)]).defaults
    theirs = torch.optim.Adam([torch.ones(1)]).defaults
    assert ours == {key: theirs[key] for key in ours}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"lr": -1.0}, ["Adam: lr is -1.0", "at least 0"]),
        ({"eps": -1e-9}, ["Adam: eps is -1e-09", "at least 0"]),
        ({"weight_decay": -1}, ["Adam: weight_decay is -1"]),
        ({"betas": (0.9, 1.0)}, ["Adam: betas is (0.9, 1.0)", "in [0, 1)"]),
        ({"betas": (-0.1, 0.9)}, ["Adam: betas is (-0.1, 0.9)"]),
        ({"betas": (0.9,)}, ["Adam: betas is (0.9,)", "two"]),
    ],
)
def test_settings_that_make_no_sense(settings, words):
    with raises(ValueError, *words):
        nn.optim.Adam([Variable(1.0)], **settings)


def test_complex_parameters_are_refused():
    with raises(TypeError, "Adam", "complex128", "real"):
        nn.optim.Adam([Variable(1.0 + 2.0j)])
