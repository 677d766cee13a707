"""The optimizers beside PyTorch's, step by step, with every setting; `SGD` and `Adam` have files of their own."""

from __future__ import annotations

import copy
import pickle
from functools import partial

import numpy as np
import pytest

from simple_autograd import Variable, nn
from simple_autograd.backends import Backend
from simple_autograd.nn.kernels.numpy import KERNELS
from simple_autograd.nn.optim.adadelta import adadelta_rule
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy
from tests.core.raising import raises
from tests.nn.optimizer_oracle import SMALL, Pair

SETTINGS = [
    ("AdamW", {"lr": 0.1}),
    ("AdamW", {"lr": 0.1, "weight_decay": 0.3, "amsgrad": True, "maximize": True}),
    ("Adam", {"lr": 0.1, "weight_decay": 0.3, "decoupled_weight_decay": True}),
    ("NAdam", {"lr": 0.1}),
    ("NAdam", {"lr": 0.1, "betas": (0.5, 0.7), "eps": 0.1, "momentum_decay": 0.3}),
    ("NAdam", {"lr": 0.1, "weight_decay": 0.3, "maximize": True}),
    ("NAdam", {"lr": 0.1, "weight_decay": 0.3, "decoupled_weight_decay": True}),
    ("RAdam", {"lr": 0.1}),
    ("RAdam", {"lr": 0.1, "betas": (0.5, 0.7), "eps": 0.1}),
    ("RAdam", {"lr": 0.1, "weight_decay": 0.3, "maximize": True}),
    ("RAdam", {"lr": 0.1, "weight_decay": 0.3, "decoupled_weight_decay": True}),
    ("Adamax", {"lr": 0.1}),
    ("Adamax", {"lr": 0.1, "betas": (0.5, 0.7), "eps": 0.1, "weight_decay": 0.3}),
    ("Adamax", {"lr": 0.1, "maximize": True}),
    ("Adagrad", {"lr": 0.5}),
    ("Adagrad", {"lr": 0.5, "lr_decay": 0.1, "initial_accumulator_value": 0.5, "eps": 0.1}),
    ("Adagrad", {"lr": 0.5, "weight_decay": 0.3, "maximize": True}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.5, "rho": 0.7, "eps": 0.01, "weight_decay": 0.3, "maximize": True}),
    ("RMSprop", {"lr": 0.05}),
    ("RMSprop", {"lr": 0.05, "alpha": 0.5, "eps": 0.1, "weight_decay": 0.3, "maximize": True}),
    ("RMSprop", {"lr": 0.05, "momentum": 0.8}),
    ("RMSprop", {"lr": 0.05, "centered": True, "eps": 0.1}),
    ("RMSprop", {"lr": 0.05, "centered": True, "eps": 0.1, "momentum": 0.8}),
    ("Rprop", {}),
    ("Rprop", {"lr": 0.1, "etas": (0.3, 1.5), "step_sizes": (1e-3, 0.5), "maximize": True}),
    ("ASGD", {"lr": 0.05}),
    ("ASGD", {"lr": 0.1, "lambd": 0.1, "alpha": 0.5, "t0": 20, "weight_decay": 0.3}),
    ("ASGD", {"lr": 0.1, "t0": 0, "maximize": True}),
]

FIRST = [case for index, case in enumerate(SETTINGS) if case[0] != SETTINGS[index - 1][0]]
"""One case of each optimizer."""

each_setting = pytest.mark.parametrize(("name", "settings"), SETTINGS, ids=str)
each_optimizer = pytest.mark.parametrize(("name", "settings"), FIRST, ids=str)


@pytest.fixture(autouse=True)
def _numbers_in_double_precision(request):
    """Let PyTorch keep its numbers (NAdam's product, ASGD's step size) as exactly as Python does."""
    if "torch" not in request.fixturenames:
        yield
        return
    torch = request.getfixturevalue("torch")
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@each_setting
def test_fifty_steps(name, settings, torch):
    pair = Pair(torch, name, shapes=SMALL, **settings)
    pair.run(50)
    pair.compare(1e-10)


@each_optimizer
def test_fifty_steps_with_gradients_missing(name, settings, torch):
    pair = Pair(torch, name, shapes=SMALL, **settings)
    pair.run(50, missing=True)
    pair.compare(1e-10)


@each_optimizer
def test_single_precision(name, settings, torch):
    pair = Pair(torch, name, "float32", shapes=SMALL, **settings)
    pair.run(5)
    pair.compare(1e-3)


