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

__all__ = ["check_unwritten", "last_write", "rewriting", "written"]

_times: dict[tuple[str, Hashable], tuple[int, str]] = {}
"""By backend and memory key, when that memory was last written and by whom.

An entry may outlive its memory and the key be used again: every node that saved the new memory is younger than the
entry, so it cannot be blamed wrongly. There are never more entries than there were arrays written alive at once.
"""

last_write = [0]
"""The time of the latest write of all: nodes younger than it need no look."""


def written(backend: Backend, array: Array, writer: str) -> None:
    """Note that `array` has been overwritten, by `writer` (words for the error message)."""
    last_write[0] = time = now()
    _times[backend.name, backend.memory_key(array)] = (time, writer)


def rewriting(
    since: int, arrays: Iterable[tuple[Backend, Array]] | None = None
) -> Callable[[], None]:
    """Give a function that notes writes made since a time again, as made now: for who replays a recorded step.

    Those are all writes; or, with `arrays` given, the ones into these.
    """
    found = {key: writer for key, (time, writer) in _times.items() if time > since}
    if arrays is not None:
        keys = {(backend.name, backend.memory_key(array)) for backend, array in arrays}
        found = {key: writer for key, writer in found.items() if key in keys}

    def rewrite() -> None:
        if found:
            last_write[0] = time = now()
            _times.update({key: (time, writer) for key, writer in found.items()})

    return rewrite


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
            time, writer = _times.get((backend.name, backend.memory_key(array)), (0, ""))
            if time > node.order:
                raise GraphError(
                    f"backward of {node.name}: its gradient needs {name!r} (shape {tuple(array.shape)}), which "
                    f"was overwritten by {writer} after the forward pass. Write into a copy, or call backward "
                    f"first. {describe(node)}"
                )
