"""What the namespace tells of itself: data types and their limits, devices."""

from __future__ import annotations

from typing import Any

import cupy

from simple_autograd.backends import get_backend
from simple_autograd.types import DType

__all__ = ["Info", "finfo", "iinfo"]


def finfo(type: Any, /) -> Any:
    """Give the limits of a floating data type, or of that of an array."""
    return cupy.finfo(type.dtype if isinstance(type, cupy.ndarray) else type)


def iinfo(type: Any, /) -> Any:
    """Give the limits of an integer data type, or of that of an array."""
    return cupy.iinfo(type.dtype if isinstance(type, cupy.ndarray) else type)


class Info:
    """The standard's inspection interface. CuPy's data types are NumPy's own, so NumPy tells of them."""

    def __init__(self) -> None:
        self._numpy = get_backend("numpy").xp.__array_namespace_info__()

    def capabilities(self) -> dict[str, Any]:
        """Say what works, and how many axes an array may have."""
        return dict(self._numpy.capabilities())

    def default_device(self) -> Any:
        """Give the current device."""
        return cupy.cuda.Device()

    def default_dtypes(self, *, device: Any = None) -> dict[str, DType]:
        """Give the data types that creation functions choose by themselves, by kind."""
        return dict(self._numpy.default_dtypes())

    def devices(self) -> list[Any]:
        """Give all devices."""
        return [cupy.cuda.Device(i) for i in range(cupy.cuda.runtime.getDeviceCount())]

    def dtypes(
        self, *, device: Any = None, kind: str | tuple[str, ...] | None = None
    ) -> dict[str, DType]:
        """Give the data types by name, all or those of a kind."""
        return dict(self._numpy.dtypes(kind=kind))


def __array_namespace_info__() -> Info:  # noqa: N807 - the standard's name
    """Give the inspection interface."""
    return Info()
