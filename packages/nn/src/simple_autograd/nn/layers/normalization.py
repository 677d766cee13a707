"""Normalization layers for single samples: see ``functional/normalization.py``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...types import Array, DType
from .. import init
from ..functional import group_norm, layer_norm, local_response_norm, rms_norm
from ..functional.normalization import normalized_lengths
from ..module import Module
from ..parameter import Parameter
from .linear import check_sizes, empty_array

__all__ = ["GroupNorm", "LayerNorm", "LocalResponseNorm", "RMSNorm"]


class Affine(Module):
    """A layer whose result is scaled and shifted: weight, of ones, and bias, of zeros; either may be None."""

    weight: Parameter | None
    bias: Parameter | None

    def make_affine(
        self, shape: tuple[int, ...], weight: bool, bias: bool, dtype: DType | None
    ) -> None:
        """Make the parameters that are wanted; without a weight there is no bias either."""
        for name, wanted in (("weight", weight), ("bias", weight and bias)):
            self.register_parameter(name, Parameter(empty_array(shape, dtype)) if wanted else None)

    def reset_parameters(self) -> None:
        """Set weight to ones and bias to zeros."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)


class LayerNorm(Affine):
    """The last axes of every sample normalized, then scaled and shifted by ``* weight + bias``.

    Parameters
    ----------
    normalized_shape
        The lengths of these axes; one number means the last axis.
    eps
        Added to the variance.
    elementwise_affine
        Whether there are weight and bias.
    bias
        Whether there is a bias beside the weight.
    dtype
        The parameters' data type, by default float32. They are made on the default backend.

    Attributes
    ----------
    weight, bias
        Of shape `normalized_shape`, or None.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd import nn
    >>> nn.LayerNorm(3, elementwise_affine=False, eps=0.0)(np.array([[1.0, 1.0, 4.0]]))
    array([[-0.70710678, -0.70710678,  1.41421356]])
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = _lengths("LayerNorm", normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self.make_affine(self.normalized_shape, elementwise_affine, bias, dtype)
        self.reset_parameters()

    def forward(self, x: Array) -> Any:
        """Normalize (..., *normalized_shape)."""
        return layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Give the settings."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class RMSNorm(Affine):
    """The last axes of every sample divided by the root of their mean square, then scaled by ``* weight``.

    Parameters
    ----------
    normalized_shape
        The lengths of these axes; one number means the last axis.
    eps
        Added to the mean square; None means the distance from 1 to the next number of the data type.
    elementwise_affine
        Whether there is a weight.
    dtype
        The weight's data type, by default float32. It is made on the default backend.

    Attributes
    ----------
    weight
        Of shape `normalized_shape`, or None.
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        *,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = _lengths("RMSNorm", normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self.make_affine(self.normalized_shape, elementwise_affine, False, dtype)
        self.reset_parameters()

    def forward(self, x: Array) -> Any:
        """Normalize (..., *normalized_shape)."""
        return rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """Give the settings."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )


class GroupNorm(Affine):
    """Every group of channels of every sample normalized, then scaled and shifted by ``* weight + bias``.

    Parameters
    ----------
    num_groups
        Into how many groups of equal size the channels are split.
    num_channels
        The number of channels, C.
    eps
        Added to the variance.
    affine
        Whether there are weight and bias.
    bias
        Whether there is a bias beside the weight.
    dtype
        The parameters' data type, by default float32. They are made on the default backend.

    Attributes
    ----------
    weight, bias
        (C,), or None.
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        bias: bool = True,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        check_sizes("GroupNorm", 1, num_groups=num_groups)
        check_sizes("GroupNorm", 0, num_channels=num_channels)
        if num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: num_groups is {num_groups}; needed is a divisor of num_channels, which is {num_channels}."
            )
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        self.make_affine((num_channels,), affine, bias, dtype)
        self.reset_parameters()

    def forward(self, x: Array) -> Any:
        """Normalize (N, C, ...)."""
        return group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Give the settings."""
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


class LocalResponseNorm(Module):
    """Every value divided by ``(k + alpha * m) ** beta``, m the mean square over `size` neighbouring channels.

    Parameters
    ----------
    size
        How many channels the mean goes over.
    alpha, beta, k
        As above.
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, x: Array) -> Any:
        """Normalize (N, C, ...)."""
        return local_response_norm(x, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        """Give the settings."""
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


def _lengths(layer: str, normalized_shape: int | Sequence[int]) -> tuple[int, ...]:
    lengths = normalized_lengths(layer, normalized_shape)
    for length in lengths:
        check_sizes(layer, 0, normalized_shape=length)
    return lengths
