"""cuSOLVER, with SciPy's LAPACK."""
# ruff: noqa: N802 - the names are cuSOLVER's

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from . import lapack
from .binding import (
    Address,
    Int,
    Long,
    Size,
    function,
    function_for,
    function_of_words,
    give,
    ignored,
    of_letters,
)
from .cublas import TYPES
from .memory import array_at, matrix_at
from .streams import enqueue, known_as, stream_of, thing

INVALID = 3
Char = ctypes.c_char


class Handle:
    """The stream to work on."""

    number: int | None = None


def _on(handle: int, work: Any) -> int:
    return enqueue(stream_of(thing(handle).number), work)


def _says(info: int, status: int) -> None:
    array_at(info, (), "int32")[...] = status


@function
def cusolverGetProperty(which: Int, value: Address) -> Int:
    give(value, (12, 0, 0)[which])


@function
def cusolverDnCreate(handle: Address) -> Int:
    give(handle, known_as(Handle()), Size)


@function
def cusolverDnSetStream(handle: Address, stream: Address) -> Int:
    thing(handle).number = stream


@function
def cusolverDnGetStream(handle: Address, stream: Address) -> Int:
    give(stream, thing(handle).number or 0, Size)


# What says how to go about it is a number here that nobody looks at.
function_of_words(
    lambda address: give(address, 1, Size),
    1,
    *("cusolverDnCreateParams", "cusolverDnCreateGesvdjInfo", "cusolverDnCreateSyevjInfo"),
)
ignored("cusolverDnDestroyParams", "cusolverDnDestroyGesvdjInfo", "cusolverDnDestroySyevjInfo")

# Decompositions ---------------------------------------------------------------------------------------------------


@function_for(**of_letters("cusolverDn{}getrf"))
def _getrf(
    dtype: Any,
    handle: Address,
    m: Int,
    n: Int,
    a: Address,
    step: Int,
    work: Address,
    pivots: Address,
    info: Address,
) -> Int:
    return _on(handle, lambda: lapack.getrf(dtype, m, n, a, step, pivots, info))


@function_for(**of_letters("cusolverDn{}getrs"))
def _getrs(
    dtype: Any,
    handle: Address,
    as_: Int,
    n: Int,
    columns: Int,
    a: Address,
    step: Int,
    pivots: Address,
    b: Address,
    b_step: Int,
    info: Address,
) -> Int:
    def work() -> None:
        lapack.getrs(dtype, as_, n, columns, a, step, pivots, b, b_step)
        _says(info, 0)

    return _on(handle, work)


def _cholesky(dtype: Any, uplo: int, n: int, a: int, step: int, info: int) -> None:
    matrix = matrix_at(a, n, n, step, dtype)
    found, status = lapack.of("potrf", dtype)(matrix, lower=1 - uplo, clean=0)
    if not status:
        matrix[...] = found
    _says(info, status)


@function_for(**of_letters("cusolverDn{}potrf"))
def _potrf(
    dtype: Any,
    handle: Address,
    uplo: Int,
    n: Int,
    a: Address,
    step: Int,
    work: Address,
    size: Int,
    info: Address,
) -> Int:
    return _on(handle, lambda: _cholesky(dtype, uplo, n, a, step, info))


@function_for(**of_letters("cusolverDn{}potrfBatched"))
def _potrf_batched(
    dtype: Any,
    handle: Address,
    uplo: Int,
    n: Int,
    matrices: Address,
    step: Int,
    info: Address,
    count: Int,
) -> Int:
    def work() -> None:
        for i, a in enumerate(array_at(matrices, (count,), "uint64")):
            _cholesky(dtype, uplo, n, int(a), step, info + 4 * i)

    return _on(handle, work)


@function_for(**of_letters("cusolverDn{}geqrf"))
def _geqrf(
    dtype: Any,
    handle: Address,
    m: Int,
    n: Int,
    a: Address,
    step: Int,
    tau: Address,
    work: Address,
    size: Int,
    info: Address,
) -> Int:
    def run() -> None:
        matrix = matrix_at(a, m, n, step, dtype)
        matrix[...], found, _, status = lapack.of("geqrf", dtype)(matrix)
        array_at(tau, (min(m, n),), dtype)[...] = found
        _says(info, status)

    return _on(handle, run)


@function_for(**of_letters("cusolverDn{}orgqr", "SD"), **of_letters("cusolverDn{}ungqr", "CZ"))
def _orgqr(
    dtype: Any,
    handle: Address,
    m: Int,
    n: Int,
    k: Int,
    a: Address,
    step: Int,
    tau: Address,
    work: Address,
    size: Int,
    info: Address,
) -> Int:
    def run() -> None:
        matrix = matrix_at(a, m, n, step, dtype)
        name = "ungqr" if dtype.kind == "c" else "orgqr"
        matrix[...], _, status = lapack.of(name, dtype)(matrix, array_at(tau, (k,), dtype))
        _says(info, status)

    return _on(handle, run)


