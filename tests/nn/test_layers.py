"""Every layer of the table beside PyTorch's, with PyTorch's weights: values, gradients, repr, state."""

from __future__ import annotations

import copy
import importlib
import pickle

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from tests.core.arrays import assert_close, assert_equal, is_floating, layouts, to_backend, to_numpy
from tests.nn.cases import CASES

each_layer = pytest.mark.parametrize("case", CASES, ids=str)

pytestmark = pytest.mark.filterwarnings("ignore:Initializing zero-element:UserWarning")


def both(case, torch):
    """Make the layer here and in PyTorch, in double precision, with PyTorch's weights."""
    theirs = case.make(torch.nn, torch.tensor).double()
    ours = case.make(nn, to_backend).to("float64")
    state = {key: value.numpy() for key, value in theirs.state_dict().items()}
    assert list(ours.state_dict()) == list(state)
    ours.load_state_dict(state)
    return ours, theirs


def run(layer, *args):
    """Call a layer of either library; of several results, in tuples, make one vector."""
    results = flat(layer(*args))
    if len(results) == 1:
        return results[0]
    parts = [result.reshape((-1,)) for result in results]
    if isinstance(layer, nn.Module):
        return sa.concat(parts)
    return importlib.import_module("torch").cat(parts)


def flat(results):
    """Give the arrays in nested tuples."""
    if not isinstance(results, tuple):
        return [] if results is None else [results]
    return [array for result in results for array in flat(result)]


def directions(shapes, seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape) for shape in shapes]


@each_layer
def test_value_and_gradients(case, torch):
    ours, theirs = both(case, torch)
    for call in case.calls:
        given = [Variable(to_backend(value)) for value in call]
        tensors = [torch.tensor(value, requires_grad=is_floating(value)) for value in call]
        out, expected = run(ours, *given), run(theirs, *[t.clone() for t in tensors])
        assert_close(out, expected.detach().numpy())

        inputs = [v for v in given if v.requires_grad] + list(ours.parameters())
        their_inputs = [t for t in tensors if t.requires_grad] + list(theirs.parameters())
        (weight,) = directions([tuple(expected.shape)], 1)
        above, their_above = Variable(to_backend(weight)), torch.tensor(weight, requires_grad=True)
        grads = sa.grad(out, inputs, above, create_graph=True)
        their_grads = torch.autograd.grad(expected, their_inputs, their_above, create_graph=True)
        for grad, their_grad in zip(grads, their_grads, strict=True):
            assert_close(grad, their_grad.detach().numpy())
        # Without recording, other code runs: the backend's kernels on raw arrays.
        for grad, their_grad in zip(
            sa.grad(run(ours, *given), inputs, above), their_grads, strict=True
        ):
            assert_close(grad, their_grad.detach().numpy())

        if case.order < 2:
            continue
        inputs, their_inputs = [*inputs, above], [*their_inputs, their_above]
        weights = directions([grad.shape for grad in grads], 2)
        second = second_gradients(sa.grad, grads, inputs, [to_backend(w) for w in weights])
        their_second = second_gradients(
            torch.autograd.grad, their_grads, their_inputs, [torch.tensor(w) for w in weights]
        )
        for grad, their_grad, like in zip(second, their_second, inputs, strict=True):
            truth = np.zeros(like.shape) if their_grad is None else their_grad.numpy(force=True)
            assert_close(np.zeros(like.shape) if grad is None else grad, truth)


def second_gradients(differentiate, grads, inputs, weights):
    """Differentiate weighted gradients again; of constant ones, nothing comes."""
    recorded = [(g, w) for g, w in zip(grads, weights, strict=True) if g.requires_grad]
    if not recorded:
        return [None] * len(inputs)
    total = sum((g * w).sum() for g, w in recorded)
    return differentiate(total, inputs, allow_unused=True)


@each_layer
def test_repr_and_state_keys_are_pytorchs(case, torch):
    ours, theirs = case.make(nn, to_backend), case.make(torch.nn, torch.tensor)
    # A difference that matters only to quantisation.
    assert repr(ours) == repr(theirs).replace("NonDynamicallyQuantizableLinear", "Linear")
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert [name for name, _ in ours.named_parameters()] == [
        name for name, _ in theirs.named_parameters()
    ]
    for key, value in theirs.state_dict().items():
        assert tuple(ours.state_dict()[key].shape) == tuple(value.shape)


@each_layer
def test_copies_give_the_same(case):
    ours = case.make(nn, to_backend)
    for twin in (copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):
        assert repr(twin) == repr(ours)
        for value, original in zip(twin.parameters(), ours.parameters(), strict=True):
            assert value is not original
        for call in case.calls:
            given = [to_backend(value) for value in call]
            assert_equal(run(twin, *given), to_numpy(run(ours, *given)))


@each_layer
def test_single_precision(case):
    ours = case.make(nn, to_backend)
    double = copy.deepcopy(ours).to("float64")
    for call in case.calls:
        given = [v.astype(np.float32) if is_floating(v) else v for v in call]
        leaves = [Variable(to_backend(value)) for value in given]
        out = run(ours, *leaves)
        assert to_numpy(out).dtype == np.float32
        assert_close(to_numpy(out).astype(np.float64), run(double, *map(to_backend, call)), 1e-5)
        if out.requires_grad:
            sa.backward(out, sa.ones_like(out))
            for leaf in leaves:
                assert leaf.grad is None or to_numpy(leaf.grad).dtype == np.float32


@pytest.mark.not_strict("the standard knows no layouts in memory")
@each_layer
def test_layout_in_memory_does_not_matter(case):
    ours = case.make(nn, to_backend).to("float64")
    for call in case.calls:
        expected, truth = value_and_gradient(ours, call, np.ones)
        for name, first in layouts(call[0]):
            others = [dict(layouts(value))[name] for value in call[1:]]
            found = value_and_gradient(
                ours, (first, *others), lambda shape, name=name: dict(layouts(np.ones(shape)))[name]
            )
            assert_close(found[0], expected, 1e-12)
            assert_close(found[1], truth, 1e-12)


def value_and_gradient(layer, call, above):
    given = [Variable(to_backend(value)) for value in call]
    out = run(layer, *given)
    inputs = [v for v in given if v.requires_grad] or list(layer.parameters())
    grad, *_ = sa.grad(out, inputs, to_backend(above(out.shape)))
    return to_numpy(out), to_numpy(grad)


@each_layer
def test_raw_arrays_are_taken_and_left_alone(case):
    ours = case.make(nn, to_backend).to("float64")
    for call in case.calls:
        given = [value.copy() for value in call]
        out = run(ours, *map(to_backend, given))
        assert isinstance(out, Variable) == any(True for _ in ours.parameters())
        assert_equal(out, to_numpy(run(ours, *[Variable(to_backend(value)) for value in call])))
        for value, before in zip(given, call, strict=True):
            np.testing.assert_array_equal(value, before)
