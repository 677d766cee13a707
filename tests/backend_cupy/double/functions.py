"""The double of CuPy's namespace: each function with CuPy's own signature, and NumPy's of that name at work.

A function that does something else than NumPy's stands at the end. ``test_double.py`` holds the signatures, and what
the ufuncs do with data types, against the real CuPy.
"""

from __future__ import annotations

import contextlib
import inspect
import threading
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from .arrays import from_host, ndarray, run, ufunc

_SPECIAL = ("betainc", "digamma", "erfcinv", "erfinv", "gamma", "gammaln", "i0", "i1", "ndtri")
"""Of ``cupyx.scipy.special``, which has more."""

_UFUNCS = [
    "abs",
    "acos",
    "acosh",
    "add",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "ceil",
    "conj",
    "copysign",
    "cos",
    "cosh",
    "divide",
    "equal",
    "exp",
    "expm1",
    "floor",
    "floor_divide",
    "fmod",
    "greater",
    "greater_equal",
    "hypot",
    "invert",
    "isfinite",
    "isinf",
    "isnan",
    "left_shift",
    "less",
    "less_equal",
    "log",
    "log10",
    "log1p",
    "log2",
    "logaddexp",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "multiply",
    "negative",
    "nextafter",
    "not_equal",
    "positive",
    "pow",
    "power",
    "reciprocal",
    "remainder",
    "right_shift",
    "sign",
    "signbit",
    "sin",
    "sinh",
    "sqrt",
    "square",
    "subtract",
    "tan",
    "tanh",
    "true_divide",
    "trunc",
]

_SIGNATURES = """
all(a, axis=None, out=None, keepdims=False)
any(a, axis=None, out=None, keepdims=False)
argmax(a, axis=None, dtype=None, out=None, keepdims=False)
argmin(a, axis=None, dtype=None, out=None, keepdims=False)
broadcast_arrays(*args)
broadcast_to(array, shape)
concat(tup, axis=0, out=None, *, dtype=None, casting='same_kind')
cumulative_prod(x, /, *, axis=None, dtype=None, out=None, include_initial=False)
cumulative_sum(x, /, *, axis=None, dtype=None, out=None, include_initial=False)
diagonal(a, offset=0, axis1=0, axis2=1)
diff(a, n=1, axis=-1, prepend=None, append=None)
expand_dims(a, axis)
flip(a, axis=None)
imag(val)
isin(element, test_elements, assume_unique=False, invert=False)
matrix_transpose(x, /)
max(a, axis=None, out=None, keepdims=False)
mean(a, axis=None, dtype=None, out=None, keepdims=False)
meshgrid(*xi, **kwargs)
min(a, axis=None, out=None, keepdims=False)
moveaxis(a, source, destination)
nonzero(a)
permute_dims(a, axes=None)
prod(a, axis=None, dtype=None, out=None, keepdims=False)
real(val)
repeat(a, repeats, axis=None)
roll(a, shift, axis=None)
round(a, decimals=0, out=None)
squeeze(a, axis=None)
stack(tup, axis=0, out=None, *, dtype=None, casting='same_kind')
std(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False)
sum(a, axis=None, dtype=None, out=None, keepdims=False)
take_along_axis(a, indices, axis)
tile(A, reps)
trace(a, offset=0, axis1=0, axis2=1, dtype=None, out=None)
tril(m, k=0)
triu(m, k=0)
unique_all(x)
unique_counts(x)
unique_inverse(x)
unique_values(x)
var(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False)
"""

_CREATION = """
arange(start, stop=None, step=1, dtype=None)
eye(N, M=None, k=0, dtype=float, order='C')
full(shape, fill_value, dtype=None, order='C')
full_like(a, fill_value, dtype=None, order='K', subok=None, shape=None)
linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0)
ones(shape, dtype=float, order='C')
ones_like(a, dtype=None, order='K', subok=None, shape=None)
zeros(shape, dtype=float, order='C')
zeros_like(a, dtype=None, order='K', subok=None, shape=None)
"""

_LINALG = """
cholesky(a)
det(a)
eigh(a, UPLO='L')
eigvalsh(a, UPLO='L')
inv(a)
matrix_power(M, n)
matrix_rank(M, tol=None)
norm(x, ord=None, axis=None, keepdims=False)
pinv(a, rcond=1e-15)
qr(a, mode='reduced')
slogdet(a)
svd(a, full_matrices=True, compute_uv=True)
"""

_FFT = """
fft(a, n=None, axis=-1, norm=None)
fftfreq(n, d=1.0)
fftn(a, s=None, axes=None, norm=None)
fftshift(x, axes=None)
hfft(a, n=None, axis=-1, norm=None)
ifft(a, n=None, axis=-1, norm=None)
ifftn(a, s=None, axes=None, norm=None)
ifftshift(x, axes=None)
ihfft(a, n=None, axis=-1, norm=None)
irfft(a, n=None, axis=-1, norm=None)
irfftn(a, s=None, axes=None, norm=None)
rfft(a, n=None, axis=-1, norm=None)
rfftfreq(n, d=1.0)
rfftn(a, s=None, axes=None, norm=None)
"""


