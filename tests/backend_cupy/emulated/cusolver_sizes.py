"""How much memory cuSOLVER's functions ask for to work in: here the least, for they never use it."""
# ruff: noqa: N802 - the names are cuSOLVER's

from __future__ import annotations

from typing import Any

from .binding import Address, Int, Long, Size, function, function_for, give, of_letters

WORK = 16  # bytes


@function_for(
    **of_letters("cusolverDn{}getrf_bufferSize"), **of_letters("cusolverDn{}geqrf_bufferSize")
)
def _of_matrix(
    dtype: Any, handle: Address, m: Int, n: Int, a: Address, step: Int, size: Address
) -> Int:
    give(size, WORK)


@function_for(**of_letters("cusolverDn{}potrf_bufferSize"))
def _of_triangle(
    dtype: Any, handle: Address, uplo: Int, n: Int, a: Address, step: Int, size: Address
) -> Int:
    give(size, WORK)


@function_for(
    **of_letters("cusolverDn{}orgqr_bufferSize", "SD"),
    **of_letters("cusolverDn{}ungqr_bufferSize", "CZ"),
)
def _of_q(
    dtype: Any,
    handle: Address,
    m: Int,
    n: Int,
    k: Int,
    a: Address,
    step: Int,
    tau: Address,
    size: Address,
) -> Int:
    give(size, WORK)


@function_for(**of_letters("cusolverDn{}gesvd_bufferSize"))
def _of_svd(dtype: Any, handle: Address, m: Int, n: Int, size: Address) -> Int:
    give(size, WORK)


@function_for(**of_letters("cusolverDn{}gesvdjBatched_bufferSize"))
def _of_svds(
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
    size: Address,
    params: Address,
    count: Int,
) -> Int:
    give(size, WORK)


@function_for(
    **of_letters("cusolverDn{}syevjBatched_bufferSize", "SD"),
    **of_letters("cusolverDn{}heevjBatched_bufferSize", "CZ"),
)
def _of_eigenvalues(
    dtype: Any,
    handle: Address,
    job: Int,
    uplo: Int,
    n: Int,
    a: Address,
    step: Int,
    w: Address,
    size: Address,
    params: Address,
    count: Int,
) -> Int:
    give(size, WORK)


@function
def cusolverDnXsyevd_bufferSize(
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
    size: Address,
    host_size: Address,
) -> Int:
    give(size, WORK, Size)
    give(host_size, WORK, Size)


@function
def cusolverDnXgeev_bufferSize(
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
    size: Address,
    host_size: Address,
) -> Int:
    give(size, WORK, Size)
    give(host_size, WORK, Size)
