"""Writes that a recording does not see: into arrays that were there before, past the arrays that stand for them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from ..backends import Backend
from ..types import Array

__all__ = ["Watch", "content"]


class Watch:
    """Knows what arrays held when a recorded call last had to do with them, and finds those that hold something else.

    Parameters
    ----------
    backend
        Theirs.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._seen: dict[Hashable, dict[int, tuple[Array, int]]] = {}
        """By memory, and by the identity of an array that lies there: the array, and what it held."""

    def meet(self, array: Array) -> None:
        """Watch an array from here on."""
        here = self._seen.setdefault(self._backend.memory_key(array), {})
        here.setdefault(id(array), (array, content(self._backend, array)))

    def changed(self, arrays: Iterable[Array] | None = None) -> Array | None:
        """Give one of the watched arrays that was written since, of those in the memory of `arrays` or of all."""
        for here in self._near(arrays):
            for array, held in here.values():
                if content(self._backend, array) != held:
                    return array
        return None

    def update(self, arrays: Iterable[Array] | None = None) -> None:
        """Take what arrays hold now for what they are to hold."""
        for here in self._near(arrays):
            for key, (array, _) in here.items():
                here[key] = (array, content(self._backend, array))

    def _near(self, arrays: Iterable[Array] | None) -> list[dict[int, tuple[Array, int]]]:
        if arrays is None:
            return list(self._seen.values())
        keys = {self._backend.memory_key(array) for array in arrays}
        return [self._seen[key] for key in keys if key in self._seen]


def content(backend: Backend, array: Array) -> int:
    """Give a number that changes with what an array holds."""
    values: Any = backend.to_numpy(array)
    return hash((values.shape, values.dtype, values.tobytes()))
