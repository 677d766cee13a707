"""``RandomAffine``: rotating, shifting, scaling and shearing images, each by what is drawn for it.

The batch is mapped as a whole: one matrix per image, one gather per corner. What it draws from is
``RandomTransform``'s affair (``augmentation.py``). Callers: the datasets and users.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from .augmentation import RandomTransform, as_batch, check_fill

__all__ = ["RandomAffine"]


class RandomAffine(RandomTransform):
    """Rotate, shift, scale and shear each image about its centre, by what is drawn for it.

    Parameters
    ----------
    degrees
        The range of the rotation's angle, clockwise; a number d means (-d, d).
    translate
        The largest shifts to either side, as fractions of width and height, each from 0 to 1.
        Shifts are by whole pixels. None shifts nothing.
    scale
        The range of the factor of enlargement. None keeps the size.
    shear
        The range of the angle, in degrees, of a shear along the width; with four numbers, also of
        one along the height. A number s means (-s, s). None shears nothing.
    interpolation
        "nearest" or "bilinear".
    fill
        The value of what comes in from outside of the image; or one for each channel.
    generator
        A NumPy generator, or a seed of a new one, which then keeps its own state. None draws, in a
        ``DataLoader``, what follows from its seed.

    Raises
    ------
    TypeError
        If an argument is no number and no tuple of numbers.
    ValueError
        If a range has another number of limits, or limits in the wrong order, or `translate` is
        not from 0 to 1, or `scale` not positive; or if there is no such interpolation.

    Notes
    -----
    Arguments and conventions are those of torchvision's ``RandomAffine``, which draws once for a
    whole batch. An image is rotated after it is sheared, and shifted last.
    """

    def __init__(
        self,
        degrees: float | Sequence[float],
        translate: Sequence[float] | None = None,
        scale: Sequence[float] | None = None,
        shear: float | Sequence[float] | None = None,
        interpolation: Literal["nearest", "bilinear"] = "nearest",
        fill: float | Sequence[float] = 0,
        generator: np.random.Generator | int | None = None,
    ) -> None:
        self.degrees = _limits("degrees", degrees, (2,))
        self.translate = None if translate is None else _numbers("translate", translate, (2,))
        self.scale = None if scale is None else _limits("scale", scale, (2,), alone=False)
        self.shear = None if shear is None else _limits("shear", shear, (2, 4))
        if self.translate is not None and not all(0 <= part <= 1 for part in self.translate):
            raise ValueError(
                f"RandomAffine: translate is {translate}; needed are two fractions from 0 to 1, of "
                "width and height."
            )
        if self.scale is not None and self.scale[0] <= 0:
            raise ValueError(f"RandomAffine: scale is {scale}; needed are positive factors.")
        if interpolation not in ("nearest", "bilinear"):
            raise ValueError(
                f"RandomAffine: interpolation is {interpolation!r}; needed is 'nearest' or "
                "'bilinear'."
            )
        self.interpolation = interpolation
        self.fill = fill
        super().__init__(generator)

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Map images.

        Parameters
        ----------
        images : (N, C, H, W), (C, H, W) or (H, W), integers or floating-point
            With at most four channels.

        Returns
        -------
        the same shape and dtype, in memory of its own
            Integers are rounded.

        Raises
        ------
        TypeError
            If `images` is no NumPy array of numbers.
        ValueError
            If it has other dimensions, or other channels than `fill`, or a dtype without `fill`.
        """
        batch = as_batch(images, "RandomAffine")
        if batch.dtype.kind not in "iuf":
            raise TypeError(
                f"RandomAffine: images is an array of {batch.dtype}; needed are integers or "
                "floating-point numbers."
            )
        count, (height, width) = len(batch), batch.shape[2:]
        generator = self._drawing()
        low, high = self.degrees
        angle = generator.uniform(low, high, count)
        shift = np.zeros((2, count))
        if self.translate is not None:
            most = np.array([[self.translate[0] * width], [self.translate[1] * height]])
            shift = np.rint(generator.uniform(-most, most, (2, count)))
        low, high = self.scale or (1, 1)
        scale = generator.uniform(low, high, count)
        shear = np.zeros((2, count))
        limits = self.shear or ()
        for axis, (low, high) in enumerate(zip(limits[::2], limits[1::2], strict=True)):
            shear[axis] = generator.uniform(low, high, count)
        matrices = _inverses(np.radians(angle), np.radians(shear), scale)
        return _mapped(batch, matrices, shift, self.interpolation, self.fill).reshape(images.shape)

    def __repr__(self) -> str:
        return (
            f"RandomAffine({self.degrees}, translate={self.translate}, scale={self.scale}, "
            f"shear={self.shear}, interpolation={self.interpolation!r}, fill={self.fill})"
        )


