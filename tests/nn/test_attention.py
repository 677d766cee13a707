"""Attention beyond the table of layers: masks, dropout, heads, kernels, errors."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.backends import Backend
from simple_autograd.nn import functional
from simple_autograd.nn.kernels.numpy import KERNELS
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy
from tests.core.raising import raises

RNG = np.random.default_rng(17)
QUERY, KEY, VALUE = (
    RNG.normal(size=(2, 3, 4, 5)),
    RNG.normal(size=(2, 3, 6, 5)),
    RNG.normal(size=(2, 3, 6, 7)),
)
SEEN = RNG.random((2, 1, 4, 6)) > 0.4
ADDED = RNG.normal(size=(4, 6))


def both_orders(ours, theirs, inputs, torch):
    """Compare values, gradients with and without recording, and second gradients."""
    variables = [Variable(to_backend(value)) for value in inputs]
    tensors = [torch.tensor(value, requires_grad=True) for value in inputs]
    out, expected = ours(*variables), theirs(*tensors)
    assert_close(out, expected.detach().numpy())
    above = RNG.normal(size=tuple(expected.shape))
    recorded = sa.grad(out, variables, to_backend(above), create_graph=True)
    plain = sa.grad(ours(*variables), variables, to_backend(above))
    truth = torch.autograd.grad(expected, tensors, torch.tensor(above), create_graph=True)
    for first, second, third in zip(recorded, plain, truth, strict=True):
        assert_close(first, third.detach().numpy())
        assert_close(second, third.detach().numpy())
    found = sa.grad(sum((g**3).sum() for g in recorded), variables)
    wanted = torch.autograd.grad(sum((g**3).sum() for g in truth), tensors)
    for first, second in zip(found, wanted, strict=True):
        assert_close(first, second.numpy())


@pytest.mark.parametrize(
    "settings",
    [{}, {"is_causal": True}, {"scale": 0.3}, {"attn_mask": SEEN}],
    ids=["plain", "causal", "scale", "booleans"],
)
def test_settings(settings, torch):
    ours = {key: to_backend(value) for key, value in settings.items()}
    theirs = {
        key: torch.tensor(value) if isinstance(value, np.ndarray) else value
        for key, value in settings.items()
    }
    both_orders(
        lambda *x: functional.scaled_dot_product_attention(*x, **ours),
        lambda *x: torch.nn.functional.scaled_dot_product_attention(*x, **theirs),
        (QUERY, KEY, VALUE),
        torch,
    )


def test_gradients_flow_to_numbers_in_a_mask(torch):
    both_orders(
        functional.scaled_dot_product_attention,
        torch.nn.functional.scaled_dot_product_attention,
        (QUERY, KEY, VALUE, ADDED),
        torch,
    )


def test_leading_axes_broadcast_and_may_be_missing(torch):
    for inputs in ((QUERY[0], KEY, VALUE), (QUERY[0, 0], KEY[0, 0], VALUE[0, 0])):
        both_orders(
            functional.scaled_dot_product_attention,
            torch.nn.functional.scaled_dot_product_attention,
            inputs,
            torch,
        )


def test_grouped_queries(torch):
    inputs = (RNG.normal(size=(2, 6, 4, 5)), KEY, VALUE)
    both_orders(
        lambda *x: functional.scaled_dot_product_attention(*x, enable_gqa=True),
        lambda *x: torch.nn.functional.scaled_dot_product_attention(*x, enable_gqa=True),
        inputs,
        torch,
    )


@pytest.mark.parametrize("mask", [np.zeros((4, 6), bool), np.full((4, 6), -np.inf)], ids=str)
def test_a_query_that_sees_no_key_gives_0(mask):
    inputs = [Variable(to_backend(value)) for value in (QUERY, KEY, VALUE)]
    out = functional.scaled_dot_product_attention(*inputs, to_backend(mask))
    assert_equal(out, np.zeros((2, 3, 4, 7)))
    for grad in sa.grad(out.sum(), inputs):
        assert_equal(grad, np.zeros(grad.shape))


def test_no_key_or_no_query_at_all():
    for queries, keys in ((4, 0), (0, 6), (0, 0)):
        inputs = [
            Variable(to_backend(value))
            for value in (QUERY[:, :, :queries], KEY[:, :, :keys], VALUE[:, :, :keys])
        ]
        out = functional.scaled_dot_product_attention(*inputs)
        assert_equal(out, np.zeros((2, 3, queries, 7)))
        for grad, given in zip(sa.grad(out.sum(), inputs), inputs, strict=True):
            assert_equal(grad, np.zeros(given.shape))


@pytest.mark.parametrize("scale", [1.0, 1e3])
def test_scores_far_apart(scale, torch):
    """The largest score of all would make other rows' exponentials vanish."""
    query = QUERY * np.array([1.0, 30.0, 1e-3, 5.0])[:, None] * scale
    out = functional.scaled_dot_product_attention(*map(to_backend, (query, KEY, VALUE)))
    expected = torch.nn.functional.scaled_dot_product_attention(
        *map(torch.tensor, (query, KEY, VALUE))
    )
    assert_close(out, expected.numpy())
    single = [value.astype("float32") for value in (query, KEY, VALUE)]
    assert_close(
        to_numpy(functional.scaled_dot_product_attention(*map(to_backend, single))).astype(float),
        torch.nn.functional.scaled_dot_product_attention(*map(torch.tensor, single))
        .double()
        .numpy(),
        1e-3 if scale > 1 else 1e-5,
    )


