"""``functional/loss.py`` and ``layers/loss.py`` beyond the table of layers: extremes, types, errors."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.nn import functional
from tests.core.arrays import assert_close, to_backend, to_numpy
from tests.core.raising import raises


def logits(*shape, dtype="float64"):
    return np.random.default_rng(3).normal(size=shape).astype(dtype)


def loss_and_gradient(x, targets, **settings):
    v = Variable(to_backend(x))
    loss = functional.cross_entropy(v, to_backend(targets), **settings)
    (grad,) = sa.grad(loss, v)
    return to_numpy(loss), to_numpy(grad)


@pytest.mark.parametrize("scale", [1e4, 1e30])
def test_huge_logits_neither_overflow_nor_lose_the_gradient(scale):
    x = np.array([[scale, 0.0, -scale], [-scale, -scale, 0.0]])
    loss, grad = loss_and_gradient(x, np.array([0, 0]), reduction="sum")
    assert loss == scale
    assert_close(grad, np.array([[0.0, 0, 0], [-1, 0, 1]]))


def test_classes_masked_by_minus_infinity_cost_nothing(torch):
    x = np.array([[1.0, -np.inf, 2.0], [-np.inf, 0.5, 0.0]])
    targets = np.array([0, 2])
    for weight in (None, np.array([1.0, 2.0, 0.5])):
        t = torch.tensor(x, requires_grad=True)
        expected = torch.nn.functional.cross_entropy(
            t, torch.tensor(targets), None if weight is None else torch.tensor(weight)
        )
        expected.backward()
        given = {} if weight is None else {"weight": to_backend(weight)}
        loss, grad = loss_and_gradient(x, targets, **given)
        assert_close(loss, expected.detach().numpy())
        assert_close(grad, t.grad.numpy())


@pytest.mark.parametrize("name", ["int8", "uint8", "int16", "uint16", "int32", "uint64", "int64"])
def test_targets_of_any_integer_type(name):
    x, targets = logits(5, 4), np.array([0, 3, 1, 1, 2])
    loss, grad = loss_and_gradient(x, targets)
    others = loss_and_gradient(x, targets.astype(name))
    np.testing.assert_array_equal(others[0], loss)
    np.testing.assert_array_equal(others[1], grad)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_result_has_the_type_of_the_logits(reduction, dtype):
    for settings in ({}, {"label_smoothing": 0.1}, {"weight": to_backend(np.ones(3))}):
        v = Variable(to_backend(logits(4, 3, dtype=dtype)))
        loss = functional.cross_entropy(
            v, to_backend(np.arange(4) % 3), reduction=reduction, **settings
        )
        loss.sum().backward()
        assert to_numpy(loss).dtype == dtype
        assert to_numpy(v.grad).dtype == dtype


def test_nothing_left_to_average_is_nan_with_no_gradient():
    ignored = np.array([-100, -100])
    loss, grad = loss_and_gradient(logits(2, 3), ignored)
    assert np.isnan(loss)
    assert_close(grad, np.zeros((2, 3)))
    assert loss_and_gradient(logits(2, 3), ignored, reduction="sum")[0] == 0
    for targets in (np.zeros(0, int), np.zeros((0, 3))):
        assert np.isnan(loss_and_gradient(logits(0, 3), targets)[0])
        assert loss_and_gradient(logits(0, 3), targets, reduction="sum")[0] == 0


def test_a_class_index_can_be_ignored_that_is_a_class():
    x, targets = logits(4, 3), np.array([0, 1, 1, 2])
    some = functional.cross_entropy(to_backend(x[[0, 3]]), to_backend(targets[[0, 3]]))
    assert_close(loss_and_gradient(x, targets, ignore_index=1)[0], some)


def test_gradients_flow_to_probabilities(torch):
    x, p = logits(3, 4), np.abs(logits(3, 4)) / 4
    v, q = Variable(to_backend(x)), Variable(to_backend(p))
    t, u = torch.tensor(x, requires_grad=True), torch.tensor(p, requires_grad=True)
    functional.cross_entropy(v, q, label_smoothing=0.1).backward()
    torch.nn.functional.cross_entropy(t, u, label_smoothing=0.1).backward()
    assert_close(v.grad, t.grad.numpy())
    assert_close(q.grad, u.grad.numpy())


def test_third_order(torch):
    x, targets = logits(3, 4), np.array([1, 0, 3])

    def third(differentiate, cross_entropy, x, targets):
        (first,) = differentiate(cross_entropy(x, targets), x, create_graph=True)
        (second,) = differentiate((first**3).sum(), x, create_graph=True)
        return differentiate((second**2).sum(), x)[0]

    ours = third(sa.grad, functional.cross_entropy, Variable(to_backend(x)), to_backend(targets))
    theirs = third(
        torch.autograd.grad,
        torch.nn.functional.cross_entropy,
        torch.tensor(x, requires_grad=True),
        torch.tensor(targets),
    )
    assert_close(ours, theirs.numpy())


def test_the_layer_takes_targets_by_name_and_keeps_weight_as_a_buffer():
    loss = nn.CrossEntropyLoss(to_backend(np.array([1.0, 2.0, 3.0])))
    x, targets = to_backend(logits(4, 3)), to_backend(np.arange(4) % 3)
    assert_close(loss(x, targets=targets), functional.cross_entropy(x, targets, weight=loss.weight))
    assert list(loss.state_dict()) == ["weight"]


X = logits(4, 3)


@pytest.mark.parametrize(
    ("x", "targets", "settings", "error", "words"),
    [
        (X, [0, 1, 3, 2], {}, IndexError, ["cross_entropy", "targets", "class index 3", "[0, 3)"]),
        (X, [0, -1, 1, 2], {}, IndexError, ["targets", "class index -1", "ignore_index", "-100"]),
        (X, [0, -100, 9, 2], {}, IndexError, ["class index 9"]),
        (X, [0, 5, 1, 2], {"ignore_index": 1}, IndexError, ["class index 5", "which is 1"]),
        (X, [0, 1], {}, ValueError, ["targets", "(2,)", "class indices of shape (4,)", "(4, 3)"]),
        (X, np.eye(3, dtype=int)[[0, 1, 2, 0]], {}, ValueError, ["one-hot", "floating"]),
        (X, np.ones(4), {}, TypeError, ["targets", "must be integers"]),
        (X, np.ones((4, 2)), {}, ValueError, ["targets", "probabilities of shape (4, 3)"]),
        (X, np.ones(4, bool), {}, TypeError, ["targets", "bool", "class indices or"]),
        (np.float64(3.0), [], {}, TypeError, ["cross_entropy", "x is a float64"]),
        (np.array(3.0), [], {}, ValueError, ["cross_entropy", "x", "shape ()", "(N, C)"]),
        (np.ones((4, 3), int), [0, 1, 2, 0], {}, TypeError, ["x has the type", "int64", "astype"]),
        (X, [0, 1, 2, 0], {"reduction": "max"}, ValueError, ["reduction is 'max'", "'mean'"]),
        (
            X,
            [0, 1, 2, 0],
            {"label_smoothing": 1.5},
            ValueError,
            ["label_smoothing is 1.5", "[0, 1]"],
        ),
        (X, X, {"ignore_index": 1}, ValueError, ["ignore_index is 1", "probabilities"]),
        (X, [0, 1, 2, 0], {"weight": np.ones(4)}, ValueError, ["weight", "(4,)", "(3,)"]),
        (X, [0, 1, 2, 0], {"weight": "mean"}, TypeError, ["cross_entropy", "weight is a str"]),
    ],
    ids=str,
)
def test_errors(x, targets, settings, error, words):
    targets = np.array(targets, int) if isinstance(targets, list) else targets
    given = {key: to_backend(value) for key, value in settings.items()}
    with raises(error, *words):
        functional.cross_entropy(to_backend(x), to_backend(targets), **given)


def test_what_is_no_array_is_refused_by_name():
    with raises(TypeError, "cross_entropy: targets is a list", "asarray"):
        functional.cross_entropy(to_backend(X), [0, 1, 2, 0])
    with raises(TypeError, "cross_entropy: x is a list"):
        functional.cross_entropy([[0.0]], to_backend(np.array([0])))
    with raises(TypeError, "weight requires grad", "weight.detach()"):
        weight = Variable(to_backend(np.ones(3)))
        functional.cross_entropy(to_backend(X), to_backend(np.arange(4) % 3), weight)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_log_probabilities_are_what_cross_entropy_makes_of_logits(reduction):
    targets = to_backend(np.array([0, -100, 2, 1]))
    weight = to_backend(np.array([0.5, 2.0, 1.0]))
    v, w = Variable(to_backend(X)), Variable(to_backend(X))
    settings = {"weight": weight, "reduction": reduction}
    ours = functional.nll_loss(functional.log_softmax(v, 1), targets, **settings)
    other = functional.cross_entropy(w, targets, **settings)
    assert_close(ours, other)
    assert_close(sa.grad(ours.sum(), v)[0], sa.grad(other.sum(), w)[0])


def test_impossible_classes_cost_nothing_where_they_are_ignored():
    x = np.array([[-np.inf, 0.0], [-np.inf, 0.0]])
    v = Variable(to_backend(x))
    loss = functional.nll_loss(v, to_backend(np.array([-100, 1])), reduction="sum")
    assert to_numpy(loss) == 0
    assert_close(sa.grad(loss, v)[0], np.array([[0.0, 0.0], [0.0, -1.0]]))
    ignored = functional.nll_loss(v, to_backend(np.array([-100, -100])))
    assert np.isnan(to_numpy(ignored))


@pytest.mark.parametrize(
    ("x", "target", "settings", "error", "words"),
    [
        (X, [0, 1, 3, 2], {}, IndexError, ["target holds the class index 3", "[0, 3)"]),
        (X, [0, 5, 1, 2], {"ignore_index": 1}, IndexError, ["class index 5", "which is 1"]),
        (X, [0, 1], {}, ValueError, ["target", "(2,)", "class indices of shape (4,)"]),
        (X, np.ones(4), {}, TypeError, ["target has the type", "integers"]),
        (np.array(3.0), [], {}, ValueError, ["x", "shape ()", "(N, C)"]),
        (X, [0, 1, 2, 0], {"reduction": "max"}, ValueError, ["reduction is 'max'"]),
        (X, [0, 1, 2, 0], {"weight": np.ones(4)}, ValueError, ["weight", "(4,)", "(3,)"]),
    ],
    ids=str,
)
def test_errors_of_nll_loss(x, target, settings, error, words):
    target = np.array(target, int) if isinstance(target, list) else target
    given = {key: to_backend(value) for key, value in settings.items()}
    with raises(error, "nll_loss: ", *words):
        functional.nll_loss(to_backend(x), to_backend(target), **given)
