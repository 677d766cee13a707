"""Writes that a recording does not see: into arrays that were there before, past the arrays that stand for them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from ..backends import Backend
from ..types import Array

__all__ = ["Watch"]


class Watch:
    """Knows what arrays held when a recorded call last had to do with them, and finds those that hold something else.

    Parameters
    ----------
    backend
        Theirs.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._seen: dict[Hashable, tuple[Array, int]] = {}

    def meet(self, array: Array) -> None:
        """Watch an array from here on."""
        self._seen.setdefault(self._backend.memory_key(array), (array, self._content(array)))

    def changed(self, arrays: Iterable[Array] | None = None) -> Array | None:
        """Give one of the watched arrays that was written since, of those in the memory of `arrays` or of all."""
        for key in self._keys(arrays):
            array, content = self._seen[key]
            if self._content(array) != content:
                return array
        return None

    def update(self, arrays: Iterable[Array] | None = None) -> None:
        """Take what arrays hold now for what they are to hold."""
        for key in self._keys(arrays):
            array, _ = self._seen[key]
            self._seen[key] = (array, self._content(array))

    def _keys(self, arrays: Iterable[Array] | None) -> list[Hashable]:
        if arrays is None:
            return list(self._seen)
        keys = {self._backend.memory_key(array) for array in arrays}
        return [key for key in keys if key in self._seen]

    def _content(self, array: Array) -> int:
        values: Any = self._backend.to_numpy(array)
        return hash(values.tobytes())