def test_nan_goes_through():
    query = QUERY.copy()
    query[0, 0, 1, 2] = np.nan
    out = to_numpy(functional.scaled_dot_product_attention(*map(to_backend, (query, KEY, VALUE))))
    assert np.isnan(out[0, 0, 1]).all()
    assert np.isnan(out).sum() == 7


def test_dropout_drops_weights_and_follows_the_seed():
    value = np.eye(6)[None, None]
    inputs = [
        Variable(to_backend(v)) for v in (QUERY, KEY, np.broadcast_to(value, (2, 3, 6, 6)).copy())
    ]

    def run(p):
        sa.manual_seed(3)
        return functional.scaled_dot_product_attention(*inputs, dropout_p=p)

    weights, dropped = to_numpy(run(0.0)), to_numpy(run(0.5))
    kept = dropped != 0
    assert 0.2 < kept.mean() < 0.8
    assert_close(dropped[kept], 2 * weights[kept])
    assert_equal(run(0.5), dropped)
    assert_equal(run(1.0), np.zeros_like(weights))
    # The weights that were dropped get no gradient, the others twice theirs.
    above = to_backend(RNG.normal(size=weights.shape))
    plain = sa.grad(run(0.5), inputs, above)
    recorded = sa.grad(run(0.5), inputs, above, create_graph=True)
    for first, second in zip(plain, recorded, strict=True):
        assert_close(first, second)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_kernels_compute_what_the_portable_bodies_do(dtype):
    tolerance = {"float32": 1e-5, "float64": 1e-12}[dtype]
    query, key, value = (x.astype(dtype) for x in (QUERY, KEY, VALUE))
    kept = (SEEN * 2).astype(dtype) + np.zeros_like(query[..., :1])
    turned = [x.swapaxes(1, 2).copy().swapaxes(1, 2) for x in (query, key, value)]
    for given in ((query, key, value), turned, (query[:1], key, value[:, :1])):
        for mask in (None, SEEN, ADDED.astype(dtype), np.full((4, 6), -np.inf, dtype)):
            for options in ({"scale": 0.4, "is_causal": False}, {"scale": 2.0, "is_causal": True}):
                for factors in (None, kept):
                    args = (*given, mask, factors)
                    found = KERNELS["attention"](*args, **options)
                    expected = Backend.portable["attention"](np, *args, **options)
                    for first, second in zip(found, expected, strict=True):
                        assert first.dtype == second.dtype == dtype
                        np.testing.assert_allclose(first, second, tolerance, tolerance)
                    above = RNG.normal(size=found[0].shape).astype(dtype)
                    args = (*given, found[1], factors, above, None)
                    found = KERNELS["attention_backward"](*args, scale=0.4)
                    expected = Backend.portable["attention_backward"](np, *args, scale=0.4)
                    for first, second in zip(found, expected, strict=True):
                        assert first.dtype == second.dtype == dtype
                        np.testing.assert_allclose(first, second, tolerance, tolerance * 10)


