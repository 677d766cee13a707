"""Datasets that are downloaded: the relatives of MNIST, and CIFAR.

Each says where its files are, their SHA-256, and how their bytes become images and labels; names
and arguments are torchvision's. Fetching and unpacking is left to ``download.py``, access to the
items to ``arrays.py``. Callers: users.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from .arrays import ArrayDataset, folder
from .download import fetch, read_members
from .errors import DatasetError
from .idx import decode_idx, read_idx

__all__ = ["CIFAR10", "CIFAR100", "EMNIST", "KMNIST", "QMNIST", "FashionMNIST"]

_PIXELS = 3 * 32 * 32


class _Downloaded(ArrayDataset):
    """What the downloaded datasets share: where files lie, and getting those that are missing.

    A file is looked for in ``root/<name of the class>/raw``, where torchvision keeps it too.
    """

    mirrors: ClassVar[tuple[str, ...]]
    sha256: ClassVar[Mapping[str, str]]

    def __init__(
        self,
        root: str | os.PathLike[str],
        train: bool = True,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        download: bool = False,
    ) -> None:
        self._set_transforms(transform, target_transform)
        self.root = folder(root, type(self).__name__)
        self._set_train(train)
        if download:
            for name in self._names():
                fetch(type(self).__name__, self._path(name), self.sha256[name], self.mirrors)
        missing = [name for name in self._names() if not self._path(name).is_file()]
        if missing:
            raise FileNotFoundError(
                f"{type(self).__name__}: {', '.join(missing)} not in {self._folder()}. Give "
                "download=True, or put there what you have downloaded."
            )
        self.data, self.targets = self._load()
        self.data.flags.writeable = self.targets.flags.writeable = False

    def _folder(self) -> Path:
        return self.root / type(self).__name__ / "raw"

    def _path(self, name: str) -> Path:
        return self._folder() / name

    def _names(self) -> list[str]:
        """Name the files of this training or test set."""
        return list(self.sha256)

    def _load(self) -> tuple[np.ndarray, np.ndarray]:
        """Give images, uint8, and labels (N,), int64."""
        raise NotImplementedError

    @property
    def _what(self) -> str:
        return "training set" if self.train else "test set"

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._what}, {len(self)} items, {self.root}>"


class _LikeMNIST(_Downloaded):
    """Four IDX files under MNIST's names."""

    classes: ClassVar[list[str]]

    def _names(self) -> list[str]:
        prefix = "train" if self.train else "t10k"
        return [f"{prefix}-images-idx3-ubyte.gz", f"{prefix}-labels-idx1-ubyte.gz"]

    def _load(self) -> tuple[np.ndarray, np.ndarray]:
        images, labels = (read_idx(self._path(name)) for name in self._names())
        return _checked(self._folder(), images, labels, len(self.classes))


