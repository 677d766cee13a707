"""Digits: 1,797 handwritten digits of 8 by 8 pixels that ship inside this package, for tests and examples.

Access by item and by batch, with the transforms, is that of every ``ArrayDataset``. Callers: users.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

import numpy as np

from .arrays import ArrayDataset
from .idx import read_embedded

__all__ = ["Digits"]

_TRAINING = 1437


class Digits(ArrayDataset):
    """The handwritten digits of 8×8 pixels that scikit-learn has as ``load_digits``.

    They have ``MNIST``'s interface, but for the files of one's own. The source has one set of 1,797
    images; here the first 1,437 in its order are the training set, and the last 360 the test set.
    In each every class is about as frequent.

    Parameters
    ----------
    train
        True for the 1,437 training images, False for the 360 test images.
    transform
        From images to what the model takes: an array of shape (N, 8, 8), uint8, to an array of N
        rows; and for ``dataset[i]``, one image (8, 8) to one result. The greatest grey value is 16
        and not 255, so ``standard_transform`` does not bring it to 1; ``lambda images: images[...,
        None, :, :] / np.float32(16)`` does, and adds the channel axis.
    target_transform
        From labels (N,), int64, to an array of N rows; and for ``dataset[i]``, from an int.

    Attributes
    ----------
    data : (N, 8, 8), uint8
        The images, grey values 0–16; not writeable, for datasets share them.
    targets : (N,), int64
        The labels, 0–9; not writeable.
    classes
        The ten classes' names.

    Raises
    ------
    TypeError
        If `train` is no bool, or a transform cannot be called.

    References
    ----------
    E. Alpaydin and C. Kaynak: Optical Recognition of Handwritten Digits. UCI Machine Learning
    Repository, 1998, https://doi.org/10.24432/C50P49; its test set, licensed under CC BY 4.0.
    """

    classes: ClassVar[list[str]] = [str(digit) for digit in range(10)]

    def __init__(
        self,
        train: bool = True,
        transform: Callable[[np.ndarray], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
    ) -> None:
        self._set_train(train)
        part = slice(None, _TRAINING) if self.train else slice(_TRAINING, None)
        images, labels = _embedded()
        super().__init__(images[part], labels[part], transform, target_transform)

    @property
    def _what(self) -> str:
        return "training set" if self.train else "test set"

    def __repr__(self) -> str:
        return f"<Digits: {self._what}, {len(self)} items, embedded>"


@cache
def _embedded() -> tuple[np.ndarray, np.ndarray]:
    images = read_embedded("digits-images-idx3-ubyte.xz")
    labels = read_embedded("digits-labels-idx1-ubyte.xz").astype(np.int64)
    images.flags.writeable = labels.flags.writeable = False
    return images, labels