@pytest.mark.parametrize(
    ("shapes", "settings", "error", "words"),
    [
        (((4,), (6, 5), (6, 7)), {}, ValueError, ["query is a", "(4,)", "two axes"]),
        (((4, 5), (6, 4), (6, 7)), {}, ValueError, ["(4, 5)", "(6, 4)", "(..., S, E)"]),
        (((4, 5), (6, 5), (5, 7)), {}, ValueError, ["(5, 7)", "(..., S, V)"]),
        (((2, 4, 5), (3, 6, 5), (3, 6, 7)), {}, ValueError, ["leading axes", "(2,)", "(3,)"]),
        (((4, 5), (6, 5), (6, 7)), {"dropout_p": 1.5}, ValueError, ["1.5", "[0, 1]"]),
        (
            ((4, 5), (6, 5), (6, 7)),
            {"attn_mask": np.ones((4, 5), bool)},
            ValueError,
            ["attn_mask", "(4, 5)", "(4, 6)"],
        ),
        (
            ((4, 5), (6, 5), (6, 7)),
            {"attn_mask": np.ones((4, 6), int)},
            TypeError,
            ["attn_mask has the type", "int64", "booleans"],
        ),
        (
            ((4, 5), (6, 5), (6, 7)),
            {"attn_mask": np.ones((4, 6), bool), "is_causal": True},
            ValueError,
            ["is_causal", "attn_mask", "one of them"],
        ),
        (((4, 5), (6, 5), (6, 7)), {"enable_gqa": True}, ValueError, ["enable_gqa", "heads"]),
        (
            ((3, 4, 5), (2, 6, 5), (2, 6, 7)),
            {"enable_gqa": True},
            ValueError,
            ["enable_gqa", "(3, 4, 5)", "(2, 6, 5)"],
        ),
    ],
    ids=str,
)
def test_errors(shapes, settings, error, words):
    inputs = [to_backend(np.ones(shape)) for shape in shapes]
    given = {key: to_backend(value) for key, value in settings.items()}
    with raises(error, "scaled_dot_product_attention", *words):
        functional.scaled_dot_product_attention(*inputs, **given)
    with raises(TypeError, "scaled_dot_product_attention: key is a list"):
        functional.scaled_dot_product_attention(to_backend(np.ones((2, 2))), [[1.0]], inputs[2])


# Heads ----------------------------------------------------------------------------------------------------------------


def heads(torch, *args, **settings):
    """Make the layer here and in PyTorch, with the same weights, in double precision."""
    theirs = torch.nn.MultiheadAttention(*args, **settings).double()
    ours = nn.MultiheadAttention(*args, **settings).to("float64")
    ours.load_state_dict({key: value.numpy() for key, value in theirs.state_dict().items()})
    return ours, theirs


