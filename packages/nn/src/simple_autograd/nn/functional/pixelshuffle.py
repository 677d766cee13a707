"""Shuffles: elements moved between channels and places, none computed anew.

The mathematics of ``layers/pixelshuffle.py``.
"""

from __future__ import annotations

from typing import Any

from ... import ops
from ...types import Array
from .arguments import backend_of_argument, describe

__all__ = ["channel_shuffle", "pixel_shuffle", "pixel_unshuffle"]


def pixel_shuffle(x: Array, upscale_factor: int) -> Any:
    """Channels spread over places: (..., C * r * r, H, W) becomes (..., C, H * r, W * r).

    Parameters
    ----------
    x
        At least three axes.
    upscale_factor
        r, an integer of at least 1.

    Raises
    ------
    ValueError
        If the channels cannot be spread so.
    """
    lead, channels, height, width = _image("pixel_shuffle", x, "upscale_factor", upscale_factor)
    r = upscale_factor
    if channels % (r * r):
        raise ValueError(
            f"pixel_shuffle: x is a {describe(x)}; needed are channels that {r * r} divides, the square of "
            f"upscale_factor."
        )
    count = len(lead)
    x = ops.reshape(x, (*lead, channels // (r * r), r, r, height, width))
    order = (*range(count + 1), *(count + place for place in (3, 1, 4, 2)))
    return ops.reshape(
        ops.permute_dims(x, order), (*lead, channels // (r * r), height * r, width * r)
    )


def pixel_unshuffle(x: Array, downscale_factor: int) -> Any:
    """Places gathered in channels, `pixel_shuffle` undone: (..., C, H * r, W * r) becomes (..., C * r * r, H, W).

    Parameters
    ----------
    x
        At least three axes.
    downscale_factor
        r, an integer of at least 1.

    Raises
    ------
    ValueError
        If the places cannot be gathered so.
    """
    lead, channels, height, width = _image(
        "pixel_unshuffle", x, "downscale_factor", downscale_factor
    )
    r = downscale_factor
    if height % r or width % r:
        raise ValueError(
            f"pixel_unshuffle: x is a {describe(x)}; needed are a height and a width that {r} divides, "
            f"downscale_factor."
        )
    count = len(lead)
    x = ops.reshape(x, (*lead, channels, height // r, r, width // r, r))
    order = (*range(count + 1), *(count + place for place in (2, 4, 1, 3)))
    return ops.reshape(
        ops.permute_dims(x, order), (*lead, channels * r * r, height // r, width // r)
    )


def channel_shuffle(x: Array, groups: int) -> Any:
    """Channels in another order: they are divided into groups, and one of each group taken in turn.

    Parameters
    ----------
    x
        (N, C, ...), at least three axes.
    groups
        How many; it divides C.

    Raises
    ------
    ValueError
        If the channels cannot be divided so.
    """
    backend_of_argument("channel_shuffle", "x", x)
    if len(x.shape) < 3 or groups < 1 or x.shape[1] % groups:
        raise ValueError(
            f"channel_shuffle: groups is {groups} and x a {describe(x)}; needed are at least three axes (N, C, ...), "
            f"and groups that divide C."
        )
    count, channels, *places = x.shape
    grouped = ops.reshape(x, (count, groups, channels // groups, *places))
    return ops.reshape(ops.swapaxes(grouped, 1, 2), tuple(x.shape))


def _image(
    name: str, x: Array, argument: str, factor: int
) -> tuple[tuple[int, ...], int, int, int]:
    """Give the leading axes, and the channels, height and width behind them; raise if there are no such."""
    backend_of_argument(name, "x", x)
    if len(x.shape) < 3:
        raise ValueError(
            f"{name}: x is a {describe(x)}; needed are at least three axes, (..., C, H, W)."
        )
    if factor < 1:
        raise ValueError(f"{name}: {argument} is {factor}; needed is an integer of at least 1.")
    *lead, channels, height, width = x.shape
    return tuple(lead), channels, height, width
