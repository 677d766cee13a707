"""Calls of ``np.fft``."""

from __future__ import annotations

import numpy as np

from tests.core.matrices import normal
from tests.core.numpy_call import call

RNG = np.random.default_rng(6)
CUBE = normal(RNG, 2, 3, 4)
COMPLEX = normal(RNG, 3, 4) + 1j * normal(RNG, 3, 4)

CALLS = [
    *[call(getattr(np.fft, name), CUBE) for name in ("fft", "ifft", "rfft", "irfft", "hfft")],
    call(np.fft.ihfft, CUBE),
    *[call(getattr(np.fft, name), CUBE) for name in ("fft2", "ifft2", "fftn", "ifftn")],
    *[call(getattr(np.fft, name), CUBE) for name in ("rfft2", "irfft2", "rfftn", "irfftn")],
    *[
        call(getattr(np.fft, name), COMPLEX)
        for name in ("ifft", "irfft", "hfft", "ifft2", "irfft2")
    ],
    call(np.fft.fft, COMPLEX, 5, axis=0, norm="ortho"),
    call(np.fft.rfft, CUBE, 3, 1, "forward"),
    call(np.fft.irfft, COMPLEX, 5),
    call(np.fft.fft2, CUBE, (3, 2), (0, 2)),
    call(np.fft.rfftn, CUBE, s=(2, -1), axes=(2, 1), norm="ortho"),
    call(np.fft.irfftn, CUBE, s=(2, 5), axes=(0, 1)),
    call(np.fft.fftshift, CUBE),
    call(np.fft.ifftshift, CUBE, 1),
]
