"""The small digits that ship with the package."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest

from simple_autograd.datasets import DataLoader, Digits, OneHot

pytestmark = pytest.mark.not_strict("its arrays are NumPy's")


@pytest.mark.parametrize(("train", "length"), [(True, 1437), (False, 360)])
def test_the_two_sets(train, length):
    dataset = Digits(train)
    assert len(dataset) == length
    assert (dataset.data.shape, dataset.data.dtype) == ((length, 8, 8), np.uint8)
    assert (dataset.targets.shape, dataset.targets.dtype) == ((length,), np.int64)
    assert (dataset.data.min(), dataset.data.max()) == (0, 16)
    counts = np.bincount(dataset.targets)
    assert counts.size == len(dataset.classes) == 10
    assert counts.min() > 0.09 * length
    assert counts.max() < 0.11 * length
    name = "training" if train else "test"
    assert repr(dataset) == f"<Digits: {name} set, {length} items, embedded>"


def test_they_are_those_of_scikit_learn_in_the_same_order():
    theirs = pytest.importorskip("sklearn.datasets").load_digits()
    for name, expected in (("data", theirs.images), ("targets", theirs.target)):
        ours = np.concatenate([getattr(Digits(train), name) for train in (True, False)])
        np.testing.assert_array_equal(ours, expected)


def test_the_attribution_rides_along():
    attribution = (files("simple_autograd.datasets") / "data" / "README.md").read_text()
    for words in ("E. Alpaydin and C. Kaynak", "10.24432/C50P49", "CC BY 4.0"):
        assert words in attribution


def test_the_interface_is_mnists():
    dataset = Digits(
        train=False,
        transform=lambda images: images[..., None, :, :] / np.float32(16),
        target_transform=OneHot(10),
    )
    images, labels = next(iter(DataLoader(dataset, 32, backend="numpy")))
    assert (images.shape, images.dtype) == ((32, 1, 8, 8), np.float32)
    assert images.max() == 1
    assert labels.shape == (32, 10)
    np.testing.assert_array_equal(dataset[5][0], images[5])
    assert len(dataset.as_batched(100)) == 4
    with pytest.raises(IndexError, match="360 is out of range; the test set has 360 items"):
        dataset[360]
    with pytest.raises(TypeError, match="Digits: transform is a int"):
        Digits(transform=3)


def test_the_data_is_decoded_once_and_cannot_be_written_to():
    one, two = Digits(), Digits()
    assert np.shares_memory(one.data, two.data)
    for array in (one.data, one.targets, one[0][0]):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