@each_optimizer
def test_learning_rates_changed_between_steps(name, settings, torch):
    pair = Pair(torch, name, shapes=SMALL, **settings)
    for rate in (0.1, 0.02, 0.3):
        for optimizer in (pair.optimizer, pair.oracle):
            optimizer.param_groups[0]["lr"] = rate
        pair.run(4, missing=True)
    pair.compare(1e-10)


@pytest.mark.parametrize(
    ("name", "setting"), [("NAdam", ("betas", (0.5, 0.99))), ("ASGD", ("lr", 0.3))]
)
def test_as_many_steps_with_other_settings(name, setting, torch):
    """Parameters of the same step whose numbers differ are not updated as one."""
    ours = [Variable(to_backend(np.ones(2))) for _ in range(2)]
    theirs = [torch.ones(2, requires_grad=True) for _ in range(2)]
    optimizer, oracle = (
        getattr(lib, name)(params, lr=0.1)
        for lib, params in ((nn.optim, ours), (torch.optim, theirs))
    )
    for step in range(6):
        if step == 2:
            for each in (optimizer, oracle):
                each.param_groups[0].update([setting])
        for place, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            has = step > 3 or (step < 2) == (place == 0)
            one.grad = to_backend(np.full(2, 1.0 + step)) if has else None
            other.grad = torch.full((2,), 1.0 + step) if has else None
        optimizer.step()
        oracle.step()
    for one, other in zip(ours, theirs, strict=True):
        assert_close(one, other.detach().numpy(), 1e-12)


@each_optimizer
def test_pytorchs_state_loads(name, settings, torch):
    first = Pair(torch, name, shapes=SMALL, **settings)
    first.run(5, missing=True)
    state = first.oracle.state_dict()
    arrays = {
        number: {key: None if value is None else value.numpy() for key, value in entry.items()}
        for number, entry in state["state"].items()
    }
    fresh = Pair(torch, name, shapes=SMALL, **settings)
    fresh.optimizer.load_state_dict({**state, "state": arrays})
    fresh.oracle, fresh.theirs = first.oracle, first.theirs
    for ours, theirs in zip(fresh.ours, fresh.theirs, strict=True):
        ours.data[...] = to_backend(theirs.detach().numpy())
    fresh.run(5)
    fresh.compare(1e-10)


@each_optimizer
def test_defaults_are_pytorchs(name, settings, torch):
    ours = getattr(nn.optim, name)([Variable(1.0)]).defaults
    theirs = getattr(torch.optim, name)([torch.ones(1)]).defaults
    assert ours == {key: theirs[key] for key in ours}
    assert set(theirs) - set(ours) <= {"foreach", "fused", "capturable", "differentiable"}


# Lion and Muon ------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [{}, {"betas": (0.5, 0.7), "weight_decay": 2.0}], ids=str)
@pytest.mark.parametrize("sign", [1, -1])
def test_lion_is_that_of_the_paper(settings, sign):
    rng = np.random.default_rng(1)
    truth, momentum = rng.normal(size=(7, 3)), np.zeros((7, 3))
    parameter = Variable(to_backend(truth.copy()))
    optimizer = nn.optim.Lion([parameter], lr=0.01, maximize=sign < 0, **settings)
    beta1, beta2 = settings.get("betas", (0.9, 0.99))
    for _ in range(50):
        gradient = rng.normal(size=(7, 3))
        parameter.grad = to_backend(sign * gradient)
        optimizer.step()
        direction = np.sign(beta1 * momentum + (1 - beta1) * gradient)
        truth = truth - 0.01 * (direction + settings.get("weight_decay", 0) * truth)
        momentum = beta2 * momentum + (1 - beta2) * gradient
    assert_close(parameter, truth, 1e-12)
    assert_close(optimizer.state[parameter]["exp_avg"], momentum, 1e-12)


MUON = [
    {},
    {"lr": 0.1, "weight_decay": 0.0, "nesterov": False, "ns_steps": 3},
    {"lr": 0.1, "momentum": 0.5, "adjust_lr_fn": "match_rms_adamw", "eps": 3.0},
    {"lr": 0.1, "adjust_lr_fn": "original", "ns_coefficients": (1.5, -0.5, 0.0)},
]


