"""Transforms: from what a file holds to what a model takes, for a whole batch at once.

Each is a function of one NumPy array, and does to a single image or label what it does to each of a
batch. Those with settings are classes, whose instances are called. Random augmentation
(``augmentation.py``) and the gathering of batches live elsewhere. Callers: the datasets and users,
who may write theirs the same way.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

__all__ = [
    "Compose",
    "Normalize",
    "OneHot",
    "ToFloat",
    "described",
    "onehot_transform",
    "standard_transform",
    "whole_number",
]

_CLASSES = 10
_ONEHOT = np.eye(_CLASSES, dtype=np.float32)


def standard_transform(images: np.ndarray) -> np.ndarray:
    """Scale images to 0–1 and give them a channel axis.

    Parameters
    ----------
    images : (N, H, W) or (H, W), uint8
        Grey values, 0–255.

    Returns
    -------
    (N, 1, H, W) or (1, H, W), float32
        ``images / 255``, correctly rounded, so bit for bit what torchvision's ``ToTensor`` gives.

    Raises
    ------
    TypeError
        If `images` is not a NumPy array of uint8.
    ValueError
        If it has neither two nor three dimensions.
    """
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8:
        raise TypeError(
            f"standard_transform: images is {described(images)}; needed is a NumPy array of "
            "uint8, 0–255. Images that are scaled already need no second scaling."
        )
    if images.ndim not in (2, 3):
        raise ValueError(
            f"standard_transform: images has shape {images.shape}; needed is (N, H, W), or (H, W) "
            f"for one image, to which it adds the channel axis."
        )
    # Conversion, then division in place: a little faster than np.divide(images, 255, dtype=float32)
    # for one batch, and by a third for thousands of images. Multiplying by 1/255 would save another
    # fourth, but rounds 126 of the 256 values differently.
    scaled = images.astype(np.float32)
    scaled /= np.float32(255)
    return scaled[..., None, :, :]


def onehot_transform(labels: np.ndarray | int) -> np.ndarray:
    """Turn labels of ten classes into one-hot vectors.

    Parameters
    ----------
    labels : (N,) or a single one, of any integer dtype
        Classes, 0–9.

    Returns
    -------
    (N, 10) or (10,), float32
        1 at the label's place, 0 elsewhere.

    Raises
    ------
    TypeError
        If `labels` are not integers.
    ValueError
        If one is not in 0–9.
    """
    array = np.asarray(labels)
    _check_labels("onehot_transform", labels, array, _CLASSES)
    return _ONEHOT.take(array, axis=0)


class Compose:
    """Several transforms as one, the first one first.

    Parameters
    ----------
    transforms
        Functions of one array, as the transforms here are.

    Raises
    ------
    TypeError
        If one of them cannot be called.
    """

    def __init__(self, transforms: Iterable[Callable[[Any], Any]]) -> None:
        if not isinstance(transforms, Iterable):
            raise TypeError(
                f"Compose: transforms is a {type(transforms).__name__}; needed is a list of "
                "transforms."
            )
        self.transforms = list(transforms)
        for place, transform in enumerate(self.transforms):
            if not callable(transform):
                raise TypeError(
                    f"Compose: transform {place} is a {type(transform).__name__}; needed is a "
                    "function of an array."
                )

    def __call__(self, batch: Any) -> Any:
        """Give what the last transform makes of what the others made of `batch`."""
        for transform in self.transforms:
            batch = transform(batch)
        return batch

    def __repr__(self) -> str:
        return f"Compose({self.transforms})"


class ToFloat:
    """Numbers to float32; integers are divided by the largest value of their dtype.

    So uint8 images, grey or coloured, come to 0–1, and keep their shape.

    Parameters
    ----------
    scale
        False only changes the dtype.
    """

    def __init__(self, scale: bool = True) -> None:
        self.scale = bool(scale)

    def __call__(self, batch: Any) -> np.ndarray:
        """Give the same shape, float32, in memory of its own.

        Raises
        ------
        TypeError
            If `batch` holds no integers or floating-point numbers.
        """
        array = np.asarray(batch)
        if array.dtype.kind not in "iuf":
            raise TypeError(
                f"ToFloat: the batch is {described(batch)}; needed are integers or floating-point "
                "numbers."
            )
        result = array.astype(np.float32)
        if self.scale and array.dtype.kind in "iu":
            result /= np.float32(np.iinfo(array.dtype).max)
        return result

    def __repr__(self) -> str:
        return f"ToFloat(scale={self.scale})"


class Normalize:
    """``(images - mean) / std``, for each channel.

    Parameters
    ----------
    mean, std
        A number each, or one for each channel; `std` may not be 0.

    Raises
    ------
    TypeError
        If they are no numbers.
    ValueError
        If they have more than one dimension, or are not finite, or `std` has a zero.
    """

    def __init__(self, mean: float | Sequence[float], std: float | Sequence[float]) -> None:
        arrays = {"mean": np.asarray(mean), "std": np.asarray(std)}
        for name, value in arrays.items():
            if value.dtype.kind not in "iuf":
                raise TypeError(
                    f"Normalize: {name} is {value}; needed is a number, or one for each channel."
                )
            if value.ndim > 1 or not value.size or not np.isfinite(value).all():
                raise ValueError(
                    f"Normalize: {name} is {value}; needed is a finite number, or one for each "
                    "channel."
                )
        self.mean, self.std = (value.astype(np.float64) for value in arrays.values())
        if not self.std.all():
            raise ValueError(
                f"Normalize: std is {self.std}; needed is no zero, since it is divided by."
            )

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Normalize images.

        Parameters
        ----------
        images : (N, C, H, W) or (C, H, W), floating-point

        Returns
        -------
        the same shape and dtype, in memory of its own

        Raises
        ------
        TypeError
            If `images` is no NumPy array of floating-point numbers.
        ValueError
            If it has other dimensions, or other channels than `mean` and `std`.
        """
        if not isinstance(images, np.ndarray) or images.dtype.kind != "f":
            raise TypeError(
                f"Normalize: images is {described(images)}; needed is a NumPy array of "
                "floating-point numbers. Put ToFloat or standard_transform before it."
            )
        channels = {value.size for value in (self.mean, self.std) if value.ndim}
        if images.ndim not in (3, 4) or channels - {images.shape[-3]}:
            raise ValueError(
                f"Normalize: images has shape {images.shape}; needed is (N, C, H, W) or (C, H, W) "
                f"with {' or '.join(map(str, channels)) or 'any number of'} channels."
            )
        mean, std = (
            value.astype(images.dtype).reshape(-1, 1, 1) for value in (self.mean, self.std)
        )
        result = images - mean
        result /= std
        return result

    def __repr__(self) -> str:
        return f"Normalize(mean={self.mean.tolist()}, std={self.std.tolist()})"


