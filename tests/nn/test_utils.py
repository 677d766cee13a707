"""``utils/``: clipping, vectors of parameters, fusion, counts, beside PyTorch's."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.backends import Backend
from simple_autograd.nn import utils
from simple_autograd.nn.kernels.numpy import KERNELS
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy
from tests.core.raising import raises

RNG = np.random.default_rng(8)
GRADIENTS = [RNG.normal(size=shape) for shape in [(3, 4), (5,), (), (2, 2, 2), (0, 3)]]


def parameters(torch, gradients=GRADIENTS):
    """Make the same parameters with the same gradients here and in PyTorch; the last one has none."""
    shapes = [(2,), *[gradient.shape for gradient in gradients]]
    ours = [Variable(to_backend(np.ones(shape))) for shape in shapes]
    theirs = [torch.ones(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]
    for one, other, gradient in zip(ours[1:], theirs[1:], gradients, strict=True):
        one.grad, other.grad = to_backend(gradient.copy()), torch.tensor(gradient)
    return ours, theirs


def compare(ours, theirs):
    for one, other in zip(ours, theirs, strict=True):
        if other.grad is None:
            assert one.grad is None
        else:
            assert_close(one.grad, other.grad.numpy(), 1e-12)


# Clipping -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("norm_type", [2, 2.0, 1, 3.5, math.inf])
@pytest.mark.parametrize("max_norm", [0.5, 1e9, 0.0])
def test_norms_are_clipped(norm_type, max_norm, torch):
    gradients = GRADIENTS[:-1]  # PyTorch has no largest element of nothing
    ours, theirs = parameters(torch, gradients)
    arrays = [one.grad for one in ours]
    norm = utils.clip_grad_norm_(iter(ours), max_norm, norm_type)
    truth = torch.nn.utils.clip_grad_norm_(theirs, max_norm, norm_type)
    assert isinstance(norm, Variable)
    assert not norm.requires_grad
    assert norm.shape == ()
    assert norm.item() == pytest.approx(truth.item(), rel=1e-12)
    compare(ours, theirs)
    assert all(one.grad is array for one, array in zip(ours, arrays, strict=True))


def test_one_parameter_and_none(torch):
    ours, theirs = parameters(torch)
    utils.clip_grad_norm_(ours[1], 0.1)
    torch.nn.utils.clip_grad_norm_(theirs[1], 0.1)
    assert utils.clip_grad_norm_([], 1.0).item() == 0
    assert utils.clip_grad_norm_(ours[0], 1.0).item() == 0
    empty = [Variable(to_backend(np.ones((0, 2))))]
    empty[0].grad = to_backend(np.ones((0, 2)))
    assert utils.clip_grad_norm_(empty, 1.0).item() == 0
    compare(ours, theirs)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_norms_that_are_not_finite(bad, torch):
    ours, theirs = parameters(torch, [np.array([1.0, bad])])
    with raises(RuntimeError, "get_total_norm: the norm of order 2.0", "error_if_nonfinite"):
        utils.clip_grad_norm_(ours, 1.0, error_if_nonfinite=True)
    assert_equal(ours[1].grad, np.array([1.0, bad]))
    with np.errstate(invalid="ignore"):
        utils.clip_grad_norm_(ours, 1.0)
    torch.nn.utils.clip_grad_norm_(theirs, 1.0)
    assert_equal(ours[1].grad, theirs[1].grad.numpy())


def test_the_two_halves_of_clipping(torch):
    ours, theirs = parameters(torch)
    norm = utils.get_total_norm([one.grad for one in ours[1:]])
    truth = torch.nn.utils.get_total_norm([other.grad for other in theirs[1:]])
    assert norm.item() == pytest.approx(truth.item(), rel=1e-12)
    assert utils.get_total_norm(ours[1].grad).item() == pytest.approx(
        np.linalg.norm(GRADIENTS[0]), rel=1e-12
    )
    for total in (norm, 3.0):
        utils.clip_grads_with_norm_(ours, 0.7, total)
        torch.nn.utils.clip_grads_with_norm_(
            theirs, 0.7, torch.tensor(float(total), dtype=torch.float64)
        )
    compare(ours, theirs)


def test_values_are_clipped(torch):
    ours, theirs = parameters(torch)
    utils.clip_grad_value_(ours, 0.3)
    torch.nn.utils.clip_grad_value_(theirs, 0.3)
    compare(ours, theirs)
    utils.clip_grad_value_(ours[1], 0.1)
    assert abs(to_numpy(ours[1].grad)).max() == pytest.approx(0.1)


def test_gradients_of_several_types(torch):
    wide, narrow = Variable(to_backend(np.ones(2))), Variable(to_backend(np.ones(2, np.float32)))
    wide.grad, narrow.grad = to_backend(np.full(2, 3.0)), to_backend(np.full(2, 4.0, np.float32))
    utils.clip_grad_norm_([wide, narrow], 1.0)
    assert to_numpy(narrow.grad).dtype == np.float32
    assert_close(wide.grad, np.full(2, 3 / math.sqrt(50)), 1e-6)


def test_the_tape_sees_clipping():
    v = Variable(to_backend(np.full(2, 3.0)))
    (v**3).sum().backward(create_graph=True)
    out = (v.grad * v.grad).sum()
    utils.clip_grad_norm_(v, 1.0)
    with raises(sa.errors.GraphError, "clip_grads_with_norm_"):
        out.backward()


@pytest.mark.parametrize("order", [2.0, 1.0, math.inf])
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_numpys_kernel_is_the_portable_body(order, dtype):
    arrays = [gradient.astype(dtype) for gradient in GRADIENTS[:-1]]
    arrays += [arrays[0].T, np.repeat(arrays[1], 2)[::2]]
    found = KERNELS["total_norm"](arrays, order)
    truth = Backend.portable["total_norm"](np, arrays, order)
    assert found.dtype == truth.dtype
    np.testing.assert_allclose(found, truth, rtol=1e-6 if dtype == "float32" else 1e-12)


# Vectors ------------------------------------------------------------------------------------------


def test_parameters_as_a_vector(torch):
    ours, theirs = nn.Linear(3, 2), torch.nn.Linear(3, 2)
    ours.load_state_dict(theirs.state_dict())
    vector = utils.parameters_to_vector(ours.parameters())
    truth = torch.nn.utils.parameters_to_vector(theirs.parameters())
    assert_close(vector, truth.detach().numpy(), 1e-12)
    (vector * vector).sum().backward()
    (truth * truth).sum().backward()
    assert_close(ours.weight.grad, theirs.weight.grad.numpy(), 1e-6)

    weight = ours.weight.data
    values = np.arange(8.0)
    utils.vector_to_parameters(Variable(to_backend(values)), ours.parameters())
    assert_equal(ours.weight, values[:6].reshape(2, 3).astype(np.float32))
    assert_equal(ours.bias, values[6:].astype(np.float32))
    assert ours.weight.data is weight
    with raises(ValueError, "vector_to_parameters: vec is a", "(7,)", "needed is the shape (8,)"):
        utils.vector_to_parameters(to_backend(np.ones(7)), ours.parameters())
    with raises(ValueError, "parameters_to_vector: parameters is empty"):
        utils.parameters_to_vector([])
    with raises(TypeError, "vector_to_parameters: vec is a list"):
        utils.vector_to_parameters([1.0], ours.parameters())


# Fusion -------------------------------------------------------------------------------------------


def normalized(layer, norm, torch):
    """Make a layer and a normalisation here and in PyTorch, with statistics of their own, in eval mode."""
    theirs = eval(f"torch.nn.Sequential(torch.nn.{layer}, torch.nn.{norm})", {"torch": torch})
    theirs = theirs.double()
    for value in [*theirs[1].parameters(), theirs[1].running_mean, theirs[1].running_var]:
        value.data.uniform_(0.5, 2.0)
    ours = eval(f"nn.Sequential(nn.{layer}, nn.{norm})", {"nn": nn}).double()
    ours.load_state_dict(theirs.state_dict())
    return ours.eval(), theirs.eval()


@pytest.mark.parametrize(
    ("layer", "norm", "shape"),
    [
        ("Conv1d(2, 4, 3)", "BatchNorm1d(4)", (3, 2, 6)),
        ("Conv2d(2, 4, 3, bias=False, groups=2)", "BatchNorm2d(4)", (3, 2, 5, 4)),
        ("Conv2d(2, 3, 2, stride=2)", "BatchNorm2d(3, affine=False)", (3, 2, 5, 4)),
        ("ConvTranspose2d(2, 4, 3)", "BatchNorm2d(4)", (3, 2, 5, 4)),
        ("ConvTranspose2d(4, 6, 2, groups=2)", "BatchNorm2d(6)", (3, 4, 3, 2)),
        ("Linear(2, 4)", "BatchNorm1d(4)", (3, 2)),
        ("Linear(2, 4, bias=False)", "BatchNorm1d(4)", (3, 2)),
    ],
)
def test_normalisations_are_taken_in(layer, norm, shape, torch):
    ours, theirs = normalized(layer, norm, torch)
    if layer.startswith("Linear"):
        fused, options = utils.fuse_linear_bn_eval(*ours), ()
    else:
        options = (True,) if "Transpose" in layer else ()
        fused = utils.fuse_conv_bn_eval(*ours, *options)
    x = np.random.default_rng(9).normal(size=shape)
    assert_close(fused(to_backend(x)), to_numpy(ours(to_backend(x))), 1e-10)
    assert type(fused) is type(ours[0])
    assert fused.weight is not ours[0].weight
    if "ConvTranspose2d(4" not in layer:  # which PyTorch cannot fuse
        name = "linear" if layer.startswith("Linear") else "conv"
        truth = getattr(torch.nn.utils, f"fuse_{name}_bn_eval")(*theirs, *options)
        assert_close(fused.weight, truth.weight.detach().numpy(), 1e-10)
        assert_close(fused.bias, truth.bias.detach().numpy(), 1e-10)


def test_one_feature_for_all(torch):
    ours, theirs = normalized("Linear(2, 4)", "BatchNorm1d(1)", torch)
    fused = utils.fuse_linear_bn_eval(*ours)
    truth = torch.nn.utils.fuse_linear_bn_eval(*theirs)
    assert_close(fused.weight, truth.weight.detach().numpy(), 1e-10)
    assert_close(fused.bias, truth.bias.detach().numpy(), 1e-10)


def test_what_cannot_be_fused():
    conv, norm = nn.Conv2d(1, 2, 3).eval(), nn.BatchNorm2d(2)
    with raises(ValueError, "fuse_conv_bn_eval: bn is in training mode", "eval()"):
        utils.fuse_conv_bn_eval(conv, norm)
    with raises(ValueError, "fuse_conv_bn_eval: the layer is in training mode"):
        utils.fuse_conv_bn_eval(copy.deepcopy(conv).train(), norm.eval())
    without = nn.BatchNorm2d(2, track_running_stats=False).eval()
    with raises(ValueError, "fuse_conv_bn_eval: bn has no running statistics"):
        utils.fuse_conv_bn_eval(conv, without)
    with raises(ValueError, "fuse_conv_bn_weights: bn_rm has 3 features", "(2, 1, 3, 3)"):
        utils.fuse_conv_bn_eval(conv, nn.BatchNorm2d(3).eval())
    with raises(ValueError, "fuse_linear_bn_eval: bn has 3 features", "the 4"):
        utils.fuse_linear_bn_eval(nn.Linear(2, 4).eval(), nn.BatchNorm1d(3).eval())


# Counting -----------------------------------------------------------------------------------------


def test_parameters_are_counted():
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 4), nn.Linear(4, 4))
    model[2].weight = model[1].weight
    assert nn.count_parameters(model) == 12 + 4 + 16 + 4 + 4
    model[0].requires_grad_(False)
    assert utils.count_parameters(model, trainable=True) == 24
