"""Recurrent layers beyond the table of layers: states, packed sequences, dropout, kernels, errors."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.backends import Backend
from simple_autograd.nn.functional.recurrent import GATES
from simple_autograd.nn.kernels.numpy import KERNELS
from simple_autograd.nn.utils import rnn
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy
from tests.core.raising import raises

RNG = np.random.default_rng(29)


def draw(*shape):
    return RNG.normal(size=shape)


def both(torch, text):
    """Make a layer here and in PyTorch, with the same weights, in double precision."""
    theirs, ours = eval(f"torch.{text}").double(), eval(text).to("float64")
    ours.load_state_dict({key: value.numpy() for key, value in theirs.state_dict().items()})
    return ours, theirs


def compare(ours, theirs, inputs, their_inputs):
    """Compare results, in nested tuples, and the gradients of their weighted sum."""
    results, truths = flat(ours), flat(theirs)
    weights = [draw(*truth.shape) for truth in truths]
    for result, truth in zip(results, truths, strict=True):
        assert_close(result, truth.detach().numpy())
    total = sum((r * to_backend(w)).sum() for r, w in zip(results, weights, strict=True))
    their_total = sum((t * t.new_tensor(w)).sum() for t, w in zip(truths, weights, strict=True))
    grads = sa.grad(total, inputs, create_graph=True)
    plain = sa.grad(total, inputs, retain_graph=True)
    their_grads = _torch_grad(their_total, their_inputs)
    for grad, raw, truth in zip(grads, plain, their_grads, strict=True):
        assert_close(grad, truth.detach().numpy())
        assert_close(raw, truth.detach().numpy())
    second = sa.grad(sum((g**3).sum() for g in grads), inputs)
    their_second = _torch_grad(sum((g**3).sum() for g in their_grads), their_inputs)
    for grad, truth in zip(second, their_second, strict=True):
        assert_close(grad, truth.detach().numpy())


def _torch_grad(total, inputs):
    torch = pytest.importorskip("torch")
    return torch.autograd.grad(total, inputs, create_graph=True)


def flat(results):
    return [a for r in results for a in flat(r)] if isinstance(results, tuple) else [results]


STATES = {
    "nn.RNN(3, 5, 2, bidirectional=True)": [(4, 2, 5)],
    "nn.LSTM(3, 5, 2, batch_first=True)": [(2, 2, 5), (2, 2, 5)],
    "nn.LSTM(3, 5, bidirectional=True, proj_size=4)": [(2, 2, 4), (2, 2, 5)],
    "nn.GRU(3, 5, bidirectional=True)": [(2, 2, 5)],
}


@pytest.mark.parametrize("text", STATES)
@pytest.mark.parametrize("batched", [True, False])
def test_states_go_in_and_out(text, batched, torch):
    ours, theirs = both(torch, text)
    count = ours.num_layers * (2 if ours.bidirectional else 1)
    values = [draw(2, 2, 3) if batched else draw(2, 3)]
    for _, *shape in STATES[text]:
        values.append(draw(count, *(shape if batched else shape[1:])))
    inputs = [Variable(to_backend(value)) for value in values]
    tensors = [torch.tensor(value, requires_grad=True) for value in values]
    single = len(inputs) == 2
    out = ours(inputs[0], inputs[1] if single else tuple(inputs[1:]))
    expected = theirs(tensors[0], tensors[1] if single else tuple(tensors[1:]))
    compare(
        out,
        expected,
        [*inputs, *ours.parameters()],
        [*tensors, *theirs.parameters()],
    )


def test_states_of_a_cell(torch):
    ours, theirs = both(torch, "nn.LSTMCell(3, 5)")
    values = [draw(4, 3), draw(4, 5), draw(4, 5)]
    x, h, c = (Variable(to_backend(value)) for value in values)
    t = [torch.tensor(value, requires_grad=True) for value in values]
    compare(
        ours(x, (h, c)),
        theirs(t[0], (t[1], t[2])),
        [x, h, c, *ours.parameters()],
        [*t, *theirs.parameters()],
    )


@pytest.mark.parametrize(
    "text",
    [
        "nn.RNN(3, 5, nonlinearity='relu')",
        "nn.LSTM(3, 5, 2, bidirectional=True)",
        "nn.LSTM(3, 5, bidirectional=True, proj_size=2)",
        "nn.GRU(3, 5, 2, bidirectional=True)",
    ],
)
@pytest.mark.parametrize("enforce_sorted", [True, False])
def test_packed_sequences(text, enforce_sorted, torch):
    ours, theirs = both(torch, text)
    lengths = [5, 3, 3, 1] if enforce_sorted else [3, 1, 5, 3]
    x = draw(5, 4, 3)
    v, t = Variable(to_backend(x)), torch.tensor(x, requires_grad=True)
    packed = rnn.pack_padded_sequence(v, lengths, enforce_sorted=enforce_sorted)
    theirs_packed = torch.nn.utils.rnn.pack_padded_sequence(
        t, lengths, enforce_sorted=enforce_sorted
    )
    assert_close(packed.data, theirs_packed.data.detach().numpy())
    assert packed.batch_sizes == tuple(theirs_packed.batch_sizes.tolist())
    out, states = ours(packed)
    expected, their_states = theirs(theirs_packed)
    padded, found = rnn.pad_packed_sequence(out, padding_value=7.0)
    their_padded, truth = torch.nn.utils.rnn.pad_packed_sequence(expected, padding_value=7.0)
    assert_equal(found, truth.numpy())
    compare(
        (padded, states),
        (their_padded, their_states),
        [v, *ours.parameters()],
        [t, *theirs.parameters()],
    )


def test_packed_sequences_with_states(torch):
    ours, theirs = both(torch, "nn.GRU(3, 5, bidirectional=True)")
    x, h = draw(4, 3, 3), draw(2, 3, 5)
    packed = rnn.pack_padded_sequence(to_backend(x), [2, 4, 1], enforce_sorted=False)
    their_packed = torch.nn.utils.rnn.pack_padded_sequence(
        torch.tensor(x), [2, 4, 1], enforce_sorted=False
    )
    out, last = ours(packed, to_backend(h))
    expected, their_last = theirs(their_packed, torch.tensor(h))
    assert_close(out.data, expected.data.detach().numpy())
    assert_close(last, their_last.detach().numpy())


@pytest.mark.parametrize("batch_first", [False, True])
def test_padding_and_packing_undo_each_other(batch_first, torch):
    sequences = [draw(length, 2) for length in (2, 4, 1)]
    given = [Variable(to_backend(value)) for value in sequences]
    theirs = torch.nn.utils.rnn
    tensors = [torch.tensor(value) for value in sequences]
    for side in ("right", "left"):
        padded = rnn.pad_sequence(given, batch_first, -1.0, side)
        assert_equal(padded, theirs.pad_sequence(tensors, batch_first, -1.0, side).numpy())
    padded = rnn.pad_sequence(given, batch_first)
    for found, value in zip(
        rnn.unpad_sequence(padded, [2, 4, 1], batch_first), sequences, strict=True
    ):
        assert_equal(found, value)
    packed = rnn.pack_sequence(given, enforce_sorted=False)
    for found, value in zip(rnn.unpack_sequence(packed), sequences, strict=True):
        assert_equal(found, value)
    whole, lengths = rnn.pad_packed_sequence(packed, batch_first, total_length=6)
    assert whole.shape == ((3, 6, 2) if batch_first else (6, 3, 2))
    assert_equal(lengths, np.array([2, 4, 1]))
    for variable, grad in zip(given, sa.grad((whole**2).sum(), given), strict=True):
        assert_equal(grad, 2 * to_numpy(variable))


def test_errors_of_packing():
    x = to_backend(draw(4, 3, 2))
    with raises(ValueError, "pack_padded_sequence", "[2, 4, 1]", "enforce_sorted=False"):
        rnn.pack_padded_sequence(x, [2, 4, 1])
    with raises(ValueError, "lengths are [5, 2, 1]", "3 integers from 1 to 4"):
        rnn.pack_padded_sequence(x, [5, 2, 1])
    with raises(ValueError, "lengths are [2, 1]", "3 integers"):
        rnn.pack_padded_sequence(x, [2, 1])
    with raises(ValueError, "pack_padded_sequence: input is a", "(4,)", "two axes"):
        rnn.pack_padded_sequence(to_backend(draw(4)), [1])
    with raises(ValueError, "pack_padded_sequence: input is a", "(4, 0, 2)", "one sequence"):
        rnn.pack_padded_sequence(x[:, :0, :], [])
    packed = rnn.pack_padded_sequence(x, [4, 2, 1])
    with raises(ValueError, "total_length is 3", "at least 4"):
        rnn.pad_packed_sequence(packed, total_length=3)
    with raises(ValueError, "pad_sequence: sequences[1]", "(2, 3)", "(2,)"):
        rnn.pad_sequence([to_backend(draw(4, 2)), to_backend(draw(2, 3))])
    with raises(ValueError, "pad_sequence: sequences is empty"):
        rnn.pad_sequence([])
    with raises(ValueError, "padding_side is 'top'"):
        rnn.pad_sequence([x], padding_side="top")


def test_dropout_between_layers_in_training_only():
    layer = nn.LSTM(3, 5, num_layers=2, dropout=0.5).to("float64")
    x = to_backend(draw(4, 2, 3))

    def run():
        sa.manual_seed(1)
        return to_numpy(layer(x)[0])

    trained = run()
    assert_equal(run(), trained)
    layer.eval()
    still = run()
    assert not np.allclose(trained, still)
    layer.train().dropout = 0.0
    assert_equal(run(), still)
    # The output of the last layer is never dropped.
    layer.dropout = 1.0
    assert (run() != 0).all()


def test_an_empty_batch_and_a_single_step():
    for cell in (nn.RNN, nn.LSTM, nn.GRU):
        layer = cell(3, 5).to("float64")
        x = Variable(to_backend(draw(4, 0, 3)))
        out, _ = layer(x)
        assert out.shape == (4, 0, 5)
        grads = sa.grad(out.sum(), [x, *layer.parameters()])
        assert all((to_numpy(grad) == 0).all() for grad in grads)
        assert layer(to_backend(draw(1, 2, 3)))[0].shape == (1, 2, 5)


def test_only_what_requires_grad_is_recorded():
    layer = nn.LSTM(3, 5).to("float64").requires_grad_(False)
    x = to_backend(draw(4, 2, 3))
    assert not layer(x)[0].requires_grad
    layer.weight_hh_l0.requires_grad_()
    out, _ = layer(x)
    out.sum().backward()
    assert layer.weight_hh_l0.grad is not None
    assert layer.weight_ih_l0.grad is None


def test_all_weights_and_flatten_parameters():
    layer = nn.LSTM(3, 5, num_layers=2, proj_size=2)
    assert [len(weights) for weights in layer.all_weights] == [5, 5]
    assert layer.all_weights[1][4] is layer.weight_hr_l1
    layer.flatten_parameters()


@pytest.mark.parametrize("cell", ["rnn_tanh", "rnn_relu", "lstm", "gru"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("reverse", [False, True])
def test_kernels_compute_what_the_portable_bodies_do(cell, dtype, reverse):
    tolerance = {"float32": 2e-5, "float64": 1e-11}[dtype]
    for sizes in ((3, 3, 3, 3), (4, 3, 3, 1)):
        for bias, projected in ((True, False), (False, False), (False, True)):
            if projected and cell != "lstm":
                continue
            rows, hidden, outputs = sum(sizes), 5, 2 if projected else 5
            made = [
                draw(rows, GATES[cell] * hidden),
                draw(sizes[0], outputs),
                draw(sizes[0], hidden) if cell == "lstm" else None,
                draw(GATES[cell] * hidden, outputs),
                draw(GATES[cell] * hidden) if bias else None,
                draw(outputs, hidden) if projected else None,
            ]
            ax, h0, c0, w_hh, b_hh, w_hr = (x if x is None else x.astype(dtype) for x in made)
            options = {"cell": cell, "sizes": sizes, "reverse": reverse}
            args = (ax, h0, c0, w_hh, b_hh, w_hr)
            found = agree("recurrent", args, options, tolerance)
            above = [draw(*x.shape).astype(dtype) for x in found]
            states = 2 if c0 is None else 3
            for given in (
                [*above[:states], *[None] * (len(above) - states)],
                [None, above[1], *[None] * (len(above) - 2)],
                [above[0], *[None] * (len(above) - 1)],
                above,
            ):
                args = (w_hh, w_hr, h0, c0, tuple(found), tuple(given))
                agree("recurrent_backward", args, {**options, "has_bias": bias}, tolerance)


@pytest.mark.parametrize("cell", ["rnn_tanh", "lstm", "gru"])
def test_kernels_cut_weights_that_are_large(cell):
    hidden, sizes = 64, (80, 80, 33)
    gates = GATES[cell] * hidden
    h0, w_hh = draw(80, hidden) / 8, draw(gates, hidden) / 8
    c0 = h0 if cell == "lstm" else None
    options = {"cell": cell, "sizes": sizes, "reverse": False}
    args = (draw(sum(sizes), gates), h0, c0, w_hh, draw(gates), None)
    found = agree("recurrent", args, options, 1e-11)
    above = (draw(*found[0].shape), *[None] * (len(found) - 1))
    args = (w_hh, None, h0, c0, tuple(found), above)
    agree("recurrent_backward", args, {**options, "has_bias": True}, 1e-11)


def agree(name, args, options, tolerance):
    found = KERNELS[name](*args, **options)
    expected = Backend.portable[name](np, *args, **options)
    for first, second in zip(found, expected, strict=True):
        assert (first is None) == (second is None)
        if first is not None:
            assert first.dtype == second.dtype
            np.testing.assert_allclose(first, second, tolerance, tolerance)
    return found


def test_mixed_data_types_are_left_to_the_portable_body():
    layer = nn.GRU(3, 5)
    out, _ = layer(to_backend(draw(4, 2, 3).astype("float32")), to_backend(draw(1, 2, 5)))
    assert to_numpy(out).dtype == np.float64


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_gradients_of_relu_at_special_values(torch):
    """Infinite gradients stop where the result is 0."""
    ours, theirs = both(torch, "nn.RNN(3, 5, nonlinearity='relu')")
    x, above = draw(1, 2, 3), np.full((1, 2, 5), np.inf)
    v, t = Variable(to_backend(x)), torch.tensor(x)
    out, expected = ours(v)[0], theirs(t)[0]
    (grad,) = sa.grad(out, ours.bias_ih_l0, to_backend(above))
    (truth,) = torch.autograd.grad(expected, theirs.bias_ih_l0, torch.tensor(above))
    assert_equal(grad, truth.numpy())


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: nn.LSTM(0, 5), ValueError, ["LSTM: input_size is 0", "at least 1"]),
        (lambda: nn.GRU(3, 2.5), TypeError, ["GRU: hidden_size is 2.5"]),
        (lambda: nn.RNN(3, 5, 0), ValueError, ["RNN: num_layers is 0"]),
        (
            lambda: nn.RNN(3, 5, nonlinearity="selu"),
            ValueError,
            ["nonlinearity is 'selu'", "'tanh'"],
        ),
        (lambda: nn.RNNCell(3, 5, nonlinearity="x"), ValueError, ["RNNCell: nonlinearity is 'x'"]),
        (lambda: nn.LSTM(3, 5, proj_size=5), ValueError, ["proj_size is 5", "below", "5"]),
        (lambda: nn.LSTM(3, 5, dropout=1.5), ValueError, ["dropout is 1.5", "[0, 1]"]),
        (lambda: nn.LSTM(3, 5, 2, 0.5), TypeError, ["LSTM: bias is 0.5", "True or False"]),
        (lambda: nn.GRU(3, 5, batch_first="no"), TypeError, ["GRU: batch_first is 'no'"]),
        (lambda: nn.LSTMCell(3, -1), ValueError, ["LSTMCell: hidden_size is -1"]),
    ],
)
def test_errors_of_settings(make, error, words):
    with raises(error, *words):
        make()


@pytest.mark.parametrize(
    ("layer", "args", "error", "words"),
    [
        (nn.LSTM, [(4, 2, 4)], ValueError, ["LSTM: x is a", "(4, 2, 4)", "I is 3"]),
        (nn.LSTM, [(4,)], ValueError, ["LSTM: x is a", "(4,)", "(T, N, I)"]),
        (nn.GRU, [(0, 2, 3)], ValueError, ["GRU: x is a", "at least one step"]),
        (nn.GRU, [(4, 2, 3), (1, 3, 5)], ValueError, ["GRU: hx", "(1, 3, 5)", "(1, 2, 5)"]),
        (nn.RNN, [(4, 3), (1, 1, 5)], ValueError, ["RNN: hx", "(1, 5)"]),
        (nn.LSTM, [(4, 2, 3), (1, 2, 5)], TypeError, ["LSTM: hx is a", "pair"]),
        (
            nn.LSTM,
            [(4, 2, 3), ((1, 2, 5), (1, 2, 4))],
            ValueError,
            ["LSTM: cx", "(1, 2, 4)", "(1, 2, 5)"],
        ),
        (nn.GRUCell, [(4, 2)], ValueError, ["GRUCell: x", "(4, 2)", "I is 3"]),
        (nn.RNNCell, [(4, 3), (3, 5)], ValueError, ["RNNCell: hx", "(3, 5)", "(4, 5)"]),
        (nn.LSTMCell, [(4, 3), (4, 5)], TypeError, ["LSTMCell: hx is a", "pair"]),
    ],
    ids=str,
)
def test_errors_of_calls(layer, args, error, words):
    def make(shape):
        if shape and isinstance(shape[0], tuple):
            return tuple(make(each) for each in shape)
        return to_backend(np.ones(shape, "float32"))

    with raises(error, *words):
        layer(3, 5)(*map(make, args))
    with raises(TypeError, "x has the type", "floating"):
        layer(3, 5)(
            to_backend(np.ones((4, 2, 3)[: 3 if layer in (nn.RNN, nn.LSTM, nn.GRU) else 2], int))
        )
