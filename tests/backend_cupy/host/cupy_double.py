"""A double of CuPy for the kernels: NumPy's arrays, and launches that go to the emulation of CUDA.

It has what ``simple_autograd_cupy.kernels`` asks of CuPy, under CuPy's names. Memory that is not written yet holds NaN
or large numbers, so that a result which no thread wrote shows.
"""

from __future__ import annotations

from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from tests.backend_cupy.host import emulation

backwards = False
"""Whether the threads of the emulation run in the opposite order."""


class MemoryPointer:
    """Stands for ``cupy.cuda.MemoryPointer``."""

    def __init__(self, ptr: int) -> None:
        self.ptr = ptr


class ndarray(np.ndarray):  # noqa: N801 - CuPy's name
    """An array that says where it lies as CuPy's do."""

    @property
    def data(self) -> MemoryPointer:  # type: ignore[override]
        return MemoryPointer(self.ctypes.data)


def device_array(values: Any) -> ndarray:
    """Give an array of the double."""
    return np.asarray(values).view(ndarray)


def empty(shape: Any, dtype: Any = float) -> ndarray:
    out = np.empty(shape, dtype)
    out.reshape(-1).view(np.uint8)[...] = 0xFF
    return out.view(ndarray)


def empty_like(prototype: np.ndarray) -> ndarray:
    out = np.empty_like(prototype)
    out.view(ndarray)[...] = np.nan
    return out.view(ndarray)


class RawKernel:
    """Stands for a kernel out of ``cupy.RawModule``."""

    def __init__(self, code: str, name: str) -> None:
        self.code, self.name = code, name

    def __call__(
        self, grid: tuple[int, ...], block: tuple[int, ...], args: tuple[Any, ...]
    ) -> None:
        emulation.launch(self.code, self.name, grid, block, args, backwards=backwards)


class RawModule:
    """Stands for ``cupy.RawModule``."""

    kernel = RawKernel

    def __init__(self, *, code: str, options: tuple[str, ...] = ()) -> None:
        self.code, self.options = code, options

    def get_function(self, name: str) -> RawKernel:
        return self.kernel(self.code, name)


def module() -> ModuleType:
    """Make a module to stand in for ``cupy``."""
    double = ModuleType("cupy")
    double.__dict__.update(
        RawKernel=RawKernel,
        RawModule=RawModule,
        ndarray=ndarray,
        matmul=lambda a, b, factor=1.0: device_array((factor * np.matmul(a, b)).astype(a.dtype)),
        float32=np.float32,
        empty=empty,
        empty_like=empty_like,
        cuda=SimpleNamespace(
            get_current_stream=lambda: SimpleNamespace(ptr=7),
            runtime=SimpleNamespace(getDevice=lambda: 0),
        ),
        dtype=np.dtype,
        int64=np.int64,
        uint8=np.uint8,
    )
    for name in ("argsort", "ascontiguousarray", "broadcast_to", "concatenate", "sum", "zeros"):
        double.__dict__[name] = _on_device(getattr(np, name))
    return double


def _on_device(function: Any) -> Any:
    def run(*args: Any, **options: Any) -> Any:
        return device_array(function(*args, **options))

    return run
