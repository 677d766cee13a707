"""``layers/container.py``: Sequential as a list of modules."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import pytest

from simple_autograd import nn
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy
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


# Sequential's arithmetic, and lists ---------------------------------------------------------------


def test_sequentials_add_and_multiply(torch):
    def changed(lib):
        first = lib.Sequential(lib.Linear(2, 2), lib.ReLU())
        second = lib.Sequential(lib.Tanh())
        models = [first + second, second * 3, 2 * first]
        first += second
        first *= 2
        second.pop(0)
        return [*models, first, second, first.pop(1), first.pop(slice(0, 2))]

    for ours, theirs in zip(changed(nn), changed(torch.nn), strict=True):
        assert repr(ours) == repr(theirs)
        assert list(ours.state_dict()) == list(theirs.state_dict())
    model = nn.Sequential(nn.Linear(2, 2))
    assert (model * 2)[1] is model[0]
    with raises(ValueError, "Sequential: it is multiplied by 0", "at least 1"):
        model * 0
    with raises(TypeError, "Sequential: it is multiplied by a float"):
        model * 1.5
    with pytest.raises(TypeError):
        model + nn.ReLU()


def test_what_cannot_be_held_leaves_a_container_as_it_was():
    for model in (make(), nn.ModuleList(make())):
        before = repr(model)
        with raises(TypeError, "function"):
            model.insert(1, abs)
        assert repr(model) == before


def test_module_lists_are_pytorchs(torch):
    def made(lib):
        empty = lib.ModuleList()
        modules = lib.ModuleList([lib.Linear(2, 2), lib.Linear(2, 2), lib.ReLU()])
        modules.append(lib.Tanh()).extend(lib.Sequential(lib.ReLU(), lib.Identity()))
        modules.insert(1, lib.Flatten())
        modules += [lib.Sequential(lib.Linear(2, 1), lib.ReLU())]
        more = [lib.ReLU(), lib.ReLU()]
        whole = modules + more
        part = modules[1:4]
        modules[0] = lib.Identity()
        taken = modules.pop(2)
        del modules[-2:]
        return empty, modules, whole, part, taken

    for ours, theirs in zip(made(nn), made(torch.nn), strict=True):
        assert repr(ours) == repr(theirs)
        assert list(ours.state_dict()) == list(theirs.state_dict())
    modules = made(nn)[1]
    assert list(modules)[-1] is modules[-1]
    with raises(TypeError, "ModuleList: extend was given a ReLU", "list"):
        modules.extend(nn.ReLU())
    with raises(IndexError, "ModuleList: index is 9"):
        modules[9]
    with raises(NotImplementedError, "ModuleList"):
        modules(1)


def test_module_dicts_are_pytorchs(torch):
    def made(lib):
        modules = lib.ModuleDict({"b": lib.Linear(2, 2), "a": lib.ReLU()})
        modules["c"] = lib.Tanh()
        modules.update([("d", lib.Linear(1, 1)), ("a", lib.Identity())])
        modules.update(lib.ModuleDict({"e": lib.Sequential(lib.Linear(1, 2))}))
        taken = modules.pop("c")
        del modules["d"]
        return modules, taken, lib.ModuleDict()

    for ours, theirs in zip(made(nn), made(torch.nn), strict=True):
        assert repr(ours) == repr(theirs)
        assert list(ours.state_dict()) == list(theirs.state_dict())
    modules, truth = made(nn)[0], made(torch.nn)[0]
    assert list(modules) == list(modules.keys()) == list(truth)
    assert len(modules) == 3
    assert "a" in modules
    assert "c" not in modules
    assert dict(modules.items())["a"] is modules["a"] is list(modules.values())[1]
    modules.clear()
    assert len(modules) == 0
    with raises(KeyError, "ModuleDict: key is 'x'"):
        modules["x"]
    with raises(TypeError, "ModuleDict.update: it was given a int"):
        modules.update(3)
    with raises(TypeError, "ModuleDict.update: element 0 is a int"):
        modules.update([3])
    with raises(ValueError, "ModuleDict.update: element 1 has 3 parts"):
        modules.update([("a", nn.ReLU()), (1, 2, 3)])
    with raises(KeyError, "register_module", "'forward'"):
        modules["forward"] = nn.ReLU()


# Parameters ---------------------------------------------------------------------------------------


def shown(module):
    return repr(module).replace("torch.", "").replace("FloatTensor", "float32")


def test_parameter_lists_are_pytorchs(torch):
    def made(lib, convert):
        values = [convert(np.ones(shape, np.float32)) for shape in [(2, 3), (4,), (), (1,)]]
        parameters = lib.ParameterList([lib.Parameter(values[0]), values[1]])
        parameters.append(values[2]).extend([values[3], "text"])
        parameters += [lib.Parameter(values[0])]
        parameters[1] = lib.Parameter(values[3])
        return parameters, parameters[2:], lib.ParameterList()

    for ours, theirs in zip(made(nn, to_backend), made(torch.nn, torch.tensor), strict=True):
        assert shown(ours) == shown(theirs)
        assert list(ours.state_dict()) == list(theirs.state_dict())
        assert len(ours) == len(theirs)
    parameters = made(nn, to_backend)[0]
    assert parameters[-1] is list(parameters)[-1]
    assert all(isinstance(value, nn.Parameter | str) for value in parameters)
    assert len(list(nn.Sequential(parameters).parameters())) == 5
    with raises(IndexError, "ParameterList: index is 6", "6 values"):
        parameters[6]
    with raises(TypeError, "ParameterList.extend: values is a Parameter"):
        parameters.extend(parameters[0])
    with raises(RuntimeError, "ParameterList", "cannot be called"):
        parameters(1)


def test_parameter_dicts_are_pytorchs(torch):
    def made(lib, convert):
        values = [convert(np.ones(shape, np.float32)) for shape in [(2, 3), (4,), (), (1,)]]
        parameters = lib.ParameterDict([("b", values[0]), ("a", lib.Parameter(values[1]))])
        parameters["c"] = values[2]
        parameters.setdefault("d", values[3])
        parameters.setdefault("d", None)
        other = lib.ParameterDict({"e": values[0], "f": "text"})
        joined = parameters | other
        copied = parameters.copy()
        parameters |= other
        last = copied.popitem()[0]
        taken = copied.pop("b")
        default = copied.get("nothing", 5)
        keys = copied.fromkeys(["x", "y"], values[1])
        assert (last, tuple(taken.shape), default) == ("d", (2, 3), 5)
        return parameters, joined, copied, keys

    for ours, theirs in zip(made(nn, to_backend), made(torch.nn, torch.tensor), strict=True):
        assert list(ours.state_dict()) == list(theirs.state_dict())
        assert list(ours) == list(theirs)
        assert list(reversed(ours)) == list(reversed(theirs))
        assert len(ours) == len(theirs)
    parameters = made(nn, to_backend)[0]
    assert repr(parameters).split("\n")[1] == "    (b): Parameter containing: [float32 of size 2x3]"
    assert parameters.get("a") is parameters["a"] is list(parameters.values())[1]
    assert list(parameters.keys()) == [key for key, _ in parameters.items()]
    assert "a" in parameters
    parameters.clear()
    assert len(parameters) == 0
    with raises(KeyError, "ParameterDict: key is 'x'"):
        parameters["x"]
    with raises(TypeError, "ParameterDict: key is a int", "string"):
        parameters[1] = np.ones(2)
    with raises(KeyError, "ParameterDict: key is 'values'", "attribute"):
        parameters["values"] = np.ones(2)
    with raises(RuntimeError, "ParameterDict", "cannot be called"):
        parameters(1)
    with raises(TypeError, "ParameterDict.update: it was given a int"):
        parameters.update(3)


def test_one_parameter_under_two_names_is_optimized_once():
    tied = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    tied[1].weight = tied[0].weight
    optimizer = nn.optim.SGD(tied.parameters(), lr=1.0)
    assert len(optimizer.param_groups[0]["params"]) == 3
    tied[0].weight.grad = to_backend(np.ones((3, 3), np.float32))
    before = to_numpy(tied[0].weight).copy()
    optimizer.step()
    for key in ("0.weight", "1.weight"):
        assert_close(tied.state_dict()[key], before - 1)
