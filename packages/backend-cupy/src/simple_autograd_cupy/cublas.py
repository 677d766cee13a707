"""cuBLAS, called so that a stream may be capturing: CuPy's own calls refuse that (``setStream`` in its ``cublas.pyx``).

The functions are those of ``nvmath.bindings.cublas``, NVIDIA's own bindings. Where nvmath-python is not installed, the
same ones are called through ctypes in the library that CuPy itself has loaded. Each stream gets a handle, and with it a
workspace that stays in its place: by itself cuBLAS would allocate one while a graph is captured. See "CUDA Graphs
Support" and cublasSetWorkspace in the documentation of cuBLAS. ``matmul.py`` calls.
"""

from __future__ import annotations

import ctypes
import functools
import threading
import weakref
from collections.abc import MutableMapping
from importlib import import_module
from typing import Any

import cupy

__all__ = ["handle", "library"]

_LIBRARIES = ("libcublas.so.13", "libcublas.so.12", "cublas64_13.dll", "cublas64_12.dll")

_MiB = 1 << 20


@functools.cache
def library() -> Any:
    """Give the functions of cuBLAS; None if there is no way to it besides CuPy's."""
    try:
        return import_module("nvmath.bindings.cublas")
    except ImportError:
        pass
    cupy.cuda.device.get_cublas_handle()  # CuPy finds the library in the wheels of CUDA, and loads it.
    for name in _LIBRARIES:
        try:
            return _Functions(ctypes.CDLL(name))
        except OSError:
            continue
    return None


def handle() -> int:
    """Give the handle for the current stream of the current device, made when first asked for."""
    stream = cupy.cuda.get_current_stream()
    handles = _handles.on.setdefault(cupy.cuda.runtime.getDevice(), weakref.WeakKeyDictionary())
    found = handles.get(stream)
    if found is None:
        found = handles[stream] = _Handle(stream.ptr)
    return found.address


class _Handle:
    """A handle of cuBLAS for one stream, with its workspace."""

    def __init__(self, stream: int) -> None:
        functions = library()
        capability = int(cupy.cuda.Device().compute_capability)
        size = (32 if capability >= 90 else 4) * _MiB  # what NVIDIA recommends
        # Straight from CUDA: in a pool it would be the pool's to give away.
        with cupy.cuda.using_allocator(None):
            self._workspace = cupy.empty(size, "uint8")
        self.address: int = functions.create()
        functions.set_stream(self.address, stream)
        functions.set_workspace(self.address, self._workspace.data.ptr, size)
        # As the interpreter ends CUDA may be gone already.
        weakref.finalize(self, functions.destroy, self.address).atexit = False


class _Handles(threading.local):
    """A thread's handles, by device and stream: a handle must not be used by two threads at once."""

    def __init__(self) -> None:
        self.on: dict[int, MutableMapping[Any, _Handle]] = {}


_handles = _Handles()


class _Functions:
    """What is needed of ``nvmath.bindings.cublas``, through ctypes.

    Parameters
    ----------
    cdll
        The loaded library.
    """

    def __init__(self, cdll: Any) -> None:
        address, integer, stride = ctypes.c_void_p, ctypes.c_int, ctypes.c_longlong
        sizes = [address, *[integer] * 5, address]
        self._create = _declared(cdll.cublasCreate_v2, [ctypes.POINTER(address)])
        self.destroy = _checked(cdll.cublasDestroy_v2, [address])
        self.set_stream = _checked(cdll.cublasSetStream_v2, [address, address])
        self.set_workspace = _checked(
            cdll.cublasSetWorkspace_v2, [address, address, ctypes.c_size_t]
        )
        matrix = [address, integer, integer]
        self.gemm_ex = _checked(
            cdll.cublasGemmEx, [*sizes, *matrix, *matrix, address, *matrix, integer, integer]
        )
        matrix = [*matrix, stride]
        self.gemm_strided_batched_ex = _checked(
            cdll.cublasGemmStridedBatchedEx,
            [*sizes, *matrix, *matrix, address, *matrix, integer, integer, integer],
        )

    def create(self) -> int:
        """Make a handle."""
        made = ctypes.c_void_p()
        _check("cublasCreate_v2", self._create(ctypes.byref(made)))
        return made.value or 0


def _declared(function: Any, types: list[Any]) -> Any:
    function.argtypes, function.restype = types, ctypes.c_int
    return function


def _checked(function: Any, types: list[Any]) -> Any:
    call = _declared(function, types)

    def checked(*args: int) -> None:
        status = call(*args)
        if status:
            _check(function.__name__, status)

    return checked


def _check(name: str, status: int) -> None:
    if status:
        raise RuntimeError(
            f"{name}: cuBLAS answers with status {status} (cublasStatus_t in its documentation)."
        )