class FashionMNIST(_LikeMNIST):
    """Zalando's articles of clothing, 60,000 and 10,000 grey images of 28×28 in ten classes.

    Parameters
    ----------
    root
        The folder in whose subfolder ``FashionMNIST/raw`` the files lie, or are downloaded to.
    train
        True for the training images, False for the test images.
    transform
        From images to what the model takes: an array of shape (N, 28, 28), uint8, to one of N rows.
    target_transform
        From labels (N,), int64, to an array of N rows.
    download
        True fetches what is not in `root` yet, or has another SHA-256 than it should.

    Raises
    ------
    FileNotFoundError
        If a file is not there, and `download` is False.
    ConnectionError
        If it cannot be downloaded.
    DatasetError
        If a file is damaged.
    ImportError
        If `download` is True and pooch is not installed.
    """

    mirrors = (
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion",
    )
    sha256: ClassVar[Mapping[str, str]] = {
        "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    }
    classes: ClassVar[list[str]] = [
        *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
        *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    ]


class KMNIST(_LikeMNIST):
    """Cursive Japanese characters, 60,000 and 10,000 grey images of 28×28 in ten classes.

    Parameters and errors are those of ``FashionMNIST``; the files lie in ``root/KMNIST/raw``.
    """

    mirrors = ("http://codh.rois.ac.jp/kmnist/dataset/kmnist",)
    sha256: ClassVar[Mapping[str, str]] = {
        "train-images-idx3-ubyte.gz": "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
        "train-labels-idx1-ubyte.gz": "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
        "t10k-images-idx3-ubyte.gz": "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
        "t10k-labels-idx1-ubyte.gz": "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
    }
    classes: ClassVar[list[str]] = ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"]


class QMNIST(_Downloaded):
    """MNIST with its test set of 60,000 images whole again; 28×28, ten classes.

    Parameters and errors are those of ``FashionMNIST``; the files lie in ``root/QMNIST/raw``. The
    labels are the digits; what else the label files hold (writers, origins) is left out.
    """

    mirrors = ("https://raw.githubusercontent.com/facebookresearch/qmnist/master",)
    sha256: ClassVar[Mapping[str, str]] = {
        "qmnist-train-images-idx3-ubyte.gz": "9e26a7bf1683614e065d7b76460ccd52807165b3f22561fb782bd9f38c52b51d",
        "qmnist-train-labels-idx2-int.gz": "2c05dc77f6b916b38e455e97ab129a42a444f3dbef09b278a366f82904e0dd9f",
        "qmnist-test-images-idx3-ubyte.gz": "43fc22bf7498b8fc98de98369d72f752d0deabc280a43a7bcc364ab19e57b375",
        "qmnist-test-labels-idx2-int.gz": "9fbcbe594c3766fdf4f0b15c5165dc0d1e57ac604e01422608bb72c906030d06",
    }
    classes: ClassVar[list[str]] = [str(digit) for digit in range(10)]

    def _names(self) -> list[str]:
        prefix = "qmnist-train" if self.train else "qmnist-test"
        return [f"{prefix}-images-idx3-ubyte.gz", f"{prefix}-labels-idx2-int.gz"]

    def _load(self) -> tuple[np.ndarray, np.ndarray]:
        images, labels = (read_idx(self._path(name)) for name in self._names())
        digits = labels[:, 0] if labels.ndim == 2 and labels.shape[1] else labels
        return _checked(self._folder(), images, digits, len(self.classes))


class EMNIST(_Downloaded):
    """Handwritten digits and letters in six splits, grey images of 28×28.

    The images are as in the files and in torchvision, rows and columns exchanged: a transform
    ``lambda images: images.swapaxes(-1, -2)`` sets them upright. All splits are one download.

    Parameters
    ----------
    root
        The folder in whose subfolder ``EMNIST/raw`` the file ``gzip.zip`` lies, or is downloaded to.
    split
        "byclass" (62 classes), "bymerge" or "balanced" (47), "letters" (26, whose labels are 1 to
        26), "digits" or "mnist" (10).
    train, transform, target_transform, download
        As in ``FashionMNIST``, and so are the errors.
    """

    mirrors = (
        "https://biometrics.nist.gov/cs_links/EMNIST",
        "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST",
    )
    sha256: ClassVar[Mapping[str, str]] = {
        "gzip.zip": "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e"
    }
    # How many labels there are, counted from 0; "letters" leaves 0 out.
    splits: ClassVar[Mapping[str, int]] = {
        "byclass": 62,
        "bymerge": 47,
        "balanced": 47,
        "letters": 27,
        "digits": 10,
        "mnist": 10,
    }

    def __init__(
        self,
        root: str | os.PathLike[str],
        split: str,
        train: bool = True,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        download: bool = False,
    ) -> None:
        if not isinstance(split, str) or split not in self.splits:
            raise ValueError(
                f"EMNIST: split is {split!r}; needed is one of {', '.join(self.splits)}."
            )
        self.split = split
        super().__init__(root, train, transform, target_transform, download)

    def _load(self) -> tuple[np.ndarray, np.ndarray]:
        archive = self._path("gzip.zip")
        prefix = f"gzip/emnist-{self.split}-{'train' if self.train else 'test'}"
        names = [f"{prefix}-images-idx3-ubyte.gz", f"{prefix}-labels-idx1-ubyte.gz"]
        images, labels = (
            decode_idx(content, name=f"{archive}: {name}")
            for name, content in zip(names, read_members(archive, names), strict=True)
        )
        return _checked(archive, images, labels, self.splits[self.split])


class CIFAR10(_Downloaded):
    """Photographs of ten kinds of things, 50,000 and 10,000 colour images of 32×32.

    Parameters and errors are those of ``FashionMNIST``; the file lies in ``root/CIFAR10/raw``. It
    is the binary version, not torchvision's, which needs pickle. Images are (N, 3, 32, 32), uint8:
    channels first.
    """

    mirrors = ("https://www.cs.toronto.edu/~kriz",)
    sha256: ClassVar[Mapping[str, str]] = {
        "cifar-10-binary.tar.gz": "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
    }
    classes: ClassVar[list[str]] = [
        *("airplane", "automobile", "bird", "cat", "deer"),
        *("dog", "frog", "horse", "ship", "truck"),
    ]

    def _load(self) -> tuple[np.ndarray, np.ndarray]:
        (archive,) = (self._path(name) for name in self._names())
        batches = (
            [f"data_batch_{number}" for number in range(1, 6)] if self.train else ["test_batch"]
        )
        names = [f"cifar-10-batches-bin/{batch}.bin" for batch in batches]
        return _cifar(archive, read_members(archive, names), labels=1, classes=len(self.classes))


class CIFAR100(_Downloaded):
    """Photographs of a hundred kinds of things, 50,000 and 10,000 colour images of 32×32.

    Parameters and errors are those of ``FashionMNIST``; the file lies in ``root/CIFAR100/raw``. It
    is the binary version, not torchvision's, which needs pickle. Images are (N, 3, 32, 32), uint8:
    channels first. The labels are the hundred fine ones.
    """

    mirrors = ("https://www.cs.toronto.edu/~kriz",)
    sha256: ClassVar[Mapping[str, str]] = {
        "cifar-100-binary.tar.gz": "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec"
    }

    def _load(self) -> tuple[np.ndarray, np.ndarray]:
        (archive,) = (self._path(name) for name in self._names())
        names = [f"cifar-100-binary/{'train' if self.train else 'test'}.bin"]
        return _cifar(archive, read_members(archive, names), labels=2, classes=100)


def _cifar(
    archive: Path, contents: list[bytes], *, labels: int, classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Decode rows of `labels` labels, of which the last counts, and one image."""
    content = b"".join(contents)
    width = labels + _PIXELS
    if len(content) % width:
        raise DatasetError(
            f"{archive}: images: {len(content)} bytes; expected a multiple of {width}, for {labels} "
            f"label and {_PIXELS} pixels each. Delete the file and download it again."
        )
    rows = np.frombuffer(content, np.uint8).reshape(-1, width)
    images = rows[:, labels:].reshape(-1, 3, 32, 32).copy()
    return images, _labels(archive, rows[:, labels - 1], classes)


def _checked(
    place: Path, images: np.ndarray, labels: np.ndarray, classes: int
) -> tuple[np.ndarray, np.ndarray]:
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (28, 28):
        raise DatasetError(
            f"{place}: images: shape {images.shape} of {images.dtype}; expected (N, 28, 28) of "
            "uint8. Download the files again."
        )
    if labels.ndim != 1 or labels.dtype.kind not in "iu" or len(labels) != len(images):
        raise DatasetError(
            f"{place}: labels: shape {labels.shape} of {labels.dtype}; expected ({len(images)},) of "
            "integers, one for each image. Download the files again."
        )
    return images, _labels(place, labels, classes)


def _labels(place: Path, labels: np.ndarray, classes: int) -> np.ndarray:
    if labels.size and (labels.min() < 0 or labels.max() >= classes):
        raise DatasetError(
            f"{place}: labels: {labels.min()} to {labels.max()}; expected 0 to {classes - 1}. "
            "Download the files again."
        )
    return labels.astype(np.int64)
