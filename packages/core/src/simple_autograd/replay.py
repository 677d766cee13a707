"""What the host must do anew each time a recorded step is replayed.

A recorder keeps the device's work of a training step and repeats just that. What the host has a part in (a learning
rate, the number of steps made, random numbers drawn) would be repeated as it was then. So the functions that have such
a part are marked with `each_time`: while a step is recorded, the recorder is told of their calls, and makes them again
at each replay. Callers: the random generators, optimizers, schedulers, the gradient scaler.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

__all__ = [
    "Recorder",
    "each_time",
    "holders",
    "holds_arrays",
    "is_recording",
    "made_anew",
    "made_classes",
    "recorded_by",
]

P = ParamSpec("P")
T = TypeVar("T")
C = TypeVar("C", bound=type)

Recorder = Callable[..., Any]
"""``(function, *args, **options)``: calls the function, gives its result, and keeps all of it for the replays."""


class _State(threading.local):
    """Who records this thread's step."""

    recorder: Recorder | None = None


_state = _State()


def each_time(function: Callable[P, T], /) -> Callable[P, T]:
    """Mark a function that is to be called again at each replay.

    It gives None, or an array, which a replay writes anew.
    """

    @functools.wraps(function)
    def call(*args: P.args, **options: P.kwargs) -> T:
        recorder = _state.recorder
        if recorder is None:
            return function(*args, **options)
        result: T = recorder(function, *args, **options)
        return result

    return call


holders: list[type] = []
"""The classes marked with `holds_arrays`."""


def holds_arrays(cls: C, /) -> C:
    """Mark a class whose objects have raw arrays among their attributes that a step reads or writes.

    A recorder that is to know of all that is done with an array looks for it there, as it does in Variables.
    """
    holders.append(cls)
    return cls


made_classes: set[type] = set()
"""The classes marked with `made_anew`."""


def made_anew(cls: C, /) -> C:
    """Mark a class whose objects a step makes and an op keeps something in: a replay makes another one.

    ``__getnewargs__`` gives what such an object is made of.
    """
    made_classes.add(cls)
    return cls


def is_recording() -> bool:
    """Say whether a step is being recorded in this thread."""
    return _state.recorder is not None


@contextmanager
def recorded_by(recorder: Recorder | None) -> Iterator[None]:
    """Tell `recorder` of marked calls within a ``with`` block, in this thread; None tells nobody."""
    before, _state.recorder = _state.recorder, recorder
    try:
        yield
    finally:
        _state.recorder = before
