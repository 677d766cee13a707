"""NVRTC and the part of CUDA's driver that launches: g++ compiles a source for the host, with ``device.h`` above it.

What stands for a GPU's code is the path of a shared library. In it is, for each kernel, a function that keeps the
launch's arguments, and one for all that runs a kernel with them over a grid (see ``emulation.h``).
"""
# ruff: noqa: N802 - the names are CUDA's

from __future__ import annotations

import ctypes
import functools
import importlib.util
import re
import sys
from pathlib import Path

from tests.backend_cupy.host import emulation

from .binding import Address, Int, Size, Text, Unsigned, function, give, ignored, text_at
from .runtime import VERSION
from .streams import current_device, enqueue, known_as, stream_of, thing, use_device

NOT_COMPILED, INVALID_IMAGE, NOT_FOUND, INVALID_VALUE = 6, 200, 500, 1

HERE = Path(__file__).parent
MOST_SHARED = 49152  # bytes


class Program:
    """A source for NVRTC."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.expressions: list[str] = []
        self.code = b""
        self.log = b""


class Module:
    """A shared library of kernels."""

    def __init__(self, path: str) -> None:
        self.library = ctypes.CDLL(path)
        self.library.run.restype = ctypes.c_char_p
        self.library.run.argtypes = [Address, Address, Int, Address]
        self.library.forget.argtypes = [Address]


class Kernel:
    """A kernel of a module."""

    def __init__(self, module: Module, name: str) -> None:
        self.module = module
        self.name = name
        self.bind = getattr(module.library, f"bind_{name}")
        self.bind.argtypes, self.bind.restype = [Address], Address


class Launch:
    """A kernel with its arguments, to be run once or many times."""

    def __init__(
        self, kernel: Kernel, grid: tuple[int, ...], block: tuple[int, ...], args: int
    ) -> None:
        self.kernel = kernel
        self.shape = [(ctypes.c_uint * 3)(*shape) for shape in (grid, block)]
        self.bound = kernel.bind(args)

    def __call__(self) -> None:
        fault = self.kernel.module.library.run(*self.shape, 0, self.bound)
        if fault:
            raise RuntimeError(f"{self.kernel.name}: {fault.decode()}")

    def __del__(self) -> None:
        self.kernel.module.library.forget(self.bound)


# NVRTC ------------------------------------------------------------------------------------------------------------


@function
def nvrtcGetErrorString(status: Int) -> Address:
    return text_at("NVRTC_ERROR_COMPILATION")


@function
def nvrtcVersion(major: Address, minor: Address) -> Int:
    give(major, VERSION // 1000)
    give(minor, VERSION % 1000 // 10)


@function
def nvrtcCreateProgram(
    program: Address, source: Text, name: Text, count: Int, headers: Address, names: Address
) -> Int:
    give(program, known_as(Program(source.decode())), Size)


ignored("nvrtcDestroyProgram", "cuModuleUnload")


@function
def nvrtcAddNameExpression(program: Address, expression: Text) -> Int:
    thing(program).expressions.append(expression.decode())


@function
def nvrtcGetLoweredName(program: Address, expression: Text, name: Address) -> Int:
    give(name, text_at(_plain(expression.decode())), Size)


def _plain(expression: str) -> str:
    return re.sub(r"\W", "_", expression)


@function
def nvrtcCompileProgram(program: Address, count: Int, options: Address) -> Int:
    made = thing(program)
    given = (
        [text.decode() for text in (ctypes.c_char_p * count).from_address(options)] if count else []
    )
    flags = [text for text in given if text.startswith(("-I", "-D"))]
    try:
        made.code = str(_compiled(made.source, made.expressions, flags)).encode() + b"\0"
    except AssertionError as error:
        made.log = str(error).encode()
        print(error, file=sys.stderr)
        return NOT_COMPILED


def _compiled(source: str, expressions: list[str], flags: list[str]) -> Path:
    # Threads that never wait for each other need no fibers, which take long.
    waits = "__sync" in source or "__shfl" in source
    source = re.sub(
        r"extern\s+__shared__\s+(?:__align__\(\d+\)\s+)?([^;]+?)\s+(\w+)\s*\[\s*\]",
        rf"alignas(16) static char \2_bytes[{MOST_SHARED}]; \1* \2 = (\1*)\2_bytes",
        source,
    )
    launched = r"__global__\s+void\s+(?:__launch_bounds__\([^)]*\)\s*)?(\w+)\s*\("
    template = r"template\s*<[^>]*>\s*" + launched
    names = set(re.findall(launched, source)) - set(re.findall(template, source))
    kernels = {name: name for name in names} | {_plain(text): text for text in expressions}
    text = "\n".join(
        [source, *[emulation.entry(name, kernel) for name, kernel in sorted(kernels.items())]]
    )
    header = _header("waits" if waits else "runs")
    return emulation.compiled(text, "-include", str(header), *_places(), *flags)


@functools.cache
def _places() -> tuple[str, ...]:
    """Say where CuPy's headers are, and CUDA's."""
    spec = importlib.util.find_spec("cupy")
    assert spec is not None
    assert spec.origin is not None
    own = Path(spec.origin).parent / "_core" / "include"
    found = [*Path(spec.origin).parents[1].glob("nvidia/cu13/include/cuda_fp16.h")]
    found += Path("/usr/local").glob("cuda*/include/cuda_fp16.h")
    assert found, "CUDA's headers are not there: pip install nvidia-cuda-runtime nvidia-cuda-crt"
    folders = [own, *sorted((own / "cupy" / "_cccl").iterdir()), found[0].parent]
    return ("-fpermissive", *[f"-I{folder}" for folder in folders if folder.is_dir()])


@functools.cache
def _header(kind: str) -> Path:
    """Give ``device.h`` with CuPy's own headers, compiled in advance."""
    text = "\n".join(
        [
            f"#define {'THREADS_NEVER_WAIT' if kind == 'runs' else 'FINISHED_THREADS_DO_NOT_COUNT'}",
            (emulation.HERE / "emulation.h").read_text("utf-8"),
            (HERE / "device.h").read_text("utf-8"),
        ]
    )
    return emulation.precompiled(text, *_places())


