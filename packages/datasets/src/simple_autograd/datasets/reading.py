"""Reading several items of a dataset at once: by its method ``take``, or item by item and stacked.

What item numbers may look like, and how items become a batch. Which items, and in which order, is
left to the callers: the datasets made of arrays or of other datasets, and ``DataLoader``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol, TypeAlias

import numpy as np

__all__ = [
    "Dataset",
    "Rows",
    "absolute",
    "batch_reader",
    "check_dataset",
    "collate",
    "item_numbers",
    "items",
    "out_of_range",
    "reader",
]

Rows: TypeAlias = slice | np.ndarray | Sequence[int]
"""Some items of a dataset: a slice, their numbers, or a boolean array as long as the dataset."""


class Dataset(Protocol):
    """What is read here: items by number; a method ``take`` makes it give whole batches."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Any: ...


def check_dataset(dataset: Any, caller: str) -> None:
    """Raise a TypeError in the name of `caller` unless `dataset` has a length and items."""
    if isinstance(dataset, type):
        fault = f"the class {dataset.__name__}, and not an object of it"
    elif isinstance(dataset, Mapping):
        fault = f"a {type(dataset).__name__}, whose keys are not the numbers of items"
    elif not (hasattr(dataset, "__len__") and hasattr(dataset, "__getitem__")) or (
        getattr(dataset, "shape", None) == ()
    ):
        fault = f"a {type(dataset).__name__}, which has no length or cannot be indexed"
    else:
        return
    raise TypeError(
        f"{caller}: dataset is {fault}; needed is an object with __len__ and __getitem__. Make a "
        "list of an iterator."
    )


def out_of_range(caller: str, number: int, length: int, what: str = "dataset") -> IndexError:
    """Give the error that a set of `length` items, which messages call `what`, has no item `number`."""
    items = f"{length} items, 0 to {length - 1}" if length else "no items"
    return IndexError(f"{caller}: the index {number} is out of range; the {what} has {items}.")


def item_numbers(indices: Any, length: int, caller: str) -> np.ndarray:
    """Give the numbers of the items that `indices` means, as an array that ``take`` takes.

    Parameters
    ----------
    indices
        A slice, numbers in one dimension (negative ones count from the end, and stay negative),
        or a boolean array.
    length
        How many items there are.
    caller
        What error messages call the dataset.

    Returns
    -------
    (N,), an integer dtype

    Raises
    ------
    IndexError
        If a boolean array is not as long as the dataset.
    TypeError
        If `indices` is nothing of the kind.
    """
    if isinstance(indices, slice):
        return np.arange(length)[indices]
    numbers = np.asarray(indices)
    if numbers.ndim == 1:
        if numbers.dtype.kind in "iu":
            return numbers
        if numbers.size == 0:
            return numbers.astype(np.intp)  # An empty list becomes float64.
        if numbers.dtype.kind == "b":
            if len(numbers) == length:
                return np.flatnonzero(numbers)
            raise IndexError(
                f"{caller}: the boolean index has length {len(numbers)}; needed is one value for "
                f"each of the {length} items."
            )
    raise TypeError(
        f"{caller}: the index is a {type(indices).__name__} that NumPy reads as {numbers.dtype} of "
        f"shape {numbers.shape}; needed is an int, a slice, or item numbers in one dimension."
    )


def absolute(numbers: np.ndarray, length: int, caller: str) -> np.ndarray:
    """Count negative numbers from the end, and refuse those that are out of range."""
    numbers = numbers.astype(np.int64)
    wrong = (numbers < -length) | (numbers >= length)
    if wrong.any():
        raise out_of_range(caller, int(numbers[wrong][0]), length)
    return np.where(numbers < 0, numbers + length, numbers)


def reader(dataset: Any) -> Callable[[Any], Any]:
    """Give the fastest way to read a batch, by a slice or an array of item numbers."""
    if isinstance(dataset, np.ndarray):
        return dataset.__getitem__
    # An array of another library has a `take`, which means something else: it is read by items.
    if callable(getattr(dataset, "take", None)) and not hasattr(dataset, "ndim"):
        return partial(_taken, dataset)
    return lambda rows: collate(items(dataset, rows))


def _taken(dataset: Any, rows: Any) -> Any:
    batch = dataset.take(rows)
    for field in batch if isinstance(batch, tuple | list) else (batch,):
        array = field if hasattr(field, "dtype") else np.asarray(field)
        if isinstance(array, np.ndarray) and array.dtype.kind not in "biufc":
            raise TypeError(
                f"{type(dataset).__name__}: take gave a {type(field).__name__} in a batch, which "
                f"NumPy reads as {array.dtype} of shape {array.shape}; needed are arrays of numbers, "
                "or a tuple of them."
            )
    return batch


def batch_reader(
    dataset: Any, collate_fn: Callable[[list[Any]], Any] | None
) -> Callable[[Any], Any]:
    """Give the way to read a batch: `reader`, or by items of which `collate_fn` makes a batch."""
    if collate_fn is None:
        return reader(dataset)
    return lambda rows: collate_fn(items(dataset, rows))


def items(dataset: Any, rows: slice | np.ndarray) -> list[Any]:
    """Read items one by one, by a slice or an array of item numbers."""
    numbers = range(len(dataset))[rows] if isinstance(rows, slice) else rows.tolist()
    return [dataset[number] for number in numbers]


def collate(items: list[Any]) -> Any:
    """Stack items: arrays and numbers to one array, tuples of them to a tuple of arrays."""
    if not items:
        raise ValueError(
            "DataLoader: a batch of no items was asked for; needed is at least one, to see what "
            "the items are. Give the dataset a method take."
        )
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
    first = column[0]
    if isinstance(first, tuple | list) and any(isinstance(part, np.ndarray) for part in first):
        raise TypeError(
            f"DataLoader: {what} of a batch are of type {type(first).__name__}, with arrays in it; "
            "needed are arrays or numbers. Make those arrays fields of the items themselves, or give "
            "collate_fn."
        )
    try:
        arrays = [np.asarray(value) for value in column]
    except ValueError as error:
        raise ValueError(
            f"DataLoader: {what} of a batch are of type {type(first).__name__}, of which NumPy "
            f"makes no arrays ({error}); needed are arrays, numbers, or tuples of them. Give "
            "collate_fn for others."
        ) from error
    shapes = {array.shape for array in arrays}
    if len(shapes) > 1:
        raise ValueError(
            f"DataLoader: {what} of a batch have the shapes {', '.join(map(str, sorted(shapes)))}; "
            "needed is one shape, to stack them. Pad or crop them in the dataset; of whole arrays "
            "make a TensorDataset."
        )
    batch = np.stack(arrays)
    if batch.dtype.kind not in "biufc":
        raise TypeError(
            f"DataLoader: {what} of a batch are of type {type(first).__name__}; needed are "
            f"arrays, numbers, or tuples of them. Turn them into numbers in the dataset."
        )
    return batch
