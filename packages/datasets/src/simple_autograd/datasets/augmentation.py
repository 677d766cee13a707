"""Random augmentation of images, a whole batch at once: each image draws its own.

They are transforms like those of ``transforms.py``, except that they draw from a generator, so that
a seed repeats what a run drew. Callers: the datasets and users.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from .transforms import described

__all__ = ["RandomCrop", "RandomHorizontalFlip"]

_MOST_CHANNELS = 4


class RandomCrop:
    """Cut a window out of each image, at a place drawn for each.

    Parameters
    ----------
    size
        The window's height and width, or one number for both.
    padding
        How many pixels are added on every side first.
    fill
        The value of the added pixels.
    generator
        A NumPy generator, or a seed of a new one. None draws from the operating system.

    Attributes
    ----------
    generator : numpy.random.Generator

    Raises
    ------
    TypeError
        If `size` or `padding` are no ints.
    ValueError
        If `size` is less than 1, or `padding` less than 0.
    """

    def __init__(
        self,
        size: int | tuple[int, int],
        padding: int = 0,
        fill: float = 0,
        generator: np.random.Generator | int | None = None,
    ) -> None:
        height, width = size if isinstance(size, tuple | list) else (size, size)
        self.size = operator.index(height), operator.index(width)
        self.padding = operator.index(padding)
        if min(self.size) < 1 or self.padding < 0:
            raise ValueError(
                f"RandomCrop: size is {size} and padding {padding}; needed are at least 1 and at "
                "least 0."
            )
        self.fill = fill
        self.generator = np.random.default_rng(generator)

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Crop images.

        Parameters
        ----------
        images : (N, C, H, W), (C, H, W) or (H, W), any dtype
            With at most four channels.

        Returns
        -------
        (N, C, h, w), (C, h, w) or (h, w), the same dtype
            In memory of its own.

        Raises
        ------
        TypeError
            If `images` is no NumPy array.
        ValueError
            If it has other dimensions, or is smaller than the window, padding included.
        """
        batch = _as_batch(images, "RandomCrop")
        if self.padding:
            sides = (self.padding, self.padding)
            batch = np.pad(batch, ((0, 0), (0, 0), sides, sides), constant_values=self.fill)
        down, right = (
            length - window for length, window in zip(batch.shape[2:], self.size, strict=True)
        )
        if down < 0 or right < 0:
            raise ValueError(
                f"RandomCrop: images has shape {images.shape}, with padding {batch.shape[2:]} high "
                f"and wide; needed is at least the window, {self.size}. Add padding."
            )
        top = self.generator.integers(down + 1, size=len(batch))
        left = self.generator.integers(right + 1, size=len(batch))
        windows = np.lib.stride_tricks.sliding_window_view(batch, self.size, axis=(2, 3))
        crops = windows[np.arange(len(batch)), :, top, left]
        return crops.reshape(*images.shape[:-2], *self.size)

    def __repr__(self) -> str:
        return f"RandomCrop({self.size}, padding={self.padding}, fill={self.fill})"


class RandomHorizontalFlip:
    """Mirror each image left to right with probability `p`.

    Parameters
    ----------
    p
        From 0, never, to 1, always.
    generator
        A NumPy generator, or a seed of a new one. None draws from the operating system.

    Attributes
    ----------
    generator : numpy.random.Generator

    Raises
    ------
    ValueError
        If `p` is not in 0 to 1.
    """

    def __init__(self, p: float = 0.5, generator: np.random.Generator | int | None = None) -> None:
        if not 0 <= p <= 1:
            raise ValueError(f"RandomHorizontalFlip: p is {p}; needed is a number from 0 to 1.")
        self.p = float(p)
        self.generator = np.random.default_rng(generator)

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Mirror images.

        Parameters
        ----------
        images : (N, C, H, W), (C, H, W) or (H, W), any dtype
            With at most four channels.

        Returns
        -------
        the same shape and dtype, in memory of its own

        Raises
        ------
        TypeError
            If `images` is no NumPy array.
        ValueError
            If it has other dimensions.
        """
        batch = _as_batch(images, "RandomHorizontalFlip")
        flipped = self.generator.random(len(batch)) < self.p
        result = batch.copy()
        result[flipped] = batch[flipped, :, :, ::-1]
        return result.reshape(images.shape)

    def __repr__(self) -> str:
        return f"RandomHorizontalFlip(p={self.p})"


def _as_batch(images: Any, name: str) -> np.ndarray:
    """Give images as (N, C, H, W); a batch without channels would else be taken for one image."""
    if not isinstance(images, np.ndarray):
        raise TypeError(f"{name}: images is {described(images)}; needed is a NumPy array.")
    if images.ndim not in (2, 3, 4) or (images.ndim > 2 and images.shape[-3] > _MOST_CHANNELS):
        raise ValueError(
            f"{name}: images has shape {images.shape}; needed is (N, C, H, W), (C, H, W) or (H, W) "
            f"with at most {_MOST_CHANNELS} channels. Give a batch of grey images its channel axis "
            "first: standard_transform does, and images[:, None]."
        )
    return images.reshape((1,) * (4 - images.ndim) + images.shape)
