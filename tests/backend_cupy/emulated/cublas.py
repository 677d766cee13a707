"""cuBLAS, with NumPy: the products; for stacks of matrices by their addresses see ``cublas_stacks.py``."""
# ruff: noqa: N802 - the names are cuBLAS's

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np

from .binding import Address, Int, Long, Size, function, function_for, give, ignored, of_letters
from .memory import array_at, matrix_at
from .streams import Stream, enqueue, known_as, stream_of, thing

NOT_SUPPORTED = 15

# cudaDataType
TYPES = {
    0: "float32",
    1: "float64",
    2: "float16",
    4: "complex64",
    5: "complex128",
    14: ml_dtypes.bfloat16,
}
# cublasComputeType_t: in float32, TF32 or bfloat16, and in float64
_TF32, _BFLOAT16 = 77, 75
_COMPUTED = {68: "fF", _TF32: "fF", _BFLOAT16: "fF", 70: "dD"}


class Handle:
    """What a program tells cuBLAS once: the stream, where it may work, and where factors lie."""

    def __init__(self) -> None:
        self.number: int | None = None
        self.has_workspace = False
        self.factors_on_device = 0
        self.math_mode = 0

    @property
    def stream(self) -> Stream:
        return stream_of(self.number)


@function
def cublasCreate_v2(handle: Address) -> Int:
    give(handle, known_as(Handle()), Size)


ignored("cublasDestroy_v2")


@function
def cublasSetStream_v2(handle: Address, stream: Address) -> Int:
    thing(handle).number = stream
    thing(handle).has_workspace = False


@function
def cublasGetStream_v2(handle: Address, stream: Address) -> Int:
    give(stream, thing(handle).number or 0, Size)


@function
def cublasSetWorkspace_v2(handle: Address, workspace: Address, size: Size) -> Int:
    array_at(workspace, (size,), "uint8")
    thing(handle).has_workspace = True


@function
def cublasSetPointerMode_v2(handle: Address, mode: Int) -> Int:
    thing(handle).factors_on_device = mode


@function
def cublasGetPointerMode_v2(handle: Address, mode: Address) -> Int:
    give(mode, thing(handle).factors_on_device)


@function
def cublasSetMathMode(handle: Address, mode: Int) -> Int:
    thing(handle).math_mode = mode


@function
def cublasGetMathMode(handle: Address, mode: Address) -> Int:
    give(mode, thing(handle).math_mode)


# Products ---------------------------------------------------------------------------------------------------------


def _operand(address: int, operation: int, rows: int, columns: int, step: int, dtype: Any) -> Any:
    """Give a factor of (rows, columns) that is stored as it is (0), transposed (1), or also conjugated (2)."""
    if not operation:
        return matrix_at(address, rows, columns, step, dtype)
    stored = matrix_at(address, columns, rows, step, dtype).T
    return stored.conj() if operation == 2 else stored


def _wide(dtype: Any) -> Any:
    """Give the type of the sums."""
    return np.dtype("float32") if np.dtype(dtype).itemsize == 2 else np.dtype(dtype)


def _rounded(x: np.ndarray, compute: int | None) -> np.ndarray:
    """Give a factor as a product in TF32 or bfloat16 takes it: with 10 or 7 bits of the fraction."""
    bits = {_TF32: 13, _BFLOAT16: 16}.get(compute or 0)
    if bits is None or x.dtype != np.float32:
        return x
    half, kept = 1 << bits - 1, -1 << bits & 0xFFFFFFFF
    return ((x.view(np.uint32) + np.uint32(half)) & np.uint32(kept)).view(np.float32)


def product(
    handle: Handle,
    dtype: Any,
    compute: int | None,
    operations: tuple[int, int],
    sizes: tuple[int, int, int],
    alpha: int,
    a: tuple[int, int, int],
    b: tuple[int, int, int],
    beta: int,
    out: tuple[int, int, int],
    count: int,
) -> int:
    """Put C = alpha A B + beta C on the stream; operands are addresses, the steps of columns, and of matrices."""
    wide = _wide(dtype)
    if compute is not None and wide.char not in _COMPUTED.get(compute, ""):
        return NOT_SUPPORTED
    if handle.stream.capture and not handle.has_workspace:
        return NOT_SUPPORTED  # cuBLAS would allocate one, in the graph
    factors = [array_at(place, (), wide) for place in (alpha, beta)]
    if not handle.factors_on_device:
        factors = [factor.copy() for factor in factors]
    m, n, k = sizes
    size = np.dtype(dtype).itemsize

    def work() -> None:
        for i in range(count):
            first, second, result = (base + i * apart * size for base, _, apart in (a, b, out))
            left, right = (
                _rounded(_operand(place, as_, *lengths, step, dtype).astype(wide), compute)
                for place, as_, lengths, step in (
                    (first, operations[0], (m, k), a[1]),
                    (second, operations[1], (k, n), b[1]),
                )
            )
            target = matrix_at(result, m, n, out[1], dtype)
            product = factors[0] * (left @ right)
            if factors[1]:
                product += factors[1] * target.astype(wide)
            target[...] = product

    return enqueue(handle.stream, work)


