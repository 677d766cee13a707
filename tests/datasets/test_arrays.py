"""Datasets of arrays in memory, and of other datasets: items, batches, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from simple_autograd.datasets import (
    ArrayDataset,
    ConcatDataset,
    DataLoader,
    Subset,
    TensorDataset,
    random_split,
)

DATA = np.arange(20.0, dtype=np.float32).reshape(10, 2)
TARGETS = np.arange(10)


def pairs(items):
    return [(x.tolist(), int(y)) for x, y in items]


EXPECTED = pairs(zip(DATA, TARGETS, strict=True))

DATASETS = {
    "array": lambda: ArrayDataset(DATA, TARGETS),
    "tensor": lambda: TensorDataset(DATA, TARGETS),
    "subset": lambda: Subset(TensorDataset(DATA[::-1], TARGETS[::-1]), range(9, -1, -1)),
    "subset of items": lambda: Subset(list(zip(DATA, TARGETS, strict=True)), range(10)),
    "concat": lambda: ConcatDataset(
        [
            TensorDataset(DATA[:3], TARGETS[:3]),
            TensorDataset(DATA[:0], TARGETS[:0]),
            list(zip(DATA[3:5], TARGETS[3:5], strict=True)),
            ArrayDataset(DATA[5:], TARGETS[5:]),
        ]
    ),
}
each = pytest.mark.parametrize("make", DATASETS.values(), ids=DATASETS)


@each
def test_items(make):
    dataset = make()
    assert len(dataset) == 10
    assert pairs(dataset[number] for number in range(10)) == EXPECTED
    assert pairs([dataset[-1], dataset[np.int64(-10)]]) == [EXPECTED[9], EXPECTED[0]]
    for number in (10, -11):
        with pytest.raises(IndexError, match=f"index {number} is out of range.*10 items, 0 to 9"):
            dataset[number]


@each
@pytest.mark.parametrize(
    "rows", [[7, 2, 2, 4, -1], slice(1, 9, 3), slice(None), np.arange(10) % 3 == 0]
)
def test_batches(make, rows):
    dataset = make()
    for x, y in (dataset.take(rows), dataset[rows]):
        np.testing.assert_array_equal(x, DATA[rows])
        np.testing.assert_array_equal(y, TARGETS[rows])
        assert (x.dtype, y.dtype) == (np.float32, np.int64)


@each
@pytest.mark.parametrize("shuffle", [False, True])
def test_loading_by_batches_is_loading_by_items(host, make, shuffle):
    dataset = make()
    by_batch = DataLoader(dataset, 4, shuffle, seed=2)
    by_item = DataLoader([dataset[number] for number in range(10)], 4, shuffle, seed=2)
    for one, two in zip(by_batch, by_item, strict=True):
        for array, expected in zip(host(one), host(two), strict=True):
            assert array.dtype == expected.dtype
            np.testing.assert_array_equal(array, expected)


@each
@pytest.mark.parametrize(
    ("index", "error", "words"),
    [
        ([0, 10], IndexError, "out of (range|bounds)"),
        ([0.5], TypeError, "NumPy reads as float64 of shape"),
        (np.ones(9, bool), IndexError, "boolean index has length 9; needed is one value for each"),
    ],
)
def test_batches_that_are_not_there(make, index, error, words):
    with pytest.raises(error, match=words):
        make().take(index)


@pytest.mark.parametrize("name", ["array", "tensor"])
def test_slices_are_views(name):
    x, y = DATASETS[name]().take(slice(2, 5))
    assert np.shares_memory(x, DATA)
    assert np.shares_memory(y, TARGETS)


def test_a_transform_is_called_once_per_batch():
    seen = []

    def double(rows):
        seen.append(rows.shape)
        return rows * 2

    dataset = ArrayDataset(DATA, TARGETS, transform=double, target_transform=lambda y: y + 1)
    x, y = dataset.take([3, 4, 5])
    np.testing.assert_array_equal(x, DATA[3:6] * 2)
    assert y.tolist() == [4, 5, 6]
    item, target = dataset[3]
    assert (item.tolist(), target) == ((DATA[3] * 2).tolist(), 4)
    assert seen == [(3, 2), (2,)]
    with pytest.raises(
        ValueError, match=r"ArrayDataset: transform gave .*shape .*needed .* 3 rows"
    ):
        ArrayDataset(DATA, TARGETS, transform=lambda x: x[:1]).take([1, 2, 3])


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: TensorDataset(), TypeError, "TensorDataset: no array"),
        (
            lambda: TensorDataset(DATA, TARGETS[:4]),
            ValueError,
            "TensorDataset: numbers of rows: argument 0 10, argument 1 4",
        ),
        (lambda: TensorDataset(3), TypeError, r"argument 0 is a int .* shape \(\)"),
        (lambda: TensorDataset(["a"]), TypeError, "argument 0 is a list .*array of numbers"),
        (lambda: TensorDataset([DATA, TARGETS]), ValueError, "argument 0 is a list .* no array"),
        (lambda: TensorDataset(DATA[:0])[0], IndexError, "index 0 .* the dataset has no items"),
        (lambda: Subset(DATA, [])[0], IndexError, "index 0 .* the dataset has no items"),
        (lambda: ArrayDataset(DATA, TARGETS[:4]), ValueError, "data 10, targets 4"),
        (lambda: ArrayDataset(DATA, None), TypeError, "targets is a NoneType"),
        (lambda: ArrayDataset(DATA, TARGETS, 3), TypeError, "ArrayDataset: transform is a int"),
        (lambda: Subset(DATA, [10]), IndexError, "Subset: the index 10 is out of range"),
        (lambda: Subset(iter([]), [1]), TypeError, "Subset: dataset is a list_iterator"),
        (lambda: Subset([], []).take([]), ValueError, "batch of no items"),
        (lambda: ConcatDataset([]), ValueError, "ConcatDataset: datasets is empty"),
        (lambda: ConcatDataset(3), TypeError, "ConcatDataset: datasets is a int; needed is a list"),
        (lambda: ConcatDataset([DATA, 3]), TypeError, "ConcatDataset: dataset is a int"),
        (
            lambda: ConcatDataset([DATA, TARGETS]).take([0, 19]),
            ValueError,
            r"items have the shapes \(\), \(2,\); needed is one shape",
        ),
        (
            lambda: ConcatDataset([DATA, TensorDataset(DATA)]).take([0, 19]),
            ValueError,
            "come as ndarray, tuple; needed are NumPy arrays",
        ),
        (lambda: random_split(DATA, [3, 3]), ValueError, "sum to 6; needed is .* 10, or fractions"),
        (lambda: random_split(DATA, [0.5, 0.6]), ValueError, "sum to 1.1; needed is 1"),
        (lambda: random_split(DATA, [11, -1]), ValueError, "none negative"),
        (lambda: random_split(DATA, []), ValueError, "at least one"),
        (lambda: random_split(DATA, 3), TypeError, "lengths is 3; needed is a list of lengths"),
        (lambda: random_split(DATA, "ab"), TypeError, "lengths is 'ab'; needed is a list"),
        (
            lambda: random_split(DATA, [10], "a"),
            TypeError,
            "random_split: generator is 'a'; needed is a NumPy generator, or a seed",
        ),
    ],
)
def test_what_is_refused(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_repr():
    assert repr(ArrayDataset(DATA, TARGETS)) == (
        "<ArrayDataset: 10 items, data (2,) of float32, targets () of int64>"
    )
    assert repr(TensorDataset(DATA)) == "<TensorDataset: 10 items, (2,) of float32>"
    assert repr(Subset(TensorDataset(DATA), [1])) == (
        "<Subset: 1 of 10 items of <TensorDataset: 10 items, (2,) of float32>>"
    )
    assert repr(ConcatDataset([DATA, DATA])) == "<ConcatDataset: 20 items of 2 datasets>"


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [([7, 3], [7, 3]), ([0.5, 0.5], [5, 5]), ([0.33, 0.33, 0.34], [4, 3, 3]), ([10], [10])],
)
def test_random_split(lengths, expected):
    parts = random_split(DATA, lengths, 0)
    assert [len(part) for part in parts] == expected
    numbers = np.concatenate([part.indices for part in parts])
    assert sorted(numbers.tolist()) == list(range(10))
    again = random_split(DATA, lengths, np.random.default_rng(0))
    np.testing.assert_array_equal(numbers, np.concatenate([part.indices for part in again]))
    other = np.concatenate([part.indices for part in random_split(DATA, lengths, 1)])
    assert numbers.tolist() != other.tolist()


def test_random_split_has_pytorchs_lengths(torch):
    for lengths in ([0.33, 0.33, 0.34], [0.26, 0.24, 0.5], [0.1] * 10):
        dataset = range(97)
        theirs = torch.utils.data.random_split(dataset, lengths)
        ours = random_split(dataset, lengths)
        assert [len(part) for part in ours] == [len(part) for part in theirs]


def test_cumulative_sizes_are_pytorchs(torch):
    parts = [DATA, TARGETS[:3], TARGETS[:0]]
    theirs = torch.utils.data.ConcatDataset(parts)
    assert ConcatDataset(parts).cumulative_sizes == theirs.cumulative_sizes == [10, 13, 13]
