"""DataLoader: which items in which order, as what, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from simple_autograd.backends import NumPyBackend, get_backend, use_backend
from simple_autograd.datasets import MNIST, DataLoader, standard_transform
from simple_autograd.errors import BackendUnavailableError


class Numbers:
    """A dataset of the pairs (i, -i), in batches; it keeps what it was asked for."""

    def __init__(self, length=10):
        self.values = np.arange(length)
        self.asked = []

    def __len__(self):
        return len(self.values)

    def __getitem__(self, index):
        raise AssertionError("a dataset with take is not asked by item")

    def take(self, indices):
        self.asked.append(indices)
        return self.values[indices], -self.values[indices]


class Endless:
    """It has items and no length."""

    def __getitem__(self, index):
        return index


def flat(batches):
    return [item for batch in batches for item in batch]


@pytest.fixture
def order(host):
    """Give the items of an epoch, and check that both arrays of each batch agree."""

    def read(loader):
        batches = [host(batch) for batch in loader]
        for first, second in batches:
            np.testing.assert_array_equal(first, -second)
        return [first.tolist() for first, _ in batches]

    return read


# The order ----------------------------------------------------------------------------------------


def test_in_order(order):
    loader = DataLoader(Numbers(), 4)
    expected = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert order(loader) == expected
    assert order(loader) == expected
    assert len(loader) == 3


def test_drop_last_leaves_out_only_an_incomplete_batch(order):
    assert order(DataLoader(Numbers(), 4, drop_last=True)) == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert len(DataLoader(Numbers(), 4, drop_last=True)) == 2
    assert len(DataLoader(Numbers(), 5, drop_last=True)) == 2
    assert [len(batch) for batch in order(DataLoader(Numbers(), 4, True, drop_last=True))] == [4, 4]


def test_the_defaults_are_pytorchs(order):
    assert order(DataLoader(Numbers(3))) == [[0], [1], [2]]


@pytest.mark.parametrize(
    ("length", "drop_last", "batches"), [(0, False, 0), (3, True, 0), (3, False, 1)]
)
@pytest.mark.parametrize("shuffle", [False, True])
def test_fewer_items_than_a_batch(order, length, drop_last, batches, shuffle):
    loader = DataLoader(Numbers(length), 4, shuffle, drop_last=drop_last)
    assert len(loader) == len(order(loader)) == batches


def test_each_shuffled_epoch_is_a_new_permutation(order):
    loader = DataLoader(Numbers(100), 7, shuffle=True, seed=0)
    epochs = [flat(order(loader)) for _ in range(3)]
    for epoch in epochs:
        assert sorted(epoch) == list(range(100))
        assert epoch != list(range(100))
    assert epochs[0] != epochs[1] != epochs[2] != epochs[0]


def test_a_seed_reproduces_every_epoch(order):
    one, two = (DataLoader(Numbers(100), 7, shuffle=True, seed=5) for _ in range(2))
    assert [order(one) for _ in range(3)] == [order(two) for _ in range(3)]
    assert order(DataLoader(Numbers(100), 7, shuffle=True, seed=6)) != order(two)


def test_an_epoch_depends_on_seed_and_number_alone(order):
    loader = DataLoader(Numbers(100), 7, shuffle=True, seed=5)
    _, _, third = (order(loader) for _ in range(3))
    assert loader.epoch == 3
    other = DataLoader(Numbers(100), 10, shuffle=True, seed=5)
    other.epoch = 2
    assert flat(order(other)) == flat(third)


def test_without_a_seed_loaders_differ_and_tell_their_seed(order):
    one, two = (DataLoader(Numbers(100), 100, shuffle=True) for _ in range(2))
    first = order(one)
    assert first != order(two)
    assert first == order(DataLoader(Numbers(100), 100, shuffle=True, seed=one.seed))


def test_an_epoch_that_was_left_early_is_not_repeated(order):
    loader = DataLoader(Numbers(100), 10, shuffle=True, seed=0)
    first = next(iter(loader))[0]
    assert loader.epoch == 1
    second = next(iter(loader))[0]
    assert loader.epoch == 2
    to_numpy = get_backend().to_numpy
    assert to_numpy(first).tolist() != to_numpy(second).tolist()


def test_two_loops_at_once_do_not_disturb_each_other(host):
    loader = DataLoader(Numbers(20), 5, shuffle=True, seed=0)
    pairs = [(host(one)[0], host(two)[0]) for one, two in zip(loader, loader, strict=True)]
    for side in zip(*pairs, strict=True):
        assert sorted(np.concatenate(side).tolist()) == list(range(20))


# The batches --------------------------------------------------------------------------------------


def test_a_dataset_with_take_is_asked_once_per_batch():
    dataset = Numbers()
    list(DataLoader(dataset, 4))
    assert dataset.asked == [slice(0, 4), slice(4, 8), slice(8, 10)]
    dataset.asked.clear()
    list(DataLoader(dataset, 4, shuffle=True, seed=0))
    assert [len(indices) for indices in dataset.asked] == [4, 4, 2]


def test_mnist_by_slices_by_gathers_and_by_items_is_the_same(host):
    dataset = MNIST(train=False, transform=standard_transform)
    dataset.data, dataset.targets = dataset.data[:100], dataset.targets[:100]
    items = [dataset[number] for number in range(100)]
    for shuffle in (False, True):
        by_batch, by_item = (DataLoader(source, 32, shuffle, seed=3) for source in (dataset, items))
        for one, two in zip(by_batch, by_item, strict=True):
            for array, expected in zip(host(one), host(two), strict=True):
                assert array.dtype == expected.dtype
                np.testing.assert_array_equal(array, expected)
    for (images, _), start in zip(DataLoader(dataset, 32), range(0, 100, 32), strict=True):
        expected = dataset.take(np.arange(start, min(start + 32, 100)))[0]
        np.testing.assert_array_equal(get_backend().to_numpy(images), expected)


def test_batches_in_order_are_views_where_nothing_has_to_be_computed():
    dataset = MNIST(train=False)
    images, labels = next(iter(DataLoader(dataset, 64, backend="numpy")))
    assert np.shares_memory(images, dataset.data)
    assert np.shares_memory(labels, dataset.targets)


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([1, 2, 3], np.array([1, 2, 3])),
        ([1.5, 2, 3], np.array([1.5, 2, 3])),
        ([True, False], np.array([True, False])),
        ([np.float32(1), np.float32(2)], np.array([1, 2], np.float32)),
        ([np.ones((2, 3), np.uint8)] * 4, np.ones((4, 2, 3), np.uint8)),
    ],
)
def test_items_of_one_field_become_one_array(host, items, expected):
    (batch,) = DataLoader(items, 10)
    assert host(batch).dtype == expected.dtype
    np.testing.assert_array_equal(host(batch), expected)


def test_items_of_several_fields_become_a_tuple(host):
    items = [(np.full(2, i, np.float32), i, 0.5 * i) for i in range(5)]
    (first, _) = DataLoader(items, 3)
    assert isinstance(first, tuple)
    x, y, z = host(first)
    assert (x.shape, x.dtype) == ((3, 2), np.float32)
    assert (y.tolist(), y.dtype) == ([0, 1, 2], np.int64)
    assert (z.tolist(), z.dtype) == ([0.0, 0.5, 1.0], np.float64)


def test_an_array_is_a_dataset_of_its_rows(host):
    array = np.arange(12.0).reshape(6, 2)
    np.testing.assert_array_equal(np.concatenate([host(b) for b in DataLoader(array, 4)]), array)
    shuffled = np.concatenate([host(batch) for batch in DataLoader(array, 4, True, seed=0)])
    assert shuffled.shape == (6, 2)
    np.testing.assert_array_equal(np.sort(shuffled, axis=0), array)
    for batch in DataLoader(array, 4, backend="numpy"):
        assert np.shares_memory(batch, array)


def test_a_tensor_of_pytorch_is_read_by_rows(host, torch):
    # It has a method take, which means something else.
    (batch,) = DataLoader(torch.arange(6.0).reshape(3, 2), 3)
    np.testing.assert_array_equal(host(batch), [[0, 1], [2, 3], [4, 5]])


# The backend --------------------------------------------------------------------------------------


class Tagged(np.ndarray):
    """Stands for another library's array."""


