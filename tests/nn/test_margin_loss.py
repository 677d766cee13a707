"""``functional/margin_loss.py`` and ``functional/distance.py`` beyond the table: kinks, choices, errors."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.nn import functional
from tests.core.arrays import assert_close, to_backend, to_numpy
from tests.core.raising import raises

RNG = np.random.default_rng(71)
X, Y, Z = RNG.normal(size=(3, 4, 3))
SIGNS = np.array([1, -1, -1, 1])


def compare(name, given, torch, tolerance=1e-10, **settings):
    """Compare a loss of Variables, and its gradients, with PyTorch's."""
    leaves = [Variable(to_backend(value)) for value in given]
    theirs = [torch.tensor(value, requires_grad=value.dtype.kind == "f") for value in given]
    loss = getattr(functional, name)(*leaves, **settings)
    expected = getattr(torch.nn.functional, name)(*theirs, **settings)
    assert_close(loss, expected.detach().numpy())
    grads = sa.grad(loss.sum(), [v for v in leaves if v.requires_grad])
    truth = torch.autograd.grad(expected.sum(), [t for t in theirs if t.requires_grad])
    for grad, true in zip(grads, truth, strict=True):
        assert_close(grad, true.numpy(), tolerance)


def test_gradients_at_the_margin(torch):
    edge = np.array([[1.0, 0.0, -1.0]])
    compare("hinge_embedding_loss", [np.array([1.0, 1.0, 0.5]), np.array([-1, 1, -1])], torch)
    compare(
        "margin_ranking_loss",
        [np.ones(2), np.array([0.5, 2.0]), np.array([1, -1])],
        torch,
        margin=0.5,
    )
    compare("multi_margin_loss", [edge, np.array([0])], torch)
    compare("multi_margin_loss", [edge, np.array([0])], torch, p=2)
    compare("multilabel_margin_loss", [edge, np.array([[0, -1, 2]])], torch)


def test_vectors_of_zeros(torch):
    zero = np.zeros((2, 3))
    # PyTorch's small number is one of single precision.
    compare("cosine_embedding_loss", [zero, X[:2], np.array([1, -1])], torch, 1e-8)
    compare("triplet_margin_loss", [zero, zero, zero], torch)
    compare("cosine_similarity", [zero, X[:2]], torch)
    compare("pairwise_distance", [zero, zero], torch)


def test_signs_may_be_floating(torch):
    x = to_backend(X.astype("float32"))
    for name in ("soft_margin_loss", "hinge_embedding_loss", "multilabel_soft_margin_loss"):
        target = np.ones((4, 3))
        loss = getattr(functional, name)(x, to_backend(target.astype(int)))
        assert to_numpy(loss).dtype == np.float32
        assert_close(loss, getattr(functional, name)(x, to_backend(target.astype("float32"))))


def test_a_distance_of_ones_own(torch):
    def city(x1, x2):
        return abs(x1 - x2).sum(-1)

    given = [X, Y, Z]
    for swap in (False, True):
        compare(
            "triplet_margin_with_distance_loss", given, torch, distance_function=city, swap=swap
        )
    layer = nn.TripletMarginWithDistanceLoss(distance_function=city, margin=2.0, reduction="sum")
    expected = torch.nn.TripletMarginWithDistanceLoss(
        distance_function=city, margin=2.0, reduction="sum"
    )
    loss = layer(*[Variable(to_backend(value)) for value in given])
    assert_close(loss, expected(*map(torch.tensor, given)).numpy())
    assert repr(layer) == "TripletMarginWithDistanceLoss()"


def test_vectors_that_broadcast(torch):
    compare("pairwise_distance", [X, Y[0]], torch)
    compare("cosine_similarity", [X[:, None], Y[None]], torch, dim=-1)


def test_nothing_to_average_is_nan():
    empty = to_backend(np.zeros((0, 3)))
    labels = to_backend(np.zeros(0, int))
    assert np.isnan(to_numpy(functional.multi_margin_loss(empty, labels)))
    assert np.isnan(to_numpy(functional.triplet_margin_loss(empty, empty, empty)))
    assert np.isnan(to_numpy(functional.cosine_embedding_loss(empty, empty, labels)))


T = np.array([0, 2, 1, 1])


