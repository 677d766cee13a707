"""cuBLAS: by CuPy's own bindings and, while a stream is capturing, which those refuse, by others.

They refuse in ``setStream`` of CuPy's ``cublas.pyx``. The others are ``nvmath.bindings.cublas``, NVIDIA's own or, where
nvmath-python is not installed, the same functions through ctypes in the library that CuPy itself has loaded. For them
each stream has a workspace that stays in its place: by itself cuBLAS would allocate one while a graph is captured. See
"CUDA Graphs Support" and cublasSetWorkspace in the documentation of cuBLAS. Callers: ``matmul.py``, and ``graph.py``
before it captures.

A handle of CuPy's belongs to a thread, ends with it, and waits for the GPU then, which would spoil a graph that another
thread captures at that moment. And cuBLAS gives the same bits in each run as long as one stream at a time multiplies.
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

__all__ = ["multiply", "prepare"]

_LIBRARIES = ("libcublas.so.13", "libcublas.so.12", "cublas64_13.dll", "cublas64_12.dll")

_MiB = 1 << 20


def multiply(stacks: bool, *told: int) -> None:
    """Multiply matrices on the current stream.

    Parameters
    ----------
    stacks
        Whether by cublasGemmStridedBatchedEx, otherwise by cublasGemmEx.
    *told
        The function's arguments after the handle.
    """
    own = cupy.cuda.cublas
    try:
        gemm = own.gemmStridedBatchedEx if stacks else own.gemmEx
        gemm(cupy.cuda.device.get_cublas_handle(), *told)
    except NotImplementedError:
        others = library()
        if others is None:
            raise
        gemm = others.gemm_strided_batched_ex if stacks else others.gemm_ex
        gemm(handle(), *told)


def prepare() -> None:
    """Make what products on the current stream need, which cannot be made while a graph is captured."""
    cupy.cuda.device.get_cublas_handle()
    if library() is not None:
        handle()


# While a graph is captured ----------------------------------------------------------------------------------------


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
    """Give this thread's handle on the current device, at work on the current stream."""
    device = cupy.cuda.runtime.getDevice()
    found = _handles.on.get(device)
    if found is None:
        found = _handles.on[device] = _Handle(device)
    stream = cupy.cuda.get_current_stream()
    if stream is not found.stream:
        found.go_to(stream)
    return found.address


class _Handle:
    """A handle of cuBLAS, used by one thread at a time.

    Parameters
    ----------
    device
        The number of the current device.
    """

    def __init__(self, device: int) -> None:
        self.device = device
        self.stream: Any = None
        unused = _unused.setdefault(device, [])
        self.address: int = unused.pop() if unused else library().create()
        # When its thread has ended another one may have it. To destroy it would wait for the whole GPU, and so spoil a
        # graph that is being captured.
        weakref.finalize(self, unused.append, self.address).atexit = False

    def go_to(self, stream: Any) -> None:
        """Work on a stream, in that stream's workspace."""
        workspaces = _workspaces.setdefault(self.device, weakref.WeakKeyDictionary())
        if stream not in workspaces:
            capability = int(cupy.cuda.Device().compute_capability)
            size = (32 if capability >= 90 else 4) * _MiB  # what NVIDIA recommends
            workspaces[stream] = cupy.empty(size, "uint8")
        self.workspace = workspaces[stream]
        library().set_stream(self.address, stream.ptr)
        library().set_workspace(self.address, self.workspace.data.ptr, self.workspace.size)
        self.stream = stream


class _Handles(threading.local):
    """A thread's handles, by device."""

    def __init__(self) -> None:
        self.on: dict[int, _Handle] = {}


_handles = _Handles()
_unused: dict[int, list[int]] = {}
"""The handles of threads that have ended, by device."""

_workspaces: dict[int, MutableMapping[Any, Any]] = {}
"""By device and stream; a graph that was captured on a stream keeps it, and so its workspace."""


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
