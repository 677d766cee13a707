"""Datasets of arrays in memory: ``ArrayDataset`` of images and labels, ``TensorDataset`` of any.

A batch is one gather per array, and each transform is called once with the whole batch. The order
of batches is left to ``loader.py``. ``MNIST``, ``Digits`` and the downloaded datasets are
``ArrayDataset``s that know where their arrays come from. Callers: they and users.
"""

from __future__ import annotations

import operator
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, SupportsIndex

import numpy as np

from .loader import DataLoader
from .reading import Rows, item_numbers, out_of_range

__all__ = ["ArrayDataset", "TensorDataset", "folder"]


class ArrayDataset:
    """Inputs and their targets, in two arrays, with a transform for each.

    The arrays are kept as they are, without a copy. Transforms are applied when items are taken:
    once to a whole batch, not once per item.

    Parameters
    ----------
    data : (N, ...)
        The inputs.
    targets : (N, ...)
        What belongs to each.
    transform
        From some rows of `data` to an array of as many rows; and for ``dataset[i]``, from one row
        to one result.
    target_transform
        The same for `targets`.

    Raises
    ------
    TypeError
        If `data` or `targets` is no array of numbers, or a transform cannot be called.
    ValueError
        If they have different numbers of rows.
    """

    def __init__(
        self,
        data: Any,
        targets: Any,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
    ) -> None:
        name = type(self).__name__
        self.data = _rows_of(data, f"{name}: data")
        self.targets = _rows_of(targets, f"{name}: targets")
        _check_lengths(name, {"data": self.data, "targets": self.targets})
        self._set_transforms(transform, target_transform)

    def _set_train(self, train: bool) -> None:
        if not isinstance(train, bool | np.bool) and train not in (0, 1):
            raise TypeError(
                f"{type(self).__name__}: train is {train!r}; needed is True for the training set, "
                "or False for the test set."
            )
        self.train = bool(train)

    def _set_transforms(
        self,
        transform: Callable[[Any], Any] | None,
        target_transform: Callable[[Any], Any] | None,
        hint: str = "",
    ) -> None:
        for name, function in (("transform", transform), ("target_transform", target_transform)):
            if function is not None and not callable(function):
                raise TypeError(
                    f"{type(self).__name__}: {name} is a {type(function).__name__}; needed is a "
                    f"function of an array, or None.{hint}"
                )
        self.transform = transform
        self.target_transform = target_transform

    @property
    def _what(self) -> str:
        """What error messages call the set of items."""
        return "dataset"

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: SupportsIndex | Rows) -> tuple[Any, Any]:
        """Give one input and its target, or for a slice or an array of numbers, what `take` gives.

        Returns
        -------
        input : a row of `data`, or what `transform` makes of it
        target : a row of `targets`, an int64 as an int, or what `target_transform` makes of it

        Raises
        ------
        IndexError
            If there is no such item.
        """
        try:
            number = operator.index(index)  # type: ignore[arg-type]
        except TypeError:
            if isinstance(index, tuple):
                raise TypeError(
                    f"{type(self).__name__}: the index {index} is a tuple; needed is an int, a "
                    "slice, or an array of item numbers. For pixels, index the images: "
                    f"dataset.data[{str(index)[1:-1]}]."
                ) from None
            return self.take(index)  # type: ignore[arg-type]
        _check_number(number, len(self), type(self).__name__, self._what)
        row: Any = self.data[number]
        target: Any = self.targets[number]
        if isinstance(target, np.int64):
            target = int(target)
        if self.transform is not None:
            row = self.transform(row)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return row, target

    def take(self, indices: Rows) -> tuple[Any, Any]:
        """Gather a batch: one gather of each array, then each transform once.

        This is what ``DataLoader`` calls. A slice gives views, without a copy.

        Parameters
        ----------
        indices
            A slice, item numbers (negative ones count from the end), or a boolean array as long as
            the dataset.

        Returns
        -------
        inputs : (B, ...), or what `transform` makes of them
        targets : (B, ...), or what `target_transform` makes of them

        Raises
        ------
        IndexError
            If there is no such item.
        TypeError
            If `indices` is nothing of the kind.
        ValueError
            If a transform gives another number of rows than it was given.
        """
        name = type(self).__name__
        rows: Any
        targets: Any
        rows, targets = _gather((self.data, self.targets), indices, name)
        if self.transform is not None:
            rows = _transformed(rows, self.transform, f"{name}: transform")
        if self.target_transform is not None:
            targets = _transformed(targets, self.target_transform, f"{name}: target_transform")
        return rows, targets

    def as_batched(self, batch_size: int, drop_last: bool = False) -> DataLoader:
        """Give the batches in order, as ``DataLoader(self, batch_size, drop_last=drop_last)`` does.

        Parameters
        ----------
        batch_size
            How many items a batch has; the last one may have fewer.
        drop_last
            True leaves that last one out.
        """
        return DataLoader(self, batch_size, drop_last=drop_last)

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__}: {len(self)} items, data {self.data.shape[1:]} of "
            f"{self.data.dtype}, targets {self.targets.shape[1:]} of {self.targets.dtype}>"
        )


