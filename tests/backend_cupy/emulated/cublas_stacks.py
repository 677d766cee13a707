"""The functions of cuBLAS for stacks of matrices that are given by the addresses of each."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from . import lapack
from .binding import Address, Int, function_for, of_letters
from .cublas import product
from .memory import array_at, matrix_at
from .streams import enqueue, thing


def _addresses(place: int, count: int) -> list[int]:
    return [int(address) for address in array_at(place, (count,), "uint64")]


@function_for(**of_letters("cublas{}gemmBatched"))
def _gemm_batched(
    dtype: Any,
    handle: Address,
    a_as: Int,
    b_as: Int,
    m: Int,
    n: Int,
    k: Int,
    alpha: Address,
    a: Address,
    a_step: Int,
    b: Address,
    b_step: Int,
    beta: Address,
    c: Address,
    c_step: Int,
    count: Int,
) -> Int:
    # The addresses are the device's: they are known once its work is done.
    thing(handle).stream.finish()
    for first, second, result in zip(*[_addresses(x, count) for x in (a, b, c)], strict=True):
        operands = (alpha, (first, a_step, 0), (second, b_step, 0), beta, (result, c_step, 0))
        status = product(thing(handle), dtype, None, (a_as, b_as), (m, n, k), *operands, 1)
        if status:
            return status
    return 0


@function_for(**of_letters("cublas{}getrfBatched"))
def _getrf_batched(
    dtype: Any,
    handle: Address,
    n: Int,
    matrices: Address,
    step: Int,
    pivots: Address,
    info: Address,
    count: Int,
) -> Int:
    def work() -> None:
        for i, address in enumerate(_addresses(matrices, count)):
            lapack.getrf(dtype, n, n, address, step, pivots + 4 * n * i, info + 4 * i)

    return enqueue(thing(handle).stream, work)


@function_for(**of_letters("cublas{}getrsBatched"))
def _getrs_batched(
    dtype: Any,
    handle: Address,
    as_: Int,
    n: Int,
    columns: Int,
    matrices: Address,
    step: Int,
    pivots: Address,
    sides: Address,
    side_step: Int,
    info: Address,
    count: Int,
) -> Int:
    def work() -> None:
        both = zip(_addresses(matrices, count), _addresses(sides, count), strict=True)
        for i, (address, side) in enumerate(both):
            lapack.getrs(dtype, as_, n, columns, address, step, pivots + 4 * n * i, side, side_step)

    ctypes.c_int.from_address(info).value = 0  # on the host
    return enqueue(thing(handle).stream, work)


@function_for(**of_letters("cublas{}getriBatched"))
def _getri_batched(
    dtype: Any,
    handle: Address,
    n: Int,
    matrices: Address,
    step: Int,
    pivots: Address,
    inverses: Address,
    inverse_step: Int,
    info: Address,
    count: Int,
) -> Int:
    def work() -> None:
        both = zip(_addresses(matrices, count), _addresses(inverses, count), strict=True)
        for i, (address, inverse) in enumerate(both):
            matrix_at(inverse, n, n, inverse_step, dtype)[...] = np.eye(n, dtype=dtype)
            lapack.getrs(dtype, 0, n, n, address, step, pivots + 4 * n * i, inverse, inverse_step)
            array_at(info + 4 * i, (), "int32")[...] = 0

    return enqueue(thing(handle).stream, work)
