"""Windows that move over the last axes of an array: what convolution, pooling and folding have in common.

A `Window` says how it moves, over any number of axes; `places` says, for each position within it, which elements the
windows meet there. Everything that is computed over windows, in portable bodies and in kernels, is a loop over these
places: slices alone, so no padded copy is made, and the standard is enough. The checks of PyTorch's arguments
(``kernel_size``, ``stride``, ...) are here too.
"""

from __future__ import annotations

import functools
import itertools
import math
import operator
from collections.abc import Sequence
from typing import Any, NamedTuple

from ...types import Array, Shape
from .arguments import check_floating, describe

__all__ = [
    "Place",
    "Sizes",
    "Window",
    "batched",
    "checked_pool",
    "checked_windows",
    "lengths_of",
    "per_axis",
    "places",
    "pool_window",
    "symmetric",
]

Place = tuple[tuple[Any, ...], tuple[Any, ...]]
"""For one position within the window: slices of the windows that meet an element there, and of those elements."""

Sizes = int | Sequence[int]
"""PyTorch's settings of windows: one number for every axis, or one for each."""


class Window(NamedTuple):
    """How a window moves over the last axes of an array; every entry has one item per axis.

    Attributes
    ----------
    kernel
        How many elements a window has.
    stride
        How far apart windows begin.
    dilation
        How far apart the elements of a window are.
    padding
        How far the first window begins before the array, and the last may reach behind it. What lies there counts as
        empty. Negative numbers leave out elements of the array.
    """

    kernel: Shape
    stride: Shape
    dilation: Shape
    padding: tuple[tuple[int, int], ...]

    @property
    def size(self) -> int:
        """How many elements a window has in all."""
        return math.prod(self.kernel)

    @property
    def spans(self) -> Shape:
        """How far a window reaches along each axis."""
        return tuple([d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True)])

    def counts(self, lengths: Shape) -> Shape:
        """Give how many windows there are along axes of these lengths."""
        return tuple(
            [
                (length + before + after - span) // stride + 1
                for length, (before, after), span, stride in zip(
                    lengths, self.padding, self.spans, self.stride, strict=True
                )
            ]
        )

    def lengths(self, counts: Shape) -> Shape:
        """Give the smallest lengths over which there are that many windows."""
        return tuple(
            [
                (count - 1) * stride + span - before - after
                for count, (before, after), span, stride in zip(
                    counts, self.padding, self.spans, self.stride, strict=True
                )
            ]
        )

    def with_counts(self, lengths: Shape, counts: Shape) -> Window:
        """Give the window padded behind such that there are exactly so many over these lengths."""
        spread = zip(self.lengths(counts), lengths, self.padding, strict=True)
        padding = tuple([(before, after + least - n) for least, n, (before, after) in spread])
        return self._replace(padding=padding)

    def starts(self, counts: Shape) -> tuple[range, ...]:
        """Give, for each axis, where its windows begin; negative in the padding."""
        spread = zip(counts, self.stride, self.padding, strict=True)
        return tuple([range(-b, n * stride - b, stride) for n, stride, (b, _) in spread])


@functools.lru_cache(maxsize=1024)
def places(
    window: Window, lengths: Shape, first: int = 0, end: int | None = None
) -> tuple[Place, ...]:
    """Give, for each position within the window in row-major order, who meets whom.

    Parameters
    ----------
    window
        The window.
    lengths
        Of the axes it moves over.
    first, end
        Which windows to look at along the first axis, by default all; they are counted from `first` in the result.
    """
    counts = window.counts(lengths)
    starts, ends = [0] * len(counts), list(counts)
    starts[0] = first
    ends[0] = counts[0] if end is None else end
    along = [
        _places_along(*settings)
        for settings in zip(*window[:3], window.padding, lengths, starts, ends, strict=True)
    ]
    return tuple(
        [
            (tuple([p[0] for p in place]), tuple([p[1] for p in place]))
            for place in itertools.product(*along)
        ]
    )


