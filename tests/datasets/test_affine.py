"""RandomAffine: against SciPy image by image, what is drawn, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from simple_autograd.datasets import RandomAffine
from simple_autograd.datasets.affine import _inverses, _mapped

pytestmark = pytest.mark.not_strict("its arrays are NumPy's")

RNG = np.random.default_rng(0)
IMAGES = RNG.uniform(-1, 1, (6, 3, 7, 10)).astype(np.float32)


def forward(angle, shear_x, shear_y, scale):
    """Give the map of columns (x, y), by torchvision's definition, from factors."""
    rotation = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return scale * (
        np.array(rotation)
        @ np.array([[1, 0], [-np.tan(shear_y), 1]])
        @ np.array([[1, -np.tan(shear_x)], [0, 1]])
    )


@pytest.mark.parametrize(("interpolation", "order"), [("nearest", 0), ("bilinear", 1)])
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "uint8", "int32"])
def test_each_image_is_mapped_as_scipy_maps_it(dtype, interpolation, order):
    ndimage = pytest.importorskip("scipy.ndimage")
    images = RNG.integers(0, 256, (12, 2, 7, 10)).astype(dtype)
    angle, shear = RNG.uniform(-3, 3, 12), RNG.uniform(-0.5, 0.5, (2, 12))
    scale, shift = RNG.uniform(0.5, 2, 12), RNG.integers(-3, 4, (2, 12))
    result = _mapped(images, _inverses(angle, shear, scale), shift, interpolation, 9.0)
    assert (result.shape, result.dtype) == (images.shape, images.dtype)
    tolerance = {"float64": 1e-12, "float32": 1e-3, "float16": 0.2}.get(dtype, 0.5001)
    centre = np.array([3.0, 4.5])
    for place in range(12):
        # SciPy goes from the result to the image, and counts rows first.
        back = np.linalg.inv(forward(angle[place], *shear[:, place], scale[place]))[::-1, ::-1]
        offset = centre - back @ (centre + shift[::-1, place])
        for channel in range(2):
            expected = ndimage.affine_transform(
                images[place, channel].astype(np.float64),
                back,
                offset,
                order=order,
                mode="grid-constant",
                cval=9.0,
            )
            np.testing.assert_allclose(
                result[place, channel].astype(np.float64), expected, atol=tolerance, rtol=0
            )


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_a_quarter_turn_is_clockwise(interpolation):
    images = IMAGES[..., :7]
    result = RandomAffine((90, 90), interpolation=interpolation)(images)
    np.testing.assert_allclose(result, np.rot90(images, -1, axes=(2, 3)), atol=1e-6)
    np.testing.assert_array_equal(RandomAffine(0, interpolation=interpolation)(images), images)


def test_shifts_are_whole_pixels_to_all_sides_and_no_further():
    dot = np.zeros((500, 1, 9, 11), np.float32)
    dot[:, :, 4, 5] = 1
    _, _, y, x = np.nonzero(RandomAffine(0, translate=(0.2, 0.35), generator=0)(dot))
    assert len(x) == 500
    assert sorted(set(x.tolist())) == [3, 4, 5, 6, 7]
    assert sorted(set(y.tolist())) == [1, 2, 3, 4, 5, 6, 7]


def test_what_is_drawn_lies_within_the_ranges_and_differs_from_image_to_image(monkeypatch):
    drawn = []

    def spy(*parameters):
        drawn.extend(parameters)
        return _inverses(*parameters)

    monkeypatch.setattr("simple_autograd.datasets.affine._inverses", spy)
    many = np.zeros((300, 1, 2, 2))
    RandomAffine((10, 40), scale=(0.5, 0.8), shear=(1, 2, -4, -3), generator=0)(many)
    angle, (shear_x, shear_y), scale = np.degrees(drawn[0]), np.degrees(drawn[1]), drawn[2]
    for values, low, high in (
        (angle, 10, 40),
        (shear_x, 1, 2),
        (shear_y, -4, -3),
        (scale, 0.5, 0.8),
    ):
        assert low <= values.min() < low + 0.1 * (high - low)
        assert high >= values.max() > high - 0.1 * (high - low)
        assert len(np.unique(values)) == 300
    del drawn[:]
    RandomAffine(5, shear=3, generator=0)(many)
    assert np.degrees(drawn[0]).min() < -4.5 < 4.5 < np.degrees(drawn[0]).max() < 5
    assert np.degrees(drawn[1][0]).min() < -2.7 < 2.7 < np.degrees(drawn[1][0]).max() < 3
    assert not drawn[1][1].any()
    assert (drawn[2] == 1).all()


def test_fill():
    result = RandomAffine(0, scale=(0.1, 0.1), fill=(1, 2, 3))(IMAGES)
    np.testing.assert_array_equal(result[:, :, 0, 0], [[1, 2, 3]] * 6)
    white = RandomAffine(0, scale=(0.1, 0.1), fill=255)(np.zeros((4, 4), np.uint8))
    assert white[0, 0] == 255


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: RandomAffine(-1), ValueError, "degrees is .*; needed is the lower limit before"),
        (
            lambda: RandomAffine((1, 2, 3)),
            ValueError,
            r"degrees is \(1, 2, 3\); needed are 2 numbers",
        ),
        (lambda: RandomAffine("a"), TypeError, "degrees is 'a'; needed are finite numbers"),
        (lambda: RandomAffine(np.nan), TypeError, "degrees is nan; needed are finite"),
        (lambda: RandomAffine(0, (0.1, 1.1)), ValueError, "translate is .*fractions from 0 to 1"),
        (lambda: RandomAffine(0, 0.1), ValueError, "translate is 0.1; needed are 2 numbers"),
        (lambda: RandomAffine(0, scale=(0, 1)), ValueError, "scale is .*positive factors"),
        (lambda: RandomAffine(0, scale=(2, 1)), ValueError, "scale is .*lower limit before"),
        (lambda: RandomAffine(0, shear=(1, 2, 3)), ValueError, "shear is .*2 or 4 numbers"),
        (
            lambda: RandomAffine(0, interpolation="cubic"),
            ValueError,
            "interpolation is 'cubic'; needed is 'nearest' or 'bilinear'",
        ),
        (lambda: RandomAffine(0, fill=(1, 2))(IMAGES), ValueError, "fill is .* 1 or 3 numbers"),
        (
            lambda: RandomAffine(0, fill=256)(IMAGES.astype(np.uint8)),
            ValueError,
            "fill is 256; needed is what images of uint8 can hold, 0 to 255",
        ),
        (lambda: RandomAffine(0)(IMAGES.astype(bool)), TypeError, "images is an array of bool"),
    ],
)
def test_what_is_refused(make, error, words):
    with pytest.raises(error, match="RandomAffine: " + words):
        make()


def test_repr():
    assert repr(RandomAffine(10, (0.1, 0.2), shear=5, interpolation="bilinear")) == (
        "RandomAffine((-10, 10), translate=(0.1, 0.2), scale=None, shear=(-5, 5), "
        "interpolation='bilinear', fill=0)"
    )
