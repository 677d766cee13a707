"""The double of ``cupy.ndarray`` and of CuPy's ufuncs.

An array wraps a NumPy array, which stands for memory on a GPU. `run` is the one way from arrays to NumPy's functions:
it refuses what CuPy refuses, and has the current stream's work done first. Operators ask the other operand as CuPy's
do (``_should_use_rop`` in its ``core.pyx``).
"""

from __future__ import annotations

import functools
import operator
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from .graphs import done, refuse, work_of_current
from .memory import MemoryPointer, memory_of
from .streams import Device, finish, get_current_stream, getDevice

namespace: list[ModuleType] = []
"""The module ``cupy``, where NumPy's functions look for their counterparts; filled by ``__init__.py``."""

_DTYPES = frozenset("?bBhHiIlLqQefdFD")


class ndarray:  # noqa: N801 - CuPy's name
    """An array on a device."""

    __slots__ = ("__weakref__", "_host", "_memory", "base")
    __array_priority__ = 100
    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self,
        shape: Any,
        dtype: Any = float,
        memptr: Any = None,
        strides: Any = None,
        order: str = "C",
    ) -> None:
        assert memptr is None, "the double makes no arrays of pointers"
        assert strides is None, "the double makes no arrays of pointers"
        host = np.empty(shape, dtype, order)
        rows = host.T if order == "F" else host
        rows.view(np.uint8).fill(0xFF) if host.ndim else host.fill(0)
        self._become(host, None)

    def _become(self, host: np.ndarray, base: ndarray | None) -> None:
        if host.dtype.char not in _DTYPES and host.dtype.name != "bfloat16":
            raise ValueError(f"Unsupported dtype {host.dtype}")
        self._host = host
        self.base = base
        owner = host if host.base is None or not isinstance(host.base, np.ndarray) else host.base
        self._memory = memory_of(owner) if base is None else base._memory

    # What it is -----------------------------------------------------------------------------------

    @property
    def data(self) -> MemoryPointer:
        return MemoryPointer(self._memory, self._host.ctypes.data - self._memory.ptr)

    @property
    def device(self) -> Device:
        return Device(self._memory.device_id)

    @property
    def dtype(self) -> np.dtype:
        return self._host.dtype

    @property
    def shape(self) -> tuple[int, ...]:
        return self._host.shape

    @property
    def strides(self) -> tuple[int, ...]:
        return self._host.strides

    @property
    def flags(self) -> Any:
        return self._host.flags

    @property
    def ndim(self) -> int:
        return self._host.ndim

    @property
    def size(self) -> int:
        return self._host.size

    @property
    def itemsize(self) -> int:
        return self._host.itemsize

    @property
    def nbytes(self) -> int:
        return self._host.nbytes

    @property
    def T(self) -> ndarray:  # noqa: N802 - CuPy's name
        return self._view(self._host.T)

    @property
    def mT(self) -> ndarray:  # noqa: N802 - CuPy's name
        return self._view(self._host.mT)

    @property
    def real(self) -> ndarray:
        return run(np.real, self)

    @property
    def imag(self) -> ndarray:
        return run(np.imag, self)

    def _view(self, host: np.ndarray) -> ndarray:
        return _wrapped(host, self if self.base is None else self.base)

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError("len() of unsized object")
        return len(self._host)

    def __iter__(self) -> Any:
        if not self.ndim:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(len(self)))

    # To the host ----------------------------------------------------------------------------------

    def get(
        self, stream: Any = None, order: str = "C", out: Any = None, blocking: bool = True
    ) -> np.ndarray:
        refuse("D2H transfers")
        with self.device:
            finish(stream)
        return np.array(self._host, order=order)

    def set(self, arr: np.ndarray, stream: Any = None) -> None:
        if self.dtype != arr.dtype:
            raise TypeError(f"{arr.dtype} array cannot be set to {self.dtype} array")
        if self.shape != arr.shape:
            raise ValueError(f"Shape mismatch. Old shape: {self.shape}, new shape: {arr.shape}")
        with self.device:
            source = np.ascontiguousarray(arr)
            self.data.copy_from_host_async(source.ctypes.data, self.nbytes, stream)

    def item(self) -> Any:
        if self.size != 1:
            raise ValueError("can only convert an array of size 1 to a Python scalar")
        return self.get().item()

    def tolist(self) -> Any:
        return self.get().tolist()

    def __array__(self, dtype: Any = None) -> np.ndarray:
        raise TypeError(
            "Implicit conversion to a NumPy array is not allowed. Please use `.get()` to construct a "
            "NumPy array explicitly."
        )

    def __bool__(self) -> bool:
        return bool(self.get())

    def __int__(self) -> int:
        return int(self.get())

    def __float__(self) -> float:
        return float(self.get())

    def __complex__(self) -> complex:
        return complex(self.get())

    def __repr__(self) -> str:
        return repr(self.get())

    def __str__(self) -> str:
        return str(self.get())

    def __format__(self, format_spec: str) -> str:
        return format(self.get(), format_spec)

    # Exchange -------------------------------------------------------------------------------------

    def __dlpack_device__(self) -> tuple[int, int]:
        return (2, self._memory.device_id)

    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: Any = None,
        dl_device: Any = None,
        copy: Any = None,
    ) -> Any:
        if dl_device == (1, 0):
            return self.get().__dlpack__(max_version=max_version)
        if dl_device not in (None, self.__dlpack_device__()):
            raise BufferError("unsupported device requested.")
        if copy is True:
            raise BufferError("copy=True only supported for copy to CPU.")
        finish()
        return self._host.__dlpack__(max_version=max_version)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if "out" in kwargs:
            (kwargs["out"],) = kwargs["out"]
        function = getattr(namespace[0], ufunc.__name__, None)
        if function is None or method not in _METHODS:
            return NotImplemented
        operands = (*inputs, kwargs["out"]) if "out" in kwargs else inputs
        if not all(isinstance(x, (*_SCALARS, ndarray, np.ndarray)) for x in operands):
            return NotImplemented
        if ufunc.__name__ in _COMPARISONS:
            inputs = tuple(
                x.item() if isinstance(x, np.ndarray) and x.ndim == 0 else x for x in inputs
            )
        function = function if method == "__call__" else getattr(function, method)
        return function(*inputs, **kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        try:
            module = functools.reduce(getattr, func.__module__.split(".")[1:], namespace[0])
            function = getattr(module, func.__name__)
        except AttributeError:
            return NotImplemented
        if not all(issubclass(kind, ndarray | np.ndarray) for kind in types):
            return NotImplemented
        return function(*args, **kwargs)

    # Shapes and types -----------------------------------------------------------------------------

    def astype(
        self,
        dtype: Any,
        order: str = "K",
        casting: Any = None,
        subok: Any = None,
        copy: bool = True,
    ) -> ndarray:
        if not copy and np.dtype(dtype) == self.dtype:
            return self
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
            return run(np.ndarray.astype, self, dtype, order=order)

    def copy(self, order: str = "C") -> ndarray:
        """Copy to a new array on the current device: queued, where the array is contiguous."""
        if not self._host.flags.c_contiguous:
            if self._memory.device_id != getDevice():
                raise NotImplementedError("CuPy cannot copy non-contiguous array between devices.")
            return run(np.ndarray.copy, self, order)
        new = ndarray(self.shape, self.dtype)
        new.data.copy_from_device_async(self.data, self.nbytes)
        return new

    def __copy__(self) -> ndarray:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> ndarray:
        with self.device:
            return self.copy()

    def __reduce__(self) -> Any:
        return namespace[0].array, (self.get(order="A"),)

    def view(self, dtype: Any = None, type: Any = None) -> ndarray:
        return self._view(self._host.view() if dtype is None else self._host.view(dtype))

    def reshape(self, *shape: Any, order: str = "C", copy: Any = None) -> ndarray:
        shape = shape[0] if len(shape) == 1 else shape
        try:
            return self._view(self._host.reshape(shape, order=order, copy=False))
        except ValueError:
            return run(np.ndarray.reshape, self, shape, order=order, copy=copy)

    def ravel(self, order: str = "C") -> ndarray:
        return run(np.ndarray.ravel, self, order)

    def transpose(self, *axes: Any) -> ndarray:
        return self._view(self._host.transpose(*axes))

    def fill(self, value: Any) -> None:
        if isinstance(value, np.ndarray) and value.shape:
            raise ValueError("non-scalar numpy.ndarray cannot be used for fill")
        run(np.ndarray.fill, self, value)

    def conj(self) -> ndarray:
        return self if self.dtype.kind != "c" else run(np.conj, self)

    # Indexing -------------------------------------------------------------------------------------

    def __getitem__(self, slices: Any) -> ndarray:
        key = _key(self, slices)
        if any(isinstance(item, np.ndarray) for item in key):
            finish()
            key = _key(self, slices)
        if not any(item is Ellipsis for item in key):
            # As a zero-dimensional array, where NumPy gives a scalar.
            key = (*key, Ellipsis)
        host = done(_selected, self._host, self, slices) if _is_late(slices) else self._host[key]
        return self._view(host) if host.base is not None else _wrapped(host, None)

    def __setitem__(self, slices: Any, value: Any) -> None:
        finish()
        key = _key(self, slices)
        if isinstance(value, np.ndarray) and value.shape:
            raise ValueError("non-scalar numpy.ndarray cannot be used for fill")
        if _is_late(slices):
            run(lambda host, value: operator.setitem(host, _key(self, slices), value), self, value)
        else:
            run(operator.setitem, self, key, value)

    # Reductions -----------------------------------------------------------------------------------

    def all(self, axis: Any = None, out: Any = None, keepdims: bool = False) -> ndarray:
        return namespace[0].all(self, axis, keepdims=keepdims)

    def any(self, axis: Any = None, out: Any = None, keepdims: bool = False) -> ndarray:
        return namespace[0].any(self, axis, keepdims=keepdims)

    def argmax(
        self, axis: Any = None, out: Any = None, dtype: Any = None, keepdims: bool = False
    ) -> ndarray:
        return namespace[0].argmax(self, axis, keepdims=keepdims)

    def max(self, axis: Any = None, out: Any = None, keepdims: bool = False) -> ndarray:
        return namespace[0].max(self, axis, keepdims=keepdims)

    def min(self, axis: Any = None, out: Any = None, keepdims: bool = False) -> ndarray:
        return namespace[0].min(self, axis, keepdims=keepdims)

    def mean(
        self, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False
    ) -> ndarray:
        return namespace[0].mean(self, axis, dtype, keepdims=keepdims)

    def sum(
        self, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False
    ) -> ndarray:
        return namespace[0].sum(self, axis, dtype, keepdims=keepdims)

    # Operators ------------------------------------------------------------------------------------

    def _operate(self, name: str, other: Any) -> Any:
        if isinstance(other, ndarray):
            return getattr(namespace[0], name)(self, other)
        if _should_use_rop(self, other):
            return NotImplemented
        if isinstance(other, np.ndarray) and other.ndim == 0 and name in _COMPARISONS:
            other = other.item()
        return getattr(np, name)(self, other)

    def __neg__(self) -> ndarray:
        return namespace[0].negative(self)

    def __pos__(self) -> ndarray:
        return namespace[0].positive(self)

    def __abs__(self) -> ndarray:
        return namespace[0].abs(self)

    def __invert__(self) -> ndarray:
        return namespace[0].invert(self)


def _should_use_rop(x: Any, y: Any) -> bool:
    if hasattr(y, "__array_ufunc__"):
        return y.__array_ufunc__ is None
    return getattr(x, "__array_priority__", 0) < getattr(y, "__array_priority__", 0)


_METHODS = ("__call__", "outer", "at", "reduce", "accumulate", "reduceat")
_SCALARS = (bool, int, float, complex, np.generic)
_COMPARISONS = ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal")

_OPERATORS = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "matmul": "matmul",
    "truediv": "true_divide",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "pow": "power",
    "lshift": "left_shift",
    "rshift": "right_shift",
    "and": "bitwise_and",
    "or": "bitwise_or",
    "xor": "bitwise_xor",
}


