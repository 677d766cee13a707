"""The real CuPy on an emulated GPU: its own code and its own kernels, run on the host.

CuPy asks CUDA for memory, streams, compiled kernels and matrix products. Here these calls come to Python:
``runtime.py`` and ``streams.py`` are CUDA's runtime, ``compiling.py`` has g++ compile what NVRTC is given,
``cublas.py``, ``cusolver.py`` and ``cufft.py`` are NumPy and SciPy, and ``binding.py`` is how calls of C get there. So
the tests that need a GPU run where there is none, and show what the double cannot: what CuPy does with what it is told.
They say nothing about speed, memory's caches, races between threads, and the last digits of a GPU's functions.

It takes Linux on x86-64, g++ and binutils, the wheels cupy-cuda13x 14.2, nvidia-cuda-runtime and nvidia-cuda-crt,
ml_dtypes and SciPy: ``pytest --backend=cupy-emulated``, with EMULATED_DEVICES=2 in the environment for two GPUs. Of
what CuPy brings compiled for GPUs, sorting alone is here.
"""

from __future__ import annotations

import atexit
import importlib
import os
import platform
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

__all__ = ["install", "missing"]

# What CuPy's modules are linked against, or ask for by these names.
_LINKED = {
    "libcublas.so.13": "cupy_backends/cuda/libs/cublas.*.so",
    "libcusolver.so.12": "cupy*/**/*cusolver.*.so",
    "libcusparse.so.12": "cupy_backends/cuda/libs/cusparse.*.so",
    "libcufft.so.12": "cupy/cuda/cufft.*.so",
}
_LOADED = ["libcuda.so.1", "libnvrtc.so.13", "libcublasLt.so.13", "libnvJitLink.so.13"]

# The files that have functions of C's.
_FUNCTIONS = [
    *("runtime", "streams", "compiling", "cublas", "cublas_stacks", "cusolver", "cusolver_sizes"),
    "cufft",
]


def missing() -> str:
    """Say what the emulation lacks on this machine; nothing if all is there."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return "it is for Linux on x86-64"
    tools = [tool for tool in ("g++", "nm") if shutil.which(tool) is None]
    modules = [name for name in ("cupy", "scipy", "ml_dtypes") if not find_spec(name)]
    lacking = ", ".join([*tools, *modules])
    return f"{lacking} must be installed (CuPy as cupy-cuda13x 14.2)" if lacking else ""


def install(*, idle: bool = False) -> None:
    """Have ``import cupy`` in this process find the emulated GPU; CuPy must not be imported yet.

    An idle one does nothing that it is told (see ``idle.py``).
    """
    assert "cupy" not in sys.modules, "CuPy is imported already"
    spec = find_spec("cupy")
    assert spec is not None
    assert spec.origin is not None
    site = Path(spec.origin).parents[1]
    folder = Path(tempfile.mkdtemp(prefix="simple-autograd-emulated-"))
    atexit.register(shutil.rmtree, folder)
    # CUB's kernels come compiled.
    os.environ.update(CUPY_ACCELERATORS="", CUPY_CACHE_DIR=str(folder))

    for name in _FUNCTIONS:
        importlib.import_module(f"{__name__}.{name}")
    from . import binding, thrust

    if idle:
        importlib.import_module(f"{__name__}.idle")
    for soname, pattern in _LINKED.items():
        prefix = soname[3:].partition(".")[0]
        found = [
            name.partition("@")[0]
            for path in site.glob(pattern)
            for name, _, _ in binding.symbols(path, "-D", "--undefined-only")
            if name.startswith(prefix)
        ]
        binding.library(folder, soname, {*found, *binding.starting(prefix)}, version=soname)
    for soname in _LOADED:
        binding.library(
            folder, soname, binding.starting(soname[3:].partition(".")[0].replace("cuda", "cu"))
        )
    inside = next(site.glob("cupy_backends/cuda/api/runtime.*.so"))
    inner = {
        name
        for name, kind, _ in binding.symbols(inside)
        if name.startswith("cuda") and kind in "tT"
    }
    binding.overwrite(inside, binding.library(folder, "libcudart.so.13", inner), inner)
    sys.modules["cupy.cuda.thrust"] = thrust.module()
