"""The emulated GPU's memory: places on the host, which the emulation knows from all others.

What is new holds NaN or large numbers, what is freed does so again, and behind each allocation lie bytes that nobody
may change: each freeing looks.
"""

from __future__ import annotations

import bisect
import ctypes
import math
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Place", "allocate", "array_at", "free", "matrix_at", "place_of"]

_GUARD = 512  # bytes, also how allocations are aligned


class Place(NamedTuple):
    """An allocation."""

    address: int
    size: int
    on_host: bool
    device: int
    bytes: np.ndarray


_places: dict[int, Place] = {}
_addresses: list[int] = []


def allocate(size: int, device: int, *, on_host: bool = False) -> int:
    """Give the address of new memory."""
    raw = np.full(size + 2 * _GUARD, 0xFF, np.uint8)
    skipped = -raw.ctypes.data % _GUARD
    raw = raw[skipped : skipped + size + _GUARD]
    address = raw.ctypes.data
    _places[address] = Place(address, size, on_host, device, raw)
    bisect.insort(_addresses, address)
    return address


def free(address: int) -> None:
    """Take memory back."""
    place = _places.pop(address)
    _addresses.remove(address)
    assert (place.bytes[place.size :] == 0xFF).all(), f"something wrote behind {place.size} bytes"
    place.bytes[:] = 0xFE


def place_of(address: int, size: int = 1) -> Place | None:
    """Give the allocation that bytes lie in, whole; None where they are the host's own."""
    number = bisect.bisect_right(_addresses, address) - 1
    if number < 0:
        return None
    place = _places[_addresses[number]]
    if address >= place.address + max(place.size, 1):
        return None
    assert address + size <= place.address + place.size, (
        f"{size} bytes go over the end of an allocation"
    )
    return place


def array_at(address: int, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Give the array that lies at an address, row by row."""
    dtype = np.dtype(dtype)
    size = math.prod(shape) * dtype.itemsize
    place_of(address, size)
    return np.frombuffer((ctypes.c_char * size).from_address(address), dtype).reshape(shape)


def matrix_at(address: int, rows: int, columns: int, step: int, dtype: Any) -> np.ndarray:
    """Give the matrix that lies at an address, column by column, `step` elements from one to the next."""
    dtype = np.dtype(dtype)
    assert step >= max(1, rows), f"columns of {rows} elements lie {step} apart"
    if not rows or not columns:
        return np.empty((rows, columns), dtype)
    all_of_it = array_at(address, ((columns - 1) * step + rows,), dtype)
    return np.ndarray(
        (rows, columns), dtype, all_of_it, strides=(dtype.itemsize, step * dtype.itemsize)
    )