class TaggedBackend(NumPyBackend):
    """A backend that gives `Tagged` arrays."""

    def asarray(self, obj, *, dtype=None, copy=None):
        return np.asarray(obj).view(Tagged)


def test_batches_are_arrays_of_the_default_backend():
    loader = DataLoader(Numbers(), 4)
    with use_backend(TaggedBackend()):
        epoch = iter(loader)
    assert all(type(array) is Tagged for batch in epoch for array in batch)
    (one, _), *_ = loader
    assert type(one) is get_backend().array_type


def test_a_backend_may_be_named(host):
    for backend, kind in (("numpy", np.ndarray), (TaggedBackend(), Tagged)):
        x, y = next(iter(DataLoader(Numbers(), 4, backend=backend)))
        assert type(x) is type(y) is kind


# What it refuses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"batch_size": 0}, ValueError, "batch_size is 0; needed is at least 1"),
        ({"batch_size": -3}, ValueError, "batch_size is -3; needed is at least 1"),
        ({"batch_size": 2.0}, TypeError, "batch_size is 2.0, a float; needed is an int"),
        ({"batch_size": True}, TypeError, "batch_size is True, a bool; needed is an int"),
        ({"batch_size": None}, TypeError, "batch_size is None, a NoneType"),
        ({"seed": -1}, ValueError, "seed is -1; needed is at least 0"),
        ({"seed": "a"}, TypeError, "seed is 'a', a str; needed is an int"),
        ({"dataset": iter([1])}, TypeError, "dataset is a list_iterator.*__len__ and __getitem__"),
        ({"dataset": {1, 2}}, TypeError, "dataset is a set"),
        ({"dataset": {0: 1}}, TypeError, "dataset is a dict, whose keys are not the numbers of"),
        ({"dataset": Numbers}, TypeError, "dataset is the class Numbers, and not an object of it"),
        ({"dataset": np.array(3)}, TypeError, "dataset is a ndarray, which has no length"),
        ({"dataset": Endless()}, TypeError, "dataset is a Endless, which has no length"),
    ],
)
def test_a_wrong_argument_is_named(arguments, error, words):
    with pytest.raises(error, match="DataLoader: " + words):
        DataLoader(**{"dataset": Numbers(), **arguments})