class TensorDataset:
    """Rows of several arrays, as PyTorch's: item i is the tuple of row i of each.

    Parameters
    ----------
    *tensors : (N, ...) each
        Arrays, kept as they are without a copy; anything else is made one by NumPy.

    Attributes
    ----------
    tensors : tuple of arrays

    Raises
    ------
    TypeError
        If there is none, or one is no array of numbers.
    ValueError
        If they have different numbers of rows.
    """

    def __init__(self, *tensors: Any) -> None:
        if not tensors:
            raise TypeError("TensorDataset: no array was given; needed is at least one.")
        self.tensors = tuple(
            _rows_of(array, f"TensorDataset: argument {place}")
            for place, array in enumerate(tensors)
        )
        _check_lengths(
            "TensorDataset",
            {f"argument {place}": array for place, array in enumerate(self.tensors)},
        )

    def __len__(self) -> int:
        return len(self.tensors[0])

    def __getitem__(self, index: SupportsIndex | Rows) -> tuple[Any, ...]:
        """Give row `index` of each array, or for a slice or numbers, what `take` gives.

        Raises
        ------
        IndexError
            If there is no such item.
        """
        try:
            number = operator.index(index)  # type: ignore[arg-type]
        except TypeError:
            return self.take(index)  # type: ignore[arg-type]
        _check_number(number, len(self), "TensorDataset", "dataset")
        return tuple(array[number] for array in self.tensors)

    def take(self, indices: Rows) -> tuple[np.ndarray, ...]:
        """Gather a batch, one gather per array; a slice gives views.

        Parameters
        ----------
        indices
            A slice, item numbers (negative ones count from the end), or a boolean array as long as
            the dataset.

        Returns
        -------
        tuple of (B, ...)

        Raises
        ------
        IndexError
            If there is no such item.
        TypeError
            If `indices` is nothing of the kind.
        """
        return _gather(self.tensors, indices, "TensorDataset")

    def __repr__(self) -> str:
        fields = ", ".join(f"{array.shape[1:]} of {array.dtype}" for array in self.tensors)
        return f"<TensorDataset: {len(self)} items, {fields}>"


def folder(root: str | os.PathLike[str], name: str) -> Path:
    """Give the path of a dataset's folder; raise a TypeError in its name for what is no path."""
    if not isinstance(root, str | os.PathLike):
        raise TypeError(
            f"{name}: root is a {type(root).__name__}; needed is the path of a folder. Give the "
            "arguments behind it by name."
        )
    return Path(root)


def _rows_of(value: Any, what: str) -> np.ndarray:
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(
            f"{what} is a {type(value).__name__} of which NumPy makes no array ({error}); needed "
            "is an array of numbers, each of whose rows has the same shape."
        ) from error
    if array.ndim == 0 or array.dtype.kind not in "biufc":
        raise TypeError(
            f"{what} is a {type(value).__name__} that NumPy reads as {array.dtype} of shape "
            f"{array.shape}; needed is an array of numbers with at least one axis."
        )
    return array


def _check_lengths(name: str, arrays: dict[str, np.ndarray]) -> None:
    if len({len(array) for array in arrays.values()}) > 1:
        found = ", ".join(f"{key} {len(array)}" for key, array in arrays.items())
        raise ValueError(f"{name}: numbers of rows: {found}; needed is the same number in each.")


def _check_number(number: int, length: int, name: str, what: str) -> None:
    if not -length <= number < length:
        raise out_of_range(name, number, length, what)


def _gather(arrays: tuple[np.ndarray, ...], indices: Rows, name: str) -> tuple[np.ndarray, ...]:
    if isinstance(indices, slice):
        return tuple(array[indices] for array in arrays)
    numbers = item_numbers(indices, len(arrays[0]), name)
    # ndarray.take copies whole rows, which is a fourth faster here than data[numbers].
    return tuple(array.take(numbers, axis=0) for array in arrays)


def _transformed(batch: np.ndarray, transform: Callable[[Any], Any], what: str) -> Any:
    result = transform(batch)
    shape = getattr(result, "shape", None)
    if not shape or shape[0] != len(batch):
        got = f"a {type(result).__name__}" if shape is None else f"an array of shape {tuple(shape)}"
        raise ValueError(
            f"{what} gave {got} for a batch of shape {batch.shape}; needed is an array with "
            f"{len(batch)} rows. It is called once with the whole batch and not once per item."
        )
    return result
