"""From one data type to another, and from one backend to another."""

from __future__ import annotations

from typing import Any

from ..backends import Backend, backend_of, get_backend
from ..op import op
from ..types import Array, DType, Namespace
from ..variable import Variable

__all__ = ["astype", "to"]


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


def to(x: Variable, target: str | Backend | DType, /) -> Variable:
    """`x` on another backend, or as another data type; the gradient comes back the same way.

    Parameters
    ----------
    x
        A Variable.
    target
        A backend or its name (``"numpy"``, ``"cupy"``), or a data type or its name (``"float32"``).
    """
    if not isinstance(target, Backend):
        if not isinstance(target, str) or _names_dtype(x._backend, target):
            return astype(x, target, copy=False)
        target = get_backend(target)
    return x if target is x._backend else _transfer(x, source=x._backend, target=target)


def _names_dtype(backend: Backend, name: str) -> bool:
    """Say whether `name` is that of a data type and not of a backend."""
    return name.rstrip("0123456789") in {"bool", "int", "uint", "float", "complex"} and hasattr(
        backend.xp, name
    )


@op
def _transfer(xp: Namespace, x: Array, /, *, source: Backend, target: Backend) -> Array:
    return target.asarray(source.to_numpy(x))


@_transfer.gradient("x")
def transfer_wrt_x(xp, grad, source, target):
    return _transfer(grad, source=target, target=source)
