"""A double of CuPy: NumPy behind the few of CuPy's entry points that the backend uses.

It is as strict as CuPy where CuPy is stricter than NumPy (``arrays.py``: no implicit way to the host,
no NumPy arrays among operands, zero-dimensional arrays instead of scalars, the device of each array),
and as late as a GPU: copies are done when a stream or an event is waited for (``streams.py``), so that
what is read or overwritten too early shows in the numbers. ``functions.py`` lists the namespace, with
CuPy's own signatures; ``test_double.py`` compares all of it with the real CuPy, where that is installed.

It has no compiler: kernels in CUDA are left to the real one, so the backend runs portable bodies here.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from simple_autograd.backends import Backend

from . import arrays, cublas, functions, graphs, memory, streams

__all__ = ["VERSION", "installed", "modules"]

VERSION = "14.2.0"
"""Of the CuPy that it stands for."""

OURS = "simple_autograd_cupy"

_modules: dict[str, ModuleType] = {}
_ours: dict[str, ModuleType] = {}


def modules() -> dict[str, ModuleType]:
    """Give the modules of the double by name: ``cupy``, ``cupy.cuda`` and so on; always the same ones."""
    if not _modules:
        cuda = _module(
            "cupy.cuda",
            **{name: getattr(streams, name) for name in streams.EXPORTS},
            **{name: getattr(memory, name) for name in memory.EXPORTS},
            **{name: getattr(graphs, name) for name in graphs.EXPORTS},
            runtime=_module(
                "cupy.cuda.runtime", **{name: getattr(streams, name) for name in streams.RUNTIME}
            ),
            cublas=_module(
                "cupy.cuda.cublas", **{name: getattr(cublas, name) for name in cublas.EXPORTS}
            ),
            device=_module("cupy.cuda.device", get_cublas_handle=cublas.get_cublas_handle),
            pinned_memory=_module(
                "cupy.cuda.pinned_memory", is_memory_pinned=memory.is_memory_pinned
            ),
        )
        cupy = _module(
            "cupy",
            __version__=VERSION,
            __file__=__file__,
            ndarray=arrays.ndarray,
            ufunc=arrays.ufunc,
            cuda=cuda,
            linalg=_module("cupy.linalg", **functions.LINALG),
            fft=_module("cupy.fft", **functions.FFT),
            **functions.NAMESPACE,
        )
        arrays.namespace.append(cupy)
        _module(
            "cupyx",
            empty_pinned=memory.empty_pinned,
            errstate=functions.errstate,
            scipy=_module(
                "cupyx.scipy", special=_module("cupyx.scipy.special", **functions.SPECIAL)
            ),
        )
        _modules.update(cublas.modules())
    return _modules


def _module(name: str, **contents: Any) -> ModuleType:
    module = _modules[name] = ModuleType(name)
    vars(module).update(contents)
    return module


@contextlib.contextmanager
def installed() -> Iterator[ModuleType]:
    """Have ``import cupy`` give the double, and our package be imported anew, over it."""
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules) if _concerns(name)}
    sys.modules.update({**modules(), **_ours})
    try:
        if not _ours:
            from simple_autograd_cupy import CupyBackend, kernels

            kernels.kernel_of = lambda name, xp: None
            CupyBackend.generator = Backend.generator
        yield _modules["cupy"]
    finally:
        _ours.update({name: sys.modules[name] for name in list(sys.modules) if _is_ours(name)})
        for name in list(sys.modules):
            if _concerns(name):
                del sys.modules[name]
        sys.modules.update(hidden)


def _concerns(name: str) -> bool:
    return name.partition(".")[0] in ("cupy", "cupyx", "nvmath", OURS)


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] == OURS
