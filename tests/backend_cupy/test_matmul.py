"""Matrix products through the double of cuBLAS, which reads memory as cuBLAS does: by address, column and stride."""

from __future__ import annotations

import ctypes
import importlib.util
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.backend_cupy import double
from tests.backend_cupy.double import cublas

RANDOM = np.random.default_rng(0)


@pytest.fixture
def cupy() -> Iterator[Any]:
    with double.installed() as module:
        cublas.calls.clear()
        yield module


def numbers(*shape: int, dtype: str = "float32") -> np.ndarray:
    values = RANDOM.integers(-3, 4, shape).astype(dtype)
    return values + 1j * RANDOM.integers(-3, 4, shape) if "complex" in dtype else values


def product(cupy: Any, x1: Any, x2: Any) -> Any:
    from simple_autograd_cupy.matmul import matmul

    return matmul(x1, x2)


SHAPES = [
    ((2, 3), (3, 4)),
    ((3,), (3,)),
    ((3,), (3, 4)),
    ((2, 3), (3,)),
    ((1, 3), (3, 1)),
    ((2, 1), (1, 4)),
    ((5, 2, 3), (3, 4)),
    ((5, 2, 3), (5, 3, 4)),
    ((2, 3), (5, 3, 4)),
    ((2, 5, 2, 3), (5, 3, 4)),
    ((2, 1, 2, 3), (1, 5, 3, 4)),
    ((5, 2, 3), (3,)),
    ((3,), (5, 3, 4)),
    ((1, 1, 2, 3), (3, 4)),
    ((0, 3), (3, 4)),
    ((2, 0), (0, 4)),
    ((0, 2, 3), (3, 4)),
]


@pytest.mark.parametrize(("first", "second"), SHAPES, ids=str)
def test_shapes_are_numpys(cupy, first, second):
    x1, x2 = numbers(*first), numbers(*second)
    out = product(cupy, cupy.asarray(x1), cupy.asarray(x2))
    np.testing.assert_array_equal(out.get(), x1 @ x2)
    assert out.dtype == np.float32


@pytest.mark.parametrize(
    "dtype",
    [
        *("float16", "float32", "float64", "complex64", "complex128", "int64"),
        pytest.param(
            "bfloat16",
            marks=pytest.mark.skipif(
                importlib.util.find_spec("ml_dtypes") is None, reason="ml_dtypes is not installed"
            ),
        ),
    ],
)
def test_data_types(cupy, dtype):
    if dtype == "bfloat16":
        import ml_dtypes  # noqa: F401 - NumPy knows the name then
    x1, x2 = numbers(2, 3, dtype=dtype), numbers(3, 4, dtype=dtype)
    x1, x2 = x1.astype(dtype), x2.astype(dtype)
    out = product(cupy, cupy.asarray(x1), cupy.asarray(x2))
    assert out.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(out.get().astype(complex), (x1 @ x2).astype(complex))
    assert len(cublas.calls) == (dtype != "int64")


def test_data_types_are_promoted(cupy):
    x1, x2 = numbers(2, 3), numbers(3, 4, dtype="float64")
    out = product(cupy, cupy.asarray(x1), cupy.asarray(x2))
    assert out.dtype == np.float64
    np.testing.assert_array_equal(out.get(), x1 @ x2)


LAYOUTS = {
    "transposed": (lambda a: a.T, (4, 3), True),
    "rows of a wider matrix": (lambda a: a[:, :4], (3, 6), True),
    "every other row": (lambda a: a[::2], (6, 4), True),
    "columns of a wider matrix, transposed": (lambda a: a[:, :3].T, (4, 6), True),
    "every other column": (lambda a: a[:, ::2], (3, 8), False),
    "backwards": (lambda a: a[::-1], (3, 4), False),
}