def test_an_unknown_backend_is_refused_at_once():
    with pytest.raises(BackendUnavailableError, match="no backend 'abacus'"):
        DataLoader(Numbers(), backend="abacus")


@pytest.mark.parametrize(
    ("items", "error", "words"),
    [
        ([np.ones(2), np.ones(3)], ValueError, r"items of a batch have the shapes \(2,\), \(3,\)"),
        (
            [(0, np.ones(2)), (0, 1)],
            ValueError,
            r"field 1 of the items .* shapes \(\), \(2,\).*Pad",
        ),
        ([(1, 2), (1, 2, 3)], ValueError, "have 2 or 3 fields; needed is the same number"),
        ([(1, 2), 3], ValueError, "have 0 or 2 fields"),
        ([(1, "a"), (2, "b")], TypeError, "field 1 of the items of a batch are of type str"),
        ([{"x": 1}, {"x": 2}], TypeError, "items of a batch are of type dict; needed are arrays"),
        ([None, None], TypeError, "of type NoneType"),
        ((np.ones((2, 3)), np.ones(2)), ValueError, "of whole arrays make a TensorDataset"),
        ([(1, [[1], [1, 2]])] * 2, ValueError, "field 1 .* of type list, of which NumPy makes no"),
        (
            [(1, (np.ones(2), np.ones(2)))] * 2,
            TypeError,
            "field 1 .* of type tuple, with arrays in",
        ),
    ],
)
def test_items_that_cannot_be_stacked_are_named(items, error, words):
    with pytest.raises(error, match="DataLoader: .*" + words):
        list(DataLoader(items, 2))


@pytest.mark.parametrize(
    ("batch", "words"),
    [
        ({"x": np.ones(2)}, r"take gave a dict in a batch, which NumPy reads as object"),
        ((np.ones(2), None), "take gave a NoneType"),
        (np.array([None, 1]), r"take gave a ndarray .* object of shape \(2,\)"),
        (["a", "b"], "take gave a str"),
    ],
)
def test_a_batch_of_no_numbers_is_named(batch, words):
    class Taking(Numbers):
        def take(self, indices):
            return batch

    with pytest.raises(TypeError, match="Taking: " + words):
        next(iter(DataLoader(Taking(), 2)))


def test_repr():
    assert repr(DataLoader(Numbers(), 4, True, seed=1)) == (
        "<DataLoader: 3 batches of 4 from Numbers of 10 items, "
        "shuffle=True, drop_last=False, seed=1, epoch=0>"
    )


# Its state ----------------------------------------------------------------------------------------


def test_a_state_brings_back_the_orders_to_come(order):
    first = DataLoader(Numbers(), 4, True, seed=1)
    order(first)
    state = first.state_dict()
    assert state == {"seed": 1, "epoch": 1, "batch": 0}
    second = DataLoader(Numbers(), 4, True, seed=2)
    second.load_state_dict(state)
    assert [order(second), order(second)] == [order(first), order(first)]


@pytest.mark.parametrize(
    ("state", "error", "match"),
    [
        (
            {"seed": 1, "epoch": 2},
            ValueError,
            "the keys are 'seed', 'epoch'; needed are 'seed', 'epoch' and 'batch'",
        ),
        ({"seed": 1, "epoch": -1, "batch": 0}, ValueError, "epoch is -1; needed is at least 0"),
        ({"seed": 1, "epoch": 1.0, "batch": 0}, TypeError, "epoch is 1.0, a float; needed is"),
        ({"seed": None, "epoch": 1, "batch": 0}, TypeError, "seed is None"),
        (
            {"seed": 1, "epoch": 1, "batch": 4},
            ValueError,
            "batch is 4, and an epoch has 3; needed is a loader of the same dataset",
        ),
    ],
)
def test_a_wrong_state_changes_nothing(state, error, match):
    loader = DataLoader(Numbers(), 4, True, seed=5)
    with pytest.raises(error, match=match):
        loader.load_state_dict(state)
    assert loader.state_dict() == {"seed": 5, "epoch": 0, "batch": 0}
