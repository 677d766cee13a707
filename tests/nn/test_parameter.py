"""``parameter.py``: a Variable that modules know."""

from __future__ import annotations

import copy
import pickle

import numpy as np

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.errors import GraphError
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy
from tests.core.raising import raises


def test_it_is_a_variable_that_requires_grad():
    parameter = nn.Parameter([1.0, 2.0])
    assert isinstance(parameter, Variable)
    assert parameter.requires_grad
    assert parameter.is_leaf
    assert not nn.Parameter([1], requires_grad=False).requires_grad
    with raises(TypeError, "floating", "int64"):
        nn.Parameter(np.array([1]))


def test_it_shares_memory_with_the_array():
    array = to_backend(np.zeros(2))
    parameter = nn.Parameter(array)
    array[...] = 3.0
    assert_equal(parameter, np.full(2, 3.0))


def test_what_is_computed_from_it_is_no_parameter():
    parameter = nn.Parameter([1.0, 2.0])
    assert type(parameter * 2) is Variable
    assert type(parameter.detach()) is Variable
    made_of_another = nn.Parameter(parameter * 2)
    assert made_of_another.is_leaf


def test_a_frozen_parameter_keeps_its_place_in_an_augmented_assignment():
    model = nn.Linear(2, 1)
    average = copy.deepcopy(model).requires_grad_(False)
    expected = 0.75 * to_numpy(average.weight) + 0.25 * to_numpy(model.weight)
    with sa.no_grad():
        for p, new in zip(average.parameters(), model.parameters(), strict=True):
            p *= 0.75
            p += 0.25 * new
    assert_close(average.weight, expected)
    assert not average.weight.requires_grad
    weight = average.weight
    weight -= weight
    assert weight is average.weight
    assert_equal(weight, np.zeros((1, 2), "float32"))


def test_a_write_into_a_frozen_parameter_is_seen_by_the_tape():
    frozen, v = nn.Parameter([2.0], requires_grad=False), nn.Parameter([3.0])
    out = (frozen * v).sum()
    frozen *= 5
    with raises(GraphError, "multiply", "overwritten"):
        out.backward()


def test_what_a_recorded_assignment_makes_of_a_frozen_parameter_is_on_the_tape():
    frozen, v = nn.Parameter([2.0], requires_grad=False), nn.Parameter([3.0])
    held = frozen
    frozen *= v
    assert frozen.requires_grad
    assert_equal(held, np.array([2.0]))


def test_copies_stay_parameters():
    parameter = nn.Parameter(to_backend(np.array([1.0, 2.0])))
    for twin in (copy.deepcopy(parameter), pickle.loads(pickle.dumps(parameter))):
        assert type(twin) is nn.Parameter
        assert twin.requires_grad
        assert_equal(twin, to_numpy(parameter))
    assert repr(parameter).startswith("Parameter([1., 2.]")
