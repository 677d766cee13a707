"""NumPy's Fourier transforms, ``np.fft``, with their signatures and defaults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ops import fourier
from ..variable import Variable
from .dispatch import FUNCTIONS, no_out

__all__: list[str] = []


def _along_one(transform: Callable[..., Variable]) -> Callable[..., Variable]:
    """Give a transform along one axis in NumPy's signature."""

    def adapter(
        a: Variable, n: int | None = None, axis: int = -1, norm: Any = None, out: Any = None
    ) -> Variable:
        no_out(out)
        return transform(a, n=n, axis=axis, norm=norm or "backward")

    return adapter


def _along_several(transform: Callable[..., Variable], default: Any) -> Callable[..., Variable]:
    """Give a transform along several axes in NumPy's signature; its functions differ in the axes meant by default."""

    def adapter(
        a: Variable, s: Any = None, axes: Any = default, norm: Any = None, out: Any = None
    ) -> Variable:
        no_out(out)
        return transform(a, s=s, axes=axes, norm=norm or "backward")

    return adapter


def _shift(x: Variable, axes: Any = None) -> Variable:
    return fourier.fftshift(x, axes=axes)


def _unshift(x: Variable, axes: Any = None) -> Variable:
    return fourier.ifftshift(x, axes=axes)


FUNCTIONS.update(
    {
        np.fft.fft: _along_one(fourier.fft),
        np.fft.fft2: _along_several(fourier.fftn, (-2, -1)),
        np.fft.fftn: _along_several(fourier.fftn, None),
        np.fft.fftshift: _shift,
        np.fft.hfft: _along_one(fourier.hfft),
        np.fft.ifft: _along_one(fourier.ifft),
        np.fft.ifft2: _along_several(fourier.ifftn, (-2, -1)),
        np.fft.ifftn: _along_several(fourier.ifftn, None),
        np.fft.ifftshift: _unshift,
        np.fft.ihfft: _along_one(fourier.ihfft),
        np.fft.irfft: _along_one(fourier.irfft),
        np.fft.irfft2: _along_several(fourier.irfftn, (-2, -1)),
        np.fft.irfftn: _along_several(fourier.irfftn, None),
        np.fft.rfft: _along_one(fourier.rfft),
        np.fft.rfft2: _along_several(fourier.rfftn, (-2, -1)),
        np.fft.rfftn: _along_several(fourier.rfftn, None),
    }
)
