"""Streams, events and captured graphs of CUDA's runtime.

The device works as late as CUDA allows: what is put on a stream is done when the host waits for it, or when another
stream does whose own work is wanted. Work that nobody ordered, or memory that is used again too early, so shows in the
numbers. With EMULATED_WORK=early all is done at once instead.
"""
# ruff: noqa: N802 - the names are CUDA's

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from .binding import Address, Int, Long, Size, Unsigned, function, give
from .status import (
    CAPTURED_EVENT,
    ILLEGAL_STATE,
    IMPLICIT,
    INVALID_HANDLE,
    INVALIDATED,
    ISOLATED,
    NOT_READY,
    NOT_WHILE_CAPTURING,
    UNMATCHED,
)

__all__ = [
    "DEVICES",
    "Stream",
    "captures",
    "current_device",
    "enqueue",
    "known_as",
    "lock",
    "stream_of",
    "thing",
    "use_device",
    "wait_for_all",
]

DEVICES = int(os.environ.get("EMULATED_DEVICES", "1"))
_EARLY = os.environ.get("EMULATED_WORK", "late") == "early"

Work = Callable[[], object]

lock = threading.RLock()


class Capture:
    """A graph that is being recorded."""

    def __init__(self, origin: Stream) -> None:
        self.origin = origin
        self.streams = {origin}
        self.works: list[Work] = []
        self.is_valid = True

    def refuse(self, status: int) -> int:
        """Spoil the graph; give the status."""
        self.is_valid = False
        return status


class Stream:
    """A stream; number 0 of a device is the legacy one, which waits for all blocking ones, and they for it."""

    def __init__(self, device: int, *, blocking: bool = True) -> None:
        self.device = device
        self.blocking = blocking
        self.works: deque[Work] = deque()
        self.capture: Capture | None = None

    @property
    def is_legacy(self) -> bool:
        return self is _legacy[self.device]

    def finish(self) -> None:
        """Do what is left to do."""
        while self.works:
            self.works.popleft()()