def _install_operators() -> None:
    def forward(name: str) -> Callable[[ndarray, Any], Any]:
        return lambda self, other: self._operate(name, other)

    def reflected(name: str) -> Callable[[ndarray, Any], Any]:
        return lambda self, other: getattr(namespace[0], name)(other, self)

    def in_place(name: str) -> Callable[[ndarray, Any], Any]:
        return lambda self, other: getattr(namespace[0], name)(self, other, self)

    for short, name in _OPERATORS.items():
        setattr(ndarray, f"__{short}__", forward(name))
        setattr(ndarray, f"__r{short}__", reflected(name))
        if short != "matmul":
            setattr(ndarray, f"__i{short}__", in_place(name))
    for short, name in zip(("gt", "ge", "lt", "le", "eq", "ne"), _COMPARISONS, strict=True):
        setattr(ndarray, f"__{short}__", forward(name))


_install_operators()


# From arrays to NumPy and back --------------------------------------------------------------------


def run(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Call a function of NumPy's on what the arrays wrap, and give its arrays wrapped."""
    finish()
    arrays: list[ndarray] = []
    args = _plain(args, arrays)
    options = {name: _plain(value, arrays) for name, value in options.items()}
    with np.errstate(all="ignore"):
        return _results(done(function, *args, **options), arrays)


def _plain(value: Any, arrays: list[ndarray]) -> Any:
    """Give what an array wraps, and note the array; refuse what CuPy refuses."""
    if isinstance(value, ndarray):
        if value._memory.device_id != getDevice():
            raise ValueError(
                f"The device where the array resides ({value._memory.device_id}) is different from the "
                f"current device ({getDevice()}). Peer access is unavailable between these devices."
            )
        arrays.append(value)
        return value._host
    if isinstance(value, list | tuple):
        return type(value)([_plain(item, arrays) for item in value])
    if hasattr(value, "__array__") and not isinstance(value, type | np.generic):
        raise TypeError(f"Unsupported type {type(value)}")
    return value


def _results(value: Any, arrays: list[ndarray]) -> Any:
    if isinstance(value, np.generic):
        return _wrapped(np.asarray(value), None)
    if isinstance(value, np.ndarray):
        for array in arrays:
            if value is array._host:
                return array
        bases = [
            a for a in arrays if value.base is not None and np.may_share_memory(value, a._host)
        ]
        return bases[0]._view(value) if bases else _wrapped(value, None)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*[_results(item, arrays) for item in value])
    if isinstance(value, list | tuple):
        return type(value)([_results(item, arrays) for item in value])
    return value


