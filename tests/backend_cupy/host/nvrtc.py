"""NVRTC, NVIDIA's compiler of CUDA at run time, by itself: it needs neither a GPU nor CuPy.

The library is that of the wheel ``nvidia-cuda-nvrtc``, or that of an installed CUDA toolkit.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import importlib.util
from pathlib import Path

MISSING = "there is no NVRTC, which CUDA sources are compiled with (pip install nvidia-cuda-nvrtc)"


@functools.cache
def library() -> ctypes.CDLL | None:
    """Load NVRTC; None if there is none."""
    folders = getattr(importlib.util.find_spec("nvidia"), "submodule_search_locations", None) or []
    found = [
        str(path) for folder in folders for path in sorted(Path(folder).rglob("libnvrtc.so.*"))
    ]
    for name in [*found, ctypes.util.find_library("nvrtc")]:
        if name:
            return ctypes.CDLL(name)
    return None


def architectures() -> list[int]:
    """Give the compute capabilities that this NVRTC compiles for, such as 90."""
    nvrtc = _library()
    count = ctypes.c_int()
    _check(nvrtc.nvrtcGetNumSupportedArchs(ctypes.byref(count)))
    found = (ctypes.c_int * count.value)()
    _check(nvrtc.nvrtcGetSupportedArchs(found))
    return list(found)


def ptx(code: str, architecture: int, options: tuple[str, ...]) -> str:
    """Compile a source to PTX, the assembly that a driver takes.

    Raises
    ------
    AssertionError
        If it does not compile, or there are warnings; with what NVRTC says.
    """
    nvrtc, program = _library(), ctypes.c_void_p()
    source = ctypes.c_char_p(code.encode())
    _check(nvrtc.nvrtcCreateProgram(ctypes.byref(program), source, b"kernels.cu", 0, None, None))
    try:
        words = [*options, f"--gpu-architecture=compute_{architecture}"]
        given = (ctypes.c_char_p * len(words))(*[word.encode() for word in words])
        failed = nvrtc.nvrtcCompileProgram(program, len(words), given)
        log = _text(nvrtc.nvrtcGetProgramLogSize, nvrtc.nvrtcGetProgramLog, program)
        assert not failed, log
        assert not log.strip(), log
        return _text(nvrtc.nvrtcGetPTXSize, nvrtc.nvrtcGetPTX, program)
    finally:
        nvrtc.nvrtcDestroyProgram(ctypes.byref(program))


def _text(size_of, text_of, program) -> str:
    size = ctypes.c_size_t()
    _check(size_of(program, ctypes.byref(size)))
    text = ctypes.create_string_buffer(size.value)
    _check(text_of(program, text))
    return text.value.decode()


def _library() -> ctypes.CDLL:
    nvrtc = library()
    assert nvrtc is not None, MISSING
    return nvrtc


def _check(status: int) -> None:
    assert status == 0, f"NVRTC gives the error {status}"
