"""DataLoader.state_dict inside an epoch: what is left of it, as if nothing had come between."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

from simple_autograd.datasets import (
    ArrayDataset,
    Compose,
    DataLoader,
    RandomAffine,
    RandomHorizontalFlip,
    batch_generator,
)

IMAGES = np.random.default_rng(0).random((20, 1, 6, 6))
AHEAD = [
    {},
    {"prefetch": 3},
    pytest.param(
        {"num_workers": 2, "multiprocessing_context": "fork"},
        marks=[
            pytest.mark.skipif(os.name != "posix", reason="fork is of POSIX"),
            pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
        ],
        id="workers",
    ),
]


def loader(**options):
    augment = Compose([RandomAffine(20, (0.2, 0.2)), RandomHorizontalFlip()])
    dataset = ArrayDataset(IMAGES, np.arange(20), augment)
    return DataLoader(dataset, 3, True, backend="numpy", **{"seed": 4, **options})


def bits(batches):
    return [(images.tobytes(), numbers.tolist()) for images, numbers in batches]


@pytest.mark.parametrize("ahead", AHEAD)
@pytest.mark.parametrize("stop", [0, 1, 4, 6, 7])
def test_it_goes_on_at_the_next_batch(ahead, stop):
    whole = loader()
    epochs = [bits(whole) for _ in range(3)]

    first = loader(**ahead)
    list(first)
    batches = iter(first)
    for _ in range(stop):
        next(batches)
    state = json.loads(json.dumps(first.state_dict()))
    batches.close()
    # Batches that were handed out count, and none that has been read ahead.
    assert state == {"seed": 4, "epoch": 1, "batch": stop}

    second = loader(seed=9, **ahead)
    second.load_state_dict(state)
    assert second.epoch == 1
    assert second.state_dict() == state
    assert bits(second) == epochs[1][stop:]
    assert second.state_dict() == {"seed": 4, "epoch": 2, "batch": 0}
    assert bits(second) == epochs[2]


def test_a_state_taken_twice_inside_one_epoch():
    state = {"seed": 4, "epoch": 0, "batch": 2}
    resumed = loader()
    resumed.load_state_dict(state)
    batches = iter(resumed)
    assert resumed.state_dict() == state
    next(batches)
    assert resumed.state_dict() == {"seed": 4, "epoch": 0, "batch": 3}
    assert len(resumed) == 7


def test_after_the_last_batch_the_rest_of_its_epoch_is_empty():
    # What a program does after the loop is then still to be done.
    resumed = loader()
    resumed.load_state_dict({"seed": 4, "epoch": 0, "batch": 7})
    assert list(resumed) == []
    assert resumed.epoch == 1
    assert len(list(resumed)) == 7


@pytest.mark.parametrize("error", [None, RuntimeError])
def test_an_epoch_that_was_left_early_counts_as_done(error):
    left = loader()
    try:
        for _ in left:
            if error:
                raise error
            break
    except RuntimeError:
        pass
    assert left.state_dict() == {"seed": 4, "epoch": 1, "batch": 0}


def test_of_two_loops_the_later_one_counts():
    both = loader()
    one, two = iter(both), iter(both)
    next(one), next(one), next(two)
    assert both.state_dict() == {"seed": 4, "epoch": 1, "batch": 1}
    assert len(list(one)) == 5
    assert both.state_dict() == {"seed": 4, "epoch": 1, "batch": 1}
    assert len(list(two)) == 6
    assert both.state_dict() == {"seed": 4, "epoch": 2, "batch": 0}


def test_setting_the_epoch_begins_at_its_first_batch():
    resumed = loader()
    resumed.load_state_dict({"seed": 4, "epoch": 1, "batch": 5})
    resumed.epoch = 0
    assert bits(resumed) == bits(loader())


def test_a_sampler_goes_on_too():
    numbers = [5, 3, 3, 19, 0, 7]
    resumed = DataLoader(np.arange(20), 2, sampler=numbers, backend="numpy")
    resumed.load_state_dict({"seed": 0, "epoch": 3, "batch": 2})
    assert [batch.tolist() for batch in resumed] == [[0, 7]]


def test_batch_generator():
    seen = []

    class Noise:
        def __len__(self):
            return 6

        def take(self, rows):
            assert batch_generator() is batch_generator()
            seen.append(batch_generator().random())
            return np.zeros(2)

        __getitem__ = take

    list(DataLoader(Noise(), 2, seed=1))
    list(DataLoader(Noise(), 2, seed=1, prefetch=2))
    assert seen[:3] == seen[3:]
    assert len(set(seen)) == 3
    list(DataLoader(Noise(), 2, seed=2))
    assert len(set(seen)) == 6
    # Another one from outside of a loader, and from the order of an epoch.
    assert batch_generator().random() not in seen
    assert np.random.default_rng([1, 0]).random() not in seen
