"""The rest of CUDA's runtime: devices, what errors are called, memory and copies; for streams see ``streams.py``."""
# ruff: noqa: N802 - the names are CUDA's

from __future__ import annotations

import ctypes

from . import memory
from .binding import Address, Int, Size, Unsigned, function, give, ignored, text_at
from .status import INVALID_DEVICE, INVALID_DIRECTION, NOT_WHILE_CAPTURING, TEXTS
from .streams import (
    DEVICES,
    captures,
    current_device,
    enqueue,
    lock,
    stream_of,
    use_device,
    wait_for_all,
)

__all__ = ["VERSION"]

VERSION = 13000

# Errors and devices ---------------------------------------------------------------------------------------------


@function
def cudaGetErrorName(status: Int) -> Address:
    return text_at(f"cudaError{status}")


@function
def cudaGetErrorString(status: Int) -> Address:
    return text_at(TEXTS.get(status, "an error without a text in the emulation"))


ignored("cudaGetLastError", "cudaDeviceEnablePeerAccess")


@function
def cudaDriverGetVersion(version: Address) -> Int:
    give(version, VERSION)


@function
def cudaRuntimeGetVersion(version: Address) -> Int:
    give(version, VERSION)


@function
def cudaGetDeviceCount(count: Address) -> Int:
    give(count, DEVICES)


@function
def cudaGetDevice(device: Address) -> Int:
    give(device, current_device())


@function
def cudaSetDevice(device: Int) -> Int:
    if not 0 <= device < DEVICES:
        return INVALID_DEVICE
    use_device(device)


@function
def cudaDeviceGetAttribute(value: Address, attribute: Int, device: Int) -> Int:
    give(value, _ATTRIBUTES.get(attribute, 1))


# cudaDeviceAttr: of a block, of the grid, shared memory, registers, warps, processors, and 9.0, a Hopper chip.
_ATTRIBUTES = dict.fromkeys((1, 2, 3), 1024)
_ATTRIBUTES |= {4: 64, 5: 2**31 - 1, 6: 65535, 7: 65535, 8: 49152, 10: 32, 12: 65536}
_ATTRIBUTES |= {16: 132, 39: 2048, 75: 9, 76: 0, 97: 232448}


class _Properties(ctypes.Structure):
    """The beginning of cudaDeviceProp, which is all that the emulation tells."""

    _fields_ = [
        ("name", ctypes.c_char * 256),
        ("identifiers", ctypes.c_char * 28),
        ("total_memory", Size),
        ("shared_of_block", Size),
        ("registers_of_block", Int),
        ("warp", Int),
    ]


@function
def cudaGetDeviceProperties(properties: Address, device: Int) -> Int:
    told = _Properties(b"An emulated device", b"", 8 << 30, 49152, 65536, 32)
    ctypes.memmove(properties, ctypes.byref(told), ctypes.sizeof(told))


@function
def cudaDeviceGetPCIBusId(text: Address, length: Int, device: Int) -> Int:
    ctypes.memmove(text, f"0000:{device:02x}:00.0\0".encode(), 13)


@function
def cudaDeviceCanAccessPeer(answer: Address, device: Int, other: Int) -> Int:
    give(answer, int(device != other))


@function
def cudaDeviceSynchronize() -> Int:
    with lock:
        for capture in captures():
            return capture.refuse(NOT_WHILE_CAPTURING)
        wait_for_all()


# Memory -----------------------------------------------------------------------------------------------------------


@function
def cudaMalloc(address: Address, size: Size) -> Int:
    with lock:
        give(address, memory.allocate(size, current_device()), Size)


@function
def cudaHostAlloc(address: Address, size: Size, flags: Unsigned) -> Int:
    with lock:
        give(address, memory.allocate(size, current_device(), on_host=True), Size)


@function
def cudaFree(address: Address) -> Int:
    if address:
        with lock:
            wait_for_all()
            memory.free(address)


@function
def cudaFreeHost(address: Address) -> Int:
    return cudaFree(address)


@function
def cudaMemGetInfo(free: Address, total: Address) -> Int:
    give(free, 6 << 30, Size)
    give(total, 8 << 30, Size)


@function
def cudaPointerGetAttributes(attributes: Address, address: Address) -> Int:
    place = memory.place_of(address or 0)
    # cudaPointerAttributes: what kind of memory, which device, and the address there and on the host.
    kind = 0 if place is None else 1 if place.on_host else 2
    give(attributes, kind)
    give(attributes + 4, place.device if place else -2)
    give(attributes + 8, address if place else None, Address)
    give(attributes + 16, address if kind < 2 else None, Address)


@function
def cudaMemcpy(target: Address, source: Address, size: Size, kind: Int) -> Int:
    with lock:
        legacy = stream_of(None)
        status = cudaMemcpyAsync(target, source, size, kind, None)
        legacy.finish()
        return status


@function
def cudaMemcpyAsync(
    target: Address, source: Address, size: Size, kind: Int, stream: Address
) -> Int:
    if not size:
        return 0
    with lock:
        on = stream_of(stream)
        to, from_ = memory.place_of(target, size), memory.place_of(source, size)
        sides = [place is None or place.on_host for place in (from_, to)]
        # cudaMemcpyKind: whether source and target are the host's; 4 is for either.
        if kind != 4 and sides != [kind in (0, 1), kind in (0, 2)]:
            return INVALID_DIRECTION
        if on.capture and (to is None or from_ is None):
            return on.capture.refuse(NOT_WHILE_CAPTURING)
        if from_ is None:
            # What lies in the host's common memory is read at once.
            staged = ctypes.string_at(source, size)
            return enqueue(on, lambda: ctypes.memmove(target, staged, size))
        status = enqueue(on, lambda: ctypes.memmove(target, source, size))
        if to is None:
            on.finish()
        return status


@function
def cudaMemcpyPeer(target: Address, to: Int, source: Address, from_: Int, size: Size) -> Int:
    return cudaMemcpy(target, source, size, 3)


@function
def cudaMemcpyPeerAsync(
    target: Address, to: Int, source: Address, from_: Int, size: Size, stream: Address
) -> Int:
    return cudaMemcpyAsync(target, source, size, 3, stream)


@function
def cudaMemsetAsync(target: Address, value: Int, size: Size, stream: Address) -> Int:
    memory.place_of(target, size)
    return enqueue(stream_of(stream), lambda: ctypes.memset(target, value, size))


@function
def cudaMemset(target: Address, value: Int, size: Size) -> Int:
    return cudaMemsetAsync(target, value, size, None)
