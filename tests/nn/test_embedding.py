"""``functional/embedding.py`` and ``layers/embedding.py`` beyond the table: norms, bags, errors."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.errors import GraphError
from simple_autograd.nn import functional
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy
from tests.core.raising import raises

RNG = np.random.default_rng(41)
TABLE = RNG.normal(size=(5, 3))
NUMBERS = np.array([[1, 4, 1], [0, 1, 4]])


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "uint64"])
def test_numbers_of_any_integer_type(dtype):
    out = functional.embedding(to_backend(NUMBERS.astype(dtype)), to_backend(TABLE))
    assert_equal(out, TABLE[NUMBERS])


def test_nothing_to_look_up():
    v = Variable(to_backend(TABLE))
    for x, shape in ((np.zeros((0, 2), int), (0, 2, 3)), (np.zeros(0, int), (0, 3))):
        out = functional.embedding(to_backend(x), v)
        assert tuple(out.shape) == shape
        assert_equal(sa.grad(out.sum(), v)[0], np.zeros((5, 3)))
    for mode in ("sum", "mean", "max"):
        for offsets in (np.zeros(0, int), np.array([0]), np.array([0, 0, 0])):
            bags = functional.embedding_bag(
                to_backend(np.zeros(0, int)), v, to_backend(offsets), mode=mode
            )
            assert_equal(bags, np.zeros((len(offsets), 3)))
        rows = functional.embedding_bag(to_backend(np.zeros((2, 0), int)), v, mode=mode)
        assert_equal(rows, np.zeros((2, 3)))
        assert_equal(sa.grad(rows.sum(), v)[0], np.zeros((5, 3)))


@pytest.mark.parametrize("norm_type", [2.0, 1.0])
@pytest.mark.parametrize("name", ["embedding", "embedding_bag"])
def test_max_norm_scales_what_is_looked_up_in_place(name, norm_type, torch):
    ours, theirs = Variable(to_backend(TABLE.copy())), torch.tensor(TABLE)
    settings = {"max_norm": 1.0, "norm_type": norm_type}
    out = getattr(functional, name)(to_backend(NUMBERS), ours, **settings)
    expected = getattr(torch.nn.functional, name)(torch.tensor(NUMBERS), theirs, **settings)
    assert_close(out, expected.numpy())
    assert_close(ours, theirs.numpy())
    assert_equal(to_numpy(ours)[[2, 3]], TABLE[[2, 3]])
    assert ours.requires_grad


def test_max_norm_is_a_write_that_graphs_notice():
    weight = Variable(to_backend(TABLE.copy()))
    product = weight * weight
    functional.embedding(to_backend(NUMBERS), weight, max_norm=0.1)
    with raises(GraphError, "overwritten by embedding's max_norm"):
        product.sum().backward()


def test_frequencies_divide_the_gradient_of_each_order():
    counts = np.array([1, 3, 0, 0, 2])
    for call in (
        lambda w: functional.embedding(to_backend(NUMBERS), w, scale_grad_by_freq=True),
        lambda w: functional.embedding_bag(
            to_backend(NUMBERS), w, scale_grad_by_freq=True, mode="sum"
        ),
    ):
        w = Variable(to_backend(TABLE))
        out = call(w)
        (grad,) = sa.grad(out.sum(), w)
        assert_close(grad, np.repeat((counts > 0) * 1.0, 3).reshape(5, 3))
        (grad,) = sa.grad(call(w), w, sa.ones_like(out), create_graph=True)
        assert_close(grad, np.repeat((counts > 0) * 1.0, 3).reshape(5, 3))


@pytest.mark.parametrize("settings", [{}, {"padding_idx": 4}])
def test_weights_of_samples(settings, torch):
    factors = RNG.normal(size=NUMBERS.shape)
    v, w = Variable(to_backend(TABLE)), Variable(to_backend(factors))
    t, u = torch.tensor(TABLE, requires_grad=True), torch.tensor(factors, requires_grad=True)
    out = functional.embedding_bag(
        to_backend(NUMBERS), v, per_sample_weights=w, mode="sum", **settings
    )
    expected = torch.nn.functional.embedding_bag(
        torch.tensor(NUMBERS), t, per_sample_weights=u, mode="sum", **settings
    )
    assert_close(out, expected.detach().numpy())
    above = RNG.normal(size=(2, 3))
    grads = sa.grad(out, [v, w], to_backend(above))
    truth = torch.autograd.grad(expected, [t, u], torch.tensor(above))
    for grad, true in zip(grads, truth, strict=True):
        assert_close(grad, true.numpy())


def test_bags_differentiate_again():
    """The second order of a sum of squares of means, against the same from matrices."""
    weights = [Variable(to_backend(TABLE)) for _ in range(2)]
    x = to_backend(NUMBERS)
    hits = Variable(to_backend(np.eye(5)[NUMBERS].mean(1)), requires_grad=False)
    seconds = []
    for w, bags in zip(
        weights, (lambda w: functional.embedding_bag(x, w), lambda w: hits @ w), strict=True
    ):
        (first,) = sa.grad((bags(w) ** 3).sum(), w, create_graph=True)
        seconds.append(sa.grad((first**2).sum(), w)[0])
    assert_close(seconds[0], seconds[1])


def test_from_pretrained():
    for cls in (nn.Embedding, nn.EmbeddingBag):
        given = to_backend(TABLE.copy())
        layer = cls.from_pretrained(given, padding_idx=1)
        assert not layer.weight.requires_grad
        assert_equal(layer.weight, TABLE)
        given[0, 0] = 7.0
        assert to_numpy(layer.weight)[0, 0] == 7
        layer = cls.from_pretrained(Variable(given), freeze=False, max_norm=2.0)
        assert layer.weight.requires_grad
        assert layer.max_norm == 2.0
        with raises(ValueError, f"{cls.__name__}.from_pretrained: embeddings", "(V, D)"):
            cls.from_pretrained(given[0, ...])


def test_from_pretrained_draws_nothing():
    drawn = []
    for make in (lambda: None, lambda: nn.Embedding.from_pretrained(to_backend(TABLE))):
        sa.manual_seed(3)
        make()
        drawn.append(to_numpy(nn.Linear(2, 2).weight))
    assert_equal(*drawn)
    with raises(TypeError, "EmbeddingBag.from_pretrained: embeddings has the type", "floating"):
        nn.EmbeddingBag.from_pretrained(to_backend(NUMBERS))


def test_the_vector_of_padding_is_zero():
    layer = nn.Embedding(5, 3, padding_idx=-2)
    assert layer.padding_idx == 3
    assert_equal(layer.weight.data[3, ...], np.zeros(3, "float32"))


@pytest.mark.parametrize("count", [-1, 5])
def test_one_hot(count, torch):
    for x in (NUMBERS, np.array(4), np.array([4])):
        expected = torch.nn.functional.one_hot(torch.tensor(x), count).numpy()
        assert_equal(functional.one_hot(to_backend(x), count), expected)
    assert isinstance(functional.one_hot(Variable(to_backend(NUMBERS))), Variable)
    assert_equal(functional.one_hot(to_backend(np.zeros((0, 2), int)), 3), np.zeros((0, 2, 3), int))


def bag(x, w, **settings):
    return functional.embedding_bag(
        x, w, **{key: to_backend(value) for key, value in settings.items()}
    )


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda x, w: functional.embedding(x + 1, w),
            IndexError,
            ["embedding: x holds 5", "[0, 5)"],
        ),
        (lambda x, w: functional.embedding(x - 1, w), IndexError, ["embedding: x holds -1"]),
        (
            lambda x, w: functional.embedding(w, w),
            TypeError,
            ["embedding: x has the type", "integers"],
        ),
        (lambda x, w: functional.embedding([1], w), TypeError, ["embedding: x is a list"]),
        (lambda x, w: functional.embedding(x, x), TypeError, ["embedding: weight", "floating"]),
        (
            lambda x, w: functional.embedding(x, w[0, ...]),
            ValueError,
            ["embedding: weight", "(V, D)"],
        ),
        (lambda x, w: functional.embedding(x, w, 5), ValueError, ["padding_idx is 5", "5 rows"]),
        (lambda x, w: functional.embedding(x, w, sparse=True), ValueError, ["sparse is True"]),
        (lambda x, w: nn.Embedding(4, 2, 4), ValueError, ["Embedding: padding_idx is 4"]),
        (lambda x, w: nn.EmbeddingBag(4, 2, sparse=True), ValueError, ["EmbeddingBag: sparse"]),
        (lambda x, w: bag(x, w, mode="min"), ValueError, ["mode is 'min'", "'sum'"]),
        (lambda x, w: bag(x[0, ...], w), ValueError, ["embedding_bag", "offsets is None"]),
        (lambda x, w: bag(x, w, offsets=np.array([0])), ValueError, ["offsets", "Leave them out"]),
        (lambda x, w: bag(x[None, ...], w), ValueError, ["embedding_bag: x", "(B, N), or (L,)"]),
        (lambda x, w: bag(x[0, ...], w, offsets=np.array([1])), ValueError, ["do not split x"]),
        (lambda x, w: bag(x[0, ...], w, offsets=np.array([0, 4])), ValueError, ["length 3"]),
        (lambda x, w: bag(x[0, ...], w, offsets=np.array([0, 2, 1])), ValueError, ["never fall"]),
        (lambda x, w: bag(x[0, ...], w, offsets=np.array([0.0])), TypeError, ["offsets has the"]),
        (lambda x, w: bag(x[0, ...], w, offsets=np.array(0)), ValueError, ["offsets is a", "(B,)"]),
        (
            lambda x, w: bag(x, w, per_sample_weights=np.ones((2, 3))),
            ValueError,
            ["per_sample_weights", "mode is 'mean'"],
        ),
        (
            lambda x, w: bag(x, w, per_sample_weights=np.ones(3), mode="sum"),
            ValueError,
            ["per_sample_weights", "(2, 3)"],
        ),
        (lambda x, w: functional.one_hot(x, 4), IndexError, ["one_hot: x holds 4", "[0, 4)"]),
        (lambda x, w: functional.one_hot(x, 0), ValueError, ["num_classes is 0"]),
        (lambda x, w: functional.one_hot(w), TypeError, ["one_hot: x has the type"]),
        (
            lambda x, w: functional.one_hot(x[:0, ...]),
            ValueError,
            ["one_hot", "needed is num_classes"],
        ),
    ],
)
def test_errors(call, error, words):
    with raises(error, *words):
        call(to_backend(NUMBERS), to_backend(TABLE))
