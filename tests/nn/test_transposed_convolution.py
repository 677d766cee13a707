"""``functional/transposed_convolution.py`` and its layers beyond the table of layers."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.nn import functional
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy
from tests.core.raising import raises

RNG = np.random.default_rng(32)


def draw(*shape):
    return RNG.normal(size=shape)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"stride": 2, "padding": 1, "output_padding": 1},
        {"dilation": 2, "output_padding": 1, "groups": 2},
    ],
    ids=str,
)
def test_functions_are_pytorchs(axes, settings, torch):
    name, groups = f"conv_transpose{axes}d", settings.get("groups", 1)
    arrays = [draw(2, 4, *(3, 2, 4)[:axes]), draw(4, 6 // groups, *(3,) * axes), draw(6)]
    ours = [Variable(to_backend(value)) for value in arrays]
    theirs = [torch.tensor(value, requires_grad=True) for value in arrays]
    out = getattr(functional, name)(*ours, **settings)
    expected = getattr(torch.nn.functional, name)(*theirs, **settings)
    assert_close(out, expected.detach().numpy())
    above = draw(*out.shape)
    truths = torch.autograd.grad(expected, theirs, torch.tensor(above))
    for grad, truth in zip(sa.grad(out, ours, to_backend(above)), truths, strict=True):
        assert_close(grad, truth.numpy())


def test_it_is_the_transpose_of_a_convolution():
    """The inner product of conv(x) with y is that of x with conv_transpose(y)."""
    x, y, weight = draw(2, 3, 7), draw(2, 4, 4), draw(4, 3, 3)
    settings = {"stride": 2, "padding": 1}
    forward = to_numpy(functional.conv1d(to_backend(x), to_backend(weight), **settings))
    back = to_numpy(functional.conv_transpose1d(to_backend(y), to_backend(weight), **settings))
    assert_close(np.sum(forward * y), np.sum(x * back))


@pytest.mark.parametrize("size", [(5, 4), (1, 3, 4, 5)])
def test_output_size(size, torch):
    ours = nn.ConvTranspose2d(2, 3, 2, stride=2, padding=1).to("float64")
    theirs = torch.nn.ConvTranspose2d(2, 3, 2, stride=2, padding=1).double()
    ours.load_state_dict({key: value.numpy() for key, value in theirs.state_dict().items()})
    x = draw(1, 2, 3, 3)
    expected = theirs(torch.tensor(x), output_size=list(size)).detach().numpy()
    assert_close(ours(to_backend(x), output_size=size), expected)
    with raises(ValueError, "ConvTranspose2d: output_size is (6, 5)", "from (4, 4) to (5, 5)"):
        ours(to_backend(x), output_size=(6, 5))


def test_output_size_has_a_length_for_each_axis():
    layer = nn.ConvTranspose1d(2, 3, 2)
    with raises(ValueError, "ConvTranspose1d: output_size is (4, 5)", "1 lengths"):
        layer(to_backend(draw(2, 3).astype("float32")), output_size=(4, 5))


def test_empty_batch():
    out = functional.conv_transpose2d(to_backend(draw(0, 2, 3, 3)), to_backend(draw(2, 4, 2, 2)))
    assert_equal(out, np.zeros((0, 4, 4, 4)))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"x": (2, 5)}, ["conv_transpose2d: x", "(N, C, H, W)"]),
        ({"x": (1, 3, 5, 5)}, ["conv_transpose2d: x", "4 channels", "(4, 6, 3, 3)"]),
        ({"weight": (4, 6, 3)}, ["conv_transpose2d: weight", "4 axes", "(C, O / groups"]),
        ({"bias": (5,)}, ["conv_transpose2d: bias", "(5,)", "(6,)"]),
        ({"groups": 3}, ["conv_transpose2d: groups is 3", "divides", "4"]),
        ({"output_padding": 2, "stride": 2}, ["output_padding is 2", "stride, (2, 2)"]),
        ({"padding": 4}, ["conv_transpose2d", "(-1, -1)", "at least 1", "smaller"]),
    ],
    ids=str,
)
def test_arguments_that_do_not_fit(call, words):
    shapes = {"x": (1, 4, 5, 5), "weight": (4, 6, 3, 3), "bias": (6,)}
    shapes |= {name: call.pop(name) for name in list(call) if name in shapes}
    arrays = {name: to_backend(draw(*shape)) for name, shape in shapes.items()}
    with raises(ValueError, *words):
        functional.conv_transpose2d(**arrays, **call)


def test_settings_that_do_not_fit():
    with raises(ValueError, "ConvTranspose1d: padding_mode is 'reflect'", "'zeros'"):
        nn.ConvTranspose1d(2, 3, 2, padding_mode="reflect")
    with raises(TypeError, "ConvTranspose1d: padding is 'same'", "integer"):
        nn.ConvTranspose1d(2, 3, 2, padding="same")
