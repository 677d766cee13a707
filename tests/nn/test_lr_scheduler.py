"""``optim/lr_scheduler``: PyTorch's rates to the bit, over more than fifty steps, and their state."""

from __future__ import annotations

import copy
import json
import math

import numpy as np
import pytest

from simple_autograd import Variable, nn
from simple_autograd.nn.optim import lr_scheduler
from tests.core.raising import raises


class Halving:
    """A function that has a state of its own."""

    def __init__(self, factor=0.5):
        self.factor = factor

    def __call__(self, step):
        return self.factor ** (step // 7)


SCHEDULES = [
    "lib.StepLR(optimizer, 7)",
    "lib.StepLR(optimizer, step_size=3, gamma=0.9)",
    "lib.MultiStepLR(optimizer, [30, 8, 8, 41])",
    "lib.MultiStepLR(optimizer, (0, 5, 20), gamma=0.5)",
    "lib.ConstantLR(optimizer)",
    "lib.ConstantLR(optimizer, factor=0.7, total_iters=20)",
    "lib.ConstantLR(optimizer, factor=0.7, total_iters=0)",
    "lib.LinearLR(optimizer)",
    "lib.LinearLR(optimizer, start_factor=1.0, end_factor=0.1, total_iters=33)",
    "lib.ExponentialLR(optimizer, 0.93)",
    "lib.PolynomialLR(optimizer)",
    "lib.PolynomialLR(optimizer, total_iters=40, power=2.5)",
    "lib.CosineAnnealingLR(optimizer, 10)",
    "lib.CosineAnnealingLR(optimizer, T_max=70, eta_min=0.01)",
    "lib.CosineAnnealingWarmRestarts(optimizer, 9)",
    "lib.CosineAnnealingWarmRestarts(optimizer, T_0=5, T_mult=2, eta_min=0.01)",
    "lib.OneCycleLR(optimizer, 0.5, total_steps=60)",
    "lib.OneCycleLR(optimizer, [0.5, 0.1], epochs=12, steps_per_epoch=5, three_phase=True)",
    "lib.OneCycleLR(optimizer, 0.5, 60, pct_start=0.5, anneal_strategy='linear')",
    "lib.OneCycleLR(optimizer, 0.5, 60, cycle_momentum=False, div_factor=5, final_div_factor=7)",
    "lib.CyclicLR(optimizer, 0.01, 0.3, step_size_up=7)",
    "lib.CyclicLR(optimizer, [0.01, 0.02], 0.3, 7, 4, mode='triangular2', max_momentum=0.99)",
    "lib.CyclicLR(optimizer, 0.01, 0.3, 7, mode='exp_range', gamma=0.95, cycle_momentum=False)",
    "lib.CyclicLR(optimizer, 0.01, 0.3, 7, scale_fn=Halving(), scale_mode='iterations')",
    "lib.LambdaLR(optimizer, lambda step: 0.95**step)",
    "lib.LambdaLR(optimizer, [Halving(), lambda step: 1 / (1 + step)])",
    "lib.MultiplicativeLR(optimizer, lambda step: 0.9 + 0.001 * step)",
    "lib.ChainedScheduler([lib.LinearLR(optimizer), lib.ExponentialLR(optimizer, 0.9)])",
    "lib.ChainedScheduler([lib.CosineAnnealingLR(optimizer, 9), lib.StepLR(optimizer, 4)], optimizer)",
    *[
        f"lib.SequentialLR(optimizer, [lib.LinearLR(optimizer, 0.1, total_iters=8), {second}], [8])"
        for second in (
            "lib.StepLR(optimizer, 5)",
            "lib.MultiStepLR(optimizer, [0, 5])",
            "lib.ConstantLR(optimizer, 0.5)",
            "lib.LinearLR(optimizer)",
            "lib.ExponentialLR(optimizer, 0.9)",
            "lib.PolynomialLR(optimizer, 30)",
            "lib.CosineAnnealingLR(optimizer, 20)",
            "lib.CosineAnnealingWarmRestarts(optimizer, 6)",
            "lib.LambdaLR(optimizer, lambda step: 0.95**step)",
            "lib.MultiplicativeLR(optimizer, lambda step: 0.95)",
        )
    ],
    "lib.SequentialLR(optimizer, [lib.ExponentialLR(optimizer, 0.9), lib.ConstantLR(optimizer),"
    " lib.StepLR(optimizer, 3)], milestones=[10, 30])",
]

each_schedule = pytest.mark.parametrize("text", SCHEDULES)


def make(text, optimizer, lib=lr_scheduler):
    return eval(text, {"lib": lib, "optimizer": optimizer, "Halving": Halving})


def optimizer_of(optim, make_parameter, name="SGD"):
    settings = {"momentum": 0.5} if name == "SGD" else {}
    groups = [{"params": [make_parameter()]}, {"params": [make_parameter()], "lr": 0.05}]
    return getattr(optim, name)(groups, lr=0.2, **settings)


def ours(name="SGD"):
    return optimizer_of(nn.optim, lambda: Variable([1.0]), name)


def rates(optimizer):
    return [group["lr"] for group in optimizer.param_groups]


def momenta(optimizer):
    return [group.get("momentum", group.get("betas")) for group in optimizer.param_groups]


@each_schedule
@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_rates_are_pytorchs(text, name, torch):
    optimizer, oracle = ours(name), optimizer_of(torch.optim, lambda: torch.ones(1), name)
    scheduler = make(text, optimizer)
    truth = make(text, oracle, torch.optim.lr_scheduler)
    for step in range(60):
        assert rates(optimizer) == rates(oracle), step
        assert scheduler.get_last_lr() == truth.get_last_lr() == rates(optimizer)
        assert momenta(optimizer) == momenta(oracle)
        optimizer.step()
        oracle.step()
        scheduler.step()
        truth.step()


@each_schedule
def test_a_resumed_schedule_goes_on(text):
    first, second = ours(), ours()
    scheduler, other = make(text, first), make(text, second)
    for _ in range(13):
        first.step()
        scheduler.step()
    if "Halving" in text:
        for function in functions(scheduler):
            function.factor = 0.3
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    other.load_state_dict(json.loads(json.dumps(scheduler.state_dict())))
    for _ in range(40):
        assert rates(first) == rates(second)
        assert other.get_last_lr() == scheduler.get_last_lr()
        for optimizer, schedule in ((first, scheduler), (second, other)):
            optimizer.step()
            schedule.step()


def functions(scheduler):
    found = getattr(scheduler, "lr_lambdas", None) or [scheduler._scale_fn_custom]
    return [function for function in found if isinstance(function, Halving)]


@each_schedule
def test_pytorchs_state_loads(text, torch):
    optimizer, oracle = ours(), optimizer_of(torch.optim, lambda: torch.ones(1))
    scheduler = make(text, optimizer)
    truth = make(text, oracle, torch.optim.lr_scheduler)
    for _ in range(13):
        oracle.step()
        truth.step()
    settings = oracle.state_dict()["param_groups"]
    for group, settled in zip(optimizer.param_groups, settings, strict=True):
        group.update({key: settled[key] for key in settled if key in group and key != "params"})
    scheduler.load_state_dict(truth.state_dict())
    for _ in range(30):
        assert rates(optimizer) == rates(oracle)
        for one in (optimizer, oracle, scheduler, truth):
            one.step()


@pytest.mark.parametrize("text", [text for text in SCHEDULES if "Sequ" not in text])
def test_last_epoch_resumes(text, torch):
    if "Chained" in text:
        return
    text = f"{text[:-1]}, last_epoch=11)"
    optimizer, oracle = ours(), optimizer_of(torch.optim, lambda: torch.ones(1))
    for each in (optimizer, oracle):
        for group in each.param_groups:
            group.update(initial_lr=0.3, max_lr=0.5, min_lr=0.01, max_momentum=0.9)
            group.update(base_momentum=0.8)
    scheduler, truth = make(text, optimizer), make(text, oracle, torch.optim.lr_scheduler)
    for _ in range(30):
        assert rates(optimizer) == rates(oracle)
        for one in (optimizer, oracle, scheduler, truth):
            one.step()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"factor": 0.5, "patience": 2},
        {"mode": "max", "patience": 1, "threshold": 0.1},
        {"mode": "max", "patience": 1, "threshold": 0.1, "threshold_mode": "abs"},
        {"patience": 1, "threshold_mode": "abs", "cooldown": 3},
        {"patience": 0, "factor": 0.9, "min_lr": [0.1, 0.01]},
        {"patience": 0, "eps": 0.01, "min_lr": 0.001},
    ],
    ids=str,
)
def test_plateaus(settings, torch):
    rng = np.random.default_rng(6)
    optimizer, oracle = ours(), optimizer_of(torch.optim, lambda: torch.ones(1))
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, **settings)
    truth = torch.optim.lr_scheduler.ReduceLROnPlateau(oracle, **settings)
    twin = lr_scheduler.ReduceLROnPlateau(optimizer, mode="min", patience=77)
    for step in range(60):
        loss = float(rng.normal()) + 3 * math.exp(-step / 9)
        scheduler.step(Variable(loss) if step % 2 else loss)
        truth.step(loss)
        assert scheduler.get_last_lr() == rates(optimizer) == rates(oracle)
        assert scheduler.in_cooldown == truth.in_cooldown
        if step in (20, 40):
            twin.load_state_dict(scheduler.state_dict() if step == 20 else truth.state_dict())
            scheduler, twin = twin, scheduler


