"""The dataset, on the real data that ships with the package."""

from __future__ import annotations

import numpy as np
import pytest

from simple_autograd.datasets import (
    KMNIST,
    MNIST,
    DataLoader,
    Digits,
    onehot_transform,
    standard_transform,
)

HISTOGRAMS = {
    True: [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
    False: [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
}
FIRST_LABELS = {True: [5, 0, 4, 1, 9, 2, 1, 3, 1, 4], False: [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]}


@pytest.fixture
def dataset():
    return MNIST(train=False)


@pytest.mark.parametrize(("train", "length"), [(True, 60_000), (False, 10_000)])
def test_the_embedded_data_is_mnist(train, length):
    dataset = MNIST(train=train)
    assert len(dataset) == length
    assert (dataset.data.shape, dataset.data.dtype) == ((length, 28, 28), np.uint8)
    assert (dataset.targets.shape, dataset.targets.dtype) == ((length,), np.int64)
    assert np.bincount(dataset.targets).tolist() == HISTOGRAMS[train]
    assert dataset.targets[:10].tolist() == FIRST_LABELS[train]


def test_the_pixels_have_the_known_mean_and_deviation():
    pixels = MNIST().data
    assert pixels.mean() / 255 == pytest.approx(0.1307, abs=5e-5)
    assert pixels.std() / 255 == pytest.approx(0.3081, abs=5e-5)


def test_the_data_is_decoded_once_and_cannot_be_written_to(dataset):
    again = MNIST(train=False, transform=standard_transform)
    assert again.data is dataset.data
    assert again.targets is dataset.targets
    for batch in (dataset.data, dataset.targets, dataset[0][0], *dataset[:2]):
        with pytest.raises(ValueError, match="read-only"):
            batch[...] = 0


def test_classes_are_torchvisions(dataset):
    assert dataset.classes[7] == "7 - seven"
    assert len(dataset.classes) == 10


def test_an_item_is_an_image_and_an_int(dataset):
    image, label = dataset[3]
    np.testing.assert_array_equal(image, dataset.data[3])
    assert (label, type(label)) == (0, int)


@pytest.mark.parametrize("index", [-1, np.int64(-1), np.array(9999), 9999])
def test_an_item_by_any_integer(dataset, index):
    image, label = dataset[index]
    assert image.shape == (28, 28)
    np.testing.assert_array_equal(image, dataset.data[-1])
    assert label == 6


@pytest.mark.parametrize("index", [10_000, -10_001])
def test_an_item_out_of_range_is_named(dataset, index):
    words = f"index {index} is out of range; the test set has 10000 items, 0 to 9999"
    with pytest.raises(IndexError, match=words):
        dataset[index]


def test_iteration_ends(dataset):
    dataset.data, dataset.targets = dataset.data[:3], dataset.targets[:3]
    assert [label for _, label in dataset] == [7, 2, 1]


def test_transforms_apply_to_items_and_to_batches_alike():
    dataset = MNIST(None, False, standard_transform, onehot_transform)
    image, label = dataset[4]
    images, labels = dataset.take(np.array([4, 1]))
    assert (image.shape, label.shape) == ((1, 28, 28), (10,))
    assert (images.shape, labels.shape) == ((2, 1, 28, 28), (2, 10))
    np.testing.assert_array_equal(images[0], image)
    np.testing.assert_array_equal(labels[0], label)
    assert label.argmax() == 4


def test_transforms_run_once_per_batch(dataset):
    calls = []

    def spy(batch):
        calls.append(batch.shape)
        return batch

    dataset.transform = dataset.target_transform = spy
    dataset.take(np.arange(50))
    assert calls == [(50, 28, 28), (50,)]


@pytest.mark.parametrize(
    "indices",
    [
        slice(2, 8, 3),
        [2, 5],
        np.array([2, 5]),
        np.array([2, 5], np.uint64),
        np.array([-9998, -9995]),
        np.isin(np.arange(10_000), [2, 5]),
    ],
)
def test_take_and_indexing_accept_every_way_to_name_items(dataset, indices):
    for images, labels in (dataset.take(indices), dataset[indices]):
        np.testing.assert_array_equal(images, dataset.data[[2, 5]])
        np.testing.assert_array_equal(labels, dataset.targets[[2, 5]])


def test_take_of_a_slice_copies_nothing(dataset):
    images, labels = dataset.take(slice(10, 20))
    assert np.shares_memory(images, dataset.data)
    assert np.shares_memory(labels, dataset.targets)


def test_take_of_nothing_is_an_empty_batch(dataset):
    assert dataset.take([])[0].shape == (0, 28, 28)


@pytest.mark.parametrize(
    ("indices", "error", "words"),
    [
        ([0, 10_000], IndexError, "out of bounds"),
        ([True, False], IndexError, "boolean index has length 2.*10000 items"),
        ([0.5], TypeError, r"index is a list that NumPy reads as float64 of shape \(1,\)"),
        (np.zeros((2, 2), int), TypeError, r"shape \(2, 2\).*one dimension"),
        ("3", TypeError, "index is a str"),
        (None, TypeError, "index is a NoneType"),
    ],
)
def test_take_refuses(dataset, indices, error, words):
    with pytest.raises(error, match=words):
        dataset.take(indices)
    with pytest.raises(error, match=words):
        dataset[indices]


def test_an_index_of_several_axes_is_refused(dataset):
    with pytest.raises(TypeError, match=r"index \(0, 5\) is a tuple.*dataset.data\[0, 5\]"):
        dataset[0, 5]


@pytest.mark.parametrize(
    ("transform", "words"),
    [
        (lambda batch: batch[1:], r"an array of shape \(3,.*4 rows"),
        (lambda batch: batch.sum(), r"an array of shape \(\) for a batch"),
        (lambda batch: None, "a NoneType for a batch of shape .*once with the whole batch"),
    ],
)
@pytest.mark.parametrize("name", ["transform", "target_transform"])
def test_a_transform_that_changes_the_number_of_rows_is_named(name, transform, words):
    dataset = MNIST(train=False, **{name: transform})
    with pytest.raises(ValueError, match=f"MNIST: {name} gave " + words):
        dataset.take(np.arange(4))
    with pytest.raises(ValueError, match=f"MNIST: {name} gave " + words):
        dataset.take(slice(4))


def test_a_transform_that_is_no_function_is_refused():
    with pytest.raises(TypeError, match=r"transform is a bool.*order is \(root, train, transform"):
        MNIST(None, False, True)


@pytest.mark.parametrize("train", ["test", None, 2])
@pytest.mark.parametrize(
    "make", [MNIST, lambda train: Digits(train), lambda train: KMNIST("", train)]
)
def test_neither_the_training_nor_the_test_set_is_refused(make, train):
    with pytest.raises(TypeError, match=f"train is {train!r}; needed is True for the training set"):
        make(train=train)


@pytest.mark.parametrize("make", [MNIST, KMNIST])
def test_a_root_that_is_no_path_is_named(make):
    with pytest.raises(TypeError, match="NIST: root is a function; needed is the path of a folder"):
        make(standard_transform)


def test_as_batched_gives_the_batches_in_order(dataset, host):
    batches = dataset.as_batched(3000)
    assert isinstance(batches, DataLoader)
    labels = [host(batch)[1] for batch in batches]
    assert [len(part) for part in labels] == [3000, 3000, 3000, 1000]
    np.testing.assert_array_equal(np.concatenate(labels), dataset.targets)
    assert len(dataset.as_batched(3000, drop_last=True)) == 3


def test_repr(dataset):
    assert repr(dataset) == "<MNIST: test set, 10000 items, embedded>"
