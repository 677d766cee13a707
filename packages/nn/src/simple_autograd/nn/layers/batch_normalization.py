"""Batch and instance normalization layers: see ``functional/batch_normalization.py``."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

from ...backends import backend_of, get_backend
from ...types import Array, DType
from ...variable import Variable
from ...writes import written
from .. import init
from ..functional import batch_norm, instance_norm
from ..functional.arguments import describe
from .linear import check_sizes, empty_array
from .normalization import Affine

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
]


class _Tracking(Affine):
    """What batch norm and instance norm share: a number of features, and running statistics."""

    _ndims: ClassVar[tuple[int, ...]]
    running_mean: Any
    running_var: Any
    num_batches_tracked: Any

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        bias: bool = True,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        check_sizes(type(self).__name__, 0, num_features=num_features)
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        self.make_affine((num_features,), affine, bias, dtype)
        for name in ("running_mean", "running_var"):
            self.register_buffer(
                name, empty_array((num_features,), dtype) if track_running_stats else None
            )
        count = get_backend().asarray(0, dtype="int64") if track_running_stats else None
        self.register_buffer("num_batches_tracked", count)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Set the running mean to 0, the running variance to 1, and the count of batches to 0."""
        if self.track_running_stats:
            init.zeros_(self.running_mean)
            init.ones_(self.running_var)
            init.zeros_(self.num_batches_tracked)

    def reset_parameters(self) -> None:
        """Set weight to ones and bias to zeros, and forget the running statistics."""
        self.reset_running_stats()
        super().reset_parameters()

    def _check(self, x: Array) -> None:
        ndim = len(x.shape)
        if ndim not in self._ndims:
            raise ValueError(
                f"{type(self).__name__}: x is a {describe(x)}; needed are "
                f"{' or '.join(map(str, self._ndims))} axes."
            )

    def extra_repr(self) -> str:
        """Give the settings."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class _BatchNorm(_Tracking):
    """Every channel normalized over the batch, then scaled and shifted by ``* weight + bias``.

    Parameters
    ----------
    num_features
        The number of channels, C.
    eps
        Added to the variance.
    momentum
        The batch's share of the new running statistics; None means their plain average over all batches.
    affine
        Whether there are weight and bias.
    track_running_stats
        Whether to keep running statistics, by which to normalize when evaluated; without them the batch's are used.
    bias
        Whether there is a bias beside the weight.
    dtype
        The parameters' and statistics' data type, by default float32. They are made on the default backend.

    Attributes
    ----------
    weight, bias
        (C,), or None.
    running_mean, running_var
        (C,), or None: buffers.
    num_batches_tracked
        (), int64, or None: a buffer.
    """

    def forward(self, x: Array) -> Any:
        """Normalize (N, C, ...); when training, take the batch's statistics and mix them into the running ones."""
        self._check(x)
        running = self.running_mean, self.running_var
        if self.training and not self.track_running_stats:
            running = None, None  # statistics that are no longer tracked stay as they are
        tracks = running[0] is not None and self.num_batches_tracked is not None
        return batch_norm(
            x,
            *running,
            self.weight,
            self.bias,
            self.training or running[0] is None,
            self._count() if self.training and tracks else 0.0,
            self.eps,
        )

    def _count(self) -> float:
        """Count one more batch, and give its share of the new running statistics."""
        buffer = self.num_batches_tracked
        count = buffer.data if isinstance(buffer, Variable) else buffer
        count[...] = count + 1
        backend = backend_of(count)
        assert backend is not None  # a buffer is an array
        written(backend, count, "a count of batches")
        return 1 / int(count) if self.momentum is None else self.momentum


class BatchNorm1d(_BatchNorm):
    """Every channel of (N, C) or (N, C, L) normalized over the batch."""

    _ndims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Every channel of (N, C, H, W) normalized over the batch."""

    _ndims = (4,)


class BatchNorm3d(_BatchNorm):
    """Every channel of (N, C, D, H, W) normalized over the batch."""

    _ndims = (5,)


class _InstanceNorm(_Tracking):
    """Every channel of every sample normalized on its own, then scaled and shifted by ``* weight + bias``.

    Parameters
    ----------
    num_features
        The number of channels, C.
    eps
        Added to the variance.
    momentum
        The input's share of the new running statistics; None leaves them as they are.
    affine
        Whether there are weight and bias.
    track_running_stats
        Whether to keep running statistics, by which to normalize when evaluated.
    bias
        Whether there is a bias beside the weight.
    dtype
        The parameters' and statistics' data type, by default float32. They are made on the default backend.

    Attributes
    ----------
    weight, bias
        (C,), or None.
    running_mean, running_var
        (C,), or None: buffers.
    num_batches_tracked
        (), int64, or None: a buffer, which stays 0, as in PyTorch.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        *,
        bias: bool = True,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, bias=bias, dtype=dtype
        )

    def forward(self, x: Array) -> Any:
        """Normalize (N, C, ...), or one sample, (C, ...)."""
        self._check(x)
        alone = len(x.shape) == self._ndims[0]
        channels = x.shape[0 if alone else 1]
        if channels != self.num_features:
            words = (
                f"{type(self).__name__}: x is a {describe(x)}; num_features is {self.num_features}"
            )
            if self.affine:
                raise ValueError(f"{words}, and needed is that many channels.")
            warnings.warn(f"{words}, which has no effect without affine.", stacklevel=3)
        out = instance_norm(
            x[None, ...] if alone else x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            0.0 if self.momentum is None else self.momentum,
            self.eps,
        )
        return out[0, ...] if alone else out


class InstanceNorm1d(_InstanceNorm):
    """Every channel of (N, C, L) or (C, L) of every sample normalized on its own."""

    _ndims = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """Every channel of (N, C, H, W) or (C, H, W) of every sample normalized on its own."""

    _ndims = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    """Every channel of (N, C, D, H, W) or (C, D, H, W) of every sample normalized on its own."""

    _ndims = (4, 5)
