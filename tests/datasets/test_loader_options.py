"""DataLoader's own orders and batches: `sampler` and `collate_fn`."""

from __future__ import annotations

import numpy as np
import pytest

from simple_autograd.backends import get_backend
from simple_autograd.datasets import DataLoader, TensorDataset

NUMBERS = TensorDataset(np.arange(10), -np.arange(10))


@pytest.mark.parametrize("prefetch", [0, 2])
@pytest.mark.parametrize("kind", [list, tuple, np.array])
def test_a_sampler_says_the_order(host, kind, prefetch):
    loader = DataLoader(NUMBERS, 2, sampler=kind([7, 0, 7, -1, 3]), prefetch=prefetch)
    assert len(loader) == 3
    for _ in range(2):
        batches = [host(batch) for batch in loader]
        assert [x.tolist() for x, _ in batches] == [[7, 0], [7, 9], [3]]
        assert [y.tolist() for _, y in batches] == [[-7, 0], [-7, -9], [-3]]
    dropping = DataLoader(NUMBERS, 2, sampler=kind([7, 0, 7, -1, 3]), drop_last=True)
    assert len(dropping) == len(list(dropping)) == 2


def test_a_sampler_is_asked_anew_each_epoch(host):
    class Sampler:
        epochs = 0

        def __len__(self):
            return 2

        def __iter__(self):
            self.epochs += 1
            return iter([self.epochs, 0])

    loader = DataLoader(np.arange(10), 2, sampler=Sampler())
    assert [host(batch).tolist() for _ in range(3) for batch in loader] == [[1, 0], [2, 0], [3, 0]]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"sampler": [1], "shuffle": True}, ValueError, "two orders; needed is one of them"),
        ({"sampler": iter([1])}, TypeError, "sampler is a list_iterator.*__len__ and __iter__"),
        ({"collate_fn": 3}, TypeError, "collate_fn is a int; needed is a function"),
    ],
)
def test_a_wrong_option_is_named(arguments, error, words):
    with pytest.raises(error, match="DataLoader: .*" + words):
        DataLoader(NUMBERS, **arguments)


def test_a_sampler_of_no_numbers_is_named():
    with pytest.raises(TypeError, match=r"DataLoader: sampler: the index is a list .* float64"):
        iter(DataLoader(NUMBERS, sampler=[0.5]))
    for number in (10, -11):
        with pytest.raises(
            IndexError, match=f"sampler: the index {number} is out of range; the da"
        ):
            iter(DataLoader(list(range(10)), sampler=[0, number]))


@pytest.mark.parametrize("prefetch", [0, 2])
def test_collate_fn_is_given_the_items(prefetch):
    given = []

    def collate(items):
        given.append(items)
        return {"x": np.array([x for x, _ in items]), "names": [f"no. {x}" for x, _ in items]}

    loader = DataLoader(NUMBERS, 4, sampler=[3, 1, 2], collate_fn=collate, prefetch=prefetch)
    (batch,) = loader
    assert given == [[(3, -3), (1, -1), (2, -2)]]
    assert type(batch["x"]) is get_backend().array_type
    assert get_backend().to_numpy(batch["x"]).tolist() == [3, 1, 2]
    assert batch["names"] == ["no. 3", "no. 1", "no. 2"]


@pytest.mark.parametrize("kind", [tuple, list])
def test_of_a_tuple_only_the_arrays_go_to_the_backend(kind):
    lengths = [[1, 2], [3], [4, 5, 6]]
    loader = DataLoader(
        lengths, 2, collate_fn=lambda items: kind((np.array([len(x) for x in items]), items))
    )
    batches = list(loader)
    assert all(type(array) is get_backend().array_type for array, _ in batches)
    assert [items for _, items in batches] == [[[1, 2], [3]], [[4, 5, 6]]]
