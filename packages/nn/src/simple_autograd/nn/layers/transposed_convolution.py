"""Layers of transposed convolution: see ``functional/transposed_convolution.py``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from ...types import Array, DType, Shape
from ..functional import conv_transpose1d, conv_transpose2d, conv_transpose3d
from ..functional.windows import Sizes, Window, batched, lengths_of, symmetric
from .convolution import Convolving, PaddingMode

__all__ = ["ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]


class _TransposedConvolution(Convolving):
    """What `ConvTranspose1d`, `ConvTranspose2d` and `ConvTranspose3d` have in common."""

    function: ClassVar[Any]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        padding_mode: PaddingMode = "zeros",
        *,
        dtype: DType | None = None,
    ) -> None:
        name = type(self).__name__
        if padding_mode != "zeros":
            raise ValueError(f"{name}: padding_mode is {padding_mode!r}; needed is 'zeros'.")
        if isinstance(padding, str):
            raise TypeError(
                f"{name}: padding is {padding!r}; needed is an integer, or {self.axes} of them, one for each axis."
            )
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            output_padding,
            groups,
            bias,
            padding_mode,
            dtype,
        )

    def _weight_channels(self) -> tuple[int, int]:
        """Give the first two lengths of the weight."""
        return self.in_channels, self.out_channels // self.groups

    def forward(self, x: Array, output_size: Sequence[int] | None = None) -> Any:
        """Convolve (N, C_in, ...) or (C_in, ...) the other way round.

        Parameters
        ----------
        x
            The input.
        output_size
            The result's last lengths, or its whole shape; it takes the place of `output_padding`.

        Raises
        ------
        ValueError
            If no input of that size comes to the size of `x`.
        """
        extra = self.output_padding if output_size is None else self._extra(x, output_size)
        return self.function(
            x, self.weight, self.bias, self.stride, self.padding, extra, self.groups, self.dilation
        )

    def _extra(self, x: Array, output_size: Sequence[int]) -> Shape:
        """Give the output padding that leads to a size."""
        name = type(self).__name__
        x, has_samples = batched(name, x, self.axes, "C_in")
        assert not isinstance(self.padding, str)  # refused by __init__
        window = Window(self.kernel_size, self.stride, self.dilation, symmetric(self.padding))
        least = window.lengths(lengths_of(x, self.axes))
        most = tuple([n + step - 1 for n, step in zip(least, self.stride, strict=True)])
        given = tuple(output_size)
        wanted = given[1 + has_samples :] if len(given) == self.axes + 1 + has_samples else given
        if len(wanted) != self.axes or any(
            [not low <= n <= high for low, n, high in zip(least, wanted, most, strict=True)]
        ):
            raise ValueError(
                f"{name}: output_size is {given}; needed are {self.axes} lengths from {least} to {most}, because x has "
                f"the lengths {lengths_of(x, self.axes)} along its last axes."
            )
        return tuple([n - low for n, low in zip(wanted, least, strict=True)])


class ConvTranspose2d(_TransposedConvolution):
    """Transposed convolution over two axes: every input adds its multiple of the weight to a window.

    Parameters
    ----------
    in_channels, out_channels
        How many channels an image has before and after.
    kernel_size, stride, padding, dilation
        How the window moves over the result: an integer each, or one for each axis.
    output_padding
        How many elements longer the result is behind; less than `stride` or `dilation`.
    groups
        Into how many groups the channels are divided; each output channel sees one of them.
    bias
        Whether to add a bias.
    padding_mode
        ``"zeros"``; there is no other here.
    dtype
        The parameters' data type, by default float32. They are made on the default backend.

    Attributes
    ----------
    weight
        (in_channels, out_channels / groups, kH, kW).
    bias
        (out_channels,), or None.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd import nn
    >>> nn.ConvTranspose2d(8, 3, 2, stride=2)(np.zeros((4, 8, 14, 14), dtype="float32")).shape
    (4, 3, 28, 28)
    """

    axes = 2
    function = staticmethod(conv_transpose2d)


class ConvTranspose1d(_TransposedConvolution):
    """Transposed convolution over one axis, of (N, C_in, L) or (C_in, L) (see `ConvTranspose2d`)."""

    axes = 1
    function = staticmethod(conv_transpose1d)


class ConvTranspose3d(_TransposedConvolution):
    """Transposed convolution over three axes, of (N, C_in, D, H, W) or (C_in, D, H, W) (see `ConvTranspose2d`)."""

    axes = 3
    function = staticmethod(conv_transpose3d)
