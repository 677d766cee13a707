"""The double of CUDA graphs: what is captured is noted and not done; launching a graph does it, on the same memory.

While a stream captures, arrays hold no results: NaN and zeros, as what a GPU has not computed yet could be anything.
What CuPy refuses then is refused here, in its words: copies from and to the host, synchronization, its own cuBLAS.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

EXPORTS = ["Graph"]


class _Captures(threading.local):
    def __init__(self) -> None:
        self.by_stream: dict[int, list[Callable[[], None]]] = {}


_captures = _Captures()


class Capturing:
    """What a stream has to do with graphs."""

    ptr: int

    def begin_capture(self, mode: Any = None) -> None:
        if self.ptr == 0:
            raise RuntimeError("cannot capture on the default (legacy) stream")
        assert not self.is_capturing()
        _captures.by_stream[self.ptr] = []

    def end_capture(self) -> Graph:
        work = _captures.by_stream.pop(self.ptr)
        captured = Graph.__new__(Graph)
        captured._work = work
        return captured

    def is_capturing(self) -> bool:
        return self.ptr in _captures.by_stream


class Graph:
    """Work that can be launched again and again."""

    _work: list[Callable[[], None]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError("currently this class cannot be initiated by the user")

    def launch(self, stream: Any = None) -> None:
        from .streams import finish, get_current_stream

        stream = get_current_stream() if stream is None else stream
        assert not stream.is_capturing()
        finish(stream)
        with np.errstate(all="ignore"):
            for work in self._work:
                work()


def work_of_current() -> list[Callable[[], None]] | None:
    """Give what the current stream has captured so far; None if it does not capture."""
    from .streams import get_current_stream

    return _captures.by_stream.get(get_current_stream().ptr) if _captures.by_stream else None


def refuse(what: str) -> None:
    """Raise if the current stream captures."""
    if work_of_current() is not None:
        raise RuntimeError(f"the current stream is capturing, so {what} are disallowed")


def done(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Call a function of NumPy's; while the current stream captures, note it, and let its results hold nothing."""
    work = work_of_current()
    if work is None:
        return function(*args, **options)
    if function in _UNKNOWN_SHAPES:
        refuse("D2H transfers")
    if function in (np.concat, np.stack) and len(args[0]) > 8:
        refuse("H2D transfers")  # the arrays' addresses
    given = _arrays([args, options])
    before = [array.copy() for array in given]
    result = _settled(function(*args, **options))
    for array, old in zip(given, before, strict=True):
        if array.flags.writeable:
            array[...] = old
    fresh = [
        array
        for array in _arrays(result)
        if array.size and not any(np.may_share_memory(array, other) for other in given)
    ]

    def again() -> None:
        found = _settled(function(*args, **options))
        for array, new in zip(_arrays(result), _arrays(found), strict=True):
            if any(array is one for one in fresh):
                array[...] = new

    work.append(again)
    for array in fresh:
        array[...] = np.nan if array.dtype.kind in "fc" else 0
    return result


_UNKNOWN_SHAPES = {np.nonzero, np.unique_all, np.unique_counts, np.unique_inverse, np.unique_values}


def _settled(value: Any) -> Any:
    """Give scalars as the arrays that they are on a GPU."""
    if isinstance(value, np.generic):
        return np.asarray(value)
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return type(value)([_settled(item) for item in value])
    return value


def _arrays(value: Any) -> list[np.ndarray]:
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [a for item in value for a in _arrays(item)] if isinstance(value, list | tuple) else []
