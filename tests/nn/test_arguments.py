"""``functional/arguments.py``: what many functions and layers refuse alike."""

from __future__ import annotations

import numpy as np
import pytest

from simple_autograd import nn
from simple_autograd.nn import functional
from tests.core.arrays import to_backend
from tests.core.raising import raises

REAL = np.ones((2, 4))
COMPLEX = REAL * (1 + 2j)


@pytest.mark.parametrize(
    ("name", "argument", "args"),
    [
        ("batch_norm", "x", (COMPLEX, np.zeros(4), np.ones(4))),
        ("layer_norm", "x", (COMPLEX, 4)),
        ("softmax", "x", (COMPLEX, 1)),
        ("glu", "x", (COMPLEX,)),
        ("lp_pool1d", "x", (COMPLEX, 2.0, 2)),
        ("max_pool1d", "x", (COMPLEX, 2)),
        ("cross_entropy", "x", (COMPLEX, np.array([0, 1]))),
        ("cross_entropy", "targets", (REAL, COMPLEX)),
        ("nll_loss", "x", (COMPLEX, np.array([0, 1]))),
        ("mse_loss", "x", (COMPLEX, REAL)),
        ("mse_loss", "target", (REAL, COMPLEX)),
        ("binary_cross_entropy", "x", (COMPLEX, REAL)),
        ("margin_ranking_loss", "x2", (REAL, COMPLEX, REAL)),
        ("cosine_embedding_loss", "x1", (COMPLEX, REAL, np.ones(2))),
        ("multi_margin_loss", "x", (COMPLEX, np.array([0, 1]))),
        ("cosine_similarity", "x2", (REAL, COMPLEX)),
        ("scaled_dot_product_attention", "key", (REAL, COMPLEX, REAL)),
        ("ctc_loss", "log_probs", (COMPLEX, np.array([1]), [2], [1])),
        ("prelu", "x", (COMPLEX, np.ones(4))),
        *[
            (name, "x", (COMPLEX, *more))
            for name, *more in (
                ("celu",),
                ("elu",),
                ("hardshrink",),
                ("hardsigmoid",),
                ("hardswish",),
                ("hardtanh",),
                ("leaky_relu",),
                ("relu6",),
                ("rrelu",),
                ("selu",),
                ("softshrink",),
                ("threshold", 0.0, 1.0),
            )
        ],
    ],
)
def test_complex_data_where_only_real_data_means_something(name, argument, args):
    given = [to_backend(arg) if isinstance(arg, np.ndarray) else arg for arg in args]
    with raises(TypeError, f"{name}: {argument} has the type", "complex128", "needed is real data"):
        getattr(functional, name)(*given)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: nn.Linear(2.5, 3), TypeError, ["Linear: in_features is 2.5", "at least 0"]),
        (lambda: nn.Linear(2, -3), ValueError, ["Linear: out_features is -3", "at least 0"]),
        (lambda: nn.Bilinear(2, 0, 3), ValueError, ["Bilinear: in2_features is 0", "at least 1"]),
        (lambda: nn.Conv2d("3", 4, 3), TypeError, ["Conv2d: in_channels is '3'"]),
        (lambda: nn.Conv1d(3, -4, 3), ValueError, ["Conv1d: out_channels is -4"]),
        (lambda: nn.Conv1d(3, 4, 3, groups=1.0), TypeError, ["Conv1d: groups is 1.0"]),
        (lambda: nn.Embedding(-1, 3), ValueError, ["Embedding: num_embeddings is -1"]),
        (lambda: nn.EmbeddingBag(3, -1), ValueError, ["EmbeddingBag: embedding_dim is -1"]),
        (lambda: nn.LayerNorm((3, -1)), ValueError, ["LayerNorm: normalized_shape is -1"]),
        (lambda: nn.RMSNorm("3"), TypeError, ["RMSNorm: normalized_shape is '3'", "a tuple"]),
        (lambda: nn.BatchNorm1d(-2), ValueError, ["BatchNorm1d: num_features is -2"]),
        (lambda: nn.GroupNorm("2", 4), TypeError, ["GroupNorm: num_groups is '2'"]),
        (lambda: nn.MultiheadAttention(4.0, 2), TypeError, ["MultiheadAttention: embed_dim is"]),
        (lambda: nn.PReLU(0), ValueError, ["PReLU: num_parameters is 0", "at least 1"]),
        (lambda: nn.GRU(3, 0), ValueError, ["GRU: hidden_size is 0", "at least 1"]),
    ],
)
def test_sizes_of_layers(make, error, words):
    with raises(error, *words):
        make()


def test_numpys_integers_are_sizes():
    three = np.int64(3)
    assert nn.LSTM(three, 2).input_size == 3
    assert nn.LayerNorm(three).normalized_shape == (3,)
    assert tuple(nn.Linear(three, 2).weight.shape) == (2, 3)
    x = to_backend(np.ones((2, 3)))
    assert functional.layer_norm(x, three).shape == x.shape
