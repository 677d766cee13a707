"""Gradients of all ops, over the samples of their cases: finite differences, PyTorch, data types."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable
from tests.core.arrays import (
    assert_close,
    is_floating,
    layouts,
    to_backend,
    to_numpy,
)
from tests.core.gradcheck import Call, check, direction, inner, slope
from tests.core.op_case import KINK, SMOOTH, SPECIAL
from tests.core.op_table import each_case, named, samples_of

pytestmark = pytest.mark.filterwarnings(
    # NumPy and PyTorch warn of what some samples are for: 0/0, a variance of nothing.
    "ignore::RuntimeWarning",
    "ignore:.*degrees of freedom:UserWarning",
)


@each_case(order=1)
def test_first_order(case):
    for sample in samples_of(case, SMOOTH):
        call = Call(case, sample)
        *values, weight = call.inputs
        together = call.gradients(*call.inputs)

        def weighted(*inputs, call=call, weight=weight):
            return inner(weight, call.value(*inputs))

        for k, place in enumerate(call.places):
            with named(sample, f"argument {place}"):
                (alone,) = call.gradients(*call.inputs, only=place)
                np.testing.assert_array_equal(alone, together[k], strict=True)
                assert (alone.shape, alone.dtype) == (values[k].shape, values[k].dtype)
                step = direction(call.rng, values[k])
                expected = slope(weighted, values, k, step)
                check(inner(alone, step), expected, case.within("float64"))


@each_case(order=2)
def test_second_order(case):
    for sample in samples_of(case, SMOOTH):
        call = Call(case, sample)
        weights = [direction(call.rng, value) for value in call.inputs[:-1]]

        def weighted(*inputs, call=call, weights=weights):
            grads = call.gradients(*inputs)
            return sum(inner(weight, grad) for weight, grad in zip(weights, grads, strict=True))

        for k, second in enumerate(call.second_gradients(weights)):
            with named(
                sample, f"input {k} of {len(call.inputs)}, the last is the gradient from above"
            ):
                assert second.shape == call.inputs[k].shape
                step = direction(call.rng, call.inputs[k])
                expected = slope(weighted, call.inputs, k, step)
                check(inner(second, step), expected, case.within("float64"))


@each_case(order=1)
def test_single_precision_follows_double(case):
    tolerance = case.within("float32")
    for sample in samples_of(case, SMOOTH):
        call = Call(case, sample)
        *values, weight = call.inputs
        truths = call.gradients(*call.inputs)
        count = len(values)
        # All arguments in single precision, then each alone: the data types mix.
        for narrow in [{*range(count)}, *({k} for k in range(count) if case.mixes and count > 1)]:
            mixed = [single(value) if k in narrow else value for k, value in enumerate(values)]
            with named(sample, f"single precision: {narrow}"):
                out = call.value(*mixed)
                assert out.dtype == np.asarray(call.reference(*mixed)).dtype
                assert_close(out, call.value(*values), tolerance)
                grads = call.gradients(*mixed, weight.astype(out.dtype))
                for grad, value, truth in zip(grads, mixed, truths, strict=True):
                    assert grad.dtype == value.dtype
                    assert_close(grad, truth, tolerance)


def single(value):
    return value.astype("complex64" if np.iscomplexobj(value) else "float32")


@pytest.mark.not_strict("the standard knows no layouts in memory")
@each_case(order=1)
def test_layout_in_memory_does_not_matter(case):
    for sample in samples_of(case, SMOOTH):
        call = Call(case, sample)
        expected = call.gradients(*call.inputs)
        for k, value in enumerate(call.inputs):
            for layout, same in layouts(value):
                with named(sample, f"input {k}", layout):
                    inputs = [*call.inputs[:k], same, *call.inputs[k + 1 :]]
                    for grad, truth in zip(call.gradients(*inputs), expected, strict=True):
                        assert_close(grad, truth, case.within("float64"))


@each_case(order=2)
def test_inputs_are_not_mutated(case):
    for sample in samples_of(case, SMOOTH):
        call = Call(case, sample)
        args = call.variables([value.copy() for value in call.inputs[:-1]], call.places)
        inputs = [args[i] for i in call.places]
        out = call.run(args)
        above = Variable(to_backend(call.inputs[-1].copy()))
        before = to_numpy(out).copy()
        sa.grad(out, inputs, above, create_graph=True)
        sa.grad(out, inputs, above)
        values = [*call.inputs, before]
        for k, (variable, value) in enumerate(zip([*inputs, above, out], values, strict=True)):
            with named(sample, f"input {k}"):
                np.testing.assert_array_equal(to_numpy(variable), value, strict=True)


@each_case(order=1, torch=True)
def test_pytorch_agrees(case, torch):
    for sample in samples_of(case, SMOOTH, KINK, SPECIAL, torch=True):
        call = Call(case, sample)
        *values, weight = call.inputs
        tensors = [torch_argument(torch, value) for value in sample.args]
        inputs = [tensors[i] for i in call.places]
        with named(sample):
            out = torch_result(torch, case.torch(torch)(*tensors, **sample.options))
            assert_close(call.value(*values), out.detach().numpy(), case.within("float64"))
            expected = torch.autograd.grad(out, inputs, torch.tensor(weight), allow_unused=True)
            for grad, tensor, value in zip(
                call.gradients(*call.inputs), expected, values, strict=True
            ):
                truth = np.zeros_like(value) if tensor is None else tensor.numpy(force=True)
                assert_close(grad, truth, case.within("float64"))


@each_case(order=2, torch=True)
def test_pytorch_agrees_in_second_order_at_kinks(case, torch):
    """Where PyTorch's is finite: at some kinks it gives NaN. Its special functions are less exact."""
    for sample in samples_of(case, KINK, torch=True):
        call = Call(case, sample)
        weights = [direction(call.rng, value) for value in call.inputs[:-1]]
        tensors = [torch_argument(torch, value) for value in sample.args]
        inputs = [
            *(tensors[i] for i in call.places),
            torch.tensor(call.inputs[-1], requires_grad=True),
        ]
        *wanted, above = inputs
        out = torch_result(torch, case.torch(torch)(*tensors, **sample.options))
        first = torch.autograd.grad(out, wanted, above, create_graph=True, allow_unused=True)
        pairs = [
            (grad, torch.tensor(weight))
            for grad, weight in zip(first, weights, strict=True)
            if grad is not None and grad.requires_grad
        ]
        if not pairs:
            continue
        expected = torch.autograd.grad(
            [grad for grad, _ in pairs], inputs, [weight for _, weight in pairs], allow_unused=True
        )
        for k, (ours, tensor) in enumerate(
            zip(call.second_gradients(weights), expected, strict=True)
        ):
            truth = np.zeros_like(ours) if tensor is None else tensor.numpy(force=True)
            with named(sample, f"input {k}"):
                assert_close(np.where(np.isfinite(truth), ours, truth), truth, 1e-3)


def torch_argument(torch, value):
    """Give an array or number of a sample as a tensor."""
    if isinstance(value, float):
        return torch.tensor(value, dtype=torch.float64)
    if isinstance(value, np.ndarray | int):
        return torch.tensor(value, requires_grad=is_floating(value))
    return value


def torch_result(torch, out):
    """Give several floating results as one vector, as `joined` does; one stays."""
    if not isinstance(out, tuple):
        return out
    floating = [item for item in out if item.is_floating_point() or item.is_complex()]
    return torch.cat([item.flatten() for item in floating])
