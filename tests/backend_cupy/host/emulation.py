"""Run the CUDA sources of ``simple_autograd_cupy`` on the host: an emulation, compiled by g++ (see ``emulation.h``).

A source is compiled as it is, with a C function beside each kernel that takes the launch and the arguments' addresses.
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

COMMAND = ["-x", "c++", "-", "-std=c++17", "-O1", "-w", "-shared", "-fPIC", "-ffp-contract=off"]
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


def _path_of(text: str) -> Path:
    """Give where the library of a text is kept, from run to run."""
    folder = Path(tempfile.gettempdir()) / f"simple-autograd-emulation-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    all_of_it = f"{COMPILER}{COMMAND}{(HERE / 'emulation.h').read_text()}{text}"
    return folder / f"{hashlib.sha256(all_of_it.encode()).hexdigest()[:24]}.so"


@functools.cache
def library(code: str) -> ctypes.CDLL:
    """Compile a source for the host, and load it."""
    text = f'#include "{HERE / "emulation.h"}"\n{code}\n' + "\n".join(
        _entry(name, parameters) for name, parameters in kernels_in(code).items()
    )
    path = _path_of(text)
    if not path.exists():
        assert COMPILER is not None
        part = path.with_suffix(f".{os.getpid()}.so")
        command = [COMPILER, *COMMAND, "-o", str(part)]
        done = subprocess.run(command, input=text, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        part.replace(path)
    return ctypes.CDLL(str(path))


def _entry(name: str, parameters: list[Parameter]) -> str:
    """Write the C function that launches a kernel with arguments given by their addresses."""
    given = ", ".join(
        f"*({parameter.type}{'*' if parameter.pointer else ''}*)args[{place}]"
        for place, parameter in enumerate(parameters)
    )
    return (
        f'extern "C" const char* launch_{name}(const unsigned* grid, const unsigned* block, int backwards, '
        f"void** args) {{ return emulation::launch(grid, block, backwards, [=] {{ {name}({given}); }}); }}"
    )


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
    run = getattr(library(code), f"launch_{name}")
    run.restype = ctypes.c_char_p
    shapes = [(ctypes.c_uint * 3)(*(*shape, 1, 1)[:3]) for shape in (grid, block)]
    fault = run(*shapes, int(backwards), addresses)
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
        if value.dtype.names and value.size == 1:
            return (ctypes.c_char * value.nbytes).from_buffer(value)
        assert parameter.pointer, f"{what} and got an array"
        assert value.flags.forc, f"{what} and got an array with gaps"
        _check_pointee(what, parameter.type, value.dtype, code)
        return ctypes.c_void_p(value.ctypes.data)
    assert not parameter.pointer, f"{what} and got a {type(value).__name__}"
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
