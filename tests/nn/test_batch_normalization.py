"""``functional/batch_normalization.py`` and its layers beyond the table: statistics, empty batches."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.errors import GraphError
from simple_autograd.nn import functional
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy
from tests.core.raising import raises

RNG = np.random.default_rng(31)


def draw(*shape, dtype="float64"):
    return RNG.normal(size=shape).astype(dtype)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("nn.BatchNorm1d(4)", (6, 4)),
        ("nn.BatchNorm1d(4, momentum=None)", (6, 4, 3)),
        ("nn.BatchNorm2d(4, momentum=0.3, affine=False)", (2, 4, 3, 2)),
        ("nn.BatchNorm3d(4, eps=0.1)", (2, 4, 3, 1, 2)),
        ("nn.BatchNorm2d(4, track_running_stats=False)", (2, 4, 3, 2)),
        ("nn.InstanceNorm1d(4, track_running_stats=True)", (3, 4, 5)),
        ("nn.InstanceNorm2d(4, momentum=0.4, affine=True, track_running_stats=True)", (3, 4, 2, 5)),
        ("nn.InstanceNorm1d(4, momentum=None, track_running_stats=True)", (3, 4, 5)),
    ],
)
def test_buffers_after_three_steps_and_then_evaluation(text, shape, torch):
    ours = eval(text, {"nn": nn}).to("float64")
    theirs = eval(text, {"nn": torch.nn}).double()
    for _ in range(3):
        x = draw(*shape) * 3 + 1
        assert_close(ours(to_backend(x)), theirs(torch.tensor(x)).detach().numpy())
        for (name, value), (key, truth) in zip(
            ours.named_buffers(), theirs.named_buffers(), strict=True
        ):
            assert name == key
            assert_close(value, truth.numpy())
    x = draw(*shape)
    assert_close(ours.eval()(to_backend(x)), theirs.eval()(torch.tensor(x)).detach().numpy())
    ours.reset_running_stats()
    theirs.reset_running_stats()
    for value, truth in zip(ours.buffers(), theirs.buffers(), strict=True):
        assert_close(value, truth.numpy())


def test_statistics_are_written_in_place_and_keep_their_type():
    layer = nn.BatchNorm1d(3)
    before = dict(layer.named_buffers())
    layer(Variable(to_backend(draw(5, 3))))
    for name, value in layer.named_buffers():
        assert value is before[name]
    assert to_numpy(layer.running_mean).dtype == np.float32
    assert to_numpy(layer.num_batches_tracked) == 1


def test_buffers_that_are_variables_are_written_too():
    mean, var = (Variable(to_backend(v), requires_grad=False) for v in (np.zeros(3), np.ones(3)))
    x = draw(5, 3)
    functional.batch_norm(to_backend(x), mean, var, training=True, momentum=1.0)
    assert_close(mean, x.mean(0))
    assert_close(var, x.var(0, ddof=1))


def test_evaluating_leaves_statistics_alone():
    layer = nn.BatchNorm1d(3).eval()
    layer(to_backend(draw(5, 3, dtype="float32")))
    assert_equal(layer.num_batches_tracked, np.array(0))
    assert_equal(layer.running_mean, np.zeros(3, "float32"))


@pytest.mark.parametrize("training", [True, False])
def test_statistics_that_are_no_longer_tracked_stay(training, torch):
    """Whoever sets `track_running_stats` to False freezes them; evaluated, they are still what counts."""
    x = draw(6, 3, dtype="float32") + 2
    ours, theirs = nn.BatchNorm1d(3), torch.nn.BatchNorm1d(3)
    for layer, value in ((ours, to_backend(x)), (theirs, torch.tensor(x))):
        layer(value)
        layer.track_running_stats = False
        layer.train(training)
    out, expected = ours(to_backend(x)), theirs(torch.tensor(x))
    assert_close(out, expected.detach().numpy(), 1e-6)
    for value, truth in zip(ours.buffers(), theirs.buffers(), strict=True):
        assert_close(value, truth.numpy(), 1e-6)


def test_a_step_between_evaluation_and_its_backward_is_noticed():
    layer = nn.BatchNorm1d(3).to("float64").eval()
    out = layer(Variable(to_backend(draw(5, 3))))
    layer.train()(to_backend(draw(5, 3)))
    with raises(GraphError, "overwritten by an update of running statistics"):
        out.sum().backward()


@pytest.mark.parametrize("training", [True, False])
def test_batch_norm_without_a_weight_or_a_bias(training, torch):
    x, vector, mean, var = draw(4, 3, 2), draw(3), draw(3), np.abs(draw(3))
    for given in ({"weight": vector}, {"bias": vector}):
        v, w = Variable(to_backend(x)), Variable(to_backend(vector))
        t, u = torch.tensor(x, requires_grad=True), torch.tensor(vector, requires_grad=True)
        (name,) = given
        stats = [to_backend(mean.copy()), to_backend(var.copy())]
        out = functional.batch_norm(v, *stats, **{name: w}, training=training)
        expected = torch.nn.functional.batch_norm(
            t, torch.tensor(mean), torch.tensor(var), **{name: u}, training=training
        )
        assert_close(out, expected.detach().numpy())
        above = draw(*x.shape)
        grads = sa.grad(out, [v, w], to_backend(above))
        truth = torch.autograd.grad(expected, [t, u], torch.tensor(above))
        for grad, true in zip(grads, truth, strict=True):
            assert_close(grad, true.numpy())


def test_what_would_divide_by_nothing_is_refused():
    x, vector = to_backend(draw(4, 3)), to_backend(np.ones(3))
    with raises(ValueError, "batch_norm: eps is 0", "more than 0 when training"):
        functional.batch_norm(x, None, None, training=True, eps=0)
    with raises(ValueError, "batch_norm: eps is -1", "at least 0"):
        functional.batch_norm(x, vector, vector, eps=-1)
    assert_close(functional.batch_norm(x, vector, vector, eps=0), x - 1)


def test_an_empty_batch_leaves_statistics_alone():
    layer = nn.BatchNorm2d(3).to("float64")
    v = Variable(to_backend(draw(0, 3, 2, 2)))
    out = layer(v)
    out.sum().backward()
    assert tuple(out.shape) == tuple(v.grad.shape) == (0, 3, 2, 2)
    assert_equal(layer.running_var, np.ones(3))
    assert_equal(layer.weight.grad, np.zeros(3))
    assert tuple(nn.InstanceNorm1d(3, track_running_stats=True)(v[..., 0]).shape) == (0, 3, 2)
    assert tuple(nn.GroupNorm(3, 3, affine=False)(v).shape) == (0, 3, 2, 2)