X, Y = RNG.normal(size=(4, 3, 6)), RNG.normal(size=(5, 3, 6))
PADDED = np.zeros((3, 5), bool)
PADDED[1, 3:] = True
HIDDEN = RNG.random((4, 5)) > 0.7
HIDDEN[:, 0] = False


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"need_weights": False},
        {"average_attn_weights": False},
        {"key_padding_mask": PADDED},
        {"attn_mask": HIDDEN},
        {"attn_mask": HIDDEN, "key_padding_mask": PADDED},
        {"attn_mask": RNG.normal(size=(6, 4, 5)), "key_padding_mask": RNG.normal(size=(3, 5))},
    ],
    ids=lambda settings: ", ".join(settings),
)
@pytest.mark.parametrize("more", [False, True])
def test_masks_and_weights(settings, more, torch):
    ours, theirs = heads(torch, 6, 2, add_bias_kv=more, add_zero_attn=more)
    given = {key: to_backend(value) for key, value in settings.items()}
    tensors = {
        key: torch.tensor(value) if isinstance(value, np.ndarray) else value
        for key, value in settings.items()
    }
    out, weights = ours(*map(to_backend, (X, Y, Y)), **given)
    expected, their_weights = theirs(*map(torch.tensor, (X, Y, Y)), **tensors)
    assert_close(out, expected.detach().numpy())
    if their_weights is None:
        assert weights is None
    else:
        assert_close(weights, their_weights.detach().numpy())


@pytest.mark.parametrize("batch_first", [False, True])
def test_inputs_that_are_one_are_projected_together(batch_first, torch):
    ours, theirs = heads(torch, 6, 2, batch_first=batch_first)
    for places in ((0, 0, 0), (0, 1, 1), (0, 1, 2)):
        values = [x.swapaxes(0, 1).copy() if batch_first else x for x in (X, Y, Y)]
        variables = [Variable(to_backend(x)) for x in values]
        tensors = [torch.tensor(x, requires_grad=True) for x in values]
        out, _ = ours(*[variables[place] for place in places])
        expected, _ = theirs(*[tensors[place] for place in places])
        assert_close(out, expected.detach().numpy())
        used = sorted({*places})
        found = sa.grad((out**2).sum(), [*[variables[i] for i in used], *ours.parameters()])
        truth = torch.autograd.grad(
            (expected**2).sum(), [*[tensors[i] for i in used], *theirs.parameters()]
        )
        for grad, their_grad in zip(found, truth, strict=True):
            assert_close(grad, their_grad.numpy())


def test_masks_of_both_kinds_join():
    ours = nn.MultiheadAttention(6, 2).to("float64")
    as_numbers = np.where(PADDED, -np.inf, 0.0)
    added = RNG.normal(size=(4, 5))
    results = [
        ours(
            *map(to_backend, (X, Y, Y)),
            attn_mask=to_backend(added),
            key_padding_mask=to_backend(mask),
        )
        for mask in (PADDED, as_numbers)
    ]
    assert_close(results[0][0], results[1][0])


def test_causal_alone_and_with_the_mask_that_says_so(torch):
    ours, theirs = heads(torch, 6, 2)
    mask = np.triu(np.ones((4, 4), bool), 1)
    x = to_backend(X)
    expected, weights = theirs(*[torch.tensor(X)] * 3, attn_mask=torch.tensor(mask))
    for settings in ({"is_causal": True}, {"is_causal": True, "attn_mask": to_backend(mask)}):
        out, found = ours(x, x, x, **settings)
        assert_close(out, expected.detach().numpy())
        assert_close(found, weights.detach().numpy())


def test_dropout_in_training_only():
    layer = nn.MultiheadAttention(6, 2, dropout=0.5).to("float64")
    x = to_backend(X)
    _, weights = layer(x, x, x)
    assert (to_numpy(weights) == 0).any()
    layer.eval()
    assert not (to_numpy(layer(x, x, x)[1]) == 0).any()
    assert_equal(layer(x, x, x)[0], to_numpy(layer(x, x, x)[0]))


def test_self_attention_is_the_short_form():
    layer = nn.MultiHeadSelfAttention(6, 2).to("float64")
    whole = nn.MultiheadAttention(6, 2, batch_first=True).to("float64")
    whole.load_state_dict(layer.state_dict())
    x = Variable(to_backend(X))
    out = layer(x)
    assert_close(out, whole(x, x, x)[0])
    first = layer(x, single_query=True)
    assert first.shape == (4, 1, 6)
    assert_close(first, out[:, :1])
    causal = layer(x, causal=True)
    assert_close(causal, whole(x, x, x, is_causal=True)[0])
    assert_close(layer(x[:, :2], causal=True), causal[:, :2])
    (grad,) = sa.grad(first.sum(), x)
    assert_close(grad, sa.grad(layer(x)[:, 0].sum(), x)[0])


