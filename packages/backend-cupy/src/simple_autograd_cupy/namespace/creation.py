"""The standard's creation functions: CuPy's, with a device."""

from __future__ import annotations

import contextlib
from typing import Any

import cupy
from cupy.cuda.pinned_memory import is_memory_pinned

from simple_autograd.backends import get_backend
from simple_autograd.types import Array, DType, Shape

from ..devices import moved

__all__ = [
    "arange",
    "asarray",
    "empty",
    "empty_like",
    "eye",
    "from_dlpack",
    "full",
    "full_like",
    "linspace",
    "ones",
    "ones_like",
    "zeros",
    "zeros_like",
]

_HOST = 1  # DLPack's number for a CPU
_CURRENT = contextlib.nullcontext()


def _on(device: Any) -> contextlib.AbstractContextManager[Any]:
    """Make a device (``cupy.cuda.Device`` or its number) the current one; None leaves that as it is."""
    return _CURRENT if device is None else cupy.cuda.Device(device)


def asarray(
    obj: Any, /, *, dtype: DType = None, device: Any = None, copy: bool | None = None
) -> Array:
    """Give an array, a number or nested sequences of them as an array on the GPU.

    Raises
    ------
    TypeError
        If `obj` is no numbers.
    ValueError
        If ``copy=False`` and `obj` is no array of that data type and device.
    """
    with _on(device):
        here = isinstance(obj, cupy.ndarray)
        if here and obj.data.device_id == cupy.cuda.runtime.getDevice():
            return cupy.asarray(obj, dtype=dtype, copy=copy)
        if copy is False:
            raise ValueError(
                f"asarray: copy=False, but a {type(obj).__name__} that is not on this GPU is copied to it. "
                f"Leave copy out."
            )
        return cupy.asarray(moved(obj) if here else _numbers(obj), dtype=dtype)


def _numbers(obj: Any) -> Any:
    """Give what is on the host as a NumPy array that CuPy may read when it likes."""
    host = get_backend("numpy")
    if not isinstance(obj, host.array_type):
        try:
            obj = host.asarray(obj)
        except TypeError:
            return obj  # a list of arrays on the GPU, which CuPy joins
    elif is_memory_pinned(obj.ctypes.data):
        obj = obj.copy()  # CuPy reads it later, when its owner may have written to it again
    if not host.is_floating(obj.dtype) and obj.dtype.kind not in "biu":
        raise TypeError(f"asarray: needed are numbers, this has the type {obj.dtype}.")
    return obj


def from_dlpack(x: Any, /, *, device: Any = None, copy: bool | None = None) -> Array:
    """Give another library's array; one that is on this GPU shares its memory, one on the host is copied."""
    kind, *_ = x.__dlpack_device__()
    if kind == _HOST:
        return asarray(get_backend("numpy").xp.from_dlpack(x), device=device, copy=copy)
    there = cupy.from_dlpack(x, copy=copy)
    return there if device is None else asarray(there, device=device, copy=copy)


def arange(
    start: float,
    /,
    stop: float | None = None,
    step: float = 1,
    *,
    dtype: DType = None,
    device: Any = None,
) -> Array:
    """Numbers from `start` to before `stop`, `step` apart."""
    with _on(device):
        return cupy.arange(start, stop, step, dtype=dtype)


def linspace(
    start: complex,
    stop: complex,
    /,
    num: int,
    *,
    dtype: DType = None,
    device: Any = None,
    endpoint: bool = True,
) -> Array:
    """`num` numbers evenly spaced from `start` to `stop`."""
    with _on(device):
        if not isinstance(start, complex) and not isinstance(stop, complex):
            return cupy.linspace(start, stop, num, endpoint=endpoint, dtype=dtype)
        # CuPy's takes real ends only.
        parts = [
            cupy.linspace(a, b, num, endpoint=endpoint)
            for a, b in ((start.real, stop.real), (start.imag, stop.imag))
        ]
        return (parts[0] + 1j * parts[1]).astype(dtype or cupy.complex128, copy=False)


def eye(
    n_rows: int,
    n_cols: int | None = None,
    /,
    *,
    k: int = 0,
    dtype: DType = None,
    device: Any = None,
) -> Array:
    """Ones on diagonal `k`, zeros elsewhere."""
    with _on(device):
        return cupy.eye(n_rows, n_cols, k=k, dtype=dtype)


def empty(shape: int | Shape, *, dtype: DType = None, device: Any = None) -> Array:
    """An array of a shape, whatever its memory held before."""
    with _on(device):
        return cupy.empty(shape, dtype=dtype)


def zeros(shape: int | Shape, *, dtype: DType = None, device: Any = None) -> Array:
    """Zeros of a shape."""
    with _on(device):
        return cupy.zeros(shape, dtype=dtype)


def ones(shape: int | Shape, *, dtype: DType = None, device: Any = None) -> Array:
    """Ones of a shape."""
    with _on(device):
        return cupy.ones(shape, dtype=dtype)


def full(
    shape: int | Shape, fill_value: complex, *, dtype: DType = None, device: Any = None
) -> Array:
    """One number in every place of a shape."""
    with _on(device):
        return cupy.full(shape, fill_value, dtype=dtype)


def empty_like(x: Array, /, *, dtype: DType = None, device: Any = None) -> Array:
    """An array in the shape and data type of `x`, whatever its memory held before."""
    with _on(device):
        return cupy.empty_like(x, dtype=dtype)


def zeros_like(x: Array, /, *, dtype: DType = None, device: Any = None) -> Array:
    """Zeros in the shape and data type of `x`."""
    with _on(device):
        return cupy.zeros_like(x, dtype=dtype)


def ones_like(x: Array, /, *, dtype: DType = None, device: Any = None) -> Array:
    """Ones in the shape and data type of `x`."""
    with _on(device):
        return cupy.ones_like(x, dtype=dtype)


def full_like(
    x: Array, /, fill_value: complex, *, dtype: DType = None, device: Any = None
) -> Array:
    """One number in every place, in the shape and data type of `x`."""
    with _on(device):
        return cupy.full_like(x, fill_value, dtype=dtype)
