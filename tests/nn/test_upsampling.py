"""Interpolation beyond the table of layers: every length, factors, special values, errors."""

from __future__ import annotations

import numpy as np
import pytest

from simple_autograd import nn
from simple_autograd.nn import functional
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy
from tests.core.raising import raises

X = np.random.default_rng(3).normal(size=(2, 3, 4, 5))


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "linear", "area"])
def test_all_lengths(mode, torch):
    for length in range(1, 8):
        x = np.arange(length, dtype="float32")[None, None]
        for out in range(1, 20):
            expected = torch.nn.functional.interpolate(torch.tensor(x), out, mode=mode).numpy()
            assert_close(
                to_numpy(functional.interpolate(to_backend(x), out, mode=mode)).astype(float),
                expected.astype(float),
                1e-6,
            )


@pytest.mark.parametrize("factor", [0.3, 0.5, 1.3, 2, 2.7])
@pytest.mark.parametrize("recompute", [None, True])
@pytest.mark.parametrize("align_corners", [False, True])
def test_factors(factor, recompute, align_corners, torch):
    for mode in ("bilinear", "bicubic"):
        settings = {
            "scale_factor": factor,
            "mode": mode,
            "recompute_scale_factor": recompute,
            "align_corners": align_corners,
        }
        expected = torch.nn.functional.interpolate(torch.tensor(X), **settings)
        assert_close(functional.interpolate(to_backend(X), **settings), expected.numpy())


def test_special_values_stay_where_they_are(torch):
    x = np.array([[[1.0, np.nan, 3.0, np.inf]]])
    assert_equal(functional.interpolate(to_backend(x), 8), np.repeat(x, 2, axis=2))
    expected = torch.nn.functional.interpolate(torch.tensor(x), 8, mode="linear")
    assert_equal(functional.interpolate(to_backend(x), 8, mode="linear"), expected.numpy())


def test_an_empty_batch_and_the_same_size():
    assert functional.interpolate(to_backend(X[:0]), 3, mode="bilinear").shape == (0, 3, 3, 3)
    assert_equal(functional.interpolate(to_backend(X), (4, 5)), X)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, ["size is None and scale_factor None", "one of them"]),
        ({"size": 3, "scale_factor": 2}, ["size is 3 and scale_factor 2"]),
        ({"size": (3, 4, 5)}, ["size is (3, 4, 5)", "2 axes"]),
        ({"scale_factor": (2.0,)}, ["scale_factor is (2.0,)"]),
        ({"size": 0}, ["(0, 0)", "at least 1"]),
        ({"size": 3, "mode": "cubic"}, ["mode is 'cubic'", "'bicubic'"]),
        ({"size": 3, "mode": "linear"}, ["mode 'linear'", "1 axes behind"]),
        ({"size": 3, "align_corners": True}, ["align_corners is True", "'nearest'"]),
        ({"size": 3, "recompute_scale_factor": True}, ["recompute_scale_factor", "size"]),
        (
            {"size": 3, "mode": "bilinear", "antialias": True},
            ["antialias", "not supported", "area"],
        ),
    ],
    ids=str,
)
def test_errors(settings, words):
    with raises(ValueError, "interpolate: ", *words):
        functional.interpolate(to_backend(X), **settings)


def test_types():
    with raises(TypeError, "interpolate: x has the type", "floating"):
        nn.Upsample(2)(to_backend(np.ones((1, 1, 3), int)))
    with raises(ValueError, "interpolate: x is a", "(3,)", "behind (N, C)"):
        nn.Upsample(2)(to_backend(np.ones(3)))
