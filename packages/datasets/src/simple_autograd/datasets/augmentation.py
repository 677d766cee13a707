"""Random augmentation of images, a whole batch at once: each image draws its own.

They are transforms like those of ``transforms.py``, except that they draw from a generator: in a
``DataLoader`` that of the batch (``epochs.py``), so that its seed repeats what a run drew. The
largest, ``RandomAffine``, is in ``affine.py``. Callers: the datasets and users.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .epochs import batch_generator, in_worker, new_generator
from .transforms import described, whole_number

__all__ = ["RandomCrop", "RandomHorizontalFlip", "RandomTransform", "as_batch", "check_fill"]

_MOST_CHANNELS = 4


class RandomTransform:
    """What random transforms share: the generator that they draw from.

    Parameters
    ----------
    generator
        A NumPy generator, or a seed of a new one. It keeps its own state, which no loader stores,
        and it cannot be drawn from in worker processes. None takes `batch_generator`.

    Attributes
    ----------
    generator : numpy.random.Generator or None
    """

    def __init__(self, generator: np.random.Generator | int | None) -> None:
        name = type(self).__name__
        self.generator = None if generator is None else new_generator(name, generator)

    def _drawing(self) -> np.random.Generator:
        if self.generator is None:
            return batch_generator()
        if in_worker():
            raise ValueError(
                f"{type(self).__name__}: it has a generator of its own, of which each worker "
                "process has a copy that draws the same; needed is None, with which what is drawn "
                "follows from the seed of the DataLoader. Leave generator out."
            )
        return self.generator


class RandomCrop(RandomTransform):
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
        A NumPy generator, or a seed of a new one, which then keeps its own state. None draws, in a
        ``DataLoader``, what follows from its seed.

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
        sides = list(size) if isinstance(size, tuple | list) else [size, size]
        if len(sides) != 2:
            raise ValueError(f"RandomCrop: size is {size}; needed are a height and a width.")
        height, width = (whole_number("RandomCrop", "size", side) for side in sides)
        self.size = height, width
        self.padding = whole_number("RandomCrop", "padding", padding)
        if min(self.size) < 1 or self.padding < 0:
            raise ValueError(
                f"RandomCrop: size is {size} and padding {padding}; needed are at least 1 and at "
                "least 0."
            )
        self.fill = fill
        super().__init__(generator)

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
            If it has other dimensions, is smaller than the window, padding included, or has a dtype
            without `fill`.
        """
        batch = as_batch(images, "RandomCrop")
        if self.padding:
            check_fill("RandomCrop", self.fill, batch.dtype)
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
        generator = self._drawing()
        top = generator.integers(down + 1, size=len(batch))
        left = generator.integers(right + 1, size=len(batch))
        windows = np.lib.stride_tricks.sliding_window_view(batch, self.size, axis=(2, 3))
        crops = windows[np.arange(len(batch)), :, top, left]
        return crops.reshape(*images.shape[:-2], *self.size)

    def __repr__(self) -> str:
        return f"RandomCrop({self.size}, padding={self.padding}, fill={self.fill})"


class RandomHorizontalFlip(RandomTransform):
    """Mirror each image left to right with probability `p`.

    Parameters
    ----------
    p
        From 0, never, to 1, always.
    generator
        A NumPy generator, or a seed of a new one, which then keeps its own state. None draws, in a
        ``DataLoader``, what follows from its seed.

    Raises
    ------
    TypeError
        If `p` is no number.
    ValueError
        If it is not in 0 to 1.
    """

    def __init__(self, p: float = 0.5, generator: np.random.Generator | int | None = None) -> None:
        if not isinstance(p, int | float | np.number):
            raise TypeError(f"RandomHorizontalFlip: p is {p!r}; needed is a number from 0 to 1.")
        if not 0 <= p <= 1:
            raise ValueError(f"RandomHorizontalFlip: p is {p}; needed is a number from 0 to 1.")
        self.p = float(p)
        super().__init__(generator)

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
        batch = as_batch(images, "RandomHorizontalFlip")
        flipped = self._drawing().random(len(batch)) < self.p
        result = batch.copy()
        result[flipped] = batch[flipped, :, :, ::-1]
        return result.reshape(images.shape)

    def __repr__(self) -> str:
        return f"RandomHorizontalFlip(p={self.p})"


def check_fill(name: str, fill: Any, dtype: np.dtype) -> None:
    """Raise a ValueError in the name of a transform where integers of `dtype` cannot be `fill`."""
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        if np.min(fill) < limits.min or np.max(fill) > limits.max:
            raise ValueError(
                f"{name}: fill is {fill}; needed is what images of {dtype} can hold, {limits.min} "
                f"to {limits.max}."
            )


def as_batch(images: Any, name: str) -> np.ndarray:
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
