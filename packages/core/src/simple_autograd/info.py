"""What the standard's ``__array_namespace_info__`` tells of the default backend: capabilities, data types, devices."""

from __future__ import annotations

from typing import Any

from .backends import get_backend
from .types import DType

__all__ = ["Info", "__array_namespace_info__"]


class Info:
    """The inspection interface of the array API standard, 2024.12."""

    def __init__(self) -> None:
        self._info = get_backend().xp.__array_namespace_info__()

    def capabilities(self) -> dict[str, Any]:
        """Say whether boolean indexing and data-dependent shapes work, and how many axes an array may have."""
        return dict(self._info.capabilities())

    def default_device(self) -> Any:
        """Give the device on which arrays are created."""
        return self._info.default_device()

    def default_dtypes(self, *, device: Any = None) -> dict[str, DType]:
        """Give the data types that creation functions choose by themselves, by kind."""
        return _named(self._info.default_dtypes(device=device))

    def devices(self) -> list[Any]:
        """Give the devices that there are."""
        return list(self._info.devices())

    def dtypes(
        self, *, device: Any = None, kind: str | tuple[str, ...] | None = None
    ) -> dict[str, DType]:
        """Give the data types by name, all or those of a kind."""
        return _named(self._info.dtypes(device=device, kind=kind))


def _named(dtypes: dict[str, DType]) -> dict[str, DType]:
    """Spell the data types as the library's own names for them do."""
    return {key: get_backend().dtype(dtype) for key, dtype in dtypes.items()}


def __array_namespace_info__() -> Info:  # noqa: N807 - the standard's name
    """Give the inspection interface for the default backend."""
    return Info()
