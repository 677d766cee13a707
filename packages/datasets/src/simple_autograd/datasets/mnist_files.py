"""MNIST's files: where they are found, and whether they are what they should be.

Decoding is left to ``idx.py``. The only caller is ``mnist.py``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from .errors import DatasetError
from .idx import read_embedded, read_idx

__all__ = ["load", "set_name"]

_PREFIX = {True: "train", False: "t10k"}
_FOLDERS = ("", "raw", "MNIST", "MNIST/raw")
_SPELLINGS = ("-idx{}-ubyte", ".idx{}-ubyte")
_SUFFIXES = ("", ".gz", ".xz")


def set_name(train: bool) -> str:
    """Give what messages call the training or the test set."""
    return "training set" if train else "test set"


def load(root: Path | None, train: bool, download: bool) -> tuple[np.ndarray, np.ndarray]:
    """Give images (N, 28, 28), uint8, and labels (N,), int64, both read-only.

    Parameters
    ----------
    root
        The folder to look in; None takes the embedded files.
    train
        The training set or the test set.
    download
        True takes the embedded files where `root` holds none.

    Raises
    ------
    FileNotFoundError
        If `root` does not hold both files.
    DatasetError
        If a file is damaged, or holds something else than MNIST's images or labels.
    """
    if root is None:
        return _embedded(train)
    paths = _find(root, _PREFIX[train])
    if paths is None:
        if download:
            return _embedded(train)
        raise FileNotFoundError(_missing(root, train))
    images_path, labels_path = paths
    return _checked(
        read_idx(images_path), str(images_path), read_idx(labels_path), str(labels_path)
    )


@cache
def _embedded(train: bool) -> tuple[np.ndarray, np.ndarray]:
    arrays: list[Any] = []
    for name in (
        f"{_PREFIX[train]}-images-idx3-ubyte.xz",
        f"{_PREFIX[train]}-labels-idx1-ubyte.xz",
    ):
        arrays += [read_embedded(name), f"embedded {name}"]
    return _checked(*arrays)


def _names(prefix: str, content: str, axes: int) -> list[str]:
    return [
        f"{prefix}-{content}{spelling.format(axes)}{suffix}"
        for suffix in _SUFFIXES
        for spelling in _SPELLINGS
    ]


def _find(root: Path, prefix: str) -> tuple[Path, Path] | None:
    """Give the paths of images and labels, both of one folder lest they be of different sets."""
    for folder in _FOLDERS:
        images, labels = (
            next((path for name in names if (path := root / folder / name).is_file()), None)
            for names in (_names(prefix, "images", 3), _names(prefix, "labels", 1))
        )
        if images and labels:
            return images, labels
        if images or labels:
            other = "labels" if images else "images"
            raise FileNotFoundError(
                f"MNIST: {images or labels} is there, but no file of {other} beside it; needed is "
                f"one of {', '.join(_names(prefix, other, 1 if images else 3))} in the same folder."
            )
    return None


def _missing(root: Path, train: bool) -> str:
    state = (
        "" if root.is_dir() else ", which is a file" if root.exists() else ", which does not exist"
    )
    names = [_names(_PREFIX[train], "images", 3), _names(_PREFIX[train], "labels", 1)]
    return (
        f"MNIST: no files of the {set_name(train)} in {root}{state}; looked for "
        f"{' and '.join(spellings[0] + ' or ' + spellings[1] for spellings in names)}, as they are "
        "or with .gz or .xz at the end, in "
        f"{', '.join(str(root / folder) for folder in _FOLDERS)}. Leave root out to use the data "
        "that ships with simple-autograd-datasets."
    )


def _checked(
    images: np.ndarray, images_name: str, labels: np.ndarray, labels_name: str
) -> tuple[np.ndarray, np.ndarray]:
    """Give images and labels, read-only, once they are MNIST's in form."""
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (28, 28):
        hint = " It looks like a file of labels." if images.ndim == 1 else ""
        raise DatasetError(
            f"{images_name}: shape: {images.shape} of {images.dtype}; expected images of shape "
            f"(N, 28, 28) of uint8.{hint}"
        )
    if labels.dtype != np.uint8 or labels.ndim != 1:
        hint = " It looks like a file of images." if labels.ndim == 3 else ""
        raise DatasetError(
            f"{labels_name}: shape: {labels.shape} of {labels.dtype}; expected labels of shape "
            f"(N,) of uint8.{hint}"
        )
    if len(images) != len(labels):
        raise DatasetError(
            f"{labels_name}: number of items: {len(labels)} labels; expected {len(images)}, one "
            f"for each image of {images_name}. Do the two files belong together?"
        )
    if labels.size and labels.max() > 9:
        place = int(np.argmax(labels > 9))
        raise DatasetError(
            f"{labels_name}: label {place}: {labels[place]}; expected 0 to 9. The file is damaged, "
            "or belongs to a dataset of more classes."
        )
    # int64 as in PyTorch: differences of uint8 labels would wrap around without a word.
    targets = labels.astype(np.int64)
    images.flags.writeable = targets.flags.writeable = False
    return images, targets
