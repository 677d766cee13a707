"""``parameter.py``: a Variable that modules know."""

from __future__ import annotations

import copy
import pickle

import numpy as np

from simple_autograd import Variable, nn
from tests.core.arrays import assert_equal, to_backend, to_numpy
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


def test_copies_stay_parameters():
    parameter = nn.Parameter(to_backend(np.array([1.0, 2.0])))
    for twin in (copy.deepcopy(parameter), pickle.loads(pickle.dumps(parameter))):
        assert type(twin) is nn.Parameter
        assert twin.requires_grad
        assert_equal(twin, to_numpy(parameter))
    assert repr(parameter).startswith("Parameter([1., 2.]")
