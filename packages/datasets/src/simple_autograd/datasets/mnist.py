"""MNIST: the 70,000 handwritten digits that ship inside this package, or a user's own files.

Access by item and by batch, with the transforms, is that of every ``ArrayDataset``. Finding and
checking the files is left to ``mnist_files.py``. Callers: users.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from .arrays import ArrayDataset, folder
from .mnist_files import load, set_name

__all__ = ["MNIST"]


class MNIST(ArrayDataset):
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
        self._set_transforms(
            transform,
            target_transform,
            " The order is (root, train, transform, target_transform, download); give download by "
            "name.",
        )
        self.root = root
        self._set_train(train)
        path = None if root is None else folder(root, "MNIST")
        self.data, self.targets = load(path, self.train, download)

    @property
    def _what(self) -> str:
        return set_name(self.train)

    def __repr__(self) -> str:
        place = "embedded" if self.root is None else os.fspath(self.root)
        return f"<MNIST: {set_name(self.train)}, {len(self)} items, {place}>"