def _functions(lines: str, home: Any) -> dict[str, Callable[..., Any]]:
    """Make functions of the lines of a table; NumPy's counterparts are in `home`."""
    made: dict[str, Callable[..., Any]] = {}
    for line in lines.strip().splitlines():
        name, _, parameters = line.partition("(")
        made[name] = _function(name, parameters.removesuffix(")"), getattr(home, name))
    return made


def _function(name: str, parameters: str, counterpart: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(eval(f"lambda {parameters}: None", {"float": float}))

    def function(*args: Any, **options: Any) -> Any:
        signature.bind(*args, **options)  # raises where the real one would
        return run(counterpart, *args, **options)

    function.__name__ = function.__qualname__ = name
    function.__signature__ = signature  # type: ignore[attr-defined]
    return function


# What is unlike NumPy's ---------------------------------------------------------------------------


def array(
    obj: Any,
    dtype: Any = None,
    copy: Any = True,
    order: str = "K",
    subok: bool = False,
    ndmin: int = 0,
    *,
    blocking: bool = False,
) -> ndarray:
    if isinstance(obj, ndarray):
        same = dtype is None or np.dtype(dtype) == obj.dtype
        if obj.device.id != _current():
            obj = obj.copy()
            return obj if same else obj.astype(dtype)
        if same and not copy:
            return obj
        if copy is False:
            raise ValueError("Unable to avoid copy while creating an array as requested.")
        return obj.copy() if same else obj.astype(dtype)
    if isinstance(obj, list | tuple) and _has_arrays(obj):
        parts = [array(item) for item in obj]
        return array(run(np.stack, parts), dtype, copy=None)
    host = np.array(obj, dtype=dtype, copy=None)
    if host.dtype == object:
        raise ValueError("Unsupported dtype object")
    return from_host(host)


def _has_arrays(obj: Any) -> bool:
    if isinstance(obj, list | tuple):
        return any(_has_arrays(item) for item in obj)
    return isinstance(obj, ndarray)


def _current() -> int:
    from .streams import getDevice

    return getDevice()


def asarray(
    a: Any, dtype: Any = None, order: Any = None, *, copy: Any = None, blocking: bool = False
) -> ndarray:
    return array(a, dtype, copy, order, blocking=blocking)


def ascontiguousarray(a: Any, dtype: Any = None) -> ndarray:
    return a if a.flags.c_contiguous else a.copy()


def asnumpy(
    a: Any, stream: Any = None, order: str = "C", out: Any = None, *, blocking: bool = True
) -> np.ndarray:
    return a.get(stream, order, out, blocking)


def empty(shape: Any, dtype: Any = float, order: str = "C") -> ndarray:
    return ndarray(shape, dtype, order=order)


def linalg_matrix_transpose(a: Any) -> ndarray:
    return NAMESPACE["matrix_transpose"](a)


def empty_like(
    prototype: Any, dtype: Any = None, order: str = "K", subok: Any = None, shape: Any = None
) -> ndarray:
    flags = prototype.flags
    order = "F" if flags.f_contiguous and not flags.c_contiguous else "C"
    return ndarray(prototype.shape, prototype.dtype if dtype is None else dtype, order=order)


class _Shared:
    """An array of the double as one of the host, for NumPy to read its capsule."""

    def __init__(self, capsule: Any) -> None:
        self._capsule = capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)

    def __dlpack__(self, **options: Any) -> Any:
        return self._capsule


def from_dlpack(array: Any, *, device: Any = None, copy: Any = None) -> ndarray:
    kind, number = array.__dlpack_device__()
    if kind != 2:
        raise RuntimeError("DLPack: the array is not on a CUDA device")
    owner = array
    host = np.from_dlpack(_Shared(array.__dlpack__(stream=1, max_version=(1, 0))))
    shared = ndarray.__new__(ndarray)
    shared._become(host, None)
    shared._memory.device_id = number
    shared._memory._array = owner
    return shared


def matmul(
    *args: Any,
    axes: Any = None,
    axis: Any = None,
    keepdims: bool = False,
    casting: str = "same_kind",
    dtype: Any = None,
    signature: Any = None,
    order: str = "K",
    out: Any = None,
) -> ndarray:
    return run(np.matmul, *args)


def searchsorted(a: Any, v: Any, side: str = "left", sorter: Any = None) -> ndarray:
    if not isinstance(v, ndarray | int | float | complex):
        raise NotImplementedError("Only python scalars or ndarrays are supported for v")
    return run(np.searchsorted, a, v, side, sorter)


def sort(a: Any, axis: int = -1, kind: Any = None) -> ndarray:
    """CuPy has one way to sort, a stable one."""
    return run(np.sort, a, axis, kind="stable")


def argsort(a: Any, axis: int = -1, kind: Any = None) -> ndarray:
    return run(np.argsort, a, axis, kind="stable")


