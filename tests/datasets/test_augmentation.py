"""The transforms with settings, and those that draw: on batches, single images, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from simple_autograd.datasets import (
    MNIST,
    Compose,
    DataLoader,
    Normalize,
    OneHot,
    RandomAffine,
    RandomCrop,
    RandomHorizontalFlip,
    ToFloat,
    onehot_transform,
    standard_transform,
)

pytestmark = pytest.mark.not_strict("its arrays are NumPy's")

IMAGES = np.arange(50 * 3 * 6 * 8, dtype=np.float32).reshape(50, 3, 6, 8)


def test_to_float():
    grey = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(ToFloat()(grey), grey / np.float32(255))
    assert ToFloat()(grey).dtype == np.float32
    np.testing.assert_array_equal(ToFloat(scale=False)(grey), np.arange(256))
    floats = np.array([0.5, 3])
    np.testing.assert_array_equal(ToFloat()(floats), np.array([0.5, 3], np.float32))
    images = grey.reshape(1, 16, 16)
    np.testing.assert_array_equal(ToFloat()(images)[:, None], standard_transform(images))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_normalize(dtype):
    images = IMAGES.astype(dtype)
    result = Normalize([1, 2, 3], [2, 4, 8])(images)
    assert result.dtype == dtype
    for channel, (mean, std) in enumerate([(1, 2), (2, 4), (3, 8)]):
        np.testing.assert_array_equal(result[:, channel], (images[:, channel] - mean) / std)
    np.testing.assert_array_equal(Normalize([1, 2, 3], [2, 4, 8])(images[4]), result[4])
    np.testing.assert_array_equal(Normalize(1, 2)(images), (images - 1) / 2)


def test_one_hot():
    labels = np.array([3, 0, 9], np.uint8)
    np.testing.assert_array_equal(OneHot(10)(labels), onehot_transform(labels))
    assert OneHot(12)(labels).shape == (3, 12)
    assert OneHot(12)(labels).dtype == np.float32
    np.testing.assert_array_equal(OneHot(4)(2), [0, 0, 1, 0])
    assert OneHot(4)(np.zeros(0, np.int64)).shape == (0, 4)


def test_compose():
    both = Compose([ToFloat(), Normalize(0.5, 0.5)])
    assert both(np.full((2, 1, 1, 1), 255, np.uint8)).ravel().tolist() == [1, 1]
    assert repr(both) == "Compose([ToFloat(scale=True), Normalize(mean=0.5, std=0.5)])"
    assert Compose([])(3) == 3


def test_each_crop_is_a_window_of_its_image_and_all_places_come():
    many = np.broadcast_to(IMAGES[:1], (400, 3, 6, 8))
    crops = RandomCrop((5, 6), generator=0)(many)
    assert crops.shape == (400, 3, 5, 6)
    places = {
        (top, left): IMAGES[0, :, top : top + 5, left : left + 6].tobytes()
        for top in range(2)
        for left in range(3)
    }
    assert {crop.tobytes() for crop in crops} == set(places.values())


def test_crops_with_padding():
    images = np.ones((200, 1, 2, 2), np.uint8)
    crops = RandomCrop(2, padding=1, fill=7, generator=0)(images)
    assert crops.dtype == np.uint8
    assert crops.shape == images.shape
    assert {tuple(np.unique(crop)) for crop in crops} == {(1,), (1, 7)}
    assert {int((crop == 1).sum()) for crop in crops} == {1, 2, 4}


def test_each_image_is_mirrored_or_not():
    result = RandomHorizontalFlip(generator=0)(IMAGES)
    mirrored = [
        bool((new == old[..., ::-1]).all()) for new, old in zip(result, IMAGES, strict=True)
    ]
    kept = [bool((new == old).all()) for new, old in zip(result, IMAGES, strict=True)]
    assert all(one != two for one, two in zip(mirrored, kept, strict=True))
    assert 10 < sum(mirrored) < 40
    np.testing.assert_array_equal(RandomHorizontalFlip(0)(IMAGES), IMAGES)
    np.testing.assert_array_equal(RandomHorizontalFlip(1)(IMAGES), IMAGES[..., ::-1])


RANDOM = [
    lambda generator: RandomCrop(4, padding=1, generator=generator),
    lambda generator: RandomHorizontalFlip(generator=generator),
    lambda generator: RandomAffine(20, (0.2, 0.2), interpolation="bilinear", generator=generator),
]
each = pytest.mark.parametrize("make", RANDOM, ids=["crop", "flip", "affine"])


@each
def test_a_seed_repeats_what_is_drawn_and_the_input_is_left_alone(make):
    images = IMAGES.copy()
    images.flags.writeable = False
    first, second = (make(5) for _ in range(2))
    drawn = [first(images) for _ in range(3)]
    for expected in drawn:
        np.testing.assert_array_equal(second(images), expected)
    assert not np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(make(np.random.default_rng(6))(images), drawn[0])
    assert not np.shares_memory(drawn[0], images)
    assert drawn[0].flags.writeable
    np.testing.assert_array_equal(images, IMAGES)


@each
def test_single_images_and_no_images(make):
    assert make(0)(IMAGES[0]).shape[0] == 3
    assert make(0)(IMAGES[0, 0]).ndim == 2
    assert make(0)(IMAGES[:0]).shape[:2] == (0, 3)


@each
def test_a_batch_without_channels_is_not_taken_for_one_image(make):
    with pytest.raises(ValueError, match=r"shape \(50, 6, 8\).*channel axis first"):
        make(0)(IMAGES[:, 0])
    with pytest.raises(TypeError, match="images is a list; needed is a NumPy array"):
        make(0)([[1]])


def test_they_work_in_a_dataset():
    transform = Compose([standard_transform, RandomCrop(28, 2, generator=0), Normalize(0.13, 0.3)])
    dataset = MNIST(train=False, transform=transform, target_transform=OneHot(10))
    images, labels = next(iter(DataLoader(dataset, 16, backend="numpy")))
    assert (images.shape, labels.shape) == ((16, 1, 28, 28), (16, 10))
    assert images.dtype == labels.dtype == np.float32


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: Compose([3]), TypeError, "Compose: transform 0 is a int"),
        (
            lambda: Compose(ToFloat()),
            TypeError,
            "Compose: transforms is a ToFloat; needed is a list",
        ),
        (lambda: ToFloat()(["a"]), TypeError, "ToFloat: the batch is a list"),
        (lambda: Normalize(0, [1, 0]), ValueError, "Normalize: std is .*; needed is no zero"),
        (lambda: Normalize("a", 1), TypeError, "Normalize: mean is a; needed is a number"),
        (lambda: Normalize([[1]], 1), ValueError, "Normalize: mean is .* for each channel"),
        (lambda: Normalize(np.nan, 1), ValueError, "Normalize: mean is nan; needed is a finite"),
        (
            lambda: Normalize([1, 2], 1)(IMAGES),
            ValueError,
            r"shape \(50, 3, 6, 8\); needed .* with 2 channels",
        ),
        (
            lambda: Normalize(0, 1)(IMAGES.astype(np.uint8)),
            TypeError,
            "array of uint8 .*Put ToFloat",
        ),
        (lambda: OneHot(0), ValueError, "OneHot: num_classes is 0; needed is at least 1"),
        (lambda: OneHot(4)(4), ValueError, "OneHot: labels go from 4 to 4; .* from 0 to 3"),
        (lambda: OneHot(4)(0.5), TypeError, "OneHot: labels is a float; needed are integers"),
        (lambda: OneHot(2.5), TypeError, "OneHot: num_classes is 2.5; needed is an int"),
        (lambda: RandomCrop(2.5), TypeError, "RandomCrop: size is 2.5; needed is an int"),
        (lambda: RandomCrop((1, 2, 3)), ValueError, "needed are a height and a width"),
        (lambda: RandomCrop(2, generator=-1), ValueError, "RandomCrop: generator is -1; needed"),
        (
            lambda: RandomCrop(2, 1, fill=256)(IMAGES.astype(np.uint8)),
            ValueError,
            "RandomCrop: fill is 256; needed is what images of uint8 can hold, 0 to 255",
        ),
        (lambda: RandomHorizontalFlip("a"), TypeError, "p is 'a'; needed is a number from 0 to 1"),
        (lambda: RandomCrop(0), ValueError, "RandomCrop: size is 0 and padding 0"),
        (lambda: RandomCrop(2, -1), ValueError, "padding -1; needed are at least 1 and at least 0"),
        (
            lambda: RandomCrop(9, 1)(IMAGES),
            ValueError,
            r"padding \(8, 10\) high and wide; needed is at least the window, \(9, 9\)",
        ),
        (lambda: RandomHorizontalFlip(1.5), ValueError, "p is 1.5; needed is a number from 0 to 1"),
    ],
)
def test_what_is_refused(make, error, words):
    with pytest.raises(error, match=words):
        make()
