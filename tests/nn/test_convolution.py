"""``functional/convolution.py``, its layers and its kernels beyond the table of layers."""

from __future__ import annotations

import math

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.nn import functional
from simple_autograd.nn.functional.windows import Window, symmetric
from simple_autograd.nn.kernels.numpy.widened import widened
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy
from tests.core.raising import raises
from tests.nn.test_kernels import agree

RNG = np.random.default_rng(31)
AXES = [1, 2, 3]
LENGTHS = (5, 4, 6)


def draw(*shape, dtype="float64"):
    return RNG.normal(size=shape).astype(dtype)


SETTINGS = [
    {},
    {"stride": 2, "padding": 1},
    {"dilation": 2, "padding": 2, "groups": 2},
    {"padding": "same"},
]


@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_functions_are_pytorchs(axes, settings, torch):
    name, groups = f"conv{axes}d", settings.get("groups", 1)
    arrays = [draw(2, 4, *LENGTHS[:axes]), draw(6, 4 // groups, *(3,) * axes), draw(6)]
    ours = [Variable(to_backend(value)) for value in arrays]
    theirs = [torch.tensor(value, requires_grad=True) for value in arrays]
    out = getattr(functional, name)(*ours, **settings)
    expected = getattr(torch.nn.functional, name)(*theirs, **settings)
    assert_close(out, expected.detach().numpy())
    above = draw(*out.shape)
    truths = torch.autograd.grad(expected, theirs, torch.tensor(above))
    for grad, truth in zip(sa.grad(out, ours, to_backend(above)), truths, strict=True):
        assert_close(grad, truth.numpy())


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths:UserWarning")
def test_same_padding_puts_the_odd_one_behind(torch):
    x, weight = draw(1, 2, 5, 6), draw(3, 2, 2, 4)
    out = functional.conv2d(to_backend(x), to_backend(weight), padding="same")
    expected = torch.nn.functional.conv2d(torch.tensor(x), torch.tensor(weight), padding="same")
    assert_close(out, expected.numpy())


def test_complex_data(torch):
    arrays = [draw(2, 2, 4, 5) + 1j * draw(2, 2, 4, 5), draw(3, 2, 2, 3) + 1j * draw(3, 2, 2, 3)]
    ours = [Variable(to_backend(value)) for value in arrays]
    theirs = [torch.tensor(value, requires_grad=True) for value in arrays]
    out, expected = functional.conv2d(*ours), torch.nn.functional.conv2d(*theirs)
    assert_close(out, expected.detach().numpy())
    above = draw(*out.shape) + 1j
    truths = torch.autograd.grad(expected, theirs, torch.tensor(above))
    for grad, truth in zip(sa.grad(out, ours, to_backend(above)), truths, strict=True):
        assert_close(grad, truth.numpy())


def test_third_order():
    """All orders follow from three operations: their gradients are checked once more than PyTorch does it."""
    x, weight, above = draw(1, 2, 4, 3), draw(2, 2, 2, 2), draw(1, 2, 2, 3)

    def third(x_value):
        v, w = Variable(to_backend(x_value)), Variable(to_backend(weight))
        out = functional.conv2d(v * v, w * w, stride=(2, 1), padding=(0, 1), dilation=1)[..., :3]
        (grad,) = sa.grad(out, w, to_backend(above), create_graph=True)
        (second,) = sa.grad((grad * grad).sum(), v, create_graph=True)
        return (second * second).sum(), v

    total, v = third(x)
    (grad,) = sa.grad(total, v)
    direction, step = draw(*x.shape), 1e-6
    ends = [third(x + sign * step * direction)[0].item() for sign in (1, -1)]
    slope = (ends[0] - ends[1]) / (2 * step)
    assert math.isclose(float(np.sum(to_numpy(grad) * direction)), slope, rel_tol=1e-5)


def test_only_what_is_needed_is_recorded():
    weight = Variable(to_backend(draw(3, 2, 2, 2)))
    out = functional.conv2d(to_backend(draw(1, 2, 4, 4)), weight)
    assert out.grad_fn.name == "convolution"
    assert len(out.grad_fn.next_functions) == 1


def test_raw_arrays_give_a_raw_array(backend):
    out = functional.conv1d(to_backend(draw(2, 4)), to_backend(draw(3, 2, 2)), to_backend(draw(3)))
    assert type(out) is backend.array_type
    assert out.shape == (3, 3)


def test_data_types_promote():
    x, weight = to_backend(draw(1, 2, 4, dtype="float32")), to_backend(draw(3, 2, 2))
    v, w = Variable(x), Variable(weight)
    out = functional.conv1d(v, w)
    assert to_numpy(out).dtype == np.float64
    out.sum().backward()
    assert to_numpy(v.grad).dtype == np.float32
    assert to_numpy(w.grad).dtype == np.float64


def test_nan_and_infinity_stay_where_they_are():
    x = np.ones((1, 1, 5))
    x[0, 0, 0], x[0, 0, 4] = np.nan, np.inf
    out = to_numpy(functional.conv1d(to_backend(x), to_backend(np.ones((1, 1, 2)))))
    np.testing.assert_array_equal(out, [[[np.nan, 2, 2, np.inf]]])


@pytest.mark.parametrize("shape", [(0, 2, 4, 4), (2, 0, 4, 4)])
def test_empty_batches_and_channels(shape):
    v, w = Variable(to_backend(draw(*shape))), Variable(to_backend(draw(3, shape[1], 2, 2)))
    out = functional.conv2d(v, w, Variable(to_backend(np.ones(3))))
    assert_equal(out, np.ones((shape[0], 3, 3, 3)))
    grads = sa.grad(out, [v, w], to_backend(np.ones(out.shape)))
    assert_equal(grads[0], np.zeros(shape))
    assert_equal(grads[1], np.zeros((3, shape[1], 2, 2)))


@pytest.mark.parametrize(
    ("error", "call", "words"),
    [
        (ValueError, {"x": (2, 5)}, ["conv2d: x", "(2, 5)", "(N, C, H, W)", "(C, H, W)"]),
        (ValueError, {"x": (1, 3, 5, 5)}, ["conv2d: x", "4 channels", "(6, 4, 3, 3)"]),
        (ValueError, {"weight": (6, 4, 3)}, ["conv2d: weight", "4 axes", "(O, C / groups"]),
        (ValueError, {"weight": (6, 4, 0, 3)}, ["conv2d: weight", "(6, 4, 0, 3)"]),
        (ValueError, {"bias": (5,)}, ["conv2d: bias", "(5,)", "(6,)"]),
        (ValueError, {"groups": 4}, ["conv2d: groups is 4", "divides", "6"]),
        (ValueError, {"groups": 0}, ["conv2d: groups is 0"]),
        (ValueError, {"stride": 0}, ["conv2d: stride is 0", "at least 1"]),
        (ValueError, {"stride": (1, 2, 3)}, ["conv2d: stride is (1, 2, 3)", "or 2 of them"]),
        (TypeError, {"stride": 1.5}, ["conv2d: stride is 1.5", "integer"]),
        (ValueError, {"padding": -1}, ["conv2d: padding is -1", "at least 0"]),
        (ValueError, {"padding": "some"}, ["conv2d: padding is 'some'", "'same', 'valid'"]),
        (ValueError, {"padding": "same", "stride": 2}, ["conv2d", "'same'", "stride of 1"]),
        (
            ValueError,
            {"dilation": 3},
            ["conv2d: x", "(5, 5)", "at least (7, 7)", "dilation (3, 3)"],
        ),
    ],
    ids=str,
)
def test_arguments_that_do_not_fit(error, call, words):
    shapes = {"x": (1, 4, 5, 5), "weight": (6, 4, 3, 3), "bias": (6,)}
    shapes |= {name: call.pop(name) for name in list(call) if name in shapes}
    arrays = {name: to_backend(draw(*shape)) for name, shape in shapes.items()}
    with raises(error, *words):
        functional.conv2d(**arrays, **call)


def test_types_that_do_not_fit():
    x, weight = to_backend(draw(1, 2, 4)), to_backend(draw(3, 2, 2))
    with raises(TypeError, "conv1d: x has the type", "int64", "floating"):
        functional.conv1d(to_backend(np.ones((1, 2, 4), np.int64)), weight)
    with raises(TypeError, "conv1d: x is a list", "asarray"):
        functional.conv1d([[1.0, 2.0]], weight)
    with raises(TypeError, "conv1d: weight is a list"):
        functional.conv1d(x, [1.0])
    with raises(TypeError, "conv1d: bias is a list"):
        functional.conv1d(x, weight, [1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("(3, 4, 2, groups=2)", ["Conv2d: groups is 2", "in_channels, 3"]),
        ("(4, 3, 2, groups=2)", ["Conv2d: groups is 2", "out_channels, 3"]),
        ("(4, 3, 0)", ["Conv2d: kernel_size is 0", "at least 1"]),
        ("(4, 3, 2, padding='full')", ["Conv2d: padding is 'full'"]),
        ("(4, 3, 2, 2, 'same')", ["Conv2d: padding is 'same'", "stride of 1"]),
        ("(4, 3, 2, padding_mode='wrap')", ["Conv2d: padding_mode is 'wrap'", "circular"]),
    ],
)
def test_settings_that_do_not_fit(settings, words):
    with raises(ValueError, *words):
        eval(f"nn.Conv2d{settings}", {"nn": nn})


def test_initial_values_are_pytorchs_distribution():
    layer = nn.Conv2d(8, 300, (3, 2))
    bound = 1 / math.sqrt(8 * 6)
    for parameter in layer.parameters():
        values = to_numpy(parameter)
        assert values.dtype == np.float32
        assert np.abs(values).max() <= bound
        assert np.abs(values).max() > 0.95 * bound
        assert abs(values.std() / (bound / math.sqrt(3)) - 1) < 0.1


def test_initial_values_follow_the_seed():
    def made():
        sa.manual_seed(11)
        return nn.Conv1d(4, 3, 2)

    for first, second in zip(made().parameters(), made().parameters(), strict=True):
        assert_equal(first, to_numpy(second))


def test_the_data_type_can_be_chosen():
    layer = nn.Conv3d(1, 2, 2, dtype="float64")
    assert {to_numpy(p).dtype for p in layer.parameters()} == {np.dtype("float64")}


# Kernels --------------------------------------------------------------------------------------------------------------

WINDOWS = [
    Window((3,), (1,), (1,), symmetric((0,))),
    Window((3,), (2,), (2,), ((1, 2),)),
    Window((1, 1), (1, 1), (1, 1), symmetric((0, 0))),
    Window((3, 2), (1, 2), (2, 1), ((1, 0), (0, 3))),
    Window((2, 3), (1, 1), (1, 1), ((-1, 0), (1, -1))),
    Window((2, 2, 2), (1, 2, 1), (1, 1, 1), symmetric((1, 0, 1))),
]


def orders(array):
    """Give the values in several orders of memory, one of them that in which kernels interleave images."""
    yield array
    yield np.moveaxis(np.moveaxis(array, 0, -1).copy(), -1, 0)
    yield np.repeat(array, 2, axis=-1)[..., ::2]


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize("groups", [1, 2])
def test_kernels(window, groups, dtype):
    lengths = (7, 5, 6)[: len(window.kernel)]
    weight = draw(6, 4 // groups, *window.kernel, dtype=dtype)
    above = draw(3, 6, *window.counts(lengths), dtype=dtype)
    options = {"window": window, "groups": groups}
    for x in orders(draw(3, 4, *lengths, dtype=dtype)):
        agree("convolution", x, weight, None, **options)
        agree("convolution", x, weight, draw(6, dtype=dtype), **options)
        agree("convolution_backward_weight", above, x, **options)
    agree("convolution", draw(3, 4, *lengths), weight, draw(6, dtype=dtype), **options)
    for given in orders(above):
        agree("convolution_backward_bias", given)
        agree("convolution_backward_x", given, weight, lengths=lengths, **options)
        agree("convolution_backward_x", given, weight[::-1], lengths=lengths, **options)


@pytest.mark.parametrize("shape", [(3, 2, 40, 5), (2, 3, 6, 60), (1, 2, 9, 9), (5, 1, 33, 60)])
def test_kernels_cut_into_tiles(shape, monkeypatch):
    """Images by themselves and interleaved, in tiles of few rows, the last of them shorter."""
    module = __import__("sys").modules["simple_autograd.nn.kernels.numpy.convolution"]
    monkeypatch.setattr(module, "_TILE", 2000)
    window = Window((3, 3), (1, 1), (1, 1), symmetric((1, 1)))
    x, weight = draw(*shape), draw(4, shape[1], 3, 3)
    above = draw(shape[0], 4, *shape[2:])
    options = {"window": window, "groups": 1}
    agree("convolution", x, weight, draw(4), **options)
    agree("convolution_backward_bias", above)
    agree("convolution_backward_x", above, weight, lengths=shape[2:], **options)
    agree("convolution_backward_weight", above, x, **options)


@pytest.mark.parametrize(
    ("outputs", "shape", "kernel", "padding"),
    [
        (6, (4, 3, 12, 13), (7, 7), (0, 0)),
        (6, (2, 3, 9, 60), (5, 5), (2, 2)),  # image by image, until several windows are one
        (5, (2, 3, 4, 210), (5, 5), (2, 1)),  # image by image also then
        (3, (3, 13, 40), (5,), (4,)),
        (13, (2, 13, 4, 7), (1, 5), (0, 3)),
        (1, (2, 2, 4, 9, 9), (3, 3, 5), (1, 1, 0)),
        (6, (2, 3, 5, 6), (5, 5), (0, 0)),  # fewer windows than outputs would ask for
        (0, (2, 3, 9, 9), (5, 5), (0, 0)),
        (4, (0, 3, 9, 9), (5, 5), (0, 0)),
        (4, (2, 3, 9, 4), (5, 5), (0, 0)),
    ],
)
def test_few_outputs(outputs, shape, kernel, padding):
    """Several windows at a time, the last of them behind the end."""
    ones = (1,) * len(kernel)
    options = {"window": Window(kernel, ones, ones, symmetric(padding)), "groups": 1}
    counts = options["window"].counts(shape[2:])
    x, weight, above = (
        draw(*shape),
        draw(outputs, shape[1], *kernel),
        draw(shape[0], outputs, *counts),
    )
    for given in (x, np.moveaxis(np.moveaxis(x, 0, -1).copy(), -1, 0)):
        agree("convolution", given, weight, None, **options)
        agree("convolution", given, weight, draw(outputs), **options)
        agree("convolution_backward_weight", above, given, **options)
    agree("convolution_backward_x", above, weight, lengths=shape[2:], **options)


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_few_outputs_of_what_is_not_finite(value):
    """It stays where it belongs."""
    options = {"window": Window((5, 5), (1, 1), (1, 1), symmetric((0, 0))), "groups": 1}
    x, weight, above = draw(2, 3, 9, 10), draw(6, 3, 5, 5), draw(2, 6, 5, 6)
    for place in (0, 3, 9):
        given = x.copy()
        given[0, 1, 4, place] = value
        agree("convolution", given, weight, None, **options)
        agree("convolution_backward_weight", above, given, **options)
    for place in (0, 3, 5):
        given = above.copy()
        given[1, 2, 2, place] = value
        agree("convolution_backward_x", given, weight, lengths=(9, 10), **options)
        agree("convolution_backward_weight", given, x, **options)


def test_what_is_taken_for_few_outputs():
    window = Window((5, 5), (1, 1), (1, 1), symmetric((1, 1)))
    taken = widened((6, 3, 5, 5), window, 1, 13)
    assert taken == (4, Window((5, 8), (1, 4), (1, 1), ((1, 1), (1, 4))))
    assert widened((6, 3, 5, 5), window, 1, 3).windows == 3
    for shape, other, groups in (
        ((15, 3, 5, 5), window, 1),
        ((6, 3, 5, 5), window._replace(stride=(1, 2)), 1),
        ((6, 3, 5, 5), window._replace(dilation=(1, 2)), 1),
        ((6, 3, 5, 5), window, 3),
        ((6, 2, 5, 5), window, 1),
        ((6, 30, 5, 4), window, 1),
    ):
        assert widened(shape, other, groups, 13) is None


def test_kernels_give_memory_of_their_own():
    """Scratch memory stays inside: a second call changes nothing that the first one gave."""
    x, weight = to_backend(draw(3, 2, 6, 6)), to_backend(draw(4, 2, 3, 3))
    v, w = Variable(x), Variable(weight)
    out = functional.conv2d(v, w)
    grads = sa.grad(out, [v, w], to_backend(np.ones(out.shape)))
    kept = [to_numpy(value).copy() for value in (out, *grads)]
    other = functional.conv2d(v * 3, w)
    sa.grad(other, [v, w], to_backend(np.full(out.shape, 7.0)))
    for value, before in zip((out, *grads), kept, strict=True):
        assert_equal(value, before)
