"""``Unflatten`` beyond the table of layers."""

from __future__ import annotations

import numpy as np

from simple_autograd import nn
from tests.core.arrays import to_backend
from tests.core.raising import raises


def test_an_empty_batch():
    assert nn.Unflatten(1, (2, -1))(to_backend(np.ones((0, 6)))).shape == (0, 2, 3)


def test_errors():
    x = to_backend(np.ones((4, 6)))
    with raises(ValueError, "Unflatten: dim is 2", "(4, 6)"):
        nn.Unflatten(2, (2, 3))(x)
    for lengths in ((2, 2), (-1, -1), (4, -1), (0, -1)):
        with raises(ValueError, f"Unflatten: unflattened_size is {lengths}", "(4, 6)", "6"):
            nn.Unflatten(1, lengths)(x)
    with raises(TypeError, "Unflatten: unflattened_size is 6", "tuple of integers"):
        nn.Unflatten(1, 6)
    with raises(TypeError, "Unflatten: unflattened_size is ('a', 2)"):
        nn.Unflatten(1, ("a", 2))
