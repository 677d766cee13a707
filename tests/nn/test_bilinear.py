"""The bilinear map beyond the table of layers."""

from __future__ import annotations

import numpy as np
import pytest

from simple_autograd import nn
from simple_autograd.nn import functional
from tests.core.arrays import to_backend, to_numpy
from tests.core.raising import raises


def test_an_empty_batch():
    layer = nn.Bilinear(3, 2, 4).to("float64")
    assert layer(to_backend(np.ones((0, 3))), to_backend(np.ones((0, 2)))).shape == (0, 4)


def test_initial_values_are_pytorchs_distribution():
    layer = nn.Bilinear(25, 30, 40)
    for parameter in layer.parameters():
        assert np.abs(to_numpy(parameter)).max() <= 0.2
    assert np.abs(to_numpy(layer.weight)).max() > 0.199


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        (((5, 3), (4, 2), (4, 3, 2), None), ["(5, 3)", "(4, 2)", "(..., J)"]),
        (((5, 3), (5, 2), (4, 2, 3), None), ["(4, 2, 3)", "(O, I, J)"]),
        (((5, 3), (5, 2), (4, 3), None), ["(4, 3)", "(O, I, J)"]),
        (((5, 3), (5, 2), (4, 3, 2), (3,)), ["bias is a", "(3,)", "(4,)"]),
    ],
)
def test_errors(shapes, words):
    given = [None if shape is None else to_backend(np.ones(shape)) for shape in shapes]
    with raises(ValueError, "bilinear: ", *words):
        functional.bilinear(*given)
    with raises(ValueError, "Bilinear: in2_features is 0"):
        nn.Bilinear(3, 0, 4)