class OneHot:
    """Turn labels into one-hot vectors, as ``onehot_transform`` does for ten classes.

    Parameters
    ----------
    num_classes
        How many classes there are, at least 1.

    Raises
    ------
    TypeError
        If it is no int.
    ValueError
        If it is less than 1.
    """

    def __init__(self, num_classes: int) -> None:
        self.num_classes = whole_number("OneHot", "num_classes", num_classes)
        if self.num_classes < 1:
            raise ValueError(f"OneHot: num_classes is {num_classes}; needed is at least 1.")

    def __call__(self, labels: np.ndarray | int) -> np.ndarray:
        """Give (..., num_classes), float32: 1 at the label's place, 0 elsewhere.

        Parameters
        ----------
        labels : (N,) or a single one, of any integer dtype

        Raises
        ------
        TypeError
            If `labels` are not integers.
        ValueError
            If one is not in 0 to ``num_classes - 1``.
        """
        array = np.asarray(labels)
        _check_labels("OneHot", labels, array, self.num_classes)
        result = np.zeros((*array.shape, self.num_classes), np.float32)
        np.put_along_axis(result, array[..., None].astype(np.intp), 1, axis=-1)
        return result

    def __repr__(self) -> str:
        return f"OneHot({self.num_classes})"


def _check_labels(name: str, labels: Any, array: np.ndarray, classes: int) -> None:
    if array.dtype.kind not in "iu":
        raise TypeError(
            f"{name}: labels is {described(labels)}; needed are integers from 0 to "
            f"{classes - 1}. If they are one-hot already, leave this transform out."
        )
    if array.size and (array.min() < 0 or array.max() >= classes):
        raise ValueError(
            f"{name}: labels go from {array.min()} to {array.max()}; needed are classes "
            f"from 0 to {classes - 1}."
        )


def whole_number(name: str, argument: str, value: Any) -> int:
    """Give an int; in the name of a transform, raise a TypeError for what is none."""
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name}: {argument} is {value!r}; needed is an int.") from None


def described(value: Any) -> str:
    """Give an array's dtype and shape, or another value's type."""
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} of shape {value.shape}"
    return f"a {type(value).__name__}"