@pytest.mark.parametrize(("view", "shape", "told"), LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("side", ["first", "second"])
def test_layouts_that_cublas_can_be_told_are_not_copied(cupy, view, shape, told, side, monkeypatch):
    copied = []
    original = cupy.ndarray.copy
    monkeypatch.setattr(cupy.ndarray, "copy", lambda self: copied.append(1) or original(self))
    host = numbers(*shape)
    x, expected = view(cupy.asarray(host)), view(host)
    other = numbers(4, 2) if side == "first" else numbers(2, 3)
    if side == "first":
        out, wanted = product(cupy, x, cupy.asarray(other)), expected @ other
    else:
        out, wanted = product(cupy, cupy.asarray(other), x), other @ expected
    np.testing.assert_array_equal(out.get(), wanted)
    assert bool(copied) is not told


STACKS = {
    "transposed matrices": (lambda a: a.transpose(0, 1, 3, 2), (2, 5, 4, 3)),
    "heads before lengths": (lambda a: a.transpose(0, 2, 1, 3), (2, 3, 5, 4)),
    "every other matrix": (lambda a: a[:, ::2], (2, 10, 3, 4)),
    "one for all": (lambda a: a, (1, 1, 3, 4)),
    "one for each of the first axis": (lambda a: a, (2, 1, 3, 4)),
    "one for each of the second axis": (lambda a: a, (5, 3, 4)),
}


@pytest.mark.parametrize(("view", "shape"), STACKS.values(), ids=STACKS)
def test_stacks(cupy, view, shape):
    host = numbers(*shape)
    x = view(cupy.asarray(host))
    other = numbers(2, 5, 4, 6)
    out = product(cupy, x, cupy.asarray(other))
    np.testing.assert_array_equal(out.get(), view(host) @ other)
    back = numbers(2, 5, 6, 3)
    out = product(cupy, cupy.asarray(back), x)
    np.testing.assert_array_equal(out.get(), back @ view(host))
    assert {call["batch"] for call in cublas.calls} <= {1, 10}
    assert cublas.calls[0]["batch"] == 10


@pytest.mark.parametrize("lead", [(), (1,), (1, 1, 1)], ids=str)
def test_a_stack_times_one_matrix_that_has_gaps(cupy, lead):
    x1, x2 = numbers(2, 5, 3), numbers(*lead, 3, 8)
    out = product(cupy, cupy.asarray(x1), cupy.asarray(x2)[..., ::2])
    np.testing.assert_array_equal(out.get(), x1 @ x2[..., ::2])


def test_rows_that_are_no_whole_number_of_elements_apart(cupy):
    """A view of numbers as complex ones may have that."""
    x1, x2 = numbers(4, 5), numbers(2, 3, dtype="complex64")
    out = product(cupy, cupy.asarray(x1)[:, :4].view("complex64"), cupy.asarray(x2))
    np.testing.assert_array_equal(out.get(), x1[:, :4].view("complex64") @ x2)


@pytest.mark.parametrize("matrix", [(3, 4), (1, 3, 4)], ids=str)
def test_a_stack_that_lies_scattered_times_one_matrix(cupy, matrix):
    x1, x2 = numbers(2, 5, 3).transpose(1, 0, 2), numbers(*matrix)
    scattered = cupy.asarray(x1.transpose(1, 0, 2).copy()).transpose(1, 0, 2)
    out = product(cupy, scattered, cupy.asarray(x2))
    np.testing.assert_array_equal(out.get(), x1 @ x2)


def test_a_stack_times_one_matrix_is_one_product(cupy):
    product(cupy, cupy.asarray(numbers(5, 2, 3)), cupy.asarray(numbers(3, 4)))
    assert [call["batch"] for call in cublas.calls] == [1]


def test_the_precision_of_float32_may_be_chosen(cupy):
    from simple_autograd_cupy import precision as module

    x = cupy.asarray(numbers(2, 2))
    found = []
    try:
        for precision in ("high", "medium", "highest"):
            module.set_float32_matmul_precision(precision)
            assert module.get_float32_matmul_precision() == precision
            product(cupy, x, x)
            found.append(cublas.calls[-1]["compute"])
        product(cupy, x.astype("float64"), x.astype("float64"))
    finally:
        module.set_float32_matmul_precision("highest")
    assert found == [77, 75, 68]  # CUBLAS_COMPUTE_32F_FAST_TF32, _FAST_16BF, CUBLAS_COMPUTE_32F
    assert cublas.calls[-1]["compute"] == 70
    with pytest.raises(
        ValueError, match="precision is 'tf32'; needed is one of highest, high, med"
    ):
        module.set_float32_matmul_precision("tf32")


def test_lengths_that_do_not_match_raise(cupy):
    for first, second in [((2, 3), (4, 2)), ((2, 2, 3), (3, 3, 2))]:
        with pytest.raises(ValueError, match=r"match|broadcast|align"):
            product(cupy, cupy.asarray(numbers(*first)), cupy.asarray(numbers(*second)))


def test_the_codes_are_nvmaths():
    """The numbers in ``matmul.py`` are those of NVIDIA's own bindings, and so are the double's parameters."""
    real = pytest.importorskip("nvmath.bindings.cublas", reason="nvmath-python is not installed")
    with double.installed():
        from simple_autograd_cupy import matmul as module

        codes = dict(module._COMPUTE)
    assert codes == {
        "highest": real.ComputeType.COMPUTE_32F,
        "high": real.ComputeType.COMPUTE_32F_FAST_TF32,
        "medium": real.ComputeType.COMPUTE_32F_FAST_16BF,
    }
    for name in ("gemm_ex", "gemm_strided_batched_ex", "set_stream", "set_workspace"):
        line = getattr(real, name).__doc__.splitlines()[0]
        theirs = [word.split()[-1] for word in line.partition("(")[2].rpartition(")")[0].split(",")]
        function = getattr(cublas, name)
        assert list(function.__code__.co_varnames[: function.__code__.co_argcount]) == theirs


def test_cupys_own_bindings_multiply_but_for_captured_steps(cupy):
    from simple_autograd_cupy.cublas import prepare

    x, y = (cupy.asarray(numbers(*shape)) for shape in ((3, 3), (2, 3, 3)))
    product(cupy, x, x)
    product(cupy, y, y)
    stream = cupy.cuda.Stream(non_blocking=True)
    with stream:
        prepare()
        stream.begin_capture()
        product(cupy, x, x)
        product(cupy, y, y)
        stream.end_capture()
    assert [call["by"] for call in cublas.calls] == ["CuPy", "CuPy", "nvmath", "nvmath"]


def as_while_capturing(monkeypatch: pytest.MonkeyPatch, cupy: Any) -> None:
    """Have CuPy's products refuse, as they do while a graph is captured."""

    def refuse(*args: int) -> None:
        raise NotImplementedError(
            "calling cuBLAS API during stream capture is currently unsupported"
        )

    for name in ("gemmEx", "gemmStridedBatchedEx"):
        monkeypatch.setattr(cupy.cuda.cublas, name, refuse)


def test_without_nvmath_cublas_is_called_through_ctypes(cupy, monkeypatch):
    """As C functions, the double's get what cuBLAS would get."""
    from simple_autograd_cupy import cublas as module

    as_while_capturing(monkeypatch, cupy)

    address, integer, stride = ctypes.c_void_p, ctypes.c_int, ctypes.c_longlong
    told = []

    def c_function(name: str, function: Any, *types: Any) -> Any:
        def call(*args: Any) -> int:
            told.append(name)
            return function(*[value or 0 for value in args]) or 0

        made = ctypes.CFUNCTYPE(integer, *types)(call)
        made.__name__ = name
        return made

    def create(where: Any) -> int:
        ctypes.cast(where, ctypes.POINTER(address))[0] = 7
        return 0

    sizes, matrix = [address, *[integer] * 5, address], [address, integer, integer]
    functions = {
        "cublasCreate_v2": c_function("create", create, address),
        "cublasSetStream_v2": c_function("set_stream", cublas.set_stream, address, address),
        "cublasSetWorkspace_v2": c_function(
            "set_workspace", cublas.set_workspace, address, address, ctypes.c_size_t
        ),
        "cublasGemmEx": c_function(
            "gemm_ex", cublas.gemm_ex, *sizes, *matrix * 2, address, *matrix, integer, integer
        ),
        "cublasGemmStridedBatchedEx": c_function(
            "batched",
            cublas.gemm_strided_batched_ex,
            *sizes,
            *[*matrix, stride] * 2,
            address,
            *[*matrix, stride],
            *[integer] * 3,
        ),
    }
    made = module._Functions(SimpleNamespace(**functions))
    monkeypatch.setattr(module, "library", lambda: made)
    monkeypatch.setattr(module, "_handles", module._Handles())
    monkeypatch.setattr(module, "_unused", {})
    for first, second in [((2, 3), (3, 4)), ((5, 2, 3), (5, 3, 4))]:
        x1, x2 = numbers(*first), numbers(*second)
        out = product(cupy, cupy.asarray(x1), cupy.asarray(x2))
        np.testing.assert_array_equal(out.get(), x1 @ x2)
    assert told == ["create", "set_stream", "set_workspace", "gemm_ex", "batched"]
    functions["cublasGemmEx"] = c_function(
        "gemm_ex", lambda *args: 13, *sizes, *matrix * 2, address, *matrix, integer, integer
    )
    broken = module._Functions(SimpleNamespace(**functions))
    with pytest.raises(RuntimeError, match="gemm_ex: cuBLAS answers with status 13"):
        broken.gemm_ex(*[0] * 19)


def test_a_thread_has_one_handle_and_each_stream_its_workspace(cupy, monkeypatch):
    from simple_autograd_cupy import cublas as module

    told: list[tuple[Any, ...]] = []
    addresses = iter(range(1, 9))
    functions = SimpleNamespace(
        create=lambda: next(addresses),
        set_stream=lambda handle, stream: told.append((handle, stream)),
        set_workspace=lambda handle, workspace, size: told.append((handle, workspace)),
    )
    monkeypatch.setattr(module, "library", lambda: functions)
    for table in ("_unused", "_workspaces"):
        monkeypatch.setattr(module, table, {})
    monkeypatch.setattr(module, "_handles", module._Handles())
    stream = cupy.cuda.Stream(non_blocking=True)
    found = [module.handle(), module.handle()]
    with stream:
        found.append(module.handle())
    found.append(module.handle())
    assert found == [1, 1, 1, 1]
    assert [where for _, where in told[::2]] == [0, stream.ptr, 0]
    workspaces = [where for _, where in told[1::2]]
    assert workspaces[0] == workspaces[2] != workspaces[1]
    with cupy.cuda.Device(1):
        assert module.handle() == 2
    for _ in range(2):
        thread = threading.Thread(target=lambda: found.append(module.handle()))
        thread.start()
        thread.join()
    assert found[4:] == [3, 3]


# On a GPU -----------------------------------------------------------------------------------------


@pytest.fixture(params=["cupy", "nvmath", "ctypes"])
def on_gpu(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give the real CuPy, its products made by one of the ways to cuBLAS."""
    import cupy

    from simple_autograd_cupy import cublas as module

    if request.param == "cupy":
        return cupy
    as_while_capturing(monkeypatch, cupy)
    if request.param == "nvmath":
        pytest.importorskip("nvmath.bindings.cublas", reason="nvmath-python is not installed")
    else:
        cupy.cuda.device.get_cublas_handle()
        loaded = [name for name in module._LIBRARIES if _loads(name)]
        functions = module._Functions(ctypes.CDLL(loaded[0]))
        monkeypatch.setattr(module, "library", lambda: functions)
        monkeypatch.setattr(module, "_handles", module._Handles())
    return cupy


def _loads(name: str) -> bool:
    try:
        return bool(ctypes.CDLL(name))
    except OSError:
        return False


@pytest.mark.gpu
class TestOnGPU:
    @pytest.mark.parametrize(("first", "second"), SHAPES, ids=str)
    def test_shapes(self, on_gpu, first, second):
        x1, x2 = numbers(*first), numbers(*second)
        out = product(on_gpu, on_gpu.asarray(x1), on_gpu.asarray(x2))
        np.testing.assert_array_equal(out.get(), x1 @ x2)

    @pytest.mark.parametrize("dtype", ["float16", "float64", "complex64", "complex128"])
    @pytest.mark.parametrize(("view", "shape", "told"), LAYOUTS.values(), ids=LAYOUTS)
    def test_types_and_layouts(self, on_gpu, dtype, view, shape, told):
        host, other = numbers(*shape, dtype=dtype).astype(dtype), numbers(4, 2).astype(dtype)
        out = product(on_gpu, view(on_gpu.asarray(host)), on_gpu.asarray(other))
        assert out.dtype == np.dtype(dtype)
        np.testing.assert_array_equal(out.get(), view(host) @ other)

    def test_bfloat16(self, on_gpu):
        ml_dtypes = pytest.importorskip("ml_dtypes")
        x = numbers(5, 5).astype(ml_dtypes.bfloat16)
        out = product(on_gpu, on_gpu.asarray(x), on_gpu.asarray(x))
        assert out.dtype == x.dtype
        expected = x.astype("float32") @ x.astype("float32")
        np.testing.assert_array_equal(out.get().astype("float32"), expected)

    def test_tf32_is_less_exact(self, on_gpu):
        from simple_autograd_cupy import set_float32_matmul_precision

        x = np.random.default_rng(0).standard_normal((256, 256), np.float32)
        errors = []
        try:
            for precision in ("highest", "high"):
                set_float32_matmul_precision(precision)
                out = product(on_gpu, on_gpu.asarray(x), on_gpu.asarray(x)).get()
                errors.append(np.abs(out - x.astype(float) @ x).max())
        finally:
            set_float32_matmul_precision("highest")
        assert errors[0] < 1e-4
        assert errors[0] * 10 < errors[1] < 1
