"""``GradScaler`` beside PyTorch's, step by step: scales, skipped steps, what may be called when, checkpoints."""

from __future__ import annotations

import math

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import nn
from simple_autograd.nn.amp import GradScaler

SETTINGS = {"growth_factor": 1.7, "backoff_factor": 0.3, "growth_interval": 3}
# What the loss is multiplied by in each step: infinities and NaN come and go.
FACTORS = [1.0, math.inf, 1.0, 1.0, 1.0, math.nan, math.inf, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]


def parameter() -> sa.Variable:
    return sa.Variable(sa.asarray([1.0, -2.0, 0.5], dtype="float32"))


def loss_of(p, factor: float):
    return (p * p).sum() * factor


def stepped(optimizer, scaler, p, factor: float) -> None:
    optimizer.zero_grad()
    scaler.scale(loss_of(p, factor)).backward()
    scaler.step(optimizer)
    scaler.update()


def host(array) -> np.ndarray:
    return sa.get_backend().to_numpy(array)


def test_steps_scales_and_states_are_pytorchs(torch):
    p, t = parameter(), torch.tensor([1.0, -2.0, 0.5], requires_grad=True)
    ours = nn.optim.SGD([p], lr=0.1, momentum=0.5), GradScaler(init_scale=1000.3, **SETTINGS)
    theirs = (
        torch.optim.SGD([t], lr=0.1, momentum=0.5),
        torch.amp.GradScaler("cpu", init_scale=1000.3, **SETTINGS),
    )
    for number, factor in enumerate(FACTORS):
        stepped(*ours, p, factor)
        stepped(*theirs, t, factor)
        assert ours[1].state_dict() == theirs[1].state_dict(), f"step {number}"
        np.testing.assert_allclose(host(p.data), t.detach().numpy(), rtol=1e-5)
    assert ours[1].get_scale() == theirs[1].get_scale()


def test_a_scale_stays_finite_as_in_pytorch(torch):
    ours = GradScaler(init_scale=2.0**127, growth_interval=1)
    theirs = torch.amp.GradScaler("cpu", init_scale=2.0**127, growth_interval=1)
    p, t = sa.Variable(sa.asarray([0.0])), torch.zeros(1, requires_grad=True)
    stepped(nn.optim.SGD([p], lr=0.1), ours, p, 1.0)
    stepped(torch.optim.SGD([t], lr=0.1), theirs, t, 1.0)
    assert ours.get_scale() == theirs.get_scale() == 2.0**127


def test_the_defaults_are_pytorchs(torch):
    assert GradScaler().state_dict() == torch.amp.GradScaler("cpu").state_dict()


def test_unscaled_gradients_may_be_clipped_before_the_step():
    p = parameter()
    optimizer, scaler = nn.optim.SGD([p], lr=1.0), GradScaler()
    scaler.scale(loss_of(p, 1.0)).backward()
    assert host(p.grad)[0] == 2 * 65536
    scaler.unscale_(optimizer)
    np.testing.assert_array_equal(host(p.grad), [2.0, -4.0, 1.0])
    nn.utils.clip_grad_value_([p], 1.0)
    scaler.step(optimizer)
    np.testing.assert_array_equal(host(p.data), [0.0, -1.0, -0.5])


def test_one_optimizer_may_be_skipped_and_another_not():
    p, q = parameter(), parameter()
    first, second = nn.optim.SGD([p], lr=0.1), nn.optim.SGD([q], lr=0.1)
    scaler = GradScaler(init_scale=8.0)
    losses = [loss_of(p, math.inf), loss_of(q, 1.0)]
    for loss in scaler.scale(losses):
        loss.backward()
    scaler.step(first)
    scaler.step(second)
    scaler.update()
    np.testing.assert_array_equal(host(p.data), host(parameter().data))
    assert host(q.data)[0] != 1.0
    assert scaler.get_scale() == 4.0


def test_what_step_gives_is_the_optimizers():
    p = parameter()
    optimizer, scaler = nn.optim.SGD([p], lr=0.1), GradScaler()
    scaler.scale(loss_of(p, 1.0)).backward()
    assert scaler.step(optimizer) is None
    with pytest.raises(RuntimeError, match=r"GradScaler\.step: a closure is given"):
        scaler.step(optimizer, lambda: 1.0)


@pytest.mark.parametrize("new", [4.0, 4, sa.Variable([4.0], requires_grad=False)], ids=str)
def test_a_scale_may_be_set(new):
    scaler = GradScaler()
    scaler.update(new)
    assert scaler.get_scale() == 4.0