def take(a: Any, indices: Any, axis: Any = None, out: Any = None) -> ndarray:
    """Positions beyond the ends go around, as CuPy's do."""
    return run(np.take, a, indices, axis, mode="wrap")


def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    if (x is None) is not (y is None):
        raise ValueError("Must provide both 'x' and 'y' or neither.")
    return (
        run(np.nonzero, condition)
        if x is None
        else run(np.where, condition.astype("?", copy=False), x, y)
    )


def solve(a: Any, b: Any) -> ndarray:
    if b.ndim != 1 and a.shape[:-1] != b.shape[:-1]:
        raise ValueError(
            "a must have (..., M, M) shape and b must have (..., M, K) for multidimensional b"
        )
    return _checked(np.linalg.solve)(a, b)


def cross(x1: Any, x2: Any, /, *, axis: int = -1) -> ndarray:
    if x1.shape != x2.shape:
        raise ValueError("x1 and x2 must have the same shape")
    return run(np.linalg.cross, x1, x2, axis=axis)


def eig(a: Any) -> tuple[ndarray, ndarray]:
    """Complex also where NumPy finds real numbers, but for empty matrices."""
    values, vectors = _checked(np.linalg.eig)(a)
    if not a.size:
        return values, vectors
    kind = values.dtype.char.upper()
    return values.astype(kind, copy=False), vectors.astype(kind, copy=False)


def eigvals(a: Any) -> ndarray:
    values = _checked(np.linalg.eigvals)(a)
    return values.astype(values.dtype.char.upper(), copy=False) if a.size else values


_errors = threading.local()


@contextlib.contextmanager
def errstate(
    *,
    divide: Any = None,
    over: Any = None,
    under: Any = None,
    invalid: Any = None,
    linalg: Any = None,
) -> Iterator[None]:
    before = getattr(_errors, "linalg", "ignore")
    _errors.linalg = before if linalg is None else linalg
    try:
        yield
    finally:
        _errors.linalg = before


def _checked(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make NumPy's function fail where CuPy's would give numbers without a meaning."""

    def call(*args: Any, **options: Any) -> Any:
        try:
            return run(function, *args, **options)
        except np.linalg.LinAlgError as error:
            if getattr(_errors, "linalg", "ignore") == "raise" or "must be" in str(error):
                raise
            raise AssertionError(
                f"CuPy would go on with arbitrary numbers here, as nothing looks for: {error}"
            ) from error

    return call


def _with_checks(functions: dict[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    for name in ("cholesky", "eigh", "eigvalsh", "inv", "matrix_power", "svd", "pinv"):
        checked = _checked(getattr(np.linalg, name))
        checked.__signature__ = functions[name].__signature__  # type: ignore[attr-defined]
        functions[name] = checked
    return functions


_SAME_AS_NUMPY = [
    "bool_",
    "broadcast_shapes",
    "complex64",
    "complex128",
    "dtype",
    "e",
    "finfo",
    "float16",
    "float32",
    "float64",
    "iinfo",
    "inf",
    "int8",
    "int16",
    "int32",
    "int64",
    "isdtype",
    "nan",
    "newaxis",
    "pi",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
]
"""What CuPy has from NumPy, or does on the host alone."""


def can_cast(from_: Any, to: Any, casting: str = "safe") -> bool:
    return np.can_cast(getattr(from_, "dtype", from_), to, casting)


def ndim(a: Any) -> int:
    return a.ndim


def result_type(*arrays_and_dtypes: Any) -> np.dtype:
    return np.result_type(*[getattr(value, "_host", value) for value in arrays_and_dtypes])


_OWN = (
    argsort,
    array,
    asarray,
    ascontiguousarray,
    asnumpy,
    can_cast,
    empty,
    empty_like,
    ndim,
    from_dlpack,
    matmul,
    result_type,
    searchsorted,
    sort,
    take,
    where,
)

NAMESPACE: dict[str, Any] = {
    **{name: ufunc(name) for name in _UFUNCS},
    **_functions(_SIGNATURES, np),
    **_functions(_CREATION, np),
    **{name: getattr(np, name) for name in _SAME_AS_NUMPY},
    **{function.__name__: function for function in _OWN},
}
LINALG: dict[str, Any] = {
    **_with_checks(_functions(_LINALG, np.linalg)),
    "LinAlgError": np.linalg.LinAlgError,
    "matrix_transpose": linalg_matrix_transpose,
    "cross": cross,
    "eig": eig,
    "eigvals": eigvals,
    "solve": solve,
}
FFT: dict[str, Any] = _functions(_FFT, np.fft)

SPECIAL: dict[str, Any] = {}
if find_spec("scipy"):
    SPECIAL |= {name: ufunc(name, import_module("scipy.special")) for name in _SPECIAL}
    # SciPy's own `zeta` is a function around this one.
    SPECIAL["zeta"] = ufunc("_zeta", import_module("scipy.special._ufuncs"))
