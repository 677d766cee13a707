"""The double of cuBLAS in CuPy and in nvmath: it reads and writes matrices as cuBLAS does, by address and column."""

# ruff: noqa: N802, N803 - the names are CuPy's

from __future__ import annotations

import contextlib
import ctypes
import functools
from types import ModuleType
from typing import Any

import numpy as np

from .graphs import done, refuse, work_of_current
from .streams import finish

_DTYPES = {
    0: np.float32,
    1: np.float64,
    2: np.float16,
    4: np.complex64,
    5: np.complex128,
}
with contextlib.suppress(ImportError):
    import ml_dtypes

    _DTYPES[14] = ml_dtypes.bfloat16
_WIDE = {68: np.float32, 70: np.float64, 75: np.float32, 77: np.float32}

EXPORTS = ("gemmEx", "gemmStridedBatchedEx")

calls: list[dict[str, Any]] = []
"""What the products were told, for tests."""


# nvmath.bindings.cublas -------------------------------------------------------------------------------------------


def create() -> int:
    refuse("new handles")
    return 1


def set_stream(handle: int, stream_id: int) -> None:
    """Nothing to do: products are made at once."""


def set_workspace(handle: int, workspace: int, workspace_size_in_bytes: int) -> None:
    assert workspace


def gemm_ex(
    handle: int,
    transa: int,
    transb: int,
    m: int,
    n: int,
    k: int,
    alpha: int,
    a: int,
    atype: int,
    lda: int,
    b: int,
    btype: int,
    ldb: int,
    beta: int,
    c: int,
    ctype: int,
    ldc: int,
    compute_type: int,
    algo: int,
) -> None:
    gemm_strided_batched_ex(
        *(handle, transa, transb, m, n, k, alpha, a, atype, lda, 0, b, btype, ldb, 0),
        *(beta, c, ctype, ldc, 0, 1, compute_type, algo),
    )


def gemm_strided_batched_ex(
    handle: int,
    transa: int,
    transb: int,
    m: int,
    n: int,
    k: int,
    alpha: int,
    a: int,
    atype: int,
    lda: int,
    stride_a: int,
    b: int,
    btype: int,
    ldb: int,
    stride_b: int,
    beta: int,
    c: int,
    ctype: int,
    ldc: int,
    stride_c: int,
    batch_count: int,
    compute_type: int,
    algo: int,
) -> None:
    told = {"transa": transa, "transb": transb, "batch": batch_count, "compute": compute_type}
    calls.append({**told, "by": "nvmath"})
    assert lda >= (k if transa else m)
    assert ldb >= (n if transb else k)
    assert ldc >= m
    dtype = np.dtype(_DTYPES[atype])
    assert atype == btype == ctype
    wide = np.result_type(_WIDE[compute_type], np.complex64 if dtype.kind == "c" else np.float32)
    real = wide.type(0).real.dtype
    assert _read(beta, wide) == 0
    assert real == np.float64 or compute_type != 70
    finish()
    factor = _read(alpha, wide)
    for index in range(batch_count):
        left = _matrix(a + index * stride_a * dtype.itemsize, dtype, transa, m, k, lda)
        right = _matrix(b + index * stride_b * dtype.itemsize, dtype, transb, k, n, ldb)
        out = _matrix(c + index * stride_c * dtype.itemsize, dtype, 0, m, n, ldc)
        done(_multiply, left, right, out, factor)


# cupy.cuda.cublas and cupy.cuda.device ------------------------------------------------------------------------------


handles: list[int] = []
"""The handle of CuPy's, once it has been made."""


def get_cublas_handle() -> int:
    if not handles:
        handles.append(create())
    return handles[0]


def gemmEx(
    handle: int, transa: int, transb: int, m: int, n: int, k: int, alpha: int,
    A: int, Atype: int, lda: int, B: int, Btype: int, ldb: int, beta: int,
    C: int, Ctype: int, ldc: int, computeType: int, algo: int,
) -> None:  # fmt: skip
    _refuse_capture()
    gemm_ex(
        *(handle, transa, transb, m, n, k, alpha, A, Atype, lda, B, Btype, ldb),
        *(beta, C, Ctype, ldc, computeType, algo),
    )
    calls[-1]["by"] = "CuPy"


def gemmStridedBatchedEx(
    handle: int, transa: int, transb: int, m: int, n: int, k: int, alpha: int,
    A: int, Atype: int, lda: int, strideA: int, B: int, Btype: int, ldb: int, strideB: int, beta: int,
    C: int, Ctype: int, ldc: int, strideC: int, batchCount: int, computeType: int, algo: int,
) -> None:  # fmt: skip
    _refuse_capture()
    gemm_strided_batched_ex(
        *(handle, transa, transb, m, n, k, alpha, A, Atype, lda, strideA, B, Btype, ldb, strideB),
        *(beta, C, Ctype, ldc, strideC, batchCount, computeType, algo),
    )
    calls[-1]["by"] = "CuPy"


def _refuse_capture() -> None:
    if work_of_current() is not None:
        raise NotImplementedError(
            "calling cuBLAS API during stream capture is currently unsupported"
        )


# How cuBLAS multiplies ----------------------------------------------------------------------------------------------


def _multiply(left: np.ndarray, right: np.ndarray, out: np.ndarray, factor: Any) -> np.ndarray:
    wide = factor.dtype
    out[...] = factor * (np.array(left, wide, order="C") @ np.array(right, wide, order="C"))
    return out


def _read(address: int, dtype: np.dtype) -> Any:
    return np.frombuffer(ctypes.string_at(address, dtype.itemsize), dtype)[0]


@functools.cache
def _chars(size: int) -> Any:
    """Give the type of so many bytes; each time it is made, it is a cycle."""
    return ctypes.c_char * size


def _matrix(
    address: int, dtype: np.dtype, transposed: int, rows: int, columns: int, width: int
) -> np.ndarray:
    """Give the memory at an address as a matrix that is stored column by column, or its transpose."""
    if transposed:
        rows, columns = columns, rows
    size = (width * (columns - 1) + rows) * dtype.itemsize
    memory = np.frombuffer(_chars(size).from_address(address), dtype)
    stored = np.lib.stride_tricks.as_strided(
        memory, (rows, columns), (dtype.itemsize, width * dtype.itemsize), writeable=True
    )
    return stored.T if transposed else stored


def modules() -> dict[str, ModuleType]:
    """Give the modules by name."""
    module = ModuleType("nvmath.bindings.cublas")
    names = (
        "create",
        "gemm_ex",
        "gemm_strided_batched_ex",
        "set_stream",
        "set_workspace",
    )
    vars(module).update({name: globals()[name] for name in names})
    return {
        "nvmath": ModuleType("nvmath"),
        "nvmath.bindings": ModuleType("nvmath.bindings"),
        "nvmath.bindings.cublas": module,
    }