def test_nested_sequences():
    optimizer = ours()
    inner = [
        lr_scheduler.SequentialLR(
            optimizer,
            [
                lr_scheduler.ConstantLR(optimizer, 0.5, 99),
                lr_scheduler.ExponentialLR(optimizer, 0.9),
            ],
            [2],
        )
        for _ in range(2)
    ]
    scheduler = lr_scheduler.SequentialLR(optimizer, inner, [5])
    found = []
    for _ in range(9):
        found.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    once = [0.1, 0.1, 0.2, 0.18, 0.162]
    np.testing.assert_allclose(found, [*once, *once[:4]])


def test_a_chain_may_come_first_in_a_sequence():
    optimizer = ours()
    chain = lr_scheduler.ChainedScheduler(
        [lr_scheduler.ConstantLR(optimizer, 0.5, 99), lr_scheduler.ExponentialLR(optimizer, 0.9)]
    )
    scheduler = lr_scheduler.SequentialLR(
        optimizer, [chain, lr_scheduler.StepLR(optimizer, 5)], [2]
    )
    found = []
    for _ in range(4):
        found.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    np.testing.assert_allclose(found, [0.1, 0.09, 0.2, 0.2])
    later = lr_scheduler.SequentialLR(optimizer, [lr_scheduler.StepLR(optimizer, 5), chain], [1])
    with raises(NotImplementedError, "ChainedScheduler cannot begin at a milestone"):
        later.step()


