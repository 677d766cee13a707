"""The double of CuPy's devices, streams and events: work that is done in order, and late.

Copies between host and device, and from one array to a new one, wait in the queue of their stream until somebody
waits for it: the host, another stream through an event, or a computation on the same stream, since computations
are done at once. The default stream waits for all others but those made with ``non_blocking=True``, and they for it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from .graphs import Capturing

COUNT = 2
"""The number of GPUs; a test may set it."""

EXPORTS = ["Device", "Event", "Stream", "get_current_stream"]
RUNTIME = ["CUDARuntimeError", "deviceSynchronize", "getDevice", "getDeviceCount", "setDevice"]


class _Thread(threading.local):
    def __init__(self) -> None:
        self.device = 0
        self.entered: list[int] = []
        self.streams: dict[int, list[Stream]] = {}


_thread = _Thread()

_ERRORS = {
    900: "cudaErrorStreamCaptureUnsupported: operation not permitted when stream is capturing"
}


class CUDARuntimeError(RuntimeError):
    """What CuPy raises when CUDA gives an error code."""

    def __init__(self, status: int) -> None:
        super().__init__(_ERRORS.get(status, f"CUDA error {status}"))
        self.status = status


# The runtime --------------------------------------------------------------------------------------


def getDeviceCount() -> int:  # noqa: N802 - CuPy's name
    return COUNT


def getDevice() -> int:  # noqa: N802 - CuPy's name
    return _thread.device


def setDevice(device: int) -> None:  # noqa: N802 - CuPy's name
    if not 0 <= device < COUNT:
        raise CUDARuntimeError(101)
    _thread.device = device


def deviceSynchronize() -> None:  # noqa: N802 - CuPy's name
    for (device, _), queue in list(_queues.items()):
        if device == _thread.device:
            queue.run()


class Device:
    """A GPU; in a ``with`` block, the current one."""

    def __init__(self, device: Any = None) -> None:
        self.id = getDevice() if device is None else int(device)

    compute_capability = "90"

    def __int__(self) -> int:
        return self.id

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Device) and self.id == other.id

    def __repr__(self) -> str:
        return f"<CUDA Device {self.id}>"

    def __enter__(self) -> Device:
        _thread.entered.append(getDevice())
        setDevice(self.id)
        return self

    def __exit__(self, *args: Any) -> None:
        setDevice(_thread.entered.pop())

    def use(self) -> Device:
        setDevice(self.id)
        return self

    def synchronize(self) -> None:
        with self:
            deviceSynchronize()


# Queues -------------------------------------------------------------------------------------------


class _Mark:
    """A point in a queue, which has been reached or not."""

    def __init__(self, queue: _Queue) -> None:
        self.queue = queue
        self.reached = False

    def __call__(self) -> None:
        self.reached = True

    def run(self) -> None:
        """Do the work up to here."""
        while not self.reached:
            self.queue.step()


class _Queue:
    """The work of a stream that has not been done."""

    def __init__(self) -> None:
        self._work: deque[Callable[[], None]] = deque()

    def __len__(self) -> int:
        return len(self._work)

    def add(self, work: Callable[[], None]) -> None:
        self._work.append(work)

    def mark(self) -> _Mark:
        mark = _Mark(self)
        self.add(mark)
        return mark

    def step(self) -> None:
        self._work.popleft()()

    def run(self) -> None:
        while self._work:
            self.step()


_queues: dict[tuple[int, int], _Queue] = {}
_blocking: set[tuple[int, int]] = set()


def queue_of(stream: Stream) -> _Queue:
    """Give a stream's queue on the current device, behind what the stream waits for by itself."""
    device = getDevice() if stream.device_id == -1 else stream.device_id
    queue = _queues.setdefault((device, stream.ptr), _Queue())
    if stream.ptr == 0:
        others = [_queues[key] for key in _blocking if key[0] == device]
    elif (device, stream.ptr) in _blocking:
        others = [_queues.setdefault((device, 0), _Queue())]
    else:
        others = []
    for other in others:
        if len(other):
            queue.add(other.mark().run)
    return queue


def finish(stream: Stream | None = None) -> None:
    """Do all the work of a stream, by default of the current one."""
    queue_of(get_current_stream() if stream is None else stream).run()


# Streams and events -------------------------------------------------------------------------------


class Event:
    """A point in a stream's work."""

    def __init__(
        self, block: bool = False, disable_timing: bool = False, interprocess: bool = False
    ) -> None:
        self._mark: _Mark | None = None

    @property
    def done(self) -> bool:
        return self._mark is None or self._mark.reached

    def record(self, stream: Stream | None = None) -> None:
        self._mark = queue_of(get_current_stream() if stream is None else stream).mark()

    def synchronize(self) -> None:
        if self._mark is not None:
            self._mark.run()


class Stream(Capturing):
    """A queue of work on a device."""

    null: Stream
    _made = 0

    def __init__(
        self,
        null: bool = False,
        non_blocking: bool = False,
        ptds: bool = False,
        priority: int | None = None,
    ) -> None:
        if null:
            self.ptr, self.device_id = 0, -1
            return
        Stream._made += 1
        self.ptr, self.device_id = 16 * Stream._made, getDevice()
        _queues[self.device_id, self.ptr] = _Queue()
        if not non_blocking:
            _blocking.add((self.device_id, self.ptr))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stream) and self.ptr == other.ptr

    def __hash__(self) -> int:
        return self.ptr

    def __enter__(self) -> Stream:
        if self.device_id not in (-1, getDevice()):
            raise RuntimeError("the stream was created on another device than the current one")
        _thread.streams.setdefault(getDevice(), [Stream.null]).append(self)
        return self

    def __exit__(self, *args: Any) -> None:
        _thread.streams[getDevice()].pop()

    @property
    def done(self) -> bool:
        return not len(queue_of(self))

    def synchronize(self) -> None:
        if self.is_capturing():
            raise CUDARuntimeError(900)
        finish(self)

    def record(self, event: Event | None = None) -> Event:
        event = Event() if event is None else event
        event.record(self)
        return event

    def wait_event(self, event: Event) -> None:
        if event._mark is not None:
            queue_of(self).add(event._mark.run)


Stream.null = Stream(null=True)


def get_current_stream(device_id: int = -1) -> Stream:
    return _thread.streams.get(getDevice() if device_id == -1 else device_id, [Stream.null])[-1]
