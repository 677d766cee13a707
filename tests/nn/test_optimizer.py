"""``optim/optimizer.py`` and ``optim/blocks.py``: groups, steps, state, and what is refused."""

from __future__ import annotations

import copy
import gc
import pickle

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.backends import get_backend
from tests.core.arrays import (
    assert_close,
    assert_equal,
    shares_host_memory,
    to_backend,
    to_numpy,
)
from tests.core.raising import raises
from tests.nn.optimizer_oracle import Pair

each_optimizer = pytest.mark.parametrize(
    ("name", "settings"),
    [("SGD", {"lr": 0.1, "momentum": 0.9}), ("SGD", {"lr": 0.1}), ("Adam", {"amsgrad": True})],
    ids=["SGD momentum", "SGD", "Adam"],
)


def model(dtype="float32"):
    sa.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 6, dtype=dtype), nn.Tanh(), nn.Linear(6, 2, dtype=dtype))


def train(net, optimizer, steps, seed=0):
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        optimizer.zero_grad()
        x = to_backend(rng.normal(size=(8, 4)).astype(np.float32))
        (net(x) ** 2).sum().backward()
        optimizer.step()


def values(net):
    return [to_numpy(value).copy() for value in net.state_dict().values()]


def make(name, net, settings):
    return getattr(nn.optim, name)(net.parameters(), **settings)


# Steps --------------------------------------------------------------------------------------------


@each_optimizer
def test_parameters_keep_their_arrays(name, settings):
    array = to_backend(np.ones((3, 2)))
    parameter = Variable(array)
    optimizer = getattr(nn.optim, name)([parameter], **settings)
    before = parameter.data
    for _ in range(3):
        parameter.grad = to_backend(np.ones((3, 2)))
        optimizer.step()
    assert parameter.data is before
    assert_equal(array, to_numpy(parameter))
    assert (to_numpy(array) < 1).all()


@each_optimizer
def test_gradients_are_left_alone(name, settings):
    parameter = Variable(to_backend(np.ones((200, 100))))
    gradient = to_backend(np.full((200, 100), 2.0))
    parameter.grad = gradient
    settings = {**settings, "weight_decay": 0.1, "maximize": True}
    getattr(nn.optim, name)([parameter], **settings).step()
    assert_equal(gradient, np.full((200, 100), 2.0))


@each_optimizer
def test_what_has_no_gradient_stays(name, settings):
    moved, still, fixed = Variable([1.0]), Variable([1.0]), Variable([1.0], requires_grad=False)
    optimizer = getattr(nn.optim, name)([moved, still, fixed], weight_decay=0.5, **settings)
    optimizer.step()
    (moved * still.detach() * fixed).sum().backward()
    optimizer.step()
    assert to_numpy(moved)[0] < 1
    assert_equal(still, np.ones(1))
    assert_equal(fixed, np.ones(1))
    assert set(optimizer.state) <= {moved}


@each_optimizer
def test_the_tape_sees_a_step(name, settings):
    net = model()
    optimizer = make(name, net, settings)
    x = Variable(to_backend(np.ones((1, 4), np.float32)))
    loss = net(x).sum()
    loss.backward(retain_graph=True)
    optimizer.step()
    with raises(sa.errors.GraphError, f"{name}.step"):
        loss.backward()


@each_optimizer
def test_gradients_that_are_variables(name, settings):
    plain, recorded = model(), model()
    for net, create_graph in ((plain, False), (recorded, True)):
        x = to_backend(np.ones((2, 4), np.float32))
        (net(x) ** 2).sum().backward(create_graph=create_graph)
        make(name, net, settings).step()
    for first, second in zip(values(plain), values(recorded), strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-5)


def test_a_closure_is_called_with_gradients_on():
    parameter = Variable([3.0])
    optimizer = nn.optim.SGD([parameter], lr=0.5)

    def closure():
        optimizer.zero_grad()
        loss = (parameter**2).sum()
        loss.backward()
        return loss

    with sa.no_grad():
        assert optimizer.step(closure).item() == 9.0
    assert optimizer.step() is None
    assert_equal(parameter, np.array([-3.0]))


def test_zero_grad():
    parameter, other = Variable([3.0]), Variable([1.0])
    optimizer = nn.optim.SGD([parameter, other])
    (parameter**2).sum().backward()
    gradient = parameter.grad
    optimizer.zero_grad(set_to_none=False)
    assert_equal(parameter.grad, np.zeros(1))
    assert_equal(gradient, np.array([6.0]))
    assert other.grad is None
    optimizer.zero_grad()
    assert parameter.grad is None


