"""``DataLoader``: from a dataset to batches on a backend, at next to no cost per batch.

A dataset that has a method ``take`` (as ``MNIST`` has) is asked once per batch for all its items:
the batch protocol. ``take`` is given a slice or an array of item numbers, and gives one array, or a
tuple of arrays, with as many rows. Any other dataset, a sequence of items, is asked item by item,
and its items are stacked (``reading.py``), or given to the user's `collate_fn`. Reading ahead is in
``prefetch.py``. What the data is, and how it is transformed, is the dataset's affair. Callers:
users, and ``MNIST.as_batched``.
"""

from __future__ import annotations

import operator
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from simple_autograd.backends import Backend, get_backend

from .prefetch import prefetched
from .reading import Dataset, check_dataset, item_numbers, items, reader

__all__ = ["DataLoader"]


class DataLoader:
    """Iterates over a dataset in batches: in order, or in a new order each time.

    Every loop is one epoch. The order of an epoch follows from `seed` and the epoch's number alone,
    so that setting both again repeats it.

    Parameters
    ----------
    dataset
        Items by number (``len`` and indexing). If it has a method ``take``, that is called once per
        batch. A NumPy array counts as a dataset of its rows.
    batch_size
        How many items a batch has; the last one may have fewer.
    shuffle
        True draws a new order each epoch.
    drop_last
        True leaves the last batch out if it has fewer items than the others.
    seed
        An int, not negative, from which the orders are drawn. None draws one from the operating
        system; it is then found in the attribute `seed`.
    backend
        The name of the backend that the batches are handed to, or the backend itself. None takes
        the default one at the start of each epoch.
    sampler
        The item numbers of an epoch, in their order, instead of `shuffle`: an array, a list, or an
        object with a length that is iterated over anew each epoch. Numbers may repeat or be missing.
    collate_fn
        A function from the list of a batch's items to the batch. The items are then read one by
        one. Of what it gives, arrays are handed to the backend, also those in a tuple, list or
        dict; anything else stays as it is. None stacks the items.
    prefetch
        How many batches a background thread reads ahead, while the loop is at work; 0 reads each
        when it is asked for. Batches and order are the same. The dataset, its transforms and
        `collate_fn` run in that thread, one epoch in one thread.

    Attributes
    ----------
    epoch : int
        How many epochs have begun, which is also the number of the next one. May be set.

    Raises
    ------
    TypeError
        If an argument is of the wrong type.
    ValueError
        If `batch_size` is less than 1, or `seed` or `prefetch` less than 0, or if both `shuffle`
        and `sampler` are given.
    BackendUnavailableError
        If there is no such backend.

    Notes
    -----
    A batch is what the items are: for items ``(x, y)`` a tuple of two arrays, for items that are
    arrays or numbers one array. Numbers become int64, float64 or bool, arrays keep their dtype, as
    in PyTorch. In order and with ``take``, batches may be views of the dataset's memory.
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int = 1,
        shuffle: bool = False,
        *,
        drop_last: bool = False,
        seed: int | None = None,
        backend: str | Backend | None = None,
        sampler: Collection[int] | np.ndarray | None = None,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        prefetch: int = 0,
    ) -> None:
        check_dataset(dataset, "DataLoader")
        if sampler is not None:
            if shuffle:
                raise ValueError(
                    "DataLoader: shuffle=True and sampler are two orders; needed is one of them. "
                    "Leave shuffle out."
                )
            if not (hasattr(sampler, "__len__") and hasattr(sampler, "__iter__")):
                raise TypeError(
                    f"DataLoader: sampler is a {type(sampler).__name__}, which has no length or "
                    "cannot be iterated over again; needed are item numbers, or an object with "
                    "__len__ and __iter__. Make a list of an iterator."
                )
        if collate_fn is not None and not callable(collate_fn):
            raise TypeError(
                f"DataLoader: collate_fn is a {type(collate_fn).__name__}; needed is a function of "
                "a list of items, or None."
            )
        if backend is not None:
            get_backend(backend)  # A wrong name shall fail here and not in the first epoch.
        self.dataset = dataset
        self.batch_size = _whole_number("batch_size", batch_size, least=1)
        self.shuffle = bool(shuffle)
        self.drop_last = bool(drop_last)
        self.seed = secrets.randbits(63) if seed is None else _whole_number("seed", seed, least=0)
        self.backend = backend
        self.sampler = sampler
        self.collate_fn = collate_fn
        self.prefetch = _whole_number("prefetch", prefetch, least=0)
        self.epoch = 0

    def __len__(self) -> int:
        """Give the number of batches in an epoch."""
        length = len(self.dataset if self.sampler is None else self.sampler)
        return length // self.batch_size if self.drop_last else -(-length // self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        """Begin an epoch.

        Yields
        ------
        An array, or a tuple of arrays, of the backend; of `batch_size` rows each, or fewer in the
        last batch. With `collate_fn`, what that gives.
        """
        order = None
        if self.shuffle:
            rng = np.random.default_rng([self.seed, self.epoch])
            order = rng.permutation(len(self.dataset))
        elif self.sampler is not None:
            numbers = self.sampler if isinstance(self.sampler, np.ndarray) else [*self.sampler]
            order = item_numbers(numbers, len(self.dataset), "DataLoader: sampler")
        # Here and not in the generators below, whose first lines run only at the first batch.
        self.epoch += 1
        batches = self._batches(order)
        if self.prefetch:
            batches = prefetched(batches, self.prefetch)
        return self._handed_over(batches, get_backend(self.backend))

    def _batches(self, order: np.ndarray | None) -> Iterator[Any]:
        read = reader(self.dataset)
        if self.collate_fn is not None:
            read = partial(_read_collated, self.dataset, self.collate_fn)
        length, size = len(self.dataset if order is None else order), self.batch_size
        end = length - length % size if self.drop_last else length
        for start in range(0, end, size):
            stop = min(start + size, length)
            yield read(slice(start, stop) if order is None else order[start:stop])

    def _handed_over(self, batches: Iterator[Any], backend: Backend) -> Iterator[Any]:
        # In the loop's own thread, since which device is the current one is a thread's affair.
        asarray: Callable[[Any], Any] = backend.asarray
        if self.collate_fn is not None:
            asarray = partial(_hand_over_an_array, backend)
        for batch in batches:
            if isinstance(batch, tuple | list):
                yield tuple([asarray(field) for field in batch])
            elif isinstance(batch, dict) and self.collate_fn is not None:
                yield {key: asarray(field) for key, field in batch.items()}
            else:
                yield asarray(batch)

    def state_dict(self) -> dict[str, int]:
        """Give what the orders to come follow from, for `load_state_dict`: ``seed`` and ``epoch``.

        An epoch that has begun counts as done: a checkpoint is to be made between epochs.
        """
        return {"seed": self.seed, "epoch": self.epoch}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave, so that the next epoch is the one that would have followed.

        Raises
        ------
        TypeError
            If seed or epoch are no ints.
        ValueError
            If they are less than 0, or `state_dict` has other keys. Nothing is taken over then.
        """
        if set(state_dict) != {"seed", "epoch"}:
            raise ValueError(
                f"DataLoader.load_state_dict: the keys are {', '.join(map(repr, state_dict))}; needed "
                "are 'seed' and 'epoch', as state_dict gives them."
            )
        seed = _whole_number("seed", state_dict["seed"], least=0)
        epoch = _whole_number("epoch", state_dict["epoch"], least=0)
        self.seed, self.epoch = seed, epoch

    def __repr__(self) -> str:
        return (
            f"<DataLoader: {len(self)} batches of {self.batch_size} from "
            f"{type(self.dataset).__name__} of {len(self.dataset)} items, "
            f"shuffle={self.shuffle}, drop_last={self.drop_last}, seed={self.seed}, "
            f"epoch={self.epoch}>"
        )


def _read_collated(
    dataset: Dataset, collate_fn: Callable[[list[Any]], Any], rows: slice | np.ndarray
) -> Any:
    return collate_fn(items(dataset, rows))


def _hand_over_an_array(backend: Backend, value: Any) -> Any:
    return backend.asarray(value) if isinstance(value, np.ndarray) else value


def _whole_number(name: str, value: Any, *, least: int) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool | np.bool):
        raise TypeError(
            f"DataLoader: {name} is {value!r}, a {type(value).__name__}; needed is an int."
        )
    if number < least:
        raise ValueError(f"DataLoader: {name} is {number}; needed is at least {least}.")
    return number
