"""Heads cut out of vectors and joined again, in both orders of axes, and with outputs that nobody used."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable
from simple_autograd.nn.functional.heads import join_heads, split_heads
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy

RNG = np.random.default_rng(23)
LAYOUTS = pytest.mark.parametrize(
    ("count", "batch_first"), [(1, True), (3, True), (1, False), (2, False)]
)


def expected(x: np.ndarray, count: int, batch_first: bool) -> list[np.ndarray]:
    """The heads of (N, L, count * 6) or (L, N, count * 6), two of three features each."""
    x = x if batch_first else x.swapaxes(0, 1)
    return [
        np.stack([part[..., 3 * head : 3 * head + 3] for head in range(2)], axis=1)
        for part in np.split(x, count, axis=-1)
    ]


@LAYOUTS
@pytest.mark.parametrize("lead", [(4, 5), (0, 5), (4, 0)], ids=str)
def test_split_and_joined_again(lead, count, batch_first):
    x = RNG.normal(size=(*lead, count * 6))
    heads = split_heads(to_backend(x), count=count, num_heads=2, batch_first=batch_first)
    for found, wanted in zip(heads, expected(x, count, batch_first), strict=True):
        assert_equal(found, wanted)
    assert_equal(join_heads(*heads, batch_first=batch_first), x)


@LAYOUTS
def test_gradients_of_both_orders_where_the_last_part_alone_is_used(count, batch_first):
    """Each is linear: its gradient is the other, and what was not used has a gradient of 0."""
    x = Variable(to_backend(RNG.normal(size=(2, 4, count * 6))))
    last = split_heads(x, count=count, num_heads=2, batch_first=batch_first)[-1]
    above = Variable(to_backend(RNG.normal(size=last.shape)))
    (found,) = sa.grad(last, x, above, create_graph=True)
    parts = [np.zeros(last.shape)] * (count - 1) + [to_numpy(above)]
    for part, wanted in zip(parts, expected(to_numpy(found), count, batch_first), strict=True):
        assert_equal(part, wanted)
    weights = to_backend(RNG.normal(size=found.shape))
    (second,) = sa.grad(found, above, weights)
    assert_close(second, expected(to_numpy(weights), count, batch_first)[-1])