def matrices(torch, settings, dtype):
    rng = np.random.default_rng(2)
    values = [rng.normal(size=shape).astype(dtype) for shape in [(4, 6), (6, 4), (5, 5), (1, 3)]]
    ours = [Variable(to_backend(v.copy("F") if i % 2 else v.copy())) for i, v in enumerate(values)]
    theirs = [torch.tensor(v, requires_grad=True) for v in values]
    optimizer, oracle = nn.optim.Muon(ours, **settings), torch.optim.Muon(theirs, **settings)
    for _ in range(50):
        for variable, tensor in zip(ours, theirs, strict=True):
            gradient = rng.normal(size=variable.shape).astype(dtype)
            variable.grad, tensor.grad = to_backend(gradient), torch.tensor(gradient)
        optimizer.step()
        oracle.step()
    return ours, theirs, optimizer, oracle


@pytest.mark.parametrize("settings", MUON, ids=str)
def test_muon(settings, torch, monkeypatch):
    # PyTorch iterates in bfloat16; told not to, it agrees to rounding.
    monkeypatch.setattr(torch.Tensor, "bfloat16", lambda tensor: tensor.clone())
    ours, theirs, optimizer, oracle = matrices(torch, settings, "float64")
    for number, (variable, tensor) in enumerate(zip(ours, theirs, strict=True)):
        assert_close(variable, tensor.detach().numpy(), 1e-10)
        buffer = oracle.state_dict()["state"][number]["momentum_buffer"].numpy()
        assert_close(optimizer.state_dict()["state"][number]["momentum_buffer"], buffer, 1e-10)


def test_muon_beside_bfloat16(torch):
    ours, theirs, *_ = matrices(torch, {}, "float32")
    for variable, tensor in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(to_numpy(variable), tensor.detach().numpy(), atol=2e-3)


def test_muon_leaves_a_matrix_of_zeros():
    parameter = Variable(to_backend(np.ones((2, 3))))
    optimizer = nn.optim.Muon([parameter], weight_decay=0)
    parameter.grad = to_backend(np.zeros((2, 3)))
    optimizer.step()
    assert_close(parameter, np.ones((2, 3)))


def test_defaults_of_muon_are_pytorchs(torch):
    parameter = Variable(to_backend(np.ones((2, 2))))
    assert nn.optim.Muon([parameter]).defaults == torch.optim.Muon([torch.ones(2, 2)]).defaults


# State --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "settings"), [*FIRST, ("Lion", {"lr": 0.1}), ("Muon", {"lr": 0.1})], ids=str
)
def test_resuming_is_exact_to_the_bit(name, settings):
    rng = np.random.default_rng(3)
    values = [rng.normal(size=(3, 4)), rng.normal(size=(4, 2)).copy("F")]
    first = [Variable(to_backend(value.copy())) for value in values]
    optimizer = getattr(nn.optim, name)(first, **settings)
    gradients = rng.normal(size=(6, 14))

    def run(parameters, optimizer, steps):
        for gradient in gradients[steps]:
            # The second parameter misses a gradient, and so falls a step behind.
            parameters[0].grad = to_backend(gradient[:12].reshape(3, 4))
            parameters[1].grad = to_backend(gradient[6:].reshape(4, 2)) if gradient[0] > 0 else None
            optimizer.step()
            for parameter in parameters:
                assert parameter.grad is None or (to_numpy(parameter.grad) != 0).all()

    run(first, optimizer, slice(0, 3))
    kept = gradients.copy()
    second = [Variable(to_backend(to_numpy(parameter).copy())) for parameter in first]
    resumed = getattr(nn.optim, name)(second, lr=77.0)
    state = optimizer.state_dict()
    state["state"] = {
        number: {key: to_numpy(value) for key, value in entry.items()}
        for number, entry in state["state"].items()
    }
    resumed.load_state_dict(pickle.loads(pickle.dumps(state)))
    run(first, optimizer, slice(3, 6))
    run(second, resumed, slice(3, 6))
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(to_numpy(one), to_numpy(other))
    np.testing.assert_array_equal(gradients, kept)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("weight_decay", [0, 0.1])