def _wrapped(host: np.ndarray, base: ndarray | None) -> ndarray:
    array = ndarray.__new__(ndarray)
    array._become(host, base)
    return array


def from_host(host: np.ndarray) -> ndarray:
    """Copy a NumPy array to the current device as ``cupy.asarray`` does: what is pinned is read later."""
    if host.ndim == 0:
        return run(np.full, (), host.item(), host.dtype)
    source = np.ascontiguousarray(host)
    array = ndarray(source.shape, source.dtype)
    array.data.copy_from_host_async(source.ctypes.data, source.nbytes, get_current_stream())
    return array


def _is_late(slices: Any) -> bool:
    """Say whether an index holds arrays whose values are not known yet, because the current stream captures."""
    items = slices if isinstance(slices, tuple) else (slices,)
    return work_of_current() is not None and any(isinstance(item, ndarray) for item in items)


def _selected(host: np.ndarray, array: ndarray, slices: Any) -> np.ndarray:
    if any(
        isinstance(x, ndarray) and x.dtype == bool for x in np.atleast_1d(np.array(slices, object))
    ):
        refuse("D2H transfers")
    return host[(*_key(array, slices), Ellipsis)]


def _key(array: ndarray, slices: Any) -> tuple[Any, ...]:
    """Give an index as NumPy takes it. Positions in arrays go around at the ends, as CuPy's do."""
    items = list(slices) if isinstance(slices, tuple) else [slices]
    widths = []
    for place, item in enumerate(items):
        if isinstance(item, list | tuple):
            item = np.asarray(item) if len(item) else np.asarray(item, np.int32)
        elif isinstance(item, ndarray):
            item = item._host
        elif hasattr(item, "__array__") and not isinstance(item, np.ndarray | np.generic):
            raise TypeError(f"Unsupported type {type(item)}")
        items[place] = item
        mask = isinstance(item, np.ndarray) and item.dtype == bool
        widths.append(0 if item is None or item is Ellipsis else item.ndim if mask else 1)
    axis = 0
    for place, (item, width) in enumerate(zip(items, widths, strict=True)):
        if isinstance(item, np.ndarray) and item.dtype.kind in "iu" and axis < array.ndim:
            items[place] = item % max(array.shape[axis], 1)
        axis += array.ndim - sum(widths) if item is Ellipsis else width
    return tuple(items)


class ufunc:  # noqa: N801 - CuPy's name
    """An elementwise function, NumPy's or SciPy's of the same name at work."""

    def __init__(self, name: str, home: Any = np) -> None:
        self._numpy = getattr(home, name)
        self.name = f"cupy_{name}"
        self.__name__ = name
        self.nin, self.nout, self.nargs = self._numpy.nin, self._numpy.nout, self._numpy.nargs

    def __repr__(self) -> str:
        return f"<ufunc {self.name!r}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if wrong := {*kwargs} - {"out", "dtype", "casting"}:
            raise TypeError(f"Wrong arguments {wrong}")
        return run(self._numpy, *args, **kwargs)

    def outer(self, A: Any, B: Any, **kwargs: Any) -> Any:  # noqa: N803 - CuPy's names
        return run(self._numpy.outer, A, B, **kwargs)

    def at(self, a: Any, indices: Any, b: Any = None) -> None:
        run(self._numpy.at, a, indices, b)

    def reduce(
        self, array: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: bool = False
    ) -> Any:
        return run(self._numpy.reduce, array, axis=axis, dtype=dtype, keepdims=keepdims)

    def accumulate(self, array: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
        return run(self._numpy.accumulate, array, axis=axis, dtype=dtype)
