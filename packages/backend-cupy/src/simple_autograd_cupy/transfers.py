"""Batches on their way to the GPU, copied while it is at work on those before.

A batch goes three ways: into pinned memory, which the GPU can read by itself; from there to memory of
ours on the GPU, on a stream of its own, beside what the program's stream is doing; and from there into
the arrays that are given out, on the program's stream. The last way is short, and it is why those
arrays are like any others: their memory belongs to the program's stream, so nothing needs to know when
the program is done with them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import cupy
import cupyx

from simple_autograd.backends import Backend, get_backend
from simple_autograd.types import Array

__all__ = ["Uploader"]

_ALIGNMENT = 512  # bytes: where CuPy's own allocations begin


class Uploader:
    """What ``CupyBackend.uploading`` gives: a function of the arrays of a batch.

    Parameters
    ----------
    backend
        Whose arrays to make.
    device
        The number of its device.
    buffers
        How many batches may be on their way. A buffer is written again when its copy is done.
    """

    def __init__(self, backend: Backend, device: int, *, buffers: int = 2) -> None:
        self._backend = backend
        self._device = cupy.cuda.Device(device)
        with self._device:
            # One that waits for the default stream, as streams do by default, would copy beside nothing.
            self._stream = cupy.cuda.Stream(non_blocking=True)
            self._buffers = [_Buffer() for _ in range(buffers)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # CuPy gives the memory to others when the buffers are dropped.
        for buffer in self._buffers:
            buffer.copied.synchronize()

    def __call__(self, arrays: Sequence[Any]) -> list[Array]:
        """Give the arrays of a batch on the GPU.

        Parameters
        ----------
        arrays
            NumPy arrays, which may be written to again at once, or anything else that ``asarray`` takes.
        """
        host = get_backend("numpy").array_type
        packed = [
            place
            for place, array in enumerate(arrays)
            if type(array) is host and array.dtype.kind in "biufc"
        ]
        buffer = self._buffers.pop(0)
        self._buffers.append(buffer)
        with self._device:
            there = buffer.upload([arrays[place] for place in packed], self._stream)
        uploaded = dict(zip(packed, there, strict=True))
        return [
            uploaded[place] if place in uploaded else self._backend.asarray(array)
            for place, array in enumerate(arrays)
        ]


class _Buffer:
    """Pinned memory and memory on the GPU for one batch on its way.

    Attributes
    ----------
    copied
        When the pinned memory has been read; before, it must not be written.
    taken
        When the memory on the GPU has been read; before, it must not be written.
    """

    def __init__(self) -> None:
        self.copied = cupy.cuda.Event(disable_timing=True)
        self.taken = cupy.cuda.Event(disable_timing=True)
        self._pinned = cupyx.empty_pinned(0, "uint8")
        self._staged = cupy.empty(0, "uint8")

    def upload(self, arrays: Sequence[Any], stream: Any) -> list[Array]:
        """Give NumPy arrays as arrays on the GPU, through `stream`, in the order of the current stream."""
        ends = [0]
        for array in arrays:
            ends.append(ends[-1] + math.ceil(array.nbytes / _ALIGNMENT) * _ALIGNMENT)
        size = ends[-1]
        current = cupy.cuda.get_current_stream()
        self.copied.synchronize()
        if size > self._pinned.size:
            self._pinned = cupyx.empty_pinned(size, "uint8")
            self._staged = cupy.empty(size, "uint8")
            # What had this memory before may still be at work on the current stream.
            self.taken.record(current)
        for array, start in zip(arrays, ends, strict=False):
            _part(self._pinned, start, array)[...] = array
        stream.wait_event(self.taken)
        self._staged[:size].set(self._pinned[:size], stream=stream)
        self.copied.record(stream)
        current.wait_event(self.copied)
        uploaded = [
            _part(self._staged, start, array).copy()
            for array, start in zip(arrays, ends, strict=False)
        ]
        self.taken.record(current)
        return uploaded


def _part(buffer: Any, start: int, array: Any) -> Any:
    """Give the part of a buffer of bytes that begins at `start` as an array like `array`."""
    dtype = array.dtype.newbyteorder("=")
    return buffer[start : start + array.nbytes].view(dtype).reshape(array.shape)
