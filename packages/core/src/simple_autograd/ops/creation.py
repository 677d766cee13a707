"""Creation functions: Variables on the default backend that require no grad (``requires_grad_()`` changes that)."""

from __future__ import annotations

import math
from typing import Any

from ..backends import backend_for, get_backend
from ..types import Array, DType, Shape
from ..variable import Variable, wrap
from .arithmetic import add, multiply, subtract
from .axes import as_tuple, shape_of
from .data_types import as_floating, astype
from .manipulation import broadcast_to, reshape

__all__ = [
    "arange",
    "asarray",
    "empty",
    "empty_like",
    "eye",
    "from_dlpack",
    "full",
    "full_like",
    "linspace",
    "meshgrid",
    "ones",
    "ones_like",
    "zeros",
    "zeros_like",
]


def _create(name: str, *args: Any, dtype: DType, device: Any, **options: Any) -> Variable:
    backend = get_backend()
    if dtype is not None:
        dtype = backend.dtype(dtype)
    return wrap(
        getattr(backend.xp, name)(*args, dtype=dtype, device=device, **options), backend, None
    )


def _create_like(name: str, x: Array, *args: Any, dtype: DType, device: Any) -> Variable:
    backend = x._backend if isinstance(x, Variable) else backend_for(x)
    raw = x._raw if isinstance(x, Variable) else backend.asarray(x)
    if dtype is not None:
        dtype = backend.dtype(dtype)
    return wrap(getattr(backend.xp, name)(raw, *args, dtype=dtype, device=device), backend, None)


def asarray(
    obj: Any, /, *, dtype: DType = None, device: Any = None, copy: bool | None = None
) -> Variable:
    """Give `obj` as a Variable. A Variable stays on the tape; anything else requires no grad.

    Parameters
    ----------
    obj
        A Variable, an array, a number, or nested sequences of numbers.
    dtype
        The result's data type; by default that of `obj`.
    device
        A device of the default backend.
    copy
        True always copies, False raises where a copy is needed, None copies only where needed.
    """
    if not isinstance(obj, Variable):
        backend = backend_for(obj)
        return wrap(backend.asarray(obj, dtype=dtype, copy=copy), backend, None)
    if dtype is not None and obj.dtype != obj._backend.dtype(dtype):
        if copy is False:
            raise ValueError(
                f"asarray: copy=False, but from {obj.dtype} to {dtype} a copy is needed."
            )
        return astype(obj, dtype)
    return astype(obj, obj.dtype, copy=bool(copy))


def from_dlpack(x: object, /, *, device: Any = None, copy: bool | None = None) -> Variable:
    """Give another library's array as a Variable on the default backend, sharing memory where that is possible.

    Parameters
    ----------
    x
        Anything with ``__dlpack__``. A Variable that requires grad refuses: its gradient would not come along.
    device
        A device of the default backend.
    copy
        True always copies, False raises where a copy is needed, None copies only where needed.
    """
    backend = get_backend()
    return wrap(backend.xp.from_dlpack(x, device=device, copy=copy), backend, None)


def zeros(shape: int | Shape, *, dtype: DType = None, device: Any = None) -> Variable:
    """Zeros of a shape."""
    return _create("zeros", shape, dtype=dtype, device=device)


def ones(shape: int | Shape, *, dtype: DType = None, device: Any = None) -> Variable:
    """Ones of a shape."""
    return _create("ones", shape, dtype=dtype, device=device)


def empty(shape: int | Shape, *, dtype: DType = None, device: Any = None) -> Variable:
    """An array of a shape, whatever its memory held before."""
    return _create("empty", shape, dtype=dtype, device=device)


def full(
    shape: int | Shape, fill_value: complex | Variable, *, dtype: DType = None, device: Any = None
) -> Variable:
    """One number in every place of a shape. A Variable with one element stays on the tape."""
    if isinstance(fill_value, Variable):
        return _filled(
            as_tuple(shape), fill_value, dtype=fill_value.dtype if dtype is None else dtype
        )
    return _create("full", shape, fill_value, dtype=dtype, device=device)