def test_numpys_kernel_is_the_portable_step(weight_decay, dtype):
    """Small and large parameters, chunks and remainders, in and out of order in memory."""
    rng = np.random.default_rng(4)
    shapes = [(3,), (70_000, 2), (), (200, 100), (0,), (4, 5), (100, 200)]
    parameters = [np.asarray(rng.normal(size=shape)).astype(dtype) for shape in shapes]
    parameters[3] = parameters[3].copy("F")
    parameters[-1] = np.repeat(parameters[-1], 2, axis=1)[:, ::2]
    gradients = [np.asarray(rng.normal(size=p.shape)).astype(dtype) for p in parameters]
    size = sum(p.size for p in parameters)
    given = [
        (copy.deepcopy(parameters), [np.ones(size, dtype), np.arange(size).astype(dtype) % 7])
        for _ in range(2)
    ]
    settings = {"lr": 0.1, "rho": 0.9, "eps": 1e-3}
    for run, (arrays, state) in zip(
        (KERNELS["elementwise_step"], partial(Backend.portable["elementwise_step"], np)),
        given,
        strict=True,
    ):
        options = {"shrinkage": 0.5 * weight_decay, "maximize": weight_decay > 0}
        run(
            adadelta_rule,
            arrays,
            gradients,
            state,
            settings,
            weight_decay=weight_decay,
            **options,
        )
    (found, state), (truth, true_state) = given
    for ours, expected in zip([*found, *state], [*truth, *true_state], strict=True):
        assert ours.dtype == dtype
        np.testing.assert_allclose(ours, expected, rtol=1e-5 if dtype == "float32" else 1e-12)
    assert not np.array_equal(found[1], parameters[1])


# What makes no sense ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        *[
            (name, {"lr": -1.0}, [f"{name}: lr is -1.0", "at least 0"])
            for name in [*dict(FIRST), "Lion"]
        ],
        *[
            (name, {"betas": (0.9, 1.0)}, [f"{name}: betas is (0.9, 1.0)", "in [0, 1)"])
            for name in ("AdamW", "NAdam", "RAdam", "Adamax", "Lion")
        ],
        ("Lion", {"betas": 0.9}, ["Lion: betas is 0.9", "two numbers"]),
        ("NAdam", {"momentum_decay": -1}, ["NAdam: momentum_decay is -1"]),
        ("Adagrad", {"lr_decay": -1}, ["Adagrad: lr_decay is -1"]),
        ("Adagrad", {"initial_accumulator_value": -1}, ["Adagrad: initial_accumulator_value"]),
        ("Adadelta", {"rho": 1.5}, ["Adadelta: rho is 1.5", "[0, 1]"]),
        ("RMSprop", {"alpha": -0.1}, ["RMSprop: alpha is -0.1"]),
        ("Rprop", {"etas": (1.5, 1.2)}, ["Rprop: etas is (1.5, 1.2)", "between 0 and 1"]),
        ("Rprop", {"step_sizes": (1, 2, 3)}, ["Rprop: step_sizes is (1, 2, 3)", "two"]),
        ("Muon", {}, ["Muon: a parameter has shape (1,)", "two axes", "AdamW"]),
        ("Muon", {"ns_steps": 100}, ["Muon: ns_steps is 100", "[0, 100)"]),
        ("Muon", {"ns_coefficients": (1.0, 2.0)}, ["Muon: ns_coefficients", "three"]),
        ("Muon", {"adjust_lr_fn": "mine"}, ["Muon: adjust_lr_fn is 'mine'", "match_rms_adamw"]),
    ],
    ids=str,
)
def test_settings_that_make_no_sense(name, settings, words):
    with raises(ValueError, *words):
        getattr(nn.optim, name)([Variable([1.0])], **settings)


@each_optimizer
def test_complex_parameters_are_refused(name, settings):
    with raises(TypeError, name, "complex128", "real"):
        getattr(nn.optim, name)([Variable(1.0 + 2.0j)])


def test_weight_decay_of_adamw_stays_decoupled(torch):
    optimizer = nn.optim.AdamW([Variable([1.0])])
    state = nn.optim.Adam([Variable([1.0])]).state_dict()
    optimizer.load_state_dict(state)
    assert optimizer.param_groups[0]["decoupled_weight_decay"]


@pytest.mark.parametrize("number", [np.float64, np.float32])
@pytest.mark.parametrize("name", sorted({name for name, _ in SETTINGS} | {"Lion", "Muon", "SGD"}))
def test_settings_may_be_numpys_numbers(name, number):
    """They are taken for Python's: they make no arrays of NumPy's, nor any of another data type."""
    results = []
    for kind in (number, float):
        parameter = Variable(to_backend(np.ones((2, 3), "float32")))
        optimizer = getattr(nn.optim, name)([{"params": [parameter], "lr": kind(0.25)}])
        assert type(optimizer.param_groups[0]["lr"]) is float
        for rate in (0.125, 0.5):
            optimizer.param_groups[0]["lr"] = kind(rate)
            parameter.grad = to_backend(np.full((2, 3), 0.5, "float32"))
            optimizer.step()
        results.append(to_numpy(parameter).copy())
        resumed = getattr(nn.optim, name)([parameter])
        resumed.load_state_dict(optimizer.state_dict())
    assert results[0].dtype == np.float32
    assert_equal(*results)
