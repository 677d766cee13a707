"""``functional/ctc_loss.py`` and ``layers/ctc_loss.py``, against PyTorch and against all alignments counted out."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.nn import functional
from tests.core.arrays import assert_close, to_backend, to_numpy
from tests.core.raising import raises

RNG = np.random.default_rng(53)


def logits(*shape):
    return RNG.normal(size=shape)


def both(x, targets, input_lengths, target_lengths, torch, dtype="float64", **settings):
    """Give our loss and gradient for logits, and PyTorch's."""
    x = x.astype(dtype)
    v, t = Variable(to_backend(x)), torch.tensor(x, requires_grad=True)
    ours = functional.ctc_loss(
        functional.log_softmax(v, -1),
        to_backend(targets),
        to_backend(input_lengths),
        to_backend(target_lengths),
        **settings,
    )
    theirs = torch.nn.functional.ctc_loss(
        torch.log_softmax(t, -1),
        torch.tensor(targets),
        torch.tensor(input_lengths),
        torch.tensor(target_lengths),
        **settings,
    )
    above = RNG.normal(size=tuple(theirs.shape)).astype(dtype)
    (grad,) = sa.grad(ours, v, to_backend(above))
    (truth,) = torch.autograd.grad(theirs, t, torch.tensor(above))
    return to_numpy(ours), to_numpy(grad), theirs.detach().numpy(), truth.numpy()


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("targets", "target_lengths"),
    [
        (np.array([[1, 2, 3], [2, 2, 0], [4, 0, 0]]), np.array([3, 2, 1])),
        (np.array([1, 2, 3, 2, 2, 4]), np.array([3, 2, 1])),
        (np.array([3, 3]), np.array([2, 0, 0])),
        (np.zeros((3, 0), int), np.array([0, 0, 0])),
    ],
)
def test_sequences_of_many_lengths(targets, target_lengths, reduction, dtype, torch):
    lengths = np.array([7, 5, 6])
    settings = {"reduction": reduction, "dtype": dtype}
    if targets.size == 0:  # PyTorch takes no empty matrix
        targets = np.zeros(0, int)
    loss, grad, truth, slope = both(
        logits(7, 3, 5), targets, lengths, target_lengths, torch, **settings
    )
    tolerance = 1e-10 if dtype == "float64" else 1e-5
    assert loss.dtype == dtype
    assert_close(loss.astype("float64"), truth.astype("float64"), tolerance)
    assert_close(grad.astype("float64"), slope.astype("float64"), tolerance)


def test_another_blank(torch):
    targets, lengths = np.array([[0, 1, 1], [4, 2, 0]]), np.array([3, 2])
    found = both(logits(6, 2, 5), targets, np.array([6, 6]), lengths, torch, blank=3)
    assert_close(found[0], found[2])
    assert_close(found[1], found[3])


@pytest.mark.parametrize("zero", [True, False])
def test_targets_too_long_for_their_input(zero, torch):
    targets, lengths = np.array([[1, 1, 2], [1, 2, 3]]), np.array([3, 3])
    x = logits(3, 2, 4)
    settings = {"reduction": "none", "zero_infinity": zero}
    loss, grad, truth, slope = both(x, targets, np.array([3, 3]), lengths, torch, **settings)
    np.testing.assert_allclose(loss, truth)
    assert loss[0] == (0 if zero else np.inf)
    assert_close(grad[:, 1], slope[:, 1])
    assert np.isnan(grad[:, 0]).all() == (not zero)
    if zero:
        assert_close(grad[:, 0], np.zeros((3, 4)))


def test_one_sample_without_a_batch(torch):
    x, targets = logits(5, 4), np.array([1, 3])
    for reduction in ("mean", "none"):
        found = both(x, targets, np.array(5), np.array(2), torch, reduction=reduction)
        assert_close(found[0], found[2])
        assert_close(found[1], found[3])
    given = [to_backend(x), to_backend(targets), 5, 2]
    assert_close(nn.CTCLoss()(*given), functional.ctc_loss(*given))


def test_lengths_may_be_sequences():
    x, targets = to_backend(logits(5, 2, 4)), to_backend(np.array([[1, 2], [3, 1]]))
    expected = functional.ctc_loss(
        x, targets, to_backend(np.array([5, 4])), to_backend(np.array([2, 1], "int32"))
    )
    assert_close(functional.ctc_loss(x, targets, [5, 4], (2, 1)), to_numpy(expected))