# CuPy asks for a GPU's code, and for the intermediate one of an empty source, for its cache.


@function
def nvrtcGetCUBINSize(program: Address, size: Address) -> Int:
    give(size, len(thing(program).code), Size)


@function
def nvrtcGetPTXSize(program: Address, size: Address) -> Int:
    return nvrtcGetCUBINSize(program, size)


@function
def nvrtcGetCUBIN(program: Address, code: Address) -> Int:
    ctypes.memmove(code, thing(program).code, len(thing(program).code))


@function
def nvrtcGetPTX(program: Address, code: Address) -> Int:
    return nvrtcGetCUBIN(program, code)


@function
def nvrtcGetProgramLogSize(program: Address, size: Address) -> Int:
    give(size, len(thing(program).log) + 1, Size)


@function
def nvrtcGetProgramLog(program: Address, log: Address) -> Int:
    ctypes.memmove(log, thing(program).log + b"\0", len(thing(program).log) + 1)


# The driver -------------------------------------------------------------------------------------------------------


@function
def cuDriverGetVersion(version: Address) -> Int:
    give(version, VERSION)


@function
def cuGetErrorName(status: Int, text: Address) -> Int:
    give(text, text_at(f"CUDA_ERROR_{status}"), Size)


@function
def cuGetErrorString(status: Int, text: Address) -> Int:
    give(text, text_at("no text in the emulation"), Size)


@function
def cuCtxGetCurrent(context: Address) -> Int:
    give(context, 1 + current_device(), Size)


@function
def cuCtxSetCurrent(context: Address) -> Int:
    use_device(context - 1)


@function
def cuCtxGetDevice(device: Address) -> Int:
    give(device, current_device())


@function
def cuModuleLoadData(module: Address, image: Address) -> Int:
    path = ctypes.string_at(image).decode()
    if not path.endswith(".so"):
        return INVALID_IMAGE
    give(module, known_as(Module(path)), Size)


@function
def cuModuleGetFunction(found: Address, module: Address, name: Text) -> Int:
    try:
        give(found, known_as(Kernel(thing(module), name.decode())), Size)
    except AttributeError:
        return NOT_FOUND


@function
def cuLaunchKernel(
    kernel: Address,
    grid_x: Unsigned,
    grid_y: Unsigned,
    grid_z: Unsigned,
    block_x: Unsigned,
    block_y: Unsigned,
    block_z: Unsigned,
    shared: Unsigned,
    stream: Address,
    args: Address,
    extra: Address,
) -> Int:
    launched, grid, block = thing(kernel), (grid_x, grid_y, grid_z), (block_x, block_y, block_z)
    threads = block_x * block_y * block_z
    if 0 in grid or not 0 < threads <= 1024 or max(grid_y, grid_z) > 65535 or shared > MOST_SHARED:
        print(f"{launched.name}: grid {grid}, block {block}, {shared} bytes", file=sys.stderr)
        return INVALID_VALUE
    return enqueue(stream_of(stream), Launch(launched, grid, block, args))


@function
def cuFuncGetAttribute(value: Address, attribute: Int, kernel: Address) -> Int:
    give(value, {0: 1024, 8: MOST_SHARED}.get(attribute, 0))


@function
def cuOccupancyMaxPotentialBlockSize(
    grid: Address, block: Address, kernel: Address, shared: Address, size: Size, limit: Int
) -> Int:
    give(grid, 264)
    give(block, 512)


@function
def cuOccupancyMaxActiveBlocksPerMultiprocessor(
    count: Address, kernel: Address, threads: Int, shared: Size
) -> Int:
    give(count, 2048 // threads)
