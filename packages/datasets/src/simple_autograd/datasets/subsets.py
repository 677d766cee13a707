"""Datasets made of datasets: a part of one, several in a row, and the random split into parts.

Nothing is copied: the parts are read from the datasets they are made of, a batch at a time.
Callers: users.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Sequence
from typing import Any, SupportsIndex

import numpy as np

from .epochs import new_generator
from .reading import Dataset, Rows, absolute, check_dataset, item_numbers, reader

__all__ = ["ConcatDataset", "Subset", "random_split"]


class Subset:
    """Some items of a dataset, in an order of their own.

    Parameters
    ----------
    dataset
        Where they are read, by its ``take`` if it has one.
    indices : (N,), integers
        Their numbers there, in the order of the subset; negative ones count from the end. Or a
        slice, or a boolean array as long as the dataset.

    Attributes
    ----------
    indices : (N,), int64
        Their numbers, none negative.

    Raises
    ------
    IndexError
        If `dataset` has no such item.
    TypeError
        If `dataset` has no items, or `indices` is nothing of the kind.
    """

    def __init__(self, dataset: Dataset, indices: Rows) -> None:
        check_dataset(dataset, "Subset")
        length = len(dataset)
        self.dataset = dataset
        self.indices = absolute(item_numbers(indices, length, "Subset"), length, "Subset")

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: SupportsIndex | Rows) -> Any:
        """Give an item as the dataset gives it, or for a slice or numbers, what `take` gives."""
        try:
            number = operator.index(index)  # type: ignore[arg-type]
        except TypeError:
            return self.take(index)  # type: ignore[arg-type]
        (place,) = absolute(np.array([number]), len(self), "Subset")
        return self.dataset[int(self.indices[place])]

    def take(self, indices: Rows) -> Any:
        """Gather a batch: one ``take`` of the dataset, or its items stacked.

        Parameters
        ----------
        indices
            A slice, item numbers, or a boolean array as long as the subset.
        """
        numbers = absolute(item_numbers(indices, len(self), "Subset"), len(self), "Subset")
        return reader(self.dataset)(self.indices[numbers])

    def __repr__(self) -> str:
        return f"<Subset: {len(self)} of {len(self.dataset)} items of {self.dataset!r}>"


class ConcatDataset:
    """Several datasets as one, the items of each behind those of the one before.

    Parameters
    ----------
    datasets
        At least one. What their items are must agree: the same number of fields, and rows of the
        same shapes.

    Attributes
    ----------
    datasets : list
    cumulative_sizes : list of int
        How many items there are up to the end of each.

    Raises
    ------
    TypeError
        If one of them has no items.
    ValueError
        If there is none.
    """

    def __init__(self, datasets: Iterable[Dataset]) -> None:
        if not isinstance(datasets, Iterable):
            raise TypeError(
                f"ConcatDataset: datasets is a {type(datasets).__name__}; needed is a list of "
                "datasets."
            )
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("ConcatDataset: datasets is empty; needed is at least one.")
        for dataset in self.datasets:
            check_dataset(dataset, "ConcatDataset")
        self.cumulative_sizes: list[int] = np.cumsum([len(part) for part in self.datasets]).tolist()

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: SupportsIndex | Rows) -> Any:
        """Give an item as its dataset gives it, or for a slice or numbers, what `take` gives."""
        try:
            number = operator.index(index)  # type: ignore[arg-type]
        except TypeError:
            return self.take(index)  # type: ignore[arg-type]
        (place,) = absolute(np.array([number]), len(self), "ConcatDataset").tolist()
        part = int(np.searchsorted(self.cumulative_sizes, place, side="right"))
        return self.datasets[part][place - self._start(part)]

    def take(self, indices: Rows) -> Any:
        """Gather a batch: one read of each dataset that has items in it.

        Parameters
        ----------
        indices
            A slice, item numbers, or a boolean array as long as the dataset.

        Raises
        ------
        ValueError
            If the datasets' items do not agree.
        """
        name = "ConcatDataset"
        numbers = absolute(item_numbers(indices, len(self), name), len(self), name)
        parts = np.searchsorted(self.cumulative_sizes, numbers, side="right")
        used = np.unique(parts).tolist() or [0]
        batches = [
            reader(self.datasets[part])(numbers[parts == part] - self._start(part)) for part in used
        ]
        if len(used) == 1:
            return batches[0]
        # The pieces stand one behind the other; row i of the batch is row back[i] of them.
        back = np.empty(len(numbers), np.intp)
        back[np.argsort(parts, kind="stable")] = np.arange(len(numbers))
        if all(isinstance(batch, tuple | list) for batch in batches) and (
            len({len(batch) for batch in batches}) == 1
        ):
            return tuple(
                _joined(pieces, back, f"field {place} of the items")
                for place, pieces in enumerate(zip(*batches, strict=True))
            )
        return _joined(batches, back, "items")

    def _start(self, part: int) -> int:
        return self.cumulative_sizes[part - 1] if part else 0

    def __repr__(self) -> str:
        return f"<ConcatDataset: {len(self)} items of {len(self.datasets)} datasets>"


def random_split(
    dataset: Dataset,
    lengths: Sequence[int | float],
    generator: np.random.Generator | int | None = None,
) -> list[Subset]:
    """Split a dataset at random into parts that have no item in common.

    Parameters
    ----------
    dataset
        What to split.
    lengths
        How many items each part has, the whole dataset in all; or fractions that sum to 1, of which
        each gives ``floor(fraction * N)`` items, and what is left over goes to the parts one by
        one, as in PyTorch.
    generator
        A NumPy generator, or a seed of a new one. None draws from the operating system.

    Returns
    -------
    list of Subset

    Raises
    ------
    TypeError
        If `dataset` has no items, or `lengths` are no numbers.
    ValueError
        If `lengths` do not sum to the dataset's length, or fractions not to 1.
    """
    check_dataset(dataset, "random_split")
    total = len(dataset)
    sizes = _sizes(lengths, total)
    order = new_generator("random_split", generator).permutation(total)
    return [Subset(dataset, part) for part in np.split(order, np.cumsum(sizes)[:-1])]


def _sizes(lengths: Sequence[int | float], total: int) -> list[int]:
    if np.asarray(lengths).dtype.kind not in "iuf" or np.ndim(lengths) != 1:
        raise TypeError(
            f"random_split: lengths is {lengths!r}; needed is a list of lengths or fractions."
        )
    if not len(lengths) or min(lengths) < 0:
        raise ValueError(
            f"random_split: lengths is {lengths!r}; needed is at least one, none negative."
        )
    sizes = [int(length) for length in lengths if not isinstance(length, float | np.floating)]
    if len(sizes) == len(lengths):
        if sum(sizes) != total:
            raise ValueError(
                f"random_split: lengths {sizes} sum to {sum(sizes)}; needed is the length of the "
                f"dataset, {total}, or fractions that sum to 1."
            )
        return sizes
    if not math.isclose(sum(lengths), 1.0):
        raise ValueError(
            f"random_split: the fractions {list(lengths)} sum to {sum(lengths)}; needed is 1."
        )
    sizes = [math.floor(total * fraction) for fraction in lengths]
    for place in range(total - sum(sizes)):
        sizes[place % len(sizes)] += 1
    return sizes


def _joined(pieces: Sequence[Any], back: np.ndarray, what: str) -> np.ndarray:
    if not all(isinstance(piece, np.ndarray) for piece in pieces):
        kinds = ", ".join(type(piece).__name__ for piece in pieces)
        raise ValueError(
            f"ConcatDataset: {what} come as {kinds}; needed are NumPy arrays, or tuples of as many "
            "fields, from every dataset."
        )
    shapes = {piece.shape[1:] for piece in pieces}
    if len(shapes) > 1:
        raise ValueError(
            f"ConcatDataset: {what} have the shapes {', '.join(map(str, sorted(shapes)))}; needed "
            "is one shape. Give the datasets transforms that make them agree."
        )
    return np.concatenate(pieces).take(back, axis=0)
