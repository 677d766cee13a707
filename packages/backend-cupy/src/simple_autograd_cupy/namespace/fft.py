"""The standard's Fourier transforms: CuPy's, which keep single precision, and frequencies with a data type."""

from __future__ import annotations

from typing import Any

import cupy
from cupy.fft import (
    fft,
    fftn,
    fftshift,
    hfft,
    ifft,
    ifftn,
    ifftshift,
    ihfft,
    irfft,
    irfftn,
    rfft,
    rfftn,
)

from simple_autograd.types import Array, DType

from .creation import _on

__all__ = [
    "fft",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "ifft",
    "ifftn",
    "ifftshift",
    "ihfft",
    "irfft",
    "irfftn",
    "rfft",
    "rfftfreq",
    "rfftn",
]


def fftfreq(n: int, /, *, d: float = 1.0, dtype: DType = None, device: Any = None) -> Array:
    """The frequencies of `fft`."""
    with _on(device):
        return cupy.fft.fftfreq(n, d).astype(dtype or cupy.float64, copy=False)


def rfftfreq(n: int, /, *, d: float = 1.0, dtype: DType = None, device: Any = None) -> Array:
    """The frequencies of `rfft`."""
    with _on(device):
        return cupy.fft.rfftfreq(n, d).astype(dtype or cupy.float64, copy=False)