@each_optimizer
def test_moving_a_model_takes_the_state_along(name, settings):
    net = model()
    optimizer = make(name, net, settings)
    train(net, optimizer, 2)
    net.to("float64")
    train(net, optimizer, 2)
    assert {v.dtype for v in values(net)} == {np.dtype("float64")}
    for entry in optimizer.state.values():
        for key, value in entry.items():
            assert key == "step" or to_numpy(value).dtype == np.float64
    if name == "Adam":
        assert {entry["step"] for entry in optimizer.state.values()} == {4}


def test_another_array_of_another_shape_is_told():
    parameter = Variable([1.0, 2.0])
    optimizer = nn.optim.Adam([parameter])
    parameter.grad = to_backend(np.ones(2))
    optimizer.step()
    parameter.data = to_backend(np.ones(3))
    parameter.grad = to_backend(np.ones(3))
    with raises(ValueError, "Adam: the state 'exp_avg'", "(2,)", "(3,)"):
        optimizer.step()


def test_many_blocks_at_once(torch):
    """Data types differ, so do steps; each kind is its own block."""
    pair = Pair(torch, "Adam", lr=0.1)
    narrow = Variable(to_backend(np.ones(4, np.float32)))
    pair.optimizer.add_param_group({"params": narrow, "lr": 0.5})
    pair.optimizer.param_groups[0]["params"].append(Variable(to_backend(np.ones(4, np.float32))))
    wide = pair.optimizer.param_groups[0]["params"][-1]
    for _ in range(3):
        narrow.grad = wide.grad = None
        pair.run(1, missing=True)
        narrow.grad = wide.grad = to_backend(np.ones(4, np.float32))
        pair.optimizer.zero_grad = lambda: None
        for parameter in pair.ours:
            parameter.grad = None
        pair.optimizer.step()
        del pair.optimizer.zero_grad
    np.testing.assert_allclose(to_numpy(narrow), 1 - 3 * 0.5, rtol=1e-5)
    np.testing.assert_allclose(to_numpy(wide), 1 - 3 * 0.1, rtol=1e-5)
    for ours, theirs in zip(pair.ours, pair.theirs, strict=True):
        assert_close(ours, theirs.detach().numpy(), 1e-12)


def test_steps_leave_no_cycles():
    net = model()
    optimizer = nn.optim.Adam(net.parameters())
    train(net, optimizer, 2)
    gc.collect()
    gc.disable()
    try:
        train(net, optimizer, 3)
        assert gc.collect() == 0
    finally:
        gc.enable()


# Groups -------------------------------------------------------------------------------------------


def test_groups_have_settings_of_their_own(torch):
    def groups(parameters):
        return [{"params": parameters[:1], "lr": 0.5}, {"params": parameters[1]}]

    ours = [Variable([1.0]), Variable([2.0])]
    theirs = [torch.tensor([1.0], requires_grad=True), torch.tensor([2.0], requires_grad=True)]
    optimizer = nn.optim.SGD(groups(ours), lr=0.1, momentum=0.5)
    oracle = torch.optim.SGD(groups(theirs), lr=0.1, momentum=0.5)
    third = Variable([3.0]), torch.tensor([3.0], requires_grad=True)
    optimizer.add_param_group({"params": third[0], "maximize": True})
    oracle.add_param_group({"params": third[1], "maximize": True})
    for _ in range(3):
        for variable, tensor in [*zip(ours, theirs, strict=True), third]:
            variable.grad, tensor.grad = to_backend(np.ones(1)), torch.ones(1)
        optimizer.step()
        oracle.step()
    for variable, tensor in [*zip(ours, theirs, strict=True), third]:
        np.testing.assert_allclose(to_numpy(variable), tensor.detach().numpy(), rtol=1e-6)
    for group, expected in zip(optimizer.param_groups, oracle.param_groups, strict=True):
        assert {k: v for k, v in group.items() if k != "params"} == {
            k: expected[k] for k in group if k != "params"
        }


def test_named_parameters_are_taken():
    net = model()
    optimizer = nn.optim.SGD(net.named_parameters())
    assert optimizer.param_groups[0]["param_names"] == list(net.state_dict())
    train(net, optimizer, 1)


