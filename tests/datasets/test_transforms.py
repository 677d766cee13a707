"""The transforms, on batches, on single items, and on what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from simple_autograd.datasets import onehot_transform, standard_transform

pytestmark = pytest.mark.not_strict("its arrays are NumPy's")


@pytest.fixture
def images():
    return np.arange(3 * 256, dtype=np.uint8).reshape(3, 16, 16)


def test_standard_transform_scales_and_adds_the_channel_axis(images):
    result = standard_transform(images)
    assert result.shape == (3, 1, 16, 16)
    assert result.dtype == np.float32
    assert result.min() == 0.0
    assert result.max() == 1.0
    np.testing.assert_array_equal(result[:, 0], images / np.float32(255))


def test_standard_transform_of_one_image_is_a_row_of_the_batchs(images):
    assert standard_transform(images[1]).shape == (1, 16, 16)
    np.testing.assert_array_equal(standard_transform(images[1]), standard_transform(images)[1])


def test_standard_transform_equals_pytorchs_scaling(images, torch):
    expected = torch.from_numpy(images).float().div(255).unsqueeze(1).numpy()
    np.testing.assert_array_equal(standard_transform(images), expected)


def test_standard_transform_takes_an_empty_batch_and_leaves_its_input_alone(images):
    assert standard_transform(images[:0]).shape == (0, 1, 16, 16)
    images.flags.writeable = False
    before = images.copy()
    standard_transform(images)
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize(
    ("argument", "error", "words"),
    [
        (
            np.zeros((2, 4, 4)),
            TypeError,
            r"is an array of float64 of shape \(2, 4, 4\).*uint8",
        ),
        ([[0, 1]], TypeError, "is a list; needed is a NumPy array of uint8"),
        (np.zeros(4, np.uint8), ValueError, r"shape \(4,\); needed is \(N, H, W\)"),
        (np.zeros((2, 1, 4, 4), np.uint8), ValueError, r"shape \(2, 1, 4, 4\)"),
    ],
)
def test_standard_transform_refuses(argument, error, words):
    with pytest.raises(error, match="standard_transform: images .*" + words):
        standard_transform(argument)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int32", "int64", "uint64"])
def test_onehot_transform(dtype):
    labels = np.array([3, 0, 9], dtype)
    result = onehot_transform(labels)
    assert result.dtype == np.float32
    expected = np.zeros((3, 10))
    expected[[0, 1, 2], [3, 0, 9]] = 1
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("label", [3, np.uint8(3), np.array(3)])
def test_onehot_transform_of_one_label(label):
    np.testing.assert_array_equal(onehot_transform(label), np.arange(10) == 3)


def test_onehot_transform_gives_memory_of_its_own():
    onehot_transform(np.array([3]))[:] = 7
    onehot_transform(3)[:] = 7
    np.testing.assert_array_equal(onehot_transform(3), np.arange(10) == 3)


def test_onehot_transform_of_no_labels():
    assert onehot_transform(np.zeros(0, np.int64)).shape == (0, 10)


@pytest.mark.parametrize(
    ("argument", "error", "words"),
    [
        (np.array([0, 10]), ValueError, "labels go from 0 to 10; needed are classes from 0 to 9"),
        (np.array([-1, 3]), ValueError, "labels go from -1 to 3"),
        (-1, ValueError, "labels go from -1 to -1"),
        (
            np.zeros((2, 10), np.float32),
            TypeError,
            r"an array of float32 of shape \(2, 10\).*already",
        ),
        ("3", TypeError, "labels is a str; needed are integers"),
    ],
)
def test_onehot_transform_refuses(argument, error, words):
    with pytest.raises(error, match="onehot_transform: .*" + words):
        onehot_transform(argument)
