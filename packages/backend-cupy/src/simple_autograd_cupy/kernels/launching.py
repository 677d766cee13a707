"""From a ``.cu`` file beside this one to kernels that run: compiled when first used, for each data type.

A family's module is compiled by NVRTC from ``scalar.cuh`` and the family's file; CuPy keeps what comes out in its cache
on disk. Sources name the type of their arrays ``Scalar`` and that of their arithmetic ``Real``: float for the two half
types, and else the same. Kernels take counts as Python's integers (``long long``), numbers as Python's floats
(``double``), and None for an array that is left out; CuPy passes them so. The families' Python files call.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import cupy
import numpy

__all__ = [
    "MOST",
    "OPTIONS",
    "THREADS",
    "TYPES",
    "covered",
    "dense",
    "empty",
    "launch",
    "launch_each",
    "passed",
    "real_dtype",
    "shape_of_blocks",
    "source",
]

Array = Any

OPTIONS = ("--std=c++17",)
"""What NVRTC is told."""

TYPES = {"float16": "HALF", "bfloat16": "BFLOAT", "float32": "SINGLE", "float64": "DOUBLE"}
"""What the sources call a data type, by its name: the types that there are kernels for."""

MOST = 2**31 - 1
"""Counts and places fit in 31 bits; larger arrays are left to the portable bodies."""

THREADS = 256
"""In a block, where nothing says otherwise."""


empty = cupy.ndarray
"""Gives a new array of a shape and a data type, as `cupy.empty` does, which takes a quarter longer about it."""


def source(family: str, dtype: str) -> str:
    """Give the text of a family's module for arrays of the data type of that name."""
    folder = Path(__file__).parent
    parts = [(folder / name).read_text("utf-8") for name in ("scalar.cuh", f"{family}.cu")]
    return "\n".join([f"#define {TYPES[dtype]}", *parts])


@functools.cache
def _module(family: str, dtype: str) -> Any:
    return cupy.RawModule(code=source(family, dtype), options=OPTIONS)


@functools.cache
def _kernel(family: str, name: str, dtype: str) -> Any:
    return _module(family, dtype).get_function(name)


def launch(
    family: str, name: str, dtype: Any, grid: tuple[int, ...], block: tuple[int, ...], *args: Any
) -> None:
    """Launch a kernel on the current stream.

    Parameters
    ----------
    family, name
        Of the file and of the kernel in it.
    dtype
        The data type of the arrays that the kernel takes as ``Scalar``.
    grid, block
        How many blocks, and how many threads each.
    *args
        What the kernel takes.
    """
    _kernel(family, name, dtype.type.__name__)(grid, block, args)


def launch_each(family: str, name: str, dtype: Any, count: int, *args: Any) -> None:
    """Launch a kernel with a thread for each of `count` elements; the kernel is told how many last."""
    if count:
        launch(family, name, dtype, (-(-count // THREADS),), (THREADS,), *args, count)


def passed(record: bytes) -> Any:
    """Give a record, a struct to the kernel, in the form that CuPy passes on fastest: a scalar without fields.

    Of an array, and of fields, it asks NumPy for a description at each launch, which takes longer than the launch.
    """
    return numpy.void(record)


def covered(*arrays: Array | None) -> bool:
    """Say whether there are kernels for the arrays: of one floating type, not empty, and not too large."""
    dtype = arrays[0].dtype  # type: ignore[union-attr]
    if dtype.type.__name__ not in TYPES:
        return False
    return all(
        [array is None or (array.dtype == dtype and 0 < array.size <= MOST) for array in arrays]
    )


def dense(array: Array) -> Array:
    """Give an array as it lies in memory row by row, as kernels want it; itself if it does."""
    return array if array.flags.c_contiguous else cupy.ascontiguousarray(array)


def real_dtype(dtype: Any) -> Any:
    """Give the data type of the arithmetic on arrays of a type: ``Real`` to a ``Scalar``."""
    return dtype if dtype.itemsize > 2 else cupy.dtype("float32")


def shape_of_blocks(length: int) -> tuple[int, int]:
    """Give how many threads share the work on something of a length, and how many such a block holds."""
    width = 32
    while width < 512 and width * 16 < length:
        width *= 2
    return width, 1 if width > 32 else THREADS // 32