def _inverses(angle: np.ndarray, shear: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Give the matrices that lead from a pixel of the result to its place in the image.

    The forward map is rotation(angle) @ (1, 0; -tan(sy), 1) @ (1, -tan(sx); 0, 1) * scale, on
    columns (x, y) with y downwards. The shears have the determinant 1, so the inverse is written
    down at once.

    Parameters
    ----------
    angle, scale : (N,)
        In radians; factors.
    shear : (2, N)
        Along x and y, in radians.

    Returns
    -------
    (2, 2, N)
    """
    sine, cosine = np.sin(angle), np.cos(angle)
    along_x, along_y = np.tan(shear)
    # Rows of (1, tan(sx); 0, 1) @ (1, 0; tan(sy), 1) times those of the rotation back.
    across = 1 + along_x * along_y
    return (
        np.array(
            [
                [across * cosine - along_x * sine, across * sine + along_x * cosine],
                [along_y * cosine - sine, along_y * sine + cosine],
            ]
        )
        / scale
    )


def _mapped(
    batch: np.ndarray, matrices: np.ndarray, shift: np.ndarray, interpolation: str, fill: Any
) -> np.ndarray:
    """Map (N, C, H, W) by matrices (2, 2, N) about the centre, then by shifts (2, N) of x and y."""
    count, channels, height, width = batch.shape
    kind = batch.dtype if batch.dtype in (np.float32, np.float64) else np.dtype(np.float32)
    # A frame of `fill`: places outside are moved onto it, and interpolation at the edge blends in.
    frame = _frame(fill, batch.dtype, channels).astype(kind)
    framed = np.empty((count, channels, height + 2, width + 2), kind)
    framed[...] = frame
    framed[:, :, 1:-1, 1:-1] = batch

    # A place is the sum of what its column gives, (N, W), and its row, (N, H).
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    across = np.arange(width) - centre[0] - shift[0][:, None]
    down = np.arange(height) - centre[1] - shift[1][:, None]
    places = []
    for axis, length in enumerate((width, height)):
        to_x, to_y = matrices[axis][..., None]
        columns = (to_x * across + (centre[axis] + 1)).astype(kind)
        place = columns[:, None, :] + (to_y * down).astype(kind)[:, :, None]
        places.append(np.clip(place, 0, length + 1, out=place))
    x, y = places

    stride = width + 2
    images = np.arange(count * channels).reshape(count, channels, 1, 1) * (height + 2) * stride
    flat = framed.reshape(-1)
    if interpolation == "nearest":
        at = np.rint(y).astype(np.intp) * stride + np.rint(x).astype(np.intp)
        return flat.take(at[:, None] + images, mode="clip").astype(batch.dtype, copy=False)
    # The last row and column are reached from the ones before them.
    left, top = np.minimum(np.floor(x), width), np.minimum(np.floor(y), height)
    x -= left
    y -= top
    at = (top.astype(np.intp) * stride + left.astype(np.intp))[:, None] + images
    rows = []
    for corner in (at, at + stride):
        row = flat.take(corner, mode="clip")
        slope = flat.take(corner + 1, mode="clip")
        slope -= row
        slope *= x[:, None]
        row += slope
        rows.append(row)
    result, below = rows
    below -= result
    below *= y[:, None]
    result += below
    if batch.dtype.kind in "iu":
        np.rint(result, out=result)
    return result.astype(batch.dtype, copy=False)


def _frame(fill: Any, dtype: np.dtype, channels: int) -> np.ndarray:
    """Give `fill` as (C or 1, 1, 1)."""
    values = np.asarray(_numbers("fill", fill, tuple({1, channels})))
    check_fill("RandomAffine", fill, dtype)
    return values[:, None, None]


def _numbers(name: str, value: Any, counts: tuple[int, ...]) -> tuple[float, ...]:
    array = np.asarray(value)
    if array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        raise TypeError(
            f"RandomAffine: {name} is {value!r}; needed are finite numbers, "
            f"{' or '.join(map(str, counts))} of them."
        )
    if array.ndim > 1 or array.size not in counts:
        raise ValueError(
            f"RandomAffine: {name} is {value!r}; needed are {' or '.join(map(str, counts))} "
            "numbers."
        )
    return tuple(array.reshape(-1).tolist())


def _limits(
    name: str, value: Any, counts: tuple[int, ...], *, alone: bool = True
) -> tuple[float, ...]:
    """Give pairs of limits; a number alone means as far to both sides."""
    if alone and np.ndim(value) == 0:
        (most,) = _numbers(name, value, (1,))
        value = (-most, most)
    limits = _numbers(name, value, counts)
    if any(low > high for low, high in zip(limits[::2], limits[1::2], strict=True)):
        raise ValueError(
            f"RandomAffine: {name} is {value!r}; needed is the lower limit before the higher one"
            f"{', and a single number not negative' if alone else ''}."
        )
    return limits