def _places_along(
    kernel: int,
    stride: int,
    dilation: int,
    padding: tuple[int, int],
    length: int,
    first: int,
    end: int,
) -> list[tuple[slice, slice]]:
    """Give `places` along one axis."""
    found = []
    for position in range(kernel):
        # Window m meets element m * stride + offset here, if there is such an element.
        offset = position * dilation - padding[0]
        low = max(first, -(offset // stride))
        high = min(end, (length - 1 - offset) // stride + 1)
        if low < high:
            met = slice(low * stride + offset, (high - 1) * stride + offset + 1, stride)
            found.append((slice(low - first, high - first), met))
        else:
            found.append((slice(0, 0), slice(0, 0)))
    return found


# Checks of arguments --------------------------------------------------------------------------------------------------


def per_axis(function: str, argument: str, value: Any, axes: int, least: int) -> Shape:
    """Give a number for each axis from one for all of them, or from a sequence.

    Raises
    ------
    TypeError
        If it is none of that.
    ValueError
        If there are too few or too many, or one is less than `least`.
    """
    if (
        type(value) is int and value >= least
    ):  # most are, and each call of a layer asks several times
        return (value,) * axes
    several = isinstance(value, Sequence) and not isinstance(value, str)
    try:
        given = tuple([operator.index(item) for item in (value if several else (value,))])
    except TypeError:
        raise TypeError(
            f"{function}: {argument} is {value!r}; needed is an integer, or {axes} of them, one for each axis."
        ) from None
    if len(given) == 1:
        given *= axes
    if len(given) != axes or min(given) < least:
        raise ValueError(
            f"{function}: {argument} is {value!r}; needed is an integer of at least {least}, or {axes} of them, one "
            f"for each axis."
        )
    return given


def symmetric(widths: Shape) -> tuple[tuple[int, int], ...]:
    """Give padding that is as wide behind an axis as before it."""
    return tuple([(width, width) for width in widths])


def batched(function: str, x: Array, axes: int, channels: str = "C") -> tuple[Array, bool]:
    """Give floating `x` with an axis of samples, and whether it had one.

    Parameters
    ----------
    function
        Whom to name in errors.
    x
        (N, C, ...) or (C, ...), with `axes` axes at the end.
    axes
        How many axes a window moves over.
    channels
        What to call the length of the axis of channels in errors.

    Raises
    ------
    TypeError
        If `x` is no array, or not floating.
    ValueError
        If it has another number of axes.
    """
    check_floating(function, "x", x)
    if len(x.shape) == axes + 2:
        return x, True
    if len(x.shape) != axes + 1:
        spatial = ", ".join(("D", "H", "W")[-axes:] if axes > 1 else ("L",))
        raise ValueError(
            f"{function}: x is a {describe(x)}; needed is the shape (N, {channels}, {spatial}) or, for one sample, "
            f"({channels}, {spatial})."
        )
    return x[None, ...], False


def lengths_of(x: Array, axes: int) -> Shape:
    """Give the lengths of the last `axes` axes."""
    return tuple(x.shape)[len(x.shape) - axes :]


def checked_windows(function: str, window: Window, lengths: Shape) -> Shape:
    """Give how many windows there are.

    Raises
    ------
    ValueError
        If there is not a single one along some axis.
    """
    counts = window.counts(lengths)
    if min(counts) < 1:
        raise ValueError(
            f"{function}: x has the lengths {lengths} along its last axes, padded by {window.padding}; needed are at "
            f"least {window.spans}, because a window (kernel_size {window.kernel}, dilation {window.dilation}) reaches "
            f"that far."
        )
    return counts


def pool_window(
    function: str, axes: int, kernel: Sizes, stride: Sizes | None, padding: Sizes, dilation: Sizes
) -> Window:
    """Give the window of a pooling function's settings; `stride` is by default, and if it is empty, `kernel`.

    Raises
    ------
    TypeError, ValueError
        If one of them is no integer, nor one for each axis, or too small; or `padding` too large.
    """
    lengths = per_axis(function, "kernel_size", kernel, axes, 1)
    by_kernel = stride is None or (isinstance(stride, tuple | list) and not stride)
    window = Window(
        lengths,
        lengths if by_kernel else per_axis(function, "stride", stride, axes, 1),
        per_axis(function, "dilation", dilation, axes, 1),
        symmetric(per_axis(function, "padding", padding, axes, 0)),
    )
    if any([2 * b > span for (b, _), span in zip(window.padding, window.spans, strict=True)]):
        raise ValueError(
            f"{function}: padding is {padding!r}; needed is at most half of what a window spans, {window.spans}, so "
            f"that none lies in the padding alone."
        )
    return window


def checked_pool(
    function: str, x: Array, window: Window, ceil_mode: bool
) -> tuple[Array, bool, Window]:
    """Give `x` with an axis of samples, whether it had one, and the window with its padding as it counts.

    Raises
    ------
    TypeError, ValueError
        If `x` is no floating array, has another number of axes, or is too small for a single window, or for one of
        them to have an element inside.
    """
    axes = len(window.kernel)
    x, has_samples = batched(function, x, axes)
    lengths = lengths_of(x, axes)
    if ceil_mode:
        window = _reaching_over(window, lengths)
    counts = checked_windows(function, window, lengths)
    # The first element of a window that begins in the padding may lie inside, or behind all that there is.
    spread = zip(window.starts(counts), window.dilation, lengths, strict=True)
    if any([start < 0 and start % step >= n for starts, step, n in spread for start in starts]):
        raise ValueError(
            f"{function}: x has the lengths {lengths} along its last axes; needed are at least the dilation, "
            f"{window.dilation}, because otherwise a window lies in the padding alone."
        )
    return x, has_samples, window


def _reaching_over(window: Window, lengths: Shape) -> Window:
    """Give the window padded behind for a last one that reaches over, but begins before the padding behind."""
    spread = zip(lengths, window.padding, window.spans, window.stride, strict=True)
    counts = [
        min((n + before + after - span - 1) // stride + 2, (n + before - 1) // stride + 1)
        for n, (before, after), span, stride in spread
    ]
    return window.with_counts(lengths, tuple(counts))