def test_not_enabled_it_is_not_there():
    p = parameter()
    optimizer, scaler = nn.optim.SGD([p], lr=0.5), GradScaler(enabled=False)
    loss = loss_of(p, 1.0)
    assert scaler.scale(loss) is loss
    loss.backward()
    scaler.unscale_(optimizer)
    assert scaler.step(optimizer, lambda: 3.0) == 3.0
    scaler.update()
    assert (scaler.get_scale(), scaler.state_dict(), scaler.is_enabled()) == (1.0, {}, False)
    scaler.load_state_dict({})
    np.testing.assert_array_equal(host(p.data), [0.0, 0.0, 0.0])


class TestOrderOfCalls:
    def make(self):
        p = parameter()
        optimizer, scaler = nn.optim.SGD([p], lr=0.1), GradScaler()
        scaler.scale(loss_of(p, 1.0)).backward()
        return optimizer, scaler

    def test_twice_unscaled(self):
        optimizer, scaler = self.make()
        scaler.unscale_(optimizer)
        with pytest.raises(RuntimeError, match="has been unscaled since the last update"):
            scaler.unscale_(optimizer)

    def test_unscaled_after_the_step(self):
        optimizer, scaler = self.make()
        scaler.step(optimizer)
        with pytest.raises(RuntimeError, match="has been stepped since the last update"):
            scaler.unscale_(optimizer)

    def test_twice_stepped(self):
        optimizer, scaler = self.make()
        scaler.step(optimizer)
        with pytest.raises(RuntimeError, match=r"Call scaler\.update\(\) after each step"):
            scaler.step(optimizer)

    def test_no_gradients(self):
        with pytest.raises(RuntimeError, match="no parameter of the optimizer has a gradient"):
            GradScaler().step(nn.optim.SGD([parameter()], lr=0.1))

    def test_no_step(self):
        with pytest.raises(RuntimeError, match="there was no step since the last one"):
            GradScaler().update()


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"growth_factor": 1.0}, "needed is above 1"), ({"backoff_factor": 1.0}, "in \\(0, 1\\)")],
)
def test_senseless_settings(settings, words):
    with pytest.raises(ValueError, match=words):
        GradScaler(**settings)


def test_pytorchs_device_is_named():
    with pytest.raises(
        TypeError, match=r"GradScaler: init_scale is 'cpu'; needed is a number\. .*device"
    ):
        GradScaler("cpu")


def test_parameters_of_16_bits_are_refused():
    with sa.use_backend("numpy"):
        p = sa.Variable(np.ones(3, "float16"))
        optimizer, scaler = nn.optim.SGD([p], lr=0.1), GradScaler(init_scale=2.0)
        scaler.scale((p * p).sum()).backward()
        with pytest.raises(TypeError, match=r"parameter 0 \(shape \(3,\)\) is float16; needed are"):
            scaler.unscale_(optimizer)


def test_it_comes_back_from_a_checkpoint(tmp_path):
    p = parameter()
    optimizer, scaler = nn.optim.SGD([p], lr=0.1), GradScaler(**SETTINGS)
    for factor in FACTORS[:4]:
        stepped(optimizer, scaler, p, factor)
    nn.save(tmp_path / "a.safetensors", optimizer=optimizer, scaler=scaler)
    other = GradScaler()
    nn.load(tmp_path / "a.safetensors", scaler=other)
    assert other.state_dict() == scaler.state_dict()
    disabled = tmp_path / "b.safetensors"
    nn.save(disabled, scaler=GradScaler(enabled=False))
    with pytest.raises(nn.CheckpointError, match=r"load_state_dict: scale, .* is missing"):
        nn.load(disabled, scaler=other)
    assert other.state_dict() == scaler.state_dict()


def test_a_scaled_loss_whose_scale_has_changed_since_gives_no_wrong_gradient():
    p = parameter()
    scaled = GradScaler.scale(scaler := GradScaler(), loss_of(p, 1.0))
    scaler.update(2.0)
    with pytest.raises(sa.errors.GraphError, match=r"overwritten by GradScaler\.update"):
        scaled.backward()


def test_small_gradients_survive_float16():
    with sa.use_backend("numpy"):
        w = sa.Variable(np.ones((1, 1), "float32"))
        x = np.full((1, 1), 1e-5, "float32")
        gradients = []
        for scaler in (GradScaler(enabled=False), GradScaler()):
            w.grad = None
            with sa.autocast("float16"):
                loss = nn.functional.linear(x, w).sum() * 1e-3
            scaler.scale(loss).backward()
            scaler.unscale_(nn.optim.SGD([w], lr=0.1))
            gradients.append(float(w.grad[0, 0]))
        assert gradients[0] == 0.0
        assert gradients[1] == pytest.approx(1e-8, rel=1e-2)
