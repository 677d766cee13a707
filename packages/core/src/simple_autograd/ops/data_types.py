"""From one data type to another, and from one backend to another."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..backends import Backend, backend_of, get_backend
from ..op import op
from ..types import Array, DType, Namespace
from ..variable import Variable

__all__ = ["astype", "can_cast", "finfo", "iinfo", "isdtype", "result_type", "to"]


def astype(x: Array, dtype: DType, /, *, copy: bool = True, device: Any = None) -> Array:
    """The elements as another data type.

    Parameters
    ----------
    x
        Any shape.
    dtype
        A data type of the backend, or its name (``"float32"``). To integers or booleans there is no gradient.
    copy
        False gives `x` itself where it has that type already.
    device
        None, or the device of `x`: a transfer is `to`'s work.
    """
    backend = x._backend if isinstance(x, Variable) else backend_of(x) or get_backend()
    if device is not None and device != x.device:
        raise ValueError(
            f"astype: x is on device {x.device}, not {device}. Use v.to(...) to move it."
        )
    dtype = backend.dtype(dtype)
    if not copy and x.dtype == dtype:
        return x
    if isinstance(x, Variable) and not backend.is_floating(dtype):
        x = x.detach()
    return _astype(x, dtype=dtype)


@op
def _astype(xp: Namespace, x: Array, /, *, dtype: DType) -> Array:
    return xp.astype(x, dtype)


@_astype.gradient("x")
def astype_wrt_x(xp, grad):
    return grad  # the walk casts it back


def as_floating(x: Array) -> Array:
    """Give integers and booleans as floating numbers, as a function needs that divides; anything else stays."""
    backend = x._backend if isinstance(x, Variable) else backend_of(x) or get_backend()
    return x if backend.is_floating(x.dtype) else astype(x, "float64")


def isdtype(dtype: DType, kind: DType | str | tuple[DType | str, ...]) -> bool:
    """Say whether a data type is of a kind: ``"bool"``, ``"integral"``, ``"real floating"``, … or another type."""
    return bool(get_backend().xp.isdtype(dtype, kind))


def can_cast(from_: DType | Array, to: DType, /) -> bool:
    """Say whether the standard's rules let a data type (or that of an array) become another one by promotion."""
    (source,), backend = _raw((from_,))
    return bool(backend.xp.can_cast(source, backend.dtype(to)))


class FloatLimits(NamedTuple):
    """What `finfo` gives.

    Attributes
    ----------
    bits
        The number of bits of a real number.
    eps
        The difference between 1 and the next larger number.
    max, min
        The largest and the smallest number.
    smallest_normal
        The smallest positive number of full precision.
    dtype
        The data type of real numbers.
    """

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: DType


def finfo(type: DType | Array, /) -> FloatLimits:
    """Give the limits of a floating data type, or of that of an array; of a complex one, those of its parts."""
    limits = _limits("finfo", type)
    # NumPy's are scalars of the type itself, which would decide the type of what is computed with them.
    return FloatLimits(
        bits=limits.bits,
        eps=float(limits.eps),
        max=float(limits.max),
        min=float(limits.min),
        smallest_normal=float(limits.smallest_normal),
        dtype=limits.dtype,
    )


def iinfo(type: DType | Array, /) -> Any:
    """Give the limits of an integer data type, or of that of an array: ``bits max min dtype``."""
    return _limits("iinfo", type)


def _limits(function: str, type: DType | Array) -> Any:
    (given,), backend = _raw((type,))
    return getattr(backend.xp, function)(getattr(given, "dtype", given))


def result_type(*arrays_and_dtypes: Array | DType | complex) -> DType:
    """Give the data type that an operation on these arrays, data types and numbers would have."""
    given, backend = _raw(arrays_and_dtypes)
    return backend.xp.result_type(*given)


def _raw(values: tuple[Any, ...]) -> tuple[list[Any], Backend]:
    """Give Variables as raw arrays, and the backend that they are on."""
    backends = [value._backend for value in values if isinstance(value, Variable)]
    raw = [value._raw if isinstance(value, Variable) else value for value in values]
    return raw, backends[0] if backends else get_backend()


def to(x: Variable, target: str | Backend | DType, /) -> Variable:
    """`x` on another backend, or as another data type; the gradient comes back the same way.

    Parameters
    ----------
    x
        A Variable.
    target
        A backend or its name (``"numpy"``, ``"cupy"``, ``"cupy:1"``), or a data type or its name (``"float32"``).
    """
    if not isinstance(target, Backend):
        if not isinstance(target, str) or _names_dtype(x._backend, target):
            return astype(x, target, copy=False)
        target = get_backend(target)
    return x if target is x._backend else _moved(x, x._backend, target)


def _names_dtype(backend: Backend, name: str) -> bool:
    """Say whether `name` is that of a data type and not of a backend."""
    return name.rstrip("0123456789") in {"bool", "int", "uint", "float", "complex"} and hasattr(
        backend.xp, name
    )


def _moved(x: Array, source: Backend, target: Backend) -> Array:
    out = _transfer(x, source=source, target=target)
    if isinstance(out, Variable) and out._backend is not target:
        # Of one library's devices the recorder sees the array type alone, which is the same.
        out._backend = target
        if out._node is not None:
            out._node.backend = target
    return out


@op
def _transfer(xp: Namespace, x: Array, /, *, source: Backend, target: Backend) -> Array:
    return target.moved(x, source)


@_transfer.gradient("x")
def transfer_wrt_x(xp, grad, source, target):
    return _moved(grad, target, source)
