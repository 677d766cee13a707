"""``layers/container.py``: Sequential as a list of modules."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np

from simple_autograd import nn
from tests.core.arrays import assert_equal, to_backend, to_numpy
from tests.core.raising import raises


def make(lib=nn):
    return lib.Sequential(lib.Linear(2, 3), lib.ReLU(), lib.Linear(3, 1))


def test_it_calls_its_modules_in_turn():
    model, x = make(), to_backend(np.ones((4, 2), np.float32))
    assert_equal(model(x), to_numpy(model[2](model[1](model[0](x)))))
    assert nn.Sequential()(x) is x


def test_it_is_indexed_like_a_list():
    model = make()
    assert len(model) == 3
    assert [type(m).__name__ for m in model] == ["Linear", "ReLU", "Linear"]
    assert model[-1] is list(model)[2]
    assert model[np.int64(1)] is model[1]
    model[1] = nn.Tanh()
    assert [type(m).__name__ for m in model] == ["Linear", "Tanh", "Linear"]
    with raises(IndexError, "Sequential: index is 3", "3 modules"):
        model[3]
    with raises(TypeError, "Sequential: index is a str"):
        model["0"]


def test_slices_share_the_modules_and_keep_their_names(torch):
    model, theirs = make(), make(torch.nn)
    part = model[1:]
    assert type(part) is nn.Sequential
    assert part[1] is model[2]
    assert list(part.state_dict()) == list(theirs[1:].state_dict())
    part.append(nn.Identity())
    assert [type(m).__name__ for m in part] == ["ReLU", "Linear", "Identity"]


def test_names_from_a_mapping(torch):
    def named(lib):
        return lib.Sequential(OrderedDict(first=lib.Linear(2, 2), act=lib.ReLU()))

    ours = named(nn)
    assert ours.first is ours[0]
    assert list(ours.state_dict()) == ["first.weight", "first.bias"]
    assert repr(ours) == repr(named(torch.nn))


def test_it_grows_and_shrinks(torch):
    def changed(lib):
        model = lib.Sequential(lib.ReLU())
        model.append(lib.Linear(2, 2)).extend([lib.Tanh(), lib.Identity()])
        model.insert(1, lib.Flatten())
        del model[0]
        del model[-1:]
        return model

    ours, theirs = changed(nn), changed(torch.nn)
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())


def test_only_modules_go_in():
    with raises(TypeError, "Sequential.register_module: 0 is a function", "Module"):
        nn.Sequential(lambda x: x)
    with raises(TypeError, "Sequential", "int"):
        make().append(3)