@function_for(**of_letters("cusolverDn{}gesvd"))
def _gesvd(
    dtype: Any,
    handle: Address,
    u_job: Char,
    vt_job: Char,
    m: Int,
    n: Int,
    a: Address,
    step: Int,
    s: Address,
    u: Address,
    u_step: Int,
    vt: Address,
    vt_step: Int,
    work: Address,
    size: Int,
    real_work: Address,
    info: Address,
) -> Int:
    if m < n:
        return INVALID
    # O is for: where the matrix was.
    u, u_step = (a, step) if u_job == b"O" else (u, u_step)
    vt, vt_step = (a, step) if vt_job == b"O" else (vt, vt_step)

    def run() -> None:
        matrix = matrix_at(a, m, n, step, dtype)
        try:
            found = np.linalg.svd(matrix, full_matrices=u_job == b"A")
        except np.linalg.LinAlgError:
            _says(info, 1)
            return
        array_at(s, (n,), dtype.char.lower())[...] = found[1]
        if u_job != b"N":
            matrix_at(u, m, found[0].shape[1], u_step, dtype)[...] = found[0]
        if vt_job != b"N":
            matrix_at(vt, n, n, vt_step, dtype)[...] = found[2]
        _says(info, 0)

    return _on(handle, run)


@function_for(**of_letters("cusolverDn{}gesvdjBatched"))
def _gesvdj_batched(
    dtype: Any,
    handle: Address,
    job: Int,
    m: Int,
    n: Int,
    a: Address,
    step: Int,
    s: Address,
    u: Address,
    u_step: Int,
    v: Address,
    v_step: Int,
    work: Address,
    size: Int,
    info: Address,
    params: Address,
    count: Int,
) -> Int:
    if max(m, n) > 32:
        return INVALID

    def run() -> None:
        least, width, real = min(m, n), dtype.itemsize, np.dtype(dtype.char.lower())
        for i in range(count):
            matrix = matrix_at(a + i * step * n * width, m, n, step, dtype)
            found = np.linalg.svd(matrix)
            array_at(s + i * least * real.itemsize, (least,), real)[...] = found[1]
            if job:
                matrix_at(u + i * u_step * m * width, m, m, u_step, dtype)[...] = found[0]
                matrix_at(v + i * v_step * n * width, n, n, v_step, dtype)[...] = found[2].conj().T
            _says(info + 4 * i, 0)

    return _on(handle, run)


def _symmetric(
    dtype: Any, job: int, uplo: int, n: int, a: int, step: int, w: int, info: int
) -> None:
    matrix = matrix_at(a, n, n, step, dtype)
    values, vectors = np.linalg.eigh(matrix, UPLO="LU"[uplo])
    array_at(w, (n,), dtype.char.lower())[...] = values
    if job:
        matrix[...] = vectors
    _says(info, 0)


@function
def cusolverDnXsyevd(
    handle: Address,
    params: Address,
    job: Int,
    uplo: Int,
    n: Long,
    a_type: Int,
    a: Address,
    step: Long,
    w_type: Int,
    w: Address,
    compute: Int,
    work: Address,
    size: Size,
    host_work: Address,
    host_size: Size,
    info: Address,
) -> Int:
    return _on(handle, lambda: _symmetric(np.dtype(TYPES[a_type]), job, uplo, n, a, step, w, info))


@function_for(
    **of_letters("cusolverDn{}syevjBatched", "SD"), **of_letters("cusolverDn{}heevjBatched", "CZ")
)
def _syevj_batched(
    dtype: Any,
    handle: Address,
    job: Int,
    uplo: Int,
    n: Int,
    a: Address,
    step: Int,
    w: Address,
    work: Address,
    size: Int,
    info: Address,
    params: Address,
    count: Int,
) -> Int:
    def run() -> None:
        width, real = dtype.itemsize, np.dtype(dtype.char.lower()).itemsize
        for i in range(count):
            place = a + i * step * n * width
            _symmetric(dtype, job, uplo, n, place, step, w + i * n * real, info + 4 * i)

    return _on(handle, run)


@function
def cusolverDnXgeev(
    handle: Address,
    params: Address,
    left: Int,
    right: Int,
    n: Long,
    a_type: Int,
    a: Address,
    step: Long,
    w_type: Int,
    w: Address,
    vl_type: Int,
    vl: Address,
    vl_step: Long,
    vr_type: Int,
    vr: Address,
    vr_step: Long,
    compute: Int,
    work: Address,
    size: Size,
    host_work: Address,
    host_size: Size,
    info: Address,
) -> Int:
    dtype = np.dtype(TYPES[a_type])

    def run() -> None:
        matrix = matrix_at(a, n, n, step, dtype)
        found = lapack.of("geev", dtype)(matrix, compute_vl=0, compute_vr=int(right))
        values = found[0] if dtype.kind == "c" else found[0] + 1j * found[1]
        array_at(w, (n,), dtype.char.upper())[...] = values
        if right:
            matrix_at(vr, n, n, vr_step, dtype)[...] = found[-2]
        _says(info, found[-1])

    return _on(handle, run)
