"""Reading ahead: an iterator whose next values are made in a background thread.

The values, their order and the errors are those of the iterator itself. What they are is left to
the only caller, ``DataLoader``.
"""

from __future__ import annotations

import contextvars
import queue
import sys
import threading
from collections.abc import Generator, Iterator
from typing import Any, TypeVar

__all__ = ["prefetched"]

T = TypeVar("T")

_VALUE, _ERROR, _END = range(3)


def prefetched(source: Iterator[T], ahead: int) -> Generator[T]:
    """Iterate over `source`, which a thread of its own reads up to `ahead` values ahead.

    The thread starts with the first value. It ends with the last one, with an error of `source`,
    which is raised here in its place, and when this iterator is closed or dropped: by ``break``,
    by an error in the loop, by Ctrl-C. By then the read that it is in has come to its end.

    Parameters
    ----------
    source
        What to read. Context variables are to it as they are where the first value is asked for.
    ahead
        How many values may wait, at least 1.
    """
    # Of C, unlike queue.Queue, whose lock a signal may leave locked. What has room is counted by a queue of its own.
    values: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()
    room: queue.SimpleQueue[None] = queue.SimpleQueue()
    for _ in range(ahead):
        room.put(None)
    stopped = threading.Event()
    thread = threading.Thread(
        target=contextvars.copy_context().run,
        args=(_read, source, values, room, stopped),
        name="simple_autograd prefetch",
        # An iterator that a program still holds when it ends shall not keep it from ending.
        daemon=True,
    )
    try:
        thread.start()
        while True:
            kind, value = values.get()
            room.put(None)
            if kind == _END:
                return
            if kind == _ERROR:
                try:
                    raise value
                finally:
                    del value  # It holds this frame by its traceback: a cycle.
            yield value
    finally:
        stopped.set()
        room.put(None)  # which the thread may wait for
        # At the interpreter's end the thread stands still; and the garbage collector may have
        # dropped this iterator in the thread itself.
        is_here = thread is threading.current_thread()
        if not sys.is_finalizing() and not is_here and thread.is_alive():
            thread.join()


def _read(
    source: Iterator[Any],
    values: queue.SimpleQueue[tuple[int, Any]],
    room: queue.SimpleQueue[None],
    stopped: threading.Event,
) -> None:
    if stopped.is_set():
        return  # Ctrl-C came while the thread was being started.
    try:
        for value in source:
            room.get()
            if stopped.is_set():
                return
            values.put((_VALUE, value))
    except BaseException as error:
        # Whatever it is, it is raised again where the values are read.
        values.put((_ERROR, error))
    else:
        values.put((_END, None))
