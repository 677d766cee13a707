"""Writes in place, and the gradients they would falsify.

A rule that saved an array needs it as it was. Whoever writes through the library (``v[...] = x``, an optimizer's
step, ``load_state_dict``) says so here, and the write is stamped with the tape's clock. Before ``walk.py`` calls
a node's rules it asks whether something they saved was written after the node was made. A forward pass pays nothing
for this: a node has a time stamp anyway.

Writes into raw arrays (``v.data[...] = x``) cannot be seen from here; ``detect_anomaly`` finds those.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

from .anomaly import describe
from .backends import Backend
from .errors import GraphError
from .tape import Node, now
from .types import Array

__all__ = ["check_unwritten", "last_write", "rewriting", "writing", "written"]

Memory = tuple[str, Hashable]
"""The name of a backend, and what its `memory_key` gives."""


class _Stamp:
    """When memory was last written, and by whom."""

    __slots__ = ("time", "writer")

    def __init__(self, time: int, writer: str) -> None:
        self.time = time
        self.writer = writer


_never = _Stamp(0, "")

_stamps: dict[Memory, _Stamp] = {}
"""The last write into each memory.

An entry may outlive its memory and the key be used again: every node that saved the new memory is younger than the
entry, so it cannot be blamed wrongly. There are never more entries than there were arrays written alive at once.
"""

last_write = [0]
"""The time of the latest write of all: nodes younger than it need no look."""


def written(backend: Backend, array: Array, writer: str) -> None:
    """Note that `array` has been overwritten, by `writer` (words for the error message)."""
    last_write[0] = time = now()
    _stamps[_memory(backend, array)] = _Stamp(time, writer)


def writing(backend: Backend, arrays: Iterable[Array], writer: str) -> Callable[[], None]:
    """Give a function that notes that `arrays` have been overwritten: for who overwrites the same ones each time.

    It must not outlive them.
    """
    return _stamping({_memory(backend, array): writer for array in arrays})


def rewriting(
    since: int, arrays: Iterable[tuple[Backend, Array]] | None = None
) -> Callable[[], None]:
    """Give a function that notes writes made since a time again, as made now: for who replays a recorded step.

    Those are all writes; or, with `arrays` given, the ones into these.
    """
    found = {memory: stamp.writer for memory, stamp in _stamps.items() if stamp.time > since}
    if arrays is not None:
        given = {_memory(backend, array) for backend, array in arrays}
        found = {memory: writer for memory, writer in found.items() if memory in given}
    return _stamping(found)


def _stamping(writers: dict[Memory, str]) -> Callable[[], None]:
    """Give a function that stamps memories with the time that it is called at."""
    stamps = {writer: _Stamp(0, writer) for writer in writers.values()}
    stamped = {memory: stamps[writer] for memory, writer in writers.items()}

    def stamp() -> None:
        if stamped:
            last_write[0] = time = now()
            for each in stamps.values():
                each.time = time
            _stamps.update(stamped)

    return stamp


def _memory(backend: Backend, array: Array) -> Memory:
    return backend.name, backend.memory_key(array)


def check_unwritten(node: Node) -> None:
    """Raise if something that the rules of `node` saved was overwritten since.

    Raises
    ------
    GraphError
        Naming the operation, the array and the writer.
    """
    backend = node.backend
    if node.vjp is None or node.held is None:
        return
    for name, value in zip(node.vjp.needs, node.saved(), strict=True):
        for array in value if isinstance(value, tuple | list) else (value,):
            if type(array) is not backend.array_type:
                continue
            stamp = _stamps.get(_memory(backend, array), _never)
            if stamp.time > node.order:
                raise GraphError(
                    f"backward of {node.name}: its gradient needs {name!r} (shape {tuple(array.shape)}), which "
                    f"was overwritten by {stamp.writer} after the forward pass. Write into a copy, or call backward "
                    f"first. {describe(node)}"
                )
