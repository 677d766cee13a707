"""``optim/swa_utils.py``: averages of models beside PyTorch's, statistics renewed, rates."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.nn.optim import swa_utils
from tests.core.arrays import assert_close, to_backend, to_numpy
from tests.core.raising import raises

AVERAGES = [
    ("AveragedModel(model)", 1e-12),
    ("AveragedModel(model, avg_fn=lib.get_swa_avg_fn())", 1e-12),
    # PyTorch has the share of an update in single precision.
    ("AveragedModel(model, multi_avg_fn=lib.get_swa_multi_avg_fn())", 1e-7),
    ("AveragedModel(model, avg_fn=lib.get_ema_avg_fn(0.7))", 1e-12),
    ("AveragedModel(model, multi_avg_fn=lib.get_ema_multi_avg_fn(0.7))", 1e-12),
    ("AveragedModel(model, avg_fn=lambda a, c, n: (a * n + c * 2) / (n + 1))", 1e-12),
    ("AveragedModel(model, multi_avg_fn=lib.get_ema_multi_avg_fn(0.7), use_buffers=True)", 1e-12),
]


def models(torch):
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2)).double()
    ours = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)).double()
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


@pytest.mark.parametrize(("text", "tolerance"), AVERAGES)
def test_averages_are_pytorchs(text, tolerance, torch):
    ours, theirs = models(torch)
    average = eval(f"lib.{text}", {"lib": swa_utils, "model": ours})
    truth = eval(f"lib.{text}", {"lib": torch.optim.swa_utils, "model": theirs})
    assert repr(average) == repr(truth)
    assert list(average.state_dict()) == list(truth.state_dict())
    rng = np.random.default_rng(11)
    for _ in range(5):
        for key, value in ours.state_dict().items():
            drawn = rng.normal(size=value.shape) * (0 if "num" in key else 1) + 3
            value[...] = to_backend(np.asarray(drawn, to_numpy(value).dtype))
            theirs.state_dict()[key].copy_(torch.tensor(drawn))
        average.update_parameters(ours)
        truth.update_parameters(theirs)
        for key, value in truth.state_dict().items():
            if "use_buffers" in text and "num_batches" in key:
                continue  # PyTorch averages whole numbers and cuts them off; here they are the model's
            assert_close(average.state_dict()[key], value.numpy(), tolerance)
    x = rng.normal(size=(4, 3))
    average.eval()
    truth.eval()
    assert_close(average(to_backend(x)), truth(torch.tensor(x)).detach().numpy(), 100 * tolerance)


def test_the_model_is_copied(torch):
    ours, _ = models(torch)
    average = swa_utils.AveragedModel(ours)
    assert average.module is not ours
    assert nn.utils.AveragedModel is swa_utils.AveragedModel
    twin = swa_utils.AveragedModel(ours)
    average.update_parameters(ours)
    twin.load_state_dict(copy.deepcopy(average.state_dict()))
    assert int(twin.n_averaged) == 1


def test_averages_on_another_backend():
    pytest.importorskip("array_api_strict")
    from tests.strict_backend import StrictBackend

    here = sa.get_backend()
    there = sa.get_backend("numpy") if here.name != "numpy" else StrictBackend()
    sa.register_backend(there)
    model = nn.Linear(2, 1)
    average = swa_utils.AveragedModel(model, there.name)
    average.update_parameters(model)
    average.update_parameters(model)
    assert average.module.weight.backend is there
    np.testing.assert_allclose(
        there.to_numpy(average.module.weight.data), to_numpy(model.weight), rtol=1e-6
    )


def test_the_tape_sees_an_update():
    model = nn.Linear(2, 1)
    average = swa_utils.AveragedModel(model)
    out = average(Variable(to_backend(np.ones((1, 2), np.float32)))).sum()
    average.update_parameters(model)
    with raises(sa.errors.GraphError, "AveragedModel.update_parameters"):
        out.backward()


@pytest.mark.parametrize("pack", [lambda x: x, lambda x: (x, None), lambda x: [x]])
def test_statistics_are_renewed(pack, torch):
    ours, theirs = models(torch)
    ours[0].eval()
    batches = np.random.default_rng(12).normal(size=(3, 5, 3))
    swa_utils.update_bn([pack(to_backend(batch)) for batch in batches], ours)
    torch.optim.swa_utils.update_bn([torch.tensor(batch) for batch in batches], theirs)
    for key, value in theirs.state_dict().items():
        assert_close(ours.state_dict()[key], value.numpy())
    assert [module.training for module in ours.modules()] == [True, False, True]
    assert ours[1].momentum == 0.1
    plain = nn.Linear(2, 2)
    swa_utils.update_bn(None, plain)  # without such a layer the data is not looked at
    swa_utils.update_bn([Variable(to_backend(batches[0]))], ours, device=sa.get_backend().name)


@pytest.mark.parametrize(
    "text",
    [
        "SWALR(optimizer, 0.05)",
        "SWALR(optimizer, [0.05, 0.3], anneal_epochs=4, anneal_strategy='linear')",
        "SWALR(optimizer, 0.05, anneal_epochs=0)",
    ],
)
def test_rates(text, torch):
    def optimizer_of(optim, make):
        groups = [{"params": [make()]}, {"params": [make()], "lr": 0.02}]
        return optim.SGD(groups, lr=0.2)

    ours = optimizer_of(nn.optim, lambda: Variable([1.0]))
    theirs = optimizer_of(torch.optim, lambda: torch.ones(1))
    scheduler = eval(f"lib.{text}", {"lib": swa_utils, "optimizer": ours})
    truth = eval(f"lib.{text}", {"lib": torch.optim.swa_utils, "optimizer": theirs})
    for step in range(20):
        assert scheduler.get_last_lr() == truth.get_last_lr(), step
        if step == 5:
            scheduler.load_state_dict(copy.deepcopy(truth.state_dict()))
        for each in (ours, theirs, scheduler, truth):
            each.step()


def test_what_makes_no_sense():
    model, optimizer = nn.Linear(1, 1), nn.optim.SGD([Variable([1.0])])
    for function in (swa_utils.get_ema_avg_fn, swa_utils.get_ema_multi_avg_fn):
        with raises(ValueError, "decay is 1.5", "[0, 1]"):
            function(1.5)
    with raises(ValueError, "AveragedModel: avg_fn and multi_avg_fn"):
        swa_utils.AveragedModel(
            model, None, swa_utils.get_swa_avg_fn(), swa_utils.get_swa_multi_avg_fn()
        )
    with raises(ValueError, "SWALR: anneal_strategy is 'log'"):
        swa_utils.SWALR(optimizer, 0.1, anneal_strategy="log")
    with raises(ValueError, "SWALR: anneal_epochs is -1"):
        swa_utils.SWALR(optimizer, 0.1, anneal_epochs=-1)
    with raises(ValueError, "SWALR: swa_lr has 2 values"):
        swa_utils.SWALR(optimizer, [0.1, 0.2])
