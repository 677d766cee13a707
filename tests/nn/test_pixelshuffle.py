"""Shuffles beyond the table of layers: what undoes what, and errors."""

from __future__ import annotations

import numpy as np

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.nn import functional
from tests.core.arrays import assert_equal, to_backend
from tests.core.raising import raises

X = np.random.default_rng(3).normal(size=(2, 8, 4, 6))


def test_one_undoes_the_other():
    x = to_backend(X)
    assert_equal(functional.pixel_unshuffle(functional.pixel_shuffle(x, 2), 2), X)
    assert_equal(functional.pixel_shuffle(functional.pixel_unshuffle(x, 2), 2), X)
    assert_equal(functional.channel_shuffle(functional.channel_shuffle(x, 2), 4), X)
    assert functional.pixel_shuffle(x[:0, ...], 2).shape == (0, 2, 8, 12)


def test_channels_are_shuffled_again_in_the_gradient():
    v = Variable(to_backend(X))
    above = np.random.default_rng(4).normal(size=X.shape)
    (first,) = sa.grad(functional.channel_shuffle(v, 2), v, to_backend(above), create_graph=True)
    assert_equal(functional.channel_shuffle(first, 2), above)


def test_errors():
    x = to_backend(X)
    with raises(ValueError, "pixel_shuffle: x is a", "(2, 8, 4, 6)", "9 divides"):
        nn.PixelShuffle(3)(x)
    with raises(ValueError, "pixel_unshuffle: x is a", "4 divides"):
        nn.PixelUnshuffle(4)(x)
    with raises(ValueError, "pixel_shuffle: upscale_factor is 0"):
        functional.pixel_shuffle(x, 0)
    with raises(ValueError, "pixel_unshuffle: x is a", "three axes"):
        functional.pixel_unshuffle(to_backend(X[0, 0]), 2)
    with raises(ValueError, "channel_shuffle: groups is 3", "divide C"):
        nn.ChannelShuffle(3)(x)
    with raises(ValueError, "channel_shuffle: groups is 2", "three axes"):
        functional.channel_shuffle(to_backend(X[0, 0]), 2)
