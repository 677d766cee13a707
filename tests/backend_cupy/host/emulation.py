"""Run the CUDA sources of ``simple_autograd_cupy`` on the host: an emulation, compiled by g++ (see ``emulation.h``).

A source is compiled as it is, with a C function beside each kernel that keeps the arguments of a launch.
Arguments are what CuPy's kernels take, turned into the same C values, and checked against the declared parameters:
CuPy itself checks neither their number nor their types.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

HERE = Path(__file__).parent
COMPILER = shutil.which("g++")
NO_COMPILER = "" if COMPILER else "there is no g++, which the emulation of CUDA is compiled with"

COMMAND = ["-std=gnu++17", "-O1", "-w", "-fPIC", "-fno-gnu-unique", "-ffp-contract=off"]
"""What g++ is told."""

POINTEES = {
    "Scalar": {"HALF": 2, "BFLOAT": 2, "SINGLE": 4, "DOUBLE": 8},
    "Real": {"HALF": 4, "BFLOAT": 4, "SINGLE": 4, "DOUBLE": 8},
}
"""The size of the types whose meaning the first line of a source chooses."""

FIXED = {
    "bool": "bool",
    "unsigned char": "uint8",
    "int": "int32",
    "long long": "int64",
    "float": "float32",
    "double": "float64",
}


class Parameter(NamedTuple):
    """A kernel's parameter: its C type without ``const``, its name, and whether it is a pointer."""

    type: str
    name: str
    pointer: bool


def kernels_in(code: str) -> dict[str, list[Parameter]]:
    """Give the kernels that a source declares, with their parameters."""
    code = re.sub(r"//[^\n]*", "", code)
    found = re.findall(
        r'extern "C" __global__ void (?:__launch_bounds__\([^)]*\) )?(\w+)\(([^)]*)\)', code
    )
    return {
        name: [_parameter(text) for text in parameters.split(",") if text.strip()]
        for name, parameters in found
    }


def _parameter(text: str) -> Parameter:
    words = " ".join(
        text.replace("const", " ").replace("__restrict__", " ").replace("*", " * ").split()
    )
    type_, name = words.rsplit(" ", 1)
    return Parameter(type_.removesuffix("*").strip(), name, type_.endswith("*"))


def entry(name: str, kernel: str) -> str:
    """Write the C function that binds a kernel to its arguments, given by their addresses."""
    return (
        f'extern "C" void* bind_{name}(void** args) {{ return emulation::bind({kernel}, args); }}'
    )


def compiled(text: str, *options: str) -> Path:
    """Give the library that g++ makes of a source with `entry` for its kernels, kept from run to run."""
    return _made(text, ".so", "-shared", *options)


def precompiled(text: str, *options: str) -> Path:
    """Give a header that g++ has compiled in advance: its path, without the .gch at the end."""
    return _made(text, ".h.gch", *options).with_suffix("")


def _made(text: str, kind: str, *options: str) -> Path:
    assert COMPILER is not None, NO_COMPILER
    folder = Path(tempfile.gettempdir()) / f"simple-autograd-emulation-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    language = "c++-header" if kind == ".h.gch" else "c++"
    command = [COMPILER, "-x", language, *COMMAND, *options]
    path = folder / (hashlib.sha256(f"{command}{text}".encode()).hexdigest()[:24] + kind)
    if not path.exists():
        part, source = (path.with_suffix(f".{os.getpid()}.{end}") for end in ("part", "source"))
        source.write_text(text, "utf-8")
        done = subprocess.run(
            [*command, "-o", str(part), str(source)], text=True, capture_output=True, check=False
        )
        source.unlink()
        assert done.returncode == 0, done.stderr
        part.replace(path)
    return path


@functools.cache
def library(code: str) -> ctypes.CDLL:
    """Compile a source for the host, and load it."""
    entries = [entry(name, name) for name in kernels_in(code)]
    text = "\n".join([(HERE / "emulation.h").read_text("utf-8"), code, *entries])
    loaded = ctypes.CDLL(str(compiled(text)))
    loaded.run.restype = ctypes.c_char_p
    loaded.run.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]
    loaded.forget.argtypes = [ctypes.c_void_p]
    return loaded


def launch(
    code: str,
    name: str,
    grid: tuple[int, ...],
    block: tuple[int, ...],
    args: tuple[Any, ...],
    *,
    backwards: bool = False,
) -> None:
    """Launch a kernel of a source, as a kernel of CuPy's does."""
    parameters = kernels_in(code)[name]
    assert len(args) == len(parameters), (
        f"{name}: {len(args)} arguments for {len(parameters)} parameters"
    )
    kept = [
        _value(name, parameter, value, code)
        for parameter, value in zip(parameters, args, strict=True)
    ]
    addresses = (ctypes.c_void_p * len(kept))(*[ctypes.addressof(value) for value in kept])
    kernels = library(code)
    bind = getattr(kernels, f"bind_{name}")
    bind.restype = ctypes.c_void_p
    bound = bind(addresses)
    shapes = [(ctypes.c_uint * 3)(*(*shape, 1, 1)[:3]) for shape in (grid, block)]
    fault = kernels.run(*shapes, int(backwards), bound)
    kernels.forget(bound)
    assert fault is None, f"{name}: {fault.decode()}"


def _value(name: str, parameter: Parameter, value: Any, code: str) -> Any:
    """Give the C value that CuPy passes, checked against the parameter."""
    what = (
        f"{name}: {parameter.name} is declared {parameter.type}{'*' if parameter.pointer else ''}"
    )
    if value is None:
        assert parameter.pointer, f"{what} and got None"
        return ctypes.c_void_p(0)
    if isinstance(value, np.ndarray):
        assert parameter.pointer, f"{what} and got an array"
        assert value.flags.forc, f"{what} and got an array with gaps"
        _check_pointee(what, parameter.type, value.dtype, code)
        return ctypes.c_void_p(value.ctypes.data)
    assert not parameter.pointer, f"{what} and got a {type(value).__name__}"
    if type(value) is np.void:
        return (ctypes.c_char * value.nbytes).from_buffer_copy(value)
    if type(value) is float:
        assert parameter.type == "double", f"{what} and got a float"
        return ctypes.c_double(value)
    assert type(value) is int, f"{what} and got a {type(value).__name__}"
    assert parameter.type in ("long long", "unsigned long long"), f"{what} and got an int"
    return ctypes.c_longlong(value)


def _check_pointee(what: str, type_: str, dtype: np.dtype, code: str) -> None:
    if type_ in POINTEES:
        meant = next(word for word in POINTEES[type_] if f"#define {word}\n" in code)
        size = POINTEES[type_][meant]
        fits = dtype.itemsize == size and dtype.kind in "fV"
    else:
        fits = dtype == FIXED[type_]
    assert fits, f"{what} and got an array of {dtype}"