def test_a_rate_that_the_user_sets_stays():
    optimizer = ours()
    scheduler = lr_scheduler.StepLR(optimizer, 2, 0.5)
    optimizer.param_groups[0]["lr"] = 8.0
    for _ in range(2):
        optimizer.step()
        scheduler.step()
    assert rates(optimizer) == [4.0, 0.025]


def test_a_step_too_early_is_told():
    optimizer = ours()
    scheduler = lr_scheduler.StepLR(optimizer, 2)
    with pytest.warns(UserWarning, match=r"StepLR\.step: it was called before.*optimizer\.step"):
        scheduler.step()


def test_what_makes_no_sense():
    optimizer = ours()
    with raises(TypeError, "StepLR: optimizer is a list", "Optimizer"):
        lr_scheduler.StepLR([1], 2)
    with raises(KeyError, "StepLR: last_epoch is 3", "group 0", "initial_lr"):
        lr_scheduler.StepLR(optimizer, 2, last_epoch=3)
    with raises(ValueError, "StepLR: step_size is 0"):
        lr_scheduler.StepLR(optimizer, 0)
    with raises(ValueError, "ConstantLR: factor is 1.5", "(0, 1]"):
        lr_scheduler.ConstantLR(optimizer, 1.5)
    with raises(ValueError, "LinearLR: start_factor is 0", "(0, 1]"):
        lr_scheduler.LinearLR(optimizer, 0)
    with raises(ValueError, "LinearLR: end_factor is 2", "[0, 1]"):
        lr_scheduler.LinearLR(optimizer, end_factor=2)
    with raises(ValueError, "CosineAnnealingLR: T_max is 0"):
        lr_scheduler.CosineAnnealingLR(optimizer, 0)
    with raises(ValueError, "WarmRestarts: T_mult is 1.5", "integer"):
        lr_scheduler.CosineAnnealingWarmRestarts(optimizer, 3, 1.5)
    with raises(ValueError, "LambdaLR: lr_lambda has 3 values", "2 groups"):
        lr_scheduler.LambdaLR(optimizer, [abs] * 3)
    with raises(TypeError, "MultiplicativeLR: lr_lambda is a float", "function"):
        lr_scheduler.MultiplicativeLR(optimizer, 0.5)
    with raises(ValueError, "OneCycleLR: total_steps is missing", "epochs"):
        lr_scheduler.OneCycleLR(optimizer, 0.5, epochs=3)
    with raises(ValueError, "OneCycleLR: there are 0 steps"):
        lr_scheduler.OneCycleLR(optimizer, 0.5, 0)
    with raises(ValueError, "OneCycleLR: pct_start is 2"):
        lr_scheduler.OneCycleLR(optimizer, 0.5, 5, pct_start=2)
    with raises(ValueError, "OneCycleLR: anneal_strategy is 'log'", "linear"):
        lr_scheduler.OneCycleLR(optimizer, 0.5, 5, anneal_strategy="log")
    with raises(ValueError, "CyclicLR: mode is 'square'", "triangular"):
        lr_scheduler.CyclicLR(optimizer, 0.1, 0.5, mode="square")
    with raises(ValueError, "CyclicLR: cycle_momentum", "Adagrad", "cycle_momentum=False"):
        lr_scheduler.CyclicLR(ours("Adagrad"), 0.1, 0.5)
    with raises(ValueError, "ReduceLROnPlateau: factor is 1"):
        lr_scheduler.ReduceLROnPlateau(optimizer, factor=1)
    with raises(ValueError, "ReduceLROnPlateau: mode is 'less'", "'min'"):
        lr_scheduler.ReduceLROnPlateau(optimizer, mode="less")
    with raises(ValueError, "ReduceLROnPlateau: threshold_mode is 'x'", "'abs'"):
        lr_scheduler.ReduceLROnPlateau(optimizer, threshold_mode="x")
    with raises(ValueError, "SequentialLR: schedulers is empty"):
        lr_scheduler.SequentialLR(optimizer, [], [])
    plateau, step = lr_scheduler.ReduceLROnPlateau(optimizer), lr_scheduler.StepLR(optimizer, 2)
    with raises(TypeError, "ChainedScheduler: scheduler 1 is a ReduceLROnPlateau"):
        lr_scheduler.ChainedScheduler([step, plateau])
    with raises(ValueError, "SequentialLR: scheduler 0 is for another optimizer"):
        lr_scheduler.SequentialLR(ours(), [step], [])
    with raises(ValueError, "SequentialLR: there are 1 milestones and 1 schedulers"):
        lr_scheduler.SequentialLR(optimizer, [step], [3])
    with raises(KeyError, "StepLR.load_state_dict: step_size", "missing"):
        step.load_state_dict({"gamma": 1})
    with raises(NotImplementedError, "LRScheduler", "get_lr"):
        lr_scheduler.LRScheduler(optimizer)


