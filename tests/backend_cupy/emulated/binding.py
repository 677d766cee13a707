"""C libraries whose functions are Python's: those that CuPy loads by their names, and the one inside of it.

A library is assembled anew for each process: each of its functions jumps to where a table says, and the table is
Python's to fill. CUDA's runtime is no library of its own but a part of CuPy's module ``runtime``; the functions there
are overwritten by jumps, which is why its symbols must not be stripped.
"""

from __future__ import annotations

import atexit
import ctypes
import functools
import inspect
import re
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from tests.backend_cupy.host import emulation

__all__ = [
    "Address",
    "Int",
    "Long",
    "Size",
    "Text",
    "Unsigned",
    "function",
    "function_for",
    "function_of_words",
    "give",
    "ignored",
    "in_c",
    "library",
    "of_letters",
    "overwrite",
    "starting",
    "symbols",
    "text_at",
]

Address = ctypes.c_void_p
Int = ctypes.c_int
Unsigned = ctypes.c_uint
Long = ctypes.c_longlong
Size = ctypes.c_size_t
Text = ctypes.c_char_p

UNKNOWN = 999
"""What a function gives that fails in Python, or that there is none of: an unknown error, to all of the libraries."""

_functions: dict[str, Any] = {}
"""By their names in C."""
_kept: list[Any] = []
"""What the tables of libraries point to."""

in_c: dict[str, str] = {}
"""Functions that stay in C, and which: `nothing`, or what gives a number by the first argument, or by the second."""


def function(python: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function the C function of its name; annotations are its types, and it gives a status, None for 0."""
    _bind(python.__name__, python, inspect.get_annotations(python, eval_str=True))
    return python


def function_for(**dtypes: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function several C functions, given by their names, for arrays of these data types: its first argument."""

    def decorate(python: Callable[..., Any]) -> Callable[..., Any]:
        types = inspect.get_annotations(python, eval_str=True)
        del types["dtype"]
        for name, dtype in dtypes.items():
            _bind(name, functools.partial(python, np.dtype(dtype)), dict(types))
        return python

    return decorate


def function_of_words(python: Callable[..., Any], count: int, *names: str) -> None:
    """Make a function the C function of these names, which takes so many integers or addresses, all as integers."""
    for name in names:
        _bind(name, python, {str(place): Size for place in range(count)} | {"return": Int})


def ignored(*names: str) -> None:
    """Have the C functions of these names do nothing, whatever they are given."""
    function_of_words(lambda: 0, 0, *names)


def of_letters(pattern: str, letters: str = "SDCZ") -> dict[str, str]:
    """Give the names that BLAS and LAPACK give a function for single, double and both kinds of complex numbers."""
    dtypes = {"S": "float32", "D": "float64", "C": "complex64", "Z": "complex128"}
    return {pattern.format(letter): dtypes[letter] for letter in letters}


def _bind(name: str, python: Callable[..., Any], types: dict[str, Any]) -> None:
    given = types.pop("return")

    def call(*args: Any) -> Any:
        try:
            status = python(*args)
        except BaseException:
            traceback.print_exc()
            return UNKNOWN
        return status or 0

    _functions[name] = ctypes.CFUNCTYPE(given, *types.values())(call)


def starting(prefix: str) -> set[str]:
    """Name the functions of a library that Python has: the prefix and a capital letter is how their names begin."""
    return {name for name in _functions if re.match(f"{prefix}[A-Z]", name)}


def _missing(name: str) -> Any:
    """Give the function that stands where there is none."""

    def call() -> int:
        print(f"the emulation of CUDA has no {name}", file=sys.stderr)
        return UNKNOWN

    return ctypes.CFUNCTYPE(Int)(call)


def give(address: int, value: Any, type_: Any = Int) -> None:
    """Write a value to where a C function was told to."""
    type_.from_address(address).value = value


@functools.cache
def _buffer(text: bytes) -> Any:
    return ctypes.create_string_buffer(text)


def text_at(text: str) -> int:
    """Give an address where a text lies for good."""
    return ctypes.addressof(_buffer(text.encode()))


def library(folder: Path, soname: str, functions: Iterable[str], version: str = "") -> ctypes.CDLL:
    """Make and load the library of that name, with these functions.

    Parameters
    ----------
    folder
        Where to put its file.
    soname
        The name by which programs ask for it.
    functions
        Their names; those that Python has not say so when they are called.
    version
        Of its symbols, where programs were linked against one.
    """
    names = sorted(functions)
    lines = [
        f"static void *table[{len(names) + 1}] __attribute__((used));",
        "void *the_table(void) { return table; }",
        "int nothing(void) { return 0; }",
        "int zero(int *told) { *told = 0; return 0; }",
        "int zero_second(void *first, int *told) { *told = 0; return 0; }",
        "int one(void **told) { *told = (void *)1; return 0; }",
    ]
    lines += [
        f'__asm__(".globl {name}\\n.type {name}, @function\\n{name}: jmp *table+{8 * place}(%rip)");'
        for place, name in enumerate(names)
    ]
    assert emulation.COMPILER is not None
    source, script, path = (folder / f"{soname}{tail}" for tail in (".c", ".map", ""))
    source.write_text("\n".join(lines), "utf-8")
    options = [f"-Wl,-soname,{soname}"]
    if version:
        script.write_text(f"{version} {{ *; }};", "utf-8")
        options.append(f"-Wl,--version-script={script}")
    options += ["-x", "c", "-O1", "-fPIC", "-shared", "-o", str(path), str(source)]
    subprocess.run([emulation.COMPILER, *options], check=True)
    made = ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
    made.the_table.restype = Address
    table = (Size * len(names)).from_address(made.the_table())
    kept = [
        getattr(made, in_c[name]) if name in in_c else _functions.get(name) or _missing(name)
        for name in names
    ]
    for place, call in enumerate(kept):
        table[place] = ctypes.cast(call, Address).value
    _kept.append(kept)
    # What CuPy frees when Python is gone can no longer come here.
    nothing = ctypes.cast(made.nothing, Address).value
    atexit.register(
        lambda: ctypes.memmove(table, (Size * len(names))(*[nothing] * len(names)), 8 * len(names))
    )
    return made


def symbols(path: Path, *options: str) -> list[tuple[str, str, int]]:
    """Give the symbols of a file: name, kind (as ``nm`` has it) and place."""
    text = subprocess.run(
        ["nm", *options, str(path)], check=True, capture_output=True, text=True
    ).stdout
    found = re.findall(r"^([0-9a-f]*) +(\w) (\S+)$", text, re.MULTILINE)
    return [(name, kind, int(place or "0", 16)) for place, kind, name in found]


def overwrite(path: Path, by: ctypes.CDLL, names: Iterable[str]) -> None:
    """Have functions inside of a library that is loaded jump to those of the same name in another one."""
    ctypes.CDLL(str(path))
    mapped = [
        line
        for line in Path("/proc/self/maps").read_text("utf-8").splitlines()
        if str(path) in line
    ]
    base = min([int(line.partition("-")[0], 16) for line in mapped])
    protect = ctypes.CDLL(None).mprotect
    protect.argtypes = [Address, Size, Int]
    wanted = set(names)
    for name, _, place in symbols(path):
        if name in wanted:
            target = ctypes.cast(getattr(by, name), Address).value or 0
            # The address into a register, and there.
            jump = b"\x48\xb8" + target.to_bytes(8, "little") + b"\xff\xe0"
            page = (base + place) & ~4095
            assert protect(page, 8192, 7) == 0, f"the pages of {path} cannot be written"
            ctypes.memmove(base + place, jump, len(jump))
