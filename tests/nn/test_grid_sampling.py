"""``grid_sample`` and ``affine_grid`` beside PyTorch's, and their errors."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable
from simple_autograd.nn import functional
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy
from tests.core.raising import raises

RNG = np.random.default_rng(13)
IMAGE, VOLUME = RNG.normal(size=(2, 3, 4, 5)), RNG.normal(size=(2, 2, 3, 4, 5))
GRID, GRID_3D = RNG.uniform(-2.2, 2.2, (2, 6, 3, 2)), RNG.uniform(-1.6, 1.6, (2, 2, 3, 2, 3))

each_padding = pytest.mark.parametrize("padding_mode", ["zeros", "border", "reflection"])
each_alignment = pytest.mark.parametrize("align_corners", [False, True])


@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
@each_padding
@each_alignment
def test_values_and_gradients(mode, padding_mode, align_corners, torch):
    settings = {"mode": mode, "padding_mode": padding_mode, "align_corners": align_corners}
    for x, grid in ((IMAGE, GRID), (VOLUME, GRID_3D)):
        if mode == "bicubic" and x is VOLUME:
            continue
        inputs = [Variable(to_backend(value)) for value in (x, grid)]
        tensors = [torch.tensor(value, requires_grad=True) for value in (x, grid)]
        out = functional.grid_sample(*inputs, **settings)
        expected = torch.nn.functional.grid_sample(*tensors, **settings)
        assert_close(out, expected.detach().numpy())
        above = RNG.normal(size=tuple(expected.shape))
        grads = sa.grad(out, inputs, to_backend(above), allow_unused=True)
        truths = torch.autograd.grad(expected, tensors, torch.tensor(above))
        for grad, truth, given in zip(grads, truths, inputs, strict=True):
            assert_close(np.zeros(given.shape) if grad is None else grad, truth.numpy())


@each_padding
def test_second_order_is_what_finite_differences_say(padding_mode):
    def slope(grid):
        image, position = Variable(to_backend(IMAGE)), Variable(to_backend(grid))
        out = functional.grid_sample(image, position, "bicubic", padding_mode)
        return sa.grad((out**2).sum(), position, create_graph=True)[0], position

    direction = RNG.normal(size=GRID.shape)
    first, position = slope(GRID)
    (second,) = sa.grad((first * to_backend(direction)).sum(), position)
    step = 1e-6
    ahead, behind = (to_numpy(slope(GRID + t * direction)[0]) for t in (step, -step))
    assert_close(
        np.sum(to_numpy(second) * direction),
        np.sum((ahead - behind) / (2 * step) * direction),
        1e-6,
    )


@each_padding
@each_alignment
def test_positions_on_elements_borders_and_axes_of_length_1(padding_mode, align_corners, torch):
    for height, width in ((4, 5), (1, 3), (1, 1)):
        x = RNG.normal(size=(1, 1, height, width))
        line = np.linspace(-1.5, 1.5, 7)
        grid = np.stack(np.meshgrid(line, line), axis=-1)[None]
        expected = torch.nn.functional.grid_sample(
            torch.tensor(x),
            torch.tensor(grid),
            padding_mode=padding_mode,
            align_corners=align_corners,
        )
        out = functional.grid_sample(
            to_backend(x), to_backend(grid), padding_mode=padding_mode, align_corners=align_corners
        )
        assert_close(out, expected.numpy())


def test_what_is_outside_does_not_matter():
    x = np.full((1, 1, 2, 2), np.inf)
    grid = np.full((1, 1, 2, 2), 5.0)
    grid[0, 0, 1] = np.nan
    out = to_numpy(functional.grid_sample(to_backend(x), to_backend(grid)))
    assert out[0, 0, 0, 0] == 0


@pytest.mark.filterwarnings("ignore:Since version 1.3.0:UserWarning")
@each_alignment
def test_affine_grids(align_corners, torch):
    for theta, size in (
        (RNG.normal(size=(2, 2, 3)), (2, 3, 4, 5)),
        (RNG.normal(size=(1, 3, 4)), (1, 1, 2, 1, 3)),
    ):
        v, t = Variable(to_backend(theta)), torch.tensor(theta, requires_grad=True)
        out = functional.affine_grid(v, size, align_corners)
        expected = torch.nn.functional.affine_grid(t, list(size), align_corners=align_corners)
        assert_close(out, expected.detach().numpy())
        (grad,) = sa.grad((out**2).sum(), v)
        (truth,) = torch.autograd.grad((expected**2).sum(), t)
        assert_close(grad, truth.numpy())


def test_the_identity_gives_the_image():
    theta = to_backend(np.array([[[1.0, 0, 0], [0, 1, 0]]] * 2))
    grid = functional.affine_grid(theta, IMAGE.shape)
    assert_close(functional.grid_sample(to_backend(IMAGE), grid), IMAGE)


def test_an_empty_batch():
    out = functional.grid_sample(to_backend(IMAGE[:0]), to_backend(GRID[:0]))
    assert_equal(out, np.zeros((0, 3, 6, 3)))


@pytest.mark.parametrize(
    ("x", "grid", "settings", "words"),
    [
        (IMAGE, GRID, {"mode": "cubic"}, ["mode is 'cubic'", "'bicubic'"]),
        (IMAGE, GRID, {"padding_mode": "wrap"}, ["padding_mode is 'wrap'", "'reflection'"]),
        (IMAGE[0], GRID, {}, ["x is a", "(3, 4, 5)", "(N, C, H, W)"]),
        (VOLUME, GRID_3D, {"mode": "bicubic"}, ["x is a", "'bicubic'"]),
        (IMAGE, GRID_3D, {}, ["grid is a", "(2, ..., 2)", "4 axes"]),
        (IMAGE, GRID[:1], {}, ["grid is a", "(1, 6, 3, 2)", "(2, ..., 2)"]),
    ],
    ids=str,
)
def test_errors(x, grid, settings, words):
    with raises(ValueError, "grid_sample: ", *words):
        functional.grid_sample(to_backend(x), to_backend(grid), **settings)


def test_errors_of_affine_grids():
    with raises(ValueError, "affine_grid: theta is a", "(2, 3)", "(N, 2, 3)"):
        functional.affine_grid(to_backend(np.ones((2, 3))), (1, 1, 2, 2))
