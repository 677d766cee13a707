"""The double of CuPy's memory: allocations on a device, pointers into them, and pinned memory of the host."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .graphs import refuse, work_of_current
from .streams import Device, get_current_stream, getDevice, queue_of

EXPORTS = ["Memory", "MemoryPointer", "MemoryPool", "get_allocator", "using_allocator"]


class _Allocation(threading.local):
    allocator: Callable[[int], Any] | None = None


_allocation = _Allocation()


class MemoryPool:
    """Counts what is allocated in it, which is never given back; the memory itself is NumPy's."""

    def __init__(self, allocator: Any = None) -> None:
        self._total = 0

    def malloc(self, size: int) -> None:
        self._total += size

    def total_bytes(self) -> int:
        return self._total

    def used_bytes(self) -> int:
        return self._total


def get_allocator() -> Any:
    return _allocation.allocator


@contextlib.contextmanager
def using_allocator(allocator: Any = None) -> Iterator[None]:
    before, _allocation.allocator = _allocation.allocator, allocator
    try:
        yield
    finally:
        _allocation.allocator = before


class Memory:
    """An allocation on the current device. What it holds at first is NaN, read as floating numbers."""

    def __init__(self, size: int) -> None:
        self._hold(np.full(size, 0xFF, np.uint8))

    def _hold(self, array: np.ndarray) -> None:
        self._array = array
        self.ptr = array.ctypes.data if array.nbytes else 0
        self.size = array.nbytes
        self.device_id = getDevice()
        self.device = Device(self.device_id)
        if _allocation.allocator is not None:
            _allocation.allocator(self.size)
        captured = work_of_current()
        if captured is not None:
            # A graph's addresses stay valid, whoever has let go of the arrays.
            captured.append(functools.partial(_keep, array))


def memory_of(array: np.ndarray) -> Memory:
    """Take a NumPy array for an allocation on the current device."""
    memory = Memory.__new__(Memory)
    memory._hold(array)
    return memory


def _keep(array: np.ndarray) -> None:
    """Do nothing: that this may be called keeps the array."""


class MemoryPointer:
    """A place in an allocation."""

    def __init__(self, mem: Memory, offset: int) -> None:
        self.mem = mem
        self.ptr = mem.ptr + offset
        self.device_id = mem.device_id
        self.device = mem.device

    def copy_from_device_async(self, src: MemoryPointer, size: int, stream: Any = None) -> None:
        _copy_later(self, src, size, stream)

    def copy_from_host_async(self, mem: int, size: int, stream: Any = None) -> None:
        refuse("H2D transfers")
        _copy_later(self, mem, size, stream)


def _copy_later(target: MemoryPointer, source: Any, size: int, stream: Any) -> None:
    """Queue a copy. As on a GPU, the source is read when the copy is done; only what is not pinned is read now."""
    if isinstance(source, MemoryPointer):
        read: Callable[[], Any] = functools.partial(_read_device, source, size)
    elif (pinned := _pinned_at(source)) is not None:
        read = functools.partial(_read_pinned, weakref.ref(pinned), source, size)
    else:
        read = functools.partial(bytes, ctypes.string_at(source, size))
    captured = work_of_current()
    if captured is not None:
        captured.append(lambda: ctypes.memmove(target.ptr, read(), size) and None)
        return
    queue = queue_of(get_current_stream() if stream is None else stream)
    queue.add(lambda: ctypes.memmove(target.ptr, read(), size) and None)


def _read_device(source: MemoryPointer, size: int) -> bytes:
    return ctypes.string_at(source.ptr, size)


def _read_pinned(memory: Callable[[], Any], address: int, size: int) -> bytes:
    assert memory() is not None, "pinned memory was given back before its copy was done"
    return ctypes.string_at(address, size)


class _Pinned(bytearray):
    """Memory of the host that a GPU can read by itself."""

    __hash__ = object.__hash__
    __eq__ = object.__eq__


_all_pinned: weakref.WeakSet[_Pinned] = weakref.WeakSet()


def _pinned_at(address: int) -> _Pinned | None:
    for memory in list(_all_pinned):
        start = np.frombuffer(memory, np.uint8).ctypes.data
        if start <= address < start + len(memory):
            return memory
    return None


def empty_pinned(shape: Any, dtype: Any = float, order: str = "C") -> np.ndarray:
    memory = _Pinned(max(int(np.prod(shape)) * np.dtype(dtype).itemsize, 1))
    _all_pinned.add(memory)
    return np.ndarray(shape, dtype, buffer=memory, order=order)


def is_memory_pinned(data: int) -> bool:
    return _pinned_at(data) is not None