def test_what_cannot_be_optimized():
    v = Variable([1.0])
    with raises(TypeError, "SGD: params is a Variable", "iterable", "[v]"):
        nn.optim.SGD(v)
    with raises(TypeError, "SGD: params is a Linear"):
        nn.optim.SGD(nn.Linear(2, 2))
    with raises(ValueError, "Adam: params is empty"):
        nn.optim.Adam([])
    with raises(TypeError, "SGD: parameter 1 is a", "Variable"):
        nn.optim.SGD([v, to_backend(np.ones(2))])
    with raises(ValueError, "SGD: parameter 0 is the result of multiply", "detach()"):
        nn.optim.SGD([v * 2])
    with raises(ValueError, "SGD: parameter 1 (shape (1,)) stands in the groups already"):
        nn.optim.SGD([v, v])
    with raises(ValueError, "parameter 0", "already"):
        nn.optim.SGD([{"params": [v]}, {"params": [v]}])
    with raises(TypeError, "SGD: params is a set", "list"):
        nn.optim.SGD({v})
    with raises(TypeError, "parameter group", "'params'"):
        nn.optim.SGD([{"lr": 0.1}])
    with raises(ValueError, "SGD: lr is -3"):
        nn.optim.SGD([{"params": [v], "lr": -3}])


def test_what_may_not_be_written_cannot_be_optimized(backend):
    if not shares_host_memory(backend):
        pytest.skip("its arrays have memory of their own")
    frozen = np.ones(2)
    frozen.flags.writeable = False
    with raises(ValueError, "SGD: parameter 0 (shape (2,))", "may not be written", "copy"):
        nn.optim.SGD([Variable(to_backend(frozen))])


# State --------------------------------------------------------------------------------------------


@each_optimizer
@pytest.mark.parametrize("way", ["state_dict", "pickled state_dict", "pickle", "deepcopy"])
def test_resuming_is_exact_to_the_bit(name, settings, way):
    net = model()
    optimizer = make(name, net, settings)
    train(net, optimizer, 3)
    if way in ("pickle", "deepcopy"):
        duplicate = copy.deepcopy if way == "deepcopy" else lambda x: pickle.loads(pickle.dumps(x))
        other, resumed = duplicate((net, optimizer))
    else:
        state = optimizer.state_dict()
        if way.startswith("pickled"):
            arrays = {k: {n: to_numpy(v) for n, v in e.items()} for k, e in state["state"].items()}
            state = pickle.loads(pickle.dumps({**state, "state": arrays}))
        other = model()
        other.load_state_dict({k: to_numpy(v).copy() for k, v in net.state_dict().items()})
        resumed = make(name, other, {"lr": 77.0})
        resumed.load_state_dict(state)
    train(net, optimizer, 4, seed=1)
    train(other, resumed, 4, seed=1)
    for first, second in zip(values(net), values(other), strict=True):
        np.testing.assert_array_equal(first, second)


def test_state_dict_has_pytorchs_structure(torch):
    pair = Pair(torch, "Adam", lr=0.1, amsgrad=True)
    assert pair.optimizer.state_dict()["state"] == {}
    pair.run(2)
    ours, theirs = pair.optimizer.state_dict(), pair.oracle.state_dict()
    assert list(ours) == list(theirs)
    for number, entry in theirs["state"].items():
        assert list(ours["state"][number]) == list(entry)
        for key, value in entry.items():
            assert tuple(ours["state"][number][key].shape) == tuple(value.shape)
            assert type(ours["state"][number][key]) is get_backend().array_type
    group = ours["param_groups"][0]
    assert group == {key: theirs["param_groups"][0][key] for key in group}


@each_optimizer
def test_pytorchs_state_loads(name, settings, torch):
    first = Pair(torch, name, **settings)
    first.run(5)
    state = first.oracle.state_dict()
    arrays = {
        number: {key: None if value is None else value.numpy() for key, value in entry.items()}
        for number, entry in state["state"].items()
    }
    fresh = Pair(torch, name, **settings)
    fresh.optimizer.load_state_dict({**state, "state": arrays})
    fresh.oracle, fresh.theirs = first.oracle, first.theirs
    for ours, theirs in zip(fresh.ours, fresh.theirs, strict=True):
        ours.data[...] = to_backend(theirs.detach().numpy())
    fresh.run(5)
    fresh.compare(1e-12)


def test_state_dict_is_a_copy():
    net = model()
    optimizer = nn.optim.Adam(net.parameters())
    train(net, optimizer, 1)
    state = optimizer.state_dict()
    before = to_numpy(state["state"][0]["exp_avg"]).copy()
    train(net, optimizer, 1)
    np.testing.assert_array_equal(to_numpy(state["state"][0]["exp_avg"]), before)
    resumed = nn.optim.Adam(net.parameters())
    resumed.load_state_dict(state)
    train(net, resumed, 1)
    np.testing.assert_array_equal(to_numpy(state["state"][0]["exp_avg"]), before)