def zeros_like(x: Array, /, *, dtype: DType = None, device: Any = None) -> Variable:
    """Zeros in the shape, data type and backend of `x`."""
    return _create_like("zeros_like", x, dtype=dtype, device=device)


def ones_like(x: Array, /, *, dtype: DType = None, device: Any = None) -> Variable:
    """Ones in the shape, data type and backend of `x`."""
    return _create_like("ones_like", x, dtype=dtype, device=device)


def empty_like(x: Array, /, *, dtype: DType = None, device: Any = None) -> Variable:
    """An array in the shape, data type and backend of `x`, whatever its memory held before."""
    return _create_like("empty_like", x, dtype=dtype, device=device)


def full_like(
    x: Array, /, fill_value: complex | Variable, *, dtype: DType = None, device: Any = None
) -> Variable:
    """One number in every place, in the shape, data type and backend of `x` (see `full`)."""
    if isinstance(fill_value, Variable):
        return _filled(
            shape_of("full_like", x), fill_value, dtype=x.dtype if dtype is None else dtype
        )
    return _create_like("full_like", x, fill_value, dtype=dtype, device=device)


def _filled(shape: Shape, value: Variable, *, dtype: DType) -> Variable:
    """Give an array of its own with the one element of a Variable in every place."""
    return astype(broadcast_to(reshape(value, ()), shape), dtype)


def arange(
    start: float,
    /,
    stop: float | None = None,
    step: float = 1,
    *,
    dtype: DType = None,
    device: Any = None,
) -> Variable:
    """Numbers from `start` to before `stop`, `step` apart; with one argument, from 0 to before it."""
    return _create(
        "arange",
        *((start,) if stop is None and step == 1 else (start, stop, step)),
        dtype=dtype,
        device=device,
    )


def linspace(
    start: complex | Variable,
    stop: complex | Variable,
    /,
    num: int,
    *,
    dtype: DType = None,
    device: Any = None,
    endpoint: bool = True,
) -> Variable:
    """`num` numbers evenly spaced from `start` to `stop`. Variables with one element stay on the tape."""
    if not isinstance(start, Variable) and not isinstance(stop, Variable):
        return _create("linspace", start, stop, num, dtype=dtype, device=device, endpoint=endpoint)
    like = as_floating(add(start, stop))
    if dtype is not None:  # as precise as what is given, and as what is wanted
        like = add(like, as_floating(astype(like, dtype)))
    shares = linspace(0.0, 1.0, num, dtype=like.dtype, device=device, endpoint=endpoint)
    # From both ends, so that it is exact at both.
    points = add(multiply(subtract(1, shares), start), multiply(shares, stop))
    return points if dtype is None else astype(points, dtype)


def eye(
    n_rows: int,
    n_cols: int | None = None,
    /,
    *,
    k: int = 0,
    dtype: DType = None,
    device: Any = None,
) -> Variable:
    """Ones on diagonal `k`, zeros elsewhere."""
    return _create("eye", n_rows, n_cols, k=k, dtype=dtype, device=device)


def meshgrid(*arrays: Array, indexing: str = "xy") -> tuple[Array, ...]:
    """The coordinates of all points of a grid, from those along each axis.

    Parameters
    ----------
    arrays
        One-dimensional, or single numbers as zero-dimensional arrays.
    indexing
        With ``"ij"``, axis i of each result belongs to array i; with ``"xy"``, the first two are exchanged.

    Returns
    -------
    tuple
        One array for each, all of one shape.
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid: indexing {indexing!r}; there are 'xy' and 'ij'.")
    shapes = [shape_of("meshgrid", array, f"arrays[{i}]") for i, array in enumerate(arrays)]
    if any(len(shape) > 1 for shape in shapes):
        raise ValueError(f"meshgrid: arrays of shapes {shapes}; needed are one-dimensional ones.")
    lengths = [math.prod(shape) for shape in shapes]
    axes = list(range(len(arrays)))
    if indexing == "xy":
        axes[:2] = axes[:2][::-1]
    whole = tuple([lengths[axis] for axis in axes])
    return tuple(
        [
            broadcast_to(reshape(array, tuple([n if axis == i else 1 for axis in axes])), whole)
            for i, (array, n) in enumerate(zip(arrays, lengths, strict=True))
        ]
    )