@function
def cublasGemmEx(
    handle: Address,
    a_as: Int,
    b_as: Int,
    m: Int,
    n: Int,
    k: Int,
    alpha: Address,
    a: Address,
    a_type: Int,
    a_step: Int,
    b: Address,
    b_type: Int,
    b_step: Int,
    beta: Address,
    c: Address,
    c_type: Int,
    c_step: Int,
    compute: Int,
    algorithm: Int,
) -> Int:
    if not a_type == b_type == c_type:
        return NOT_SUPPORTED
    return product(
        thing(handle),
        TYPES[a_type],
        compute,
        (a_as, b_as),
        (m, n, k),
        alpha,
        (a, a_step, 0),
        (b, b_step, 0),
        beta,
        (c, c_step, 0),
        1,
    )


@function
def cublasGemmStridedBatchedEx(
    handle: Address,
    a_as: Int,
    b_as: Int,
    m: Int,
    n: Int,
    k: Int,
    alpha: Address,
    a: Address,
    a_type: Int,
    a_step: Int,
    a_apart: Long,
    b: Address,
    b_type: Int,
    b_step: Int,
    b_apart: Long,
    beta: Address,
    c: Address,
    c_type: Int,
    c_step: Int,
    c_apart: Long,
    count: Int,
    compute: Int,
    algorithm: Int,
) -> Int:
    if not a_type == b_type == c_type:
        return NOT_SUPPORTED
    return product(
        thing(handle),
        TYPES[a_type],
        compute,
        (a_as, b_as),
        (m, n, k),
        alpha,
        (a, a_step, a_apart),
        (b, b_step, b_apart),
        beta,
        (c, c_step, c_apart),
        count,
    )


@function_for(**of_letters("cublas{}gemm_v2"))
def _gemm(
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
) -> Int:
    return product(
        thing(handle),
        dtype,
        None,
        (a_as, b_as),
        (m, n, k),
        alpha,
        (a, a_step, 0),
        (b, b_step, 0),
        beta,
        (c, c_step, 0),
        1,
    )


@function_for(**of_letters("cublas{}gemv_v2"))
def _gemv(
    dtype: Any,
    handle: Address,
    a_as: Int,
    m: Int,
    n: Int,
    alpha: Address,
    a: Address,
    a_step: Int,
    x: Address,
    x_step: Int,
    beta: Address,
    y: Address,
    y_step: Int,
) -> Int:
    rows, columns = (n, m) if a_as else (m, n)
    # The matrix from the right: what lies `step` apart is a row of columns.
    return product(
        thing(handle), dtype, None, (0, 1 - a_as if a_as < 2 else 0), (1, rows, columns),
        alpha, (x, x_step, 0), (a, a_step, 0), beta, (y, y_step, 0), 1,
    )  # fmt: skip


def _dots(conjugated: bool) -> Callable[..., int]:
    def dot(
        dtype: Any,
        handle: Address,
        n: Int,
        x: Address,
        x_step: Int,
        y: Address,
        y_step: Int,
        result: Address,
    ) -> Int:
        def work() -> None:
            first, second = (
                matrix_at(v, 1, n, step, dtype)[0] for v, step in ((x, x_step), (y, y_step))
            )
            array_at(result, (), dtype)[...] = np.dot(first.conj() if conjugated else first, second)

        return enqueue(thing(handle).stream, work)

    return dot


function_for(**of_letters("cublas{}dot_v2", "SD"), **of_letters("cublas{}dotu_v2", "CZ"))(
    _dots(False)
)
function_for(**of_letters("cublas{}dotc_v2", "CZ"))(_dots(True))
