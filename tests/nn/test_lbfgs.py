"""``optim/lbfgs.py`` and its line search: PyTorch's path over smooth functions, state, refusals."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from simple_autograd import Variable, nn
from simple_autograd.nn.optim.line_search import Point, strong_wolfe
from tests.core.arrays import assert_close, to_backend, to_numpy
from tests.core.raising import raises

RNG = np.random.default_rng(5)
START = [RNG.normal(size=(3, 2)), RNG.normal(size=4), np.array(0.7)]
MATRIX = RNG.normal(size=(4, 6))


def bowl(a, b, c, matrix):
    """A smooth function of three parameters with a curved valley."""
    quartic = ((a * a - 1) ** 2).sum() / 4 + ((b @ matrix - 0.3) ** 2).sum()
    return quartic + (c - b[0]) ** 2 + 0.1 * (a * a).sum() * (c * c)


class Run:
    """The same run here and in PyTorch."""

    def __init__(self, torch, **settings):
        self.torch = torch
        self.ours = [Variable(to_backend(value.copy("F"))) for value in START]
        self.theirs = [torch.tensor(value, requires_grad=True) for value in START]
        self.optimizer = nn.optim.LBFGS(self.ours, **settings)
        self.oracle = torch.optim.LBFGS(self.theirs, **settings)

    def step(self, count=1):
        for _ in range(count):
            loss = self.optimizer.step(
                lambda: closure(self.optimizer, self.ours, to_backend(MATRIX))
            )
            truth = self.oracle.step(
                lambda: closure(self.oracle, self.theirs, self.torch.tensor(MATRIX))
            )
            assert loss.item() == pytest.approx(truth.item(), rel=1e-6, abs=1e-12)

    def compare(self, tolerance):
        for ours, theirs in zip(self.ours, self.theirs, strict=True):
            assert_close(ours, theirs.detach().numpy(), tolerance)


def as_numpy(value):
    """Give PyTorch's state with NumPy's arrays."""
    if isinstance(value, dict):
        return {key: as_numpy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_numpy(item) for item in value]
    return value.numpy().copy() if hasattr(value, "numpy") else value


def closure(optimizer, parameters, matrix):
    optimizer.zero_grad()
    loss = bowl(*parameters, matrix)
    loss.backward()
    return loss


@pytest.mark.parametrize(
    "settings",
    [
        {"max_iter": 1, "lr": 0.1},
        {"max_iter": 4, "lr": 0.5, "history_size": 3},
        {"max_iter": 1, "line_search_fn": "strong_wolfe"},
        {"max_iter": 4, "line_search_fn": "strong_wolfe", "history_size": 2},
        {"max_iter": 9, "max_eval": 4, "line_search_fn": "strong_wolfe", "lr": 20.0},
        {"max_iter": 3, "line_search_fn": "strong_wolfe", "lr": 0.01},
        {"tolerance_grad": 0.5, "line_search_fn": "strong_wolfe"},
        {"tolerance_change": 0.05, "line_search_fn": "strong_wolfe"},
    ],
    ids=str,
)
def test_the_path_is_pytorchs(settings, torch):
    run = Run(torch, **settings)
    for steps in (1, 2, 3):
        run.step(steps)
        run.compare(1e-7)
        ours = run.optimizer.state_dict()["state"][0]
        theirs = run.oracle.state_dict()["state"][0]
        assert (ours["n_iter"], ours["func_evals"]) == (theirs["n_iter"], theirs["func_evals"])
        assert set(theirs) - set(ours) <= {"al"}
        assert len(ours["ro"]) == len(theirs["ro"])
    run.step(44)
    run.compare(1e-5)


def test_the_line_search_is_pytorchs(torch):
    """On bumpy functions of one number: the same point after as many evaluations."""
    from torch.optim.lbfgs import _strong_wolfe

    rng = np.random.default_rng(14)
    met = set()
    for _ in range(150):
        slopes, phases = rng.normal(size=4) * 3, rng.normal(size=4)
        quadratic, rate = rng.exponential(), float(rng.choice([0.01, 1.0, 30.0]))
        rates, trials = np.arange(1.0, 5.0), int(rng.integers(1, 26))

        def value(t, s=slopes, p=phases, q=quadratic, r=rates):
            return float(q * (t - 1) ** 2 + (s * np.sin(r * t + p)).sum())

        def slope(t, s=slopes, p=phases, q=quadratic, r=rates):
            return float(2 * q * (t - 1) + (s * r * np.cos(r * t + p)).sum())

        sign = -1.0 if slope(0.0) > 0 else 1.0  # go downhill
        if sign * slope(0.0) > -1e-3:
            continue

        def point(t, value=value, slope=slope, sign=sign):
            return Point(t, value(sign * t), t, sign * slope(sign * t))

        def evaluate(x, t, d, point=point):
            return point(float(t)).value, torch.tensor([point(float(t)).slope], dtype=torch.float64)

        settings = {"tolerance_change": 1e-9}
        found, count = strong_wolfe(
            point, point(0.0), rate, reach=1.0, max_trials=trials, **settings
        )
        start = torch.tensor([point(0.0).slope], dtype=torch.float64)
        direction = torch.ones(1).double()
        _, _, t, evaluations = _strong_wolfe(
            evaluate, None, rate, direction, value(0.0), start, start[0], max_ls=trials, **settings
        )
        assert (float(t), evaluations) == (pytest.approx(found.t, rel=1e-9), count)
        met.add(count)
    assert len(met) > 8


def test_it_finds_the_minimum(torch):
    run = Run(torch, line_search_fn="strong_wolfe")
    run.step(4)
    assert abs(to_numpy(run.ours[2].grad)) < 1e-5


def test_parameters_without_gradient_stay(torch):
    moved, still = Variable(to_backend(np.ones(2))), Variable(to_backend(np.ones(3)))
    optimizer = nn.optim.LBFGS([moved, still])

    def only_one():
        optimizer.zero_grad()
        loss = (moved**4).sum()
        loss.backward()
        return loss

    optimizer.step(only_one)
    assert (to_numpy(moved) < 0.9).all()
    assert_close(still, np.ones(3))


@pytest.mark.parametrize("way", ["state_dict", "pickle", "deepcopy", "pytorch"])
def test_resuming(way, torch):
    run = Run(torch, max_iter=2, line_search_fn="strong_wolfe")
    run.step(3)
    twin = Run(torch, max_iter=2, line_search_fn="strong_wolfe")
    if way in ("pickle", "deepcopy"):
        duplicate = copy.deepcopy if way == "deepcopy" else lambda x: pickle.loads(pickle.dumps(x))
        twin.ours, twin.optimizer = duplicate((run.ours, run.optimizer))
    else:
        state = run.optimizer.state_dict()
        if way == "pytorch":
            state = run.oracle.state_dict()
            state["state"] = {0: as_numpy(state["state"][0])}
        twin.optimizer.load_state_dict(state)
        for ours, origin in zip(twin.ours, run.ours, strict=True):
            ours.data[...] = origin.data
    for _ in range(3):
        for one in (run, twin):
            one.optimizer.step(lambda one=one: closure(one.optimizer, one.ours, to_backend(MATRIX)))
    for ours, origin in zip(twin.ours, run.ours, strict=True):
        if way == "pytorch":
            assert_close(ours, origin, 1e-7)
        else:
            np.testing.assert_array_equal(to_numpy(ours), to_numpy(origin))


def test_a_checkpoint_holds_it(tmp_path):
    def fresh():
        layer = nn.Linear(2, 1, dtype="float64")
        nn.init.ones_(layer.weight)
        nn.init.zeros_(layer.bias)
        return layer, nn.optim.LBFGS(layer.parameters(), max_iter=3)

    def step(layer, optimizer):
        def closure():
            optimizer.zero_grad()
            loss = ((layer(to_backend(np.eye(2))) - 0.5) ** 4).sum()
            loss.backward()
            return loss

        optimizer.step(closure)

    first, second = fresh(), fresh()
    step(*first)
    nn.save(tmp_path / "file", model=first[0], optimizer=first[1])
    nn.load(tmp_path / "file", model=second[0], optimizer=second[1])
    for pair in (first, second):
        step(*pair)
    np.testing.assert_array_equal(to_numpy(first[0].weight), to_numpy(second[0].weight))


def test_what_it_refuses():
    v, w = Variable(to_backend(np.ones(2))), Variable(to_backend(np.ones(2, np.float32)))
    with raises(ValueError, "LBFGS: there is one group already", "one vector"):
        nn.optim.LBFGS([{"params": [v]}, {"params": [w]}])
    with raises(TypeError, "LBFGS", "2 kinds", "float32", "float64"):
        nn.optim.LBFGS([v, w])
    with raises(ValueError, "LBFGS: line_search_fn is 'armijo'", "strong_wolfe"):
        nn.optim.LBFGS([v], line_search_fn="armijo")
    with raises(ValueError, "LBFGS: history_size is 0", "at least 1"):
        nn.optim.LBFGS([v], history_size=0)
    with raises(TypeError, "LBFGS.step: closure is missing", "backward"):
        nn.optim.LBFGS([v]).step()
    with raises(ValueError, "LBFGS.load_state_dict", "'d'", "(3,)", "(2,)"):
        nn.optim.LBFGS([v]).load_state_dict(
            {"state": {0: {"d": np.ones(3)}}, "param_groups": [{"params": [0]}]}
        )
    with raises(ValueError, "LBFGS.load_state_dict", "'exp_avg'", "another kind"):
        nn.optim.LBFGS([v]).load_state_dict(
            {"state": {0: {"exp_avg": np.ones(2)}}, "param_groups": [{"params": [0]}]}
        )


def test_defaults_are_pytorchs(torch):
    ours, theirs = nn.optim.LBFGS([Variable(1.0)]), torch.optim.LBFGS([torch.ones(1)])
    assert ours.defaults == theirs.defaults