def test_a_rise_of_no_steps():
    """PyTorch divides by the length of the rise, and fails."""
    optimizer = nn.optim.SGD([Variable(1.0)], lr=1.0, momentum=0.9)
    schedule = lr_scheduler.OneCycleLR(optimizer, 0.5, total_steps=10, pct_start=0.1)
    rates = [schedule.get_last_lr()[0]]
    for _ in range(9):
        optimizer.step()
        schedule.step()
        rates += schedule.get_last_lr()
    assert rates[0] == 0.5
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == pytest.approx(0.5 / 25 / 1e4)


def test_rates_of_numpy_can_be_saved():
    optimizer = nn.optim.SGD([Variable(1.0)], lr=1.0)
    schedule = lr_scheduler.LambdaLR(optimizer, lambda step: np.float32(0.5) ** step)
    optimizer.step()
    schedule.step()
    assert json.loads(json.dumps(schedule.state_dict()))["_last_lr"] == [0.5]


def test_steps_beyond_the_cycle_are_refused():
    optimizer = ours()
    scheduler = lr_scheduler.OneCycleLR(optimizer, 0.5, 2)
    optimizer.step()
    scheduler.step()
    scheduler.step()
    with raises(ValueError, "OneCycleLR.step: this is step 3", "at most the 2"):
        scheduler.step()


def test_a_group_added_later_is_told():
    optimizer = ours()
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, patience=0)
    optimizer.add_param_group({"params": [Variable([1.0])]})
    scheduler.step(1.0)
    with raises(RuntimeError, "ReduceLROnPlateau: the optimizer has 3 groups, and had 2"):
        scheduler.step(1.0)