@pytest.mark.parametrize(
    ("name", "given", "settings", "error", "words"),
    [
        ("cosine_embedding_loss", [X, Y[:2], SIGNS], {}, ValueError, ["x2", "shape of x1, (4, 3)"]),
        ("cosine_embedding_loss", [X, Y, SIGNS[:2]], {}, ValueError, ["target", "(4,)"]),
        ("cosine_embedding_loss", [X, Y, SIGNS * 0], {}, ValueError, ["target holds", "1 and -1"]),
        ("cosine_embedding_loss", [X[None], Y[None], SIGNS], {}, ValueError, ["x1", "(N, D)"]),
        ("margin_ranking_loss", [X, Y, SIGNS], {}, ValueError, ["target", "shape of x1"]),
        ("hinge_embedding_loss", [X, X * 0], {}, ValueError, ["target holds", "1 and -1"]),
        ("hinge_embedding_loss", [X, SIGNS], {}, ValueError, ["target", "(4, 3)"]),
        ("soft_margin_loss", [X, SIGNS], {}, ValueError, ["target", "(4, 3)"]),
        ("multi_margin_loss", [X, T + 1], {}, IndexError, ["target holds 3", "[0, 3)"]),
        ("multi_margin_loss", [X, -T], {}, IndexError, ["target holds -2"]),
        ("multi_margin_loss", [X, T * 1.0], {}, TypeError, ["target has the type"]),
        ("multi_margin_loss", [X, T[:2]], {}, ValueError, ["target", "(4,)"]),
        ("multi_margin_loss", [X, T], {"p": 3}, ValueError, ["p is 3"]),
        ("multi_margin_loss", [X, T], {"weight": X}, ValueError, ["weight", "(3,)"]),
        ("multi_margin_loss", [X[None], T], {}, ValueError, ["x is a", "(N, C)"]),
        ("multilabel_margin_loss", [X, X.astype(int) + 3], {}, IndexError, ["target holds"]),
        ("multilabel_margin_loss", [X, T], {}, ValueError, ["target", "(4, 3)"]),
        (
            "multilabel_soft_margin_loss",
            [X, X],
            {"weight": T * 1.0},
            ValueError,
            ["weight", "(4,)"],
        ),
        ("triplet_margin_loss", [X, Y, Z[:2]], {}, ValueError, ["negative", "shape of anchor"]),
        ("triplet_margin_loss", [X, Y, Z], {"margin": 0}, ValueError, ["margin is 0"]),
        ("triplet_margin_with_distance_loss", [X, Y[0], Z], {}, ValueError, ["positive"]),
        (
            "triplet_margin_loss",
            [X, Y, Z],
            {"reduction": "all"},
            ValueError,
            ["reduction is 'all'"],
        ),
    ],
    ids=str,
)
def test_errors(name, given, settings, error, words):
    given = [to_backend(value) for value in given]
    settings = {key: to_backend(value) for key, value in settings.items()}
    with raises(error, f"{name}: ", *words):
        getattr(functional, name)(*given, **settings)


def test_what_distances_refuse():
    with raises(TypeError, "cosine_similarity: x2 is a list"):
        functional.cosine_similarity(to_backend(X), [1.0])
    with raises(TypeError, "pairwise_distance: x1 has the type", "int64"):
        functional.pairwise_distance(to_backend(T.astype("int64")), to_backend(T * 1.0))
    for name in ("cosine_similarity", "pairwise_distance"):
        function = getattr(functional, name)
        with raises(ValueError, f"{name}: x1 is a", "(2, 3)", "x2 a", "(2, 4)", "broadcast"):
            function(to_backend(np.ones((2, 3))), to_backend(np.ones((2, 4))))
    number = to_backend(np.asarray(-2.0))
    with raises(ValueError, "pairwise_distance: x1 is a", "()", "vectors"):
        functional.pairwise_distance(number, number)
    with raises(ValueError, "cosine_similarity: dim is 1", "shape ()"):
        functional.cosine_similarity(number, number)
    assert functional.cosine_similarity(number, number, dim=0) == 1
    with raises(ValueError, "cosine_similarity: dim is 2", "2 axes"):
        functional.cosine_similarity(to_backend(X), to_backend(X), dim=2)