def test_initial_values_are_pytorchs_distribution():
    layer = nn.MultiheadAttention(64, 4, add_bias_kv=True)
    weight = to_numpy(layer.in_proj_weight)
    bound = np.sqrt(6 / (4 * 64))
    assert np.abs(weight).max() <= bound
    assert np.abs(weight).max() > 0.98 * bound
    for bias in (layer.in_proj_bias, layer.out_proj.bias):
        assert_equal(bias, np.zeros(bias.shape, "float32"))
    assert 0 < np.abs(to_numpy(layer.bias_k)).max() < 2


@pytest.mark.parametrize(
    ("call", "settings", "error", "words"),
    [
        ((X[..., :4], Y, Y), {}, ValueError, ["query is a", "(4, 3, 4)", "6 features"]),
        ((X, Y[0], Y[0]), {}, ValueError, ["(4, 3, 6)", "(3, 6)", "three axes"]),
        ((X, Y, Y[:3]), {}, ValueError, ["key has shape (5, 3, 6)", "(3, 3, 6)", "every key"]),
        ((X, Y, Y), {"attn_mask": HIDDEN[:3]}, ValueError, ["attn_mask", "(3, 5)", "(4, 5)"]),
        (
            (X, Y, Y),
            {"attn_mask": np.zeros((3, 4, 5), bool)},
            ValueError,
            ["attn_mask", "(3, 4, 5)", "(6, 4, 5)"],
        ),
        ((X, Y, Y), {"key_padding_mask": PADDED.T}, ValueError, ["key_padding_mask", "(3, 5)"]),
        ((X, Y, Y), {"key_padding_mask": PADDED.astype(int)}, TypeError, ["booleans"]),
        ((X.astype(int), Y, Y), {}, TypeError, ["query has the type", "floating"]),
    ],
    ids=str,
)
def test_errors_of_heads(call, settings, error, words):
    layer = nn.MultiheadAttention(6, 2).to("float64")
    given = {key: to_backend(value) for key, value in settings.items()}
    with raises(error, "multi_head_attention_forward", *words):
        layer(*map(to_backend, call), **given)


@pytest.mark.parametrize("rows", [5, 6, 17, 19, 24])
def test_weights_of_other_lengths_raise(rows):
    x, weight = to_backend(X), to_backend(RNG.normal(size=(rows, 6)))
    out = to_backend(RNG.normal(size=(6, 6)))
    none = (None,) * 3
    settings = {"training": False, "need_weights": False}
    with raises(ValueError, "in_proj_weight is a", "needed are 18 rows"):
        functional.multi_head_attention_forward(
            *(x, x, x, 6, 2, weight, *none, False, 0.0, out, None), **settings
        )
    if rows != 6:
        separate = {"q_proj_weight": out, "k_proj_weight": weight, "v_proj_weight": out}
        with raises(ValueError, "k_proj_weight is a", "needed are 6 rows"):
            functional.multi_head_attention_forward(
                *(x, x, x, 6, 2, None, *none, False, 0.0, out, None),
                **settings, use_separate_proj_weight=True, **separate,
            )  # fmt: skip


def test_errors_of_settings():
    with raises(ValueError, "MultiheadAttention", "embed_dim is 6 and num_heads 4"):
        nn.MultiheadAttention(6, 4)
    with raises(ValueError, "MultiheadAttention", "dropout is 2"):
        nn.MultiheadAttention(6, 2, dropout=2)
    with raises(ValueError, "MultiHeadSelfAttention: x is a", "(3, 6)", "(N, L, E)"):
        nn.MultiHeadSelfAttention(6, 2)(to_backend(X[0].astype("float32")))