class Mark:
    """What an event is to those who wait: a place in a stream's work."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.time: float | None = None

    def pass_by(self) -> None:
        self.time = time.perf_counter()

    def wait(self) -> None:
        """Have the stream work until it has come here."""
        while self.time is None:
            self.stream.works.popleft()()


class Event:
    """An event, with the place where it was last recorded."""

    def __init__(self, flags: int) -> None:
        self.is_timed = not flags & 2
        self.mark: Mark | None = None
        self.capture: Capture | None = None


_legacy = [Stream(device) for device in range(DEVICES)]
_things: dict[int, Any] = {}
"""Streams, events and graphs by the numbers that CuPy knows them by."""

_thread = threading.local()


def known_as(made: Any) -> int:
    """Give a number to a thing."""
    number = id(made)
    _things[number] = made
    return number


def thing(number: int) -> Any:
    """Give the thing of a number."""
    return _things[number]


def current_device() -> int:
    """Give the device that this thread works on."""
    return getattr(_thread, "device", 0)


def use_device(device: int) -> None:
    """Have this thread work on a device."""
    _thread.device = device


def stream_of(number: int | None) -> Stream:
    """Give the stream of a number; the legacy one for none, 1 or 2."""
    return _legacy[current_device()] if (number or 0) <= 2 else _things[number]


def _streams() -> list[Stream]:
    return [*_legacy, *[made for made in _things.values() if isinstance(made, Stream)]]


def captures(*, blocking: bool = False) -> list[Capture]:
    """Give what is being captured, or only what a legacy stream would meet."""
    return [
        stream.capture
        for stream in _streams()
        if stream.capture and (stream.blocking or not blocking)
    ]


def wait_for_all() -> None:
    """Have all devices finish their work."""
    with lock:
        for stream in _streams():
            stream.finish()


def enqueue(stream: Stream, work: Work) -> int:
    """Put work on a stream; give a status."""
    with lock:
        if stream.capture:
            if not stream.capture.is_valid:
                return INVALIDATED
            stream.capture.works.append(work)
            return 0
        if stream.is_legacy:
            for capture in captures(blocking=True):
                return capture.refuse(IMPLICIT)
            for other in _streams():
                if other.blocking and other.device == stream.device and other is not stream:
                    other.finish()
        elif stream.blocking:
            _legacy[stream.device].finish()
        stream.works.append(work)
        if _EARLY:
            stream.finish()
        return 0


# Streams and events -----------------------------------------------------------------------------------------------


@function
def cudaStreamCreateWithPriority(stream: Address, flags: Unsigned, priority: Int) -> Int:
    give(stream, known_as(Stream(current_device(), blocking=not flags & 1)), Size)


@function
def cudaStreamCreateWithFlags(stream: Address, flags: Unsigned) -> Int:
    return cudaStreamCreateWithPriority(stream, flags, 0)


@function
def cudaStreamCreate(stream: Address) -> Int:
    return cudaStreamCreateWithPriority(stream, 0, 0)


@function
def cudaStreamDestroy(stream: Address) -> Int:
    with lock:
        _things.pop(stream).finish()


@function
def cudaStreamSynchronize(stream: Address) -> Int:
    with lock:
        on = stream_of(stream)
        for capture in [on.capture] if on.capture else []:
            return capture.refuse(NOT_WHILE_CAPTURING)
        status = enqueue(on, lambda: None)
        on.finish()
        return status


@function
def cudaStreamQuery(stream: Address) -> Int:
    on = stream_of(stream)
    if on.capture:
        return on.capture.refuse(NOT_WHILE_CAPTURING)
    return NOT_READY if on.works else 0


@function
def cudaStreamWaitEvent(stream: Address, event: Address, flags: Unsigned) -> Int:
    with lock:
        on, awaited = stream_of(stream), _things[event]
        if awaited.capture:
            if on.is_legacy or on.capture not in (None, awaited.capture):
                return awaited.capture.refuse(IMPLICIT)
            on.capture = awaited.capture
            on.capture.streams.add(on)
            return 0
        if on.capture:
            return on.capture.refuse(ISOLATED)
        return enqueue(on, awaited.mark.wait) if awaited.mark else 0


@function
def cudaLaunchHostFunc(stream: Address, function: Address, data: Address) -> Int:
    call = ctypes.CFUNCTYPE(None, Address)(function)
    return enqueue(stream_of(stream), lambda: call(data))


@function
def cudaEventCreateWithFlags(event: Address, flags: Unsigned) -> Int:
    give(event, known_as(Event(flags)), Size)


@function
def cudaEventCreate(event: Address) -> Int:
    return cudaEventCreateWithFlags(event, 0)


@function
def cudaEventDestroy(event: Address) -> Int:
    del _things[event]


@function
def cudaEventRecord(event: Address, stream: Address) -> Int:
    with lock:
        on, recorded = stream_of(stream), _things[event]
        recorded.capture = on.capture
        if on.capture:
            return 0
        recorded.mark = Mark(on)
        return enqueue(on, recorded.mark.pass_by)


@function
def cudaEventSynchronize(event: Address) -> Int:
    with lock:
        awaited = _things[event]
        if awaited.capture:
            return awaited.capture.refuse(CAPTURED_EVENT)
        if awaited.mark:
            awaited.mark.wait()


@function
def cudaEventQuery(event: Address) -> Int:
    asked = _things[event]
    if asked.capture:
        return asked.capture.refuse(CAPTURED_EVENT)
    return NOT_READY if asked.mark and asked.mark.time is None else 0


@function
def cudaEventElapsedTime(milliseconds: Address, start: Address, end: Address) -> Int:
    first, last = _things[start], _things[end]
    if not (first.is_timed and last.is_timed and first.mark and last.mark):
        return INVALID_HANDLE
    if first.mark.time is None or last.mark.time is None:
        return NOT_READY
    give(milliseconds, 1e3 * (last.mark.time - first.mark.time), ctypes.c_float)


# Graphs -----------------------------------------------------------------------------------------------------------


@function
def cudaStreamBeginCapture(stream: Address, mode: Int) -> Int:
    with lock:
        on = stream_of(stream)
        if on.is_legacy:
            return NOT_WHILE_CAPTURING
        if on.capture:
            return ILLEGAL_STATE
        on.capture = Capture(on)


@function
def cudaStreamEndCapture(stream: Address, graph: Address) -> Int:
    with lock:
        on = stream_of(stream)
        capture = on.capture
        if capture is None:
            return ILLEGAL_STATE
        if capture.origin is not on:
            return UNMATCHED
        for other in capture.streams:
            other.capture = None
        if not capture.is_valid:
            return INVALIDATED
        give(graph, known_as(capture.works), Size)


@function
def cudaStreamIsCapturing(stream: Address, status: Address) -> Int:
    on = stream_of(stream)
    if on.is_legacy and captures(blocking=True):
        return IMPLICIT
    give(status, 0 if on.capture is None else 1 if on.capture.is_valid else 2)


@function
def cudaGraphInstantiate(executable: Address, graph: Address, flags: Long) -> Int:
    give(executable, known_as(list(_things[graph])), Size)


@function
def cudaGraphLaunch(executable: Address, stream: Address) -> Int:
    works = _things[executable]
    return enqueue(stream_of(stream), lambda: [work() for work in works])


@function
def cudaGraphDestroy(graph: Address) -> Int:
    del _things[graph]


@function
def cudaGraphExecDestroy(executable: Address) -> Int:
    del _things[executable]
