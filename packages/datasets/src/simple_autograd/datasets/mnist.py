"""MNIST: the 70,000 handwritten digits that ship inside this package, or a user's own files.

The dataset: access by item and by batch, with the transforms. Finding and checking the files is
left to ``mnist_files.py``, the order of batches to ``loader.py``. Callers: users.
"""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, SupportsIndex, TypeAlias

import numpy as np

from .loader import DataLoader
from .mnist_files import load, set_name

__all__ = ["MNIST"]

Rows: TypeAlias = slice | np.ndarray | Sequence[int]
"""Some items of a dataset: a slice, their numbers, or a boolean array as long as the dataset."""


class MNIST:
    """The MNIST handwritten digits, with torchvision's names and order of arguments.

    The images stay uint8 in memory, and the embedded ones are decoded once per process, however
    many datasets share them. Transforms are applied when items are taken: once to a whole batch,
    not once per image.

    Parameters
    ----------
    root
        None takes the embedded files. A folder: the user's own IDX files in it, plain or compressed
        with gzip or xz, looked for there and in its subfolders ``raw``, ``MNIST`` and
        ``MNIST/raw``, under the names ``train-images-idx3-ubyte`` or ``train-images.idx3-ubyte``
        and so on.
    train
        True for the 60,000 training images, False for the 10,000 test images.
    transform
        From images to what the model takes: an array of shape (N, 28, 28), uint8, to an array of N
        rows; and for ``dataset[i]``, one image (28, 28) to one result.
    target_transform
        From labels (N,), int64, to an array of N rows; and for ``dataset[i]``, from an int.
    download
        Nothing is ever downloaded, since the data is embedded. True says that the embedded files
        may stand in when `root` holds none, so that programs written for a download run. Nothing is
        written to `root`.
    data_root
        An older name of `root`.

    Attributes
    ----------
    data : (N, 28, 28), uint8
        The images, grey values 0–255; not writeable, for datasets share them.
    targets : (N,), int64
        The labels, 0–9; not writeable.
    classes
        The ten classes' names.

    Raises
    ------
    FileNotFoundError
        If `root` does not hold both files.
    DatasetError
        If a file is damaged, or holds something else than MNIST's images or labels.
    """

    classes: ClassVar[list[str]] = [
        "0 - zero",
        "1 - one",
        "2 - two",
        "3 - three",
        "4 - four",
        "5 - five",
        "6 - six",
        "7 - seven",
        "8 - eight",
        "9 - nine",
    ]

    def __init__(
        self,
        root: str | os.PathLike[str] | None = None,
        train: bool = True,
        transform: Callable[[np.ndarray], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        download: bool = False,
        *,
        data_root: str | os.PathLike[str] | None = None,
    ) -> None:
        if data_root is not None:
            if root is not None:
                raise TypeError(
                    f"MNIST: root={root!r} and data_root={data_root!r} are two names of one "
                    f"argument; needed is one of them. Give root."
                )
            root = data_root
        for name, function in (("transform", transform), ("target_transform", target_transform)):
            if function is not None and not callable(function):
                raise TypeError(
                    f"MNIST: {name} is a {type(function).__name__}; needed is a function of an "
                    "array, or None. The order is (root, train, transform, target_transform, "
                    "download); give download by name."
                )
        self.root = root
        self.train = bool(train)
        self.transform = transform
        self.target_transform = target_transform
        self.data, self.targets = load(root, self.train, download)

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: SupportsIndex | Rows) -> tuple[Any, Any]:
        """Give one image and its label, or for a slice or an array of numbers, what `take` gives.

        Returns
        -------
        image : (28, 28), uint8, or what `transform` makes of it
        label : int, or what `target_transform` makes of it

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
                    f"MNIST: the index {index} is a tuple; needed is an int, a slice, or an array "
                    "of item numbers. For pixels, index the images: "
                    f"dataset.data[{str(index)[1:-1]}]."
                ) from None
            return self.take(index)  # type: ignore[arg-type]
        length = len(self)
        if not -length <= number < length:
            raise IndexError(
                f"MNIST: the index {number} is out of range; the {set_name(self.train)} has "
                f"{length} items, 0 to {length - 1}."
            )
        image: Any = self.data[number]
        label: Any = int(self.targets[number])
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            label = self.target_transform(label)
        return image, label

    def take(self, indices: Rows) -> tuple[Any, Any]:
        """Gather a batch: one gather of the images, one of the labels, then each transform once.

        This is what ``DataLoader`` calls. A slice gives views, without a copy.

        Parameters
        ----------
        indices
            A slice, item numbers (negative ones count from the end), or a boolean array as long as
            the dataset.

        Returns
        -------
        images : (N, 28, 28), uint8, or what `transform` makes of them
        labels : (N,), int64, or what `target_transform` makes of them

        Raises
        ------
        IndexError
            If there is no such item.
        TypeError
            If `indices` is nothing of the kind.
        ValueError
            If a transform gives another number of rows than it was given.
        """
        images: Any
        labels: Any
        if isinstance(indices, slice):
            images, labels = self.data[indices], self.targets[indices]
        else:
            numbers = _item_numbers(indices, len(self))
            # ndarray.take copies whole rows, which is a fourth faster here than data[numbers].
            images, labels = self.data.take(numbers, axis=0), self.targets.take(numbers)
        if self.transform is not None:
            images = _transformed(images, self.transform, "transform")
        if self.target_transform is not None:
            labels = _transformed(labels, self.target_transform, "target_transform")
        return images, labels

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
        place = "embedded" if self.root is None else os.fspath(self.root)
        return f"<MNIST: {set_name(self.train)}, {len(self)} items, {place}>"


def _item_numbers(indices: Any, length: int) -> np.ndarray:
    """Give the item numbers that `indices` means, as an array that `take` takes."""
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
                f"MNIST: the boolean index has length {len(numbers)}; needed is one value for each "
                f"of the {length} items."
            )
    raise TypeError(
        f"MNIST: the index is a {type(indices).__name__} that NumPy reads as {numbers.dtype} of "
        f"shape {numbers.shape}; needed is an int, a slice, or item numbers in one dimension."
    )


def _transformed(batch: np.ndarray, transform: Callable[[Any], Any], name: str) -> Any:
    result = transform(batch)
    shape = getattr(result, "shape", None)
    if not shape or shape[0] != len(batch):
        got = f"a {type(result).__name__}" if shape is None else f"an array of shape {tuple(shape)}"
        raise ValueError(
            f"MNIST: {name} gave {got} for a batch of shape {batch.shape}; needed is an array with "
            f"{len(batch)} rows. It is called once with the whole batch and not once per item."
        )
    return result
