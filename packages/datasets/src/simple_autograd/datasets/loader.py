"""``DataLoader``: from a dataset to batches on a backend, at next to no cost per batch.

A dataset that has a method ``take`` (as ``MNIST`` has) is asked once per batch for all its items:
the batch protocol. ``take`` is given a slice or an array of item numbers, and gives one array, or a
tuple of arrays, with as many rows. Any other dataset, a sequence of items, is asked item by item,
and its items are stacked. What the data is, and how it is transformed, is the dataset's affair.
Callers: users, and ``MNIST.as_batched``.
"""

from __future__ import annotations

import operator
import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from simple_autograd.backends import Backend, get_backend

__all__ = ["DataLoader"]


class Dataset(Protocol):
    """What a DataLoader reads: items by number; a method ``take`` makes it read whole batches."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Any: ...


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

    Attributes
    ----------
    epoch : int
        How many epochs have begun, which is also the number of the next one. May be set.

    Raises
    ------
    TypeError
        If an argument is of the wrong type.
    ValueError
        If `batch_size` is less than 1, or `seed` less than 0.
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
    ) -> None:
        if not (hasattr(dataset, "__len__") and hasattr(dataset, "__getitem__")):
            raise TypeError(
                f"DataLoader: dataset is a {type(dataset).__name__}, which has no length or cannot "
                "be indexed; needed is an object with __len__ and __getitem__. Make a list of an "
                "iterator."
            )
        if backend is not None:
            get_backend(backend)  # A wrong name shall fail here and not in the first epoch.
        self.dataset = dataset
        self.batch_size = _whole_number("batch_size", batch_size, least=1)
        self.shuffle = bool(shuffle)
        self.drop_last = bool(drop_last)
        self.seed = secrets.randbits(63) if seed is None else _whole_number("seed", seed, least=0)
        self.backend = backend
        self.epoch = 0

    def __len__(self) -> int:
        """Give the number of batches in an epoch."""
        length = len(self.dataset)
        return length // self.batch_size if self.drop_last else -(-length // self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        """Begin an epoch.

        Yields
        ------
        An array, or a tuple of arrays, of the backend; of `batch_size` rows each, or fewer in the
        last batch.
        """
        order = None
        if self.shuffle:
            rng = np.random.default_rng([self.seed, self.epoch])
            order = rng.permutation(len(self.dataset))
        # Here and not in the generator below, whose first line runs only at the first batch.
        self.epoch += 1
        return self._batches(order, get_backend(self.backend))

    def _batches(self, order: np.ndarray | None, backend: Backend) -> Iterator[Any]:
        read, asarray = _reader(self.dataset), backend.asarray
        length, size = len(self.dataset), self.batch_size
        for start in range(0, len(self) * size, size):
            stop = min(start + size, length)
            batch = read(slice(start, stop) if order is None else order[start:stop])
            if isinstance(batch, tuple | list):
                yield tuple([asarray(field) for field in batch])
            else:
                yield asarray(batch)

    def __repr__(self) -> str:
        return (
            f"<DataLoader: {len(self)} batches of {self.batch_size} from "
            f"{type(self.dataset).__name__} of {len(self.dataset)} items, "
            f"shuffle={self.shuffle}, drop_last={self.drop_last}, seed={self.seed}, "
            f"epoch={self.epoch}>"
        )


def _reader(dataset: Any) -> Callable[[Any], Any]:
    """Give the fastest way to read a batch, by a slice or an array of item numbers."""
    if isinstance(dataset, np.ndarray):
        return dataset.__getitem__
    # An array of another library has a `take`, which means something else: it is read by items.
    if callable(getattr(dataset, "take", None)) and not hasattr(dataset, "ndim"):
        return dataset.take

    def read_items(rows: slice | np.ndarray) -> Any:
        numbers = range(rows.start, rows.stop) if isinstance(rows, slice) else rows.tolist()
        return _collate([dataset[number] for number in numbers])

    return read_items


def _collate(items: list[Any]) -> Any:
    """Stack items: arrays and numbers to one array, tuples of them to a tuple of arrays."""
    if not isinstance(items[0], tuple | list):
        return _stack(items, "items")
    widths = {len(item) if isinstance(item, tuple | list) else 0 for item in items}
    if len(widths) > 1:
        raise ValueError(
            f"DataLoader: the items of a batch have {' or '.join(map(str, sorted(widths)))} "
            "fields; needed is the same number in each."
        )
    return tuple(
        _stack(column, f"field {number} of the items")
        for number, column in enumerate(zip(*items, strict=True))
    )


def _stack(column: Sequence[Any], what: str) -> np.ndarray:
    arrays = [np.asarray(value) for value in column]
    shapes = {array.shape for array in arrays}
    if len(shapes) > 1:
        raise ValueError(
            f"DataLoader: {what} of a batch have the shapes {', '.join(map(str, sorted(shapes)))}; "
            f"needed is one shape, to stack them. Pad or crop them in the dataset."
        )
    batch = np.stack(arrays)
    if batch.dtype.kind not in "biufc":
        raise TypeError(
            f"DataLoader: {what} of a batch are of type {type(column[0]).__name__}; needed are "
            f"arrays, numbers, or tuples of them. Turn them into numbers in the dataset."
        )
    return batch


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