@pytest.mark.parametrize("target", [(1, 2), (1, 1), (2,), ()])
def test_the_probability_is_that_of_all_alignments_and_the_gradient_its_slope(target):
    """For independent log-probabilities, not those of a softmax; the gradient by finite differences."""
    x = logits(4, 1, 3) * 0.5

    def counted(x):
        total = 0.0
        for path in itertools.product(range(3), repeat=4):
            if tuple(c for c, _ in itertools.groupby(path) if c) == target:
                total += np.exp(sum(x[t, 0, c] for t, c in enumerate(path)))
        return -np.log(total)

    v = Variable(to_backend(x))
    targets = to_backend(np.array([target], dtype=int).reshape(1, len(target)))
    loss = functional.ctc_loss(v, targets, [4], [len(target)], reduction="sum")
    assert_close(loss, np.asarray(counted(x)))
    step = RNG.normal(size=x.shape)
    (grad,) = sa.grad(loss, v)
    slope = (counted(x + 1e-5 * step) - counted(x - 1e-5 * step)) / 2e-5
    assert abs((to_numpy(grad) * step).sum() - slope) < 1e-8


def test_second_order():
    """PyTorch has none: against finite differences of the first."""
    x, step = logits(5, 2, 4), RNG.normal(size=(5, 2, 4))
    targets = to_backend(np.array([[1, 1], [3, 2]]))

    def slope(x):
        v = Variable(to_backend(x))
        loss = functional.ctc_loss(functional.log_softmax(v, -1), targets, [5, 4], [2, 1])
        (grad,) = sa.grad(loss, v, create_graph=True)
        return v, (grad**2).sum()

    v, size = slope(x)
    (second,) = sa.grad(size, v)
    difference = slope(x + 1e-5 * step)[1] - slope(x - 1e-5 * step)[1]
    assert abs((to_numpy(second) * step).sum() - difference.item() / 2e-5) < 1e-7


def test_impossible_classes_and_no_steps():
    half = np.log(0.5)
    x = np.array([[[half, half, -np.inf]], [[0.0, -np.inf, -np.inf]]])
    v = Variable(to_backend(x))
    loss = functional.ctc_loss(v, to_backend(np.array([[1]])), [2], [1])
    assert_close(loss, np.asarray(np.log(2)))
    assert np.isfinite(to_numpy(sa.grad(loss, v)[0])).all()
    v = Variable(to_backend(np.zeros((0, 2, 3))))
    losses = functional.ctc_loss(
        v, to_backend(np.array([[1], [1]])), [0, 0], [0, 1], reduction="none"
    )
    assert to_numpy(losses).tolist() == [0, np.inf]
    assert tuple(sa.grad(losses, v, sa.ones_like(losses))[0].shape) == (0, 2, 3)


X = logits(4, 2, 3)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"targets": np.array([[1, 3], [1, 1]])}, IndexError, ["targets holds 3", "[0, 3)"]),
        ({"targets": np.array([[1, 0], [1, 1]])}, ValueError, ["targets holds 0", "the blank"]),
        ({"targets": np.ones((2, 2))}, TypeError, ["targets has the type", "integers"]),
        ({"targets": np.ones((3, 2), int)}, ValueError, ["targets", "(2, S)"]),
        ({"targets": np.ones(5, int)}, ValueError, ["length 5", "add up to 3"]),
        ({"blank": 3}, ValueError, ["blank is 3", "3 classes"]),
        ({"input_lengths": [5, 4]}, ValueError, ["input_lengths", "[0, 4]"]),
        ({"input_lengths": [4]}, ValueError, ["input_lengths", "2 samples"]),
        ({"target_lengths": [3, 1]}, ValueError, ["target_lengths", "[0, 2]"]),
        ({"target_lengths": np.array([1.0, 2.0])}, TypeError, ["target_lengths has the type"]),
        ({"reduction": "max"}, ValueError, ["reduction is 'max'"]),
        ({"log_probs": X[0, 0]}, ValueError, ["log_probs", "(T, N, C)"]),
        ({"log_probs": [1.0]}, TypeError, ["log_probs is a list"]),
    ],
)
def test_errors(change, error, words):
    given = {
        "log_probs": X,
        "targets": np.array([[1, 2], [1, 1]]),
        "input_lengths": [4, 4],
        "target_lengths": [2, 1],
        **change,
    }
    with raises(error, "ctc_loss: ", *words):
        functional.ctc_loss(**{key: to_backend(value) for key, value in given.items()})