def test_loaded_arrays_are_copies():
    def loaded(spoil):
        parameter = Variable(to_backend(np.ones(3)))
        optimizer = nn.optim.SGD([parameter], lr=1.0, momentum=0.5)
        state = optimizer.state_dict()
        state["state"] = {0: {"momentum_buffer": to_backend(np.full(3, 8.0))}}
        optimizer.load_state_dict(state)
        if spoil:
            state["state"][0]["momentum_buffer"][...] = 0
        taken = optimizer.state_dict()["state"][0]["momentum_buffer"]
        parameter.grad = to_backend(np.ones(3))
        optimizer.step()
        assert_equal(taken, np.full(3, 8.0))
        return to_numpy(parameter)

    np.testing.assert_array_equal(loaded(spoil=True), loaded(spoil=False))


def test_settings_come_back():
    first = nn.optim.SGD(
        [{"params": Variable([1.0]), "lr": 0.3}, {"params": Variable([1.0])}], lr=0.1
    )
    first.param_groups[0]["initial_lr"] = 0.7
    second = nn.optim.SGD([{"params": Variable([1.0])}, {"params": Variable([1.0])}], lr=9.0)
    second.load_state_dict(first.state_dict())
    assert [group["lr"] for group in second.param_groups] == [0.3, 0.1]
    assert second.param_groups[0]["initial_lr"] == 0.7


def test_state_that_does_not_fit():
    net = model()
    optimizer = nn.optim.Adam(net.parameters())
    train(net, optimizer, 1)
    state = optimizer.state_dict()
    with raises(ValueError, "SGD.load_state_dict: parameter 0", "'exp_avg'", "momentum_buffer"):
        nn.optim.SGD(net.parameters()).load_state_dict(state)
    with raises(ValueError, "Adam.load_state_dict: the groups given have [4]", "[1]"):
        nn.optim.Adam([Variable([1.0])]).load_state_dict(state)
    with raises(ValueError, "Adam.load_state_dict", "parameter 9", "no group"):
        optimizer.load_state_dict({**state, "state": {9: {}}})
    bad = copy.copy(state)
    bad["state"] = {**state["state"], 1: {"exp_avg": to_backend(np.ones(5))}}
    bad["param_groups"] = [{**state["param_groups"][0], "lr": 55.0}]
    with raises(ValueError, "Adam: the state 'exp_avg' of parameter 1", "(5,)", "(6,)"):
        optimizer.load_state_dict(bad)
    assert optimizer.param_groups[0]["lr"] == 1e-3
    bad["state"], bad["param_groups"] = state["state"], [{**state["param_groups"][0], "eps": -1}]
    with raises(ValueError, "Adam: eps is -1"):
        optimizer.load_state_dict(bad)
    assert optimizer.param_groups[0]["lr"] == 1e-3


def test_a_rate_below_zero_by_rounding_comes_back():
    """A line down to 0 ends at -1e-17: what was saved there can be resumed."""
    parameter = Variable(to_backend(np.ones(2)))
    optimizer = nn.optim.SGD([parameter], lr=0.3)
    schedule = nn.optim.lr_scheduler.LinearLR(optimizer, 0.2, 0.0, total_iters=5)
    for _ in range(5):
        optimizer.step()
        schedule.step()
    assert -1e-15 < optimizer.param_groups[0]["lr"] < 0
    resumed = nn.optim.SGD([parameter], lr=0.3)
    resumed.load_state_dict(optimizer.state_dict())
    assert resumed.param_groups[0]["lr"] == optimizer.param_groups[0]["lr"]


def test_repr_is_pytorchs(torch):
    ours = nn.optim.SGD([Variable([1.0])], lr=0.5)
    theirs = torch.optim.SGD([torch.ones(1)], lr=0.5)
    shown = [
        line for line in repr(theirs).split("\n") if line.split(":")[0].strip() not in NOT_OURS
    ]
    assert repr(ours).split("\n") == shown


NOT_OURS = {"foreach", "fused", "differentiable"}


def test_an_optimizer_of_ones_own():
    class Signs(nn.optim.Optimizer):
        def __init__(self, params, lr=0.1):
            super().__init__(params, {"lr": lr})

        def update(self, block, gradients, group):
            for array, gradient in zip(block.stored, gradients, strict=True):
                array[...] = array - group["lr"] * block.backend.xp.sign(gradient)

    net = nn.Linear(3, 2)
    optimizer = Signs(net.parameters())
    before = values(net)
    net(to_backend(np.array([1.0, -1, 2], np.float32))).sum().backward()
    optimizer.step()
    steps = np.sign([[1, -1, 2]] * 2)
    np.testing.assert_allclose(values(net)[0], before[0] - 0.1 * steps, rtol=1e-5)
    with raises(NotImplementedError, "Optimizer", "update"):
        bare = nn.optim.Optimizer([net.bias], {})
        bare.step()
