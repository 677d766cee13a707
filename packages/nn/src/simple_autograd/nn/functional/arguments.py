"""Checks of arguments that several functions share: what arrived, what was needed, what to do."""

from __future__ import annotations

import functools
from typing import Any, Literal, NoReturn

from ... import ops
from ...backends import Backend, backend_of
from ...types import DType, Namespace, Shape
from ...variable import Variable

__all__ = [
    "backend_of_argument",
    "check_floating",
    "check_indices",
    "check_integer",
    "check_real",
    "check_shape",
    "describe",
    "kind_of",
    "raw_option",
    "refuse_complex",
    "refuse_non_arrays",
    "shaped_like",
    "with_axis",
]

Kind = Literal["floating", "integer", "boolean"]


def describe(value: Any) -> str:
    """Give the type, shape and data type of an argument in words."""
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"{type(value).__name__} of shape {tuple(value.shape)} and type {value.dtype}"
    return type(value).__name__


def backend_of_argument(function: str, argument: str, value: Any) -> Backend:
    """Give the backend of a Variable or raw array; raise if it is neither.

    Raises
    ------
    TypeError
        Naming the function and the argument.
    """
    backend = value.backend if isinstance(value, Variable) else backend_of(value)
    if backend is None:
        raise TypeError(
            f"{function}: {argument} is a {type(value).__name__}; needed is a Variable or an array. Convert it "
            f"first, for instance with simple_autograd.asarray(...)."
        )
    return backend


def kind_of(function: str, argument: str, value: Any) -> Kind:
    """Say what a Variable or raw array holds; complex data counts as floating.

    Raises
    ------
    TypeError
        If it is neither, naming the function and the argument.
    """
    return _kind(backend_of_argument(function, argument, value), value.dtype)


@functools.cache
def _kind(backend: Backend, dtype: DType) -> Kind:
    if backend.is_floating(dtype):
        return "floating"
    return "boolean" if backend.xp.isdtype(dtype, "bool") else "integer"


def check_floating(function: str, argument: str, value: Any) -> None:
    """Raise if an array's data is not floating.

    Raises
    ------
    TypeError
        Naming the function and the argument.
    """
    if kind_of(function, argument, value) != "floating":
        raise TypeError(
            f"{function}: {argument} has the type {value.dtype}; needed is floating data. Convert it, for instance "
            f"with {argument}.astype('float32')."
        )


def refuse_complex(function: str, argument: str, value: Any) -> None:
    """Raise for complex data, of which a function of real numbers would make nonsense.

    Raises
    ------
    TypeError
        Naming the function and the argument; also if it is no array.
    """
    backend = backend_of_argument(function, argument, value)
    if value.dtype in backend.complex_dtypes:
        raise TypeError(
            f"{function}: {argument} has the type {value.dtype}; needed is real data. Take its real part, its "
            f"imaginary part or its absolute value."
        )


def check_real(function: str, argument: str, value: Any) -> None:
    """Raise if an array's data is not real and floating.

    Raises
    ------
    TypeError
        Naming the function and the argument.
    """
    backend = backend_of_argument(function, argument, value)
    kind = _kind(backend, value.dtype)
    if kind != "floating" or value.dtype in backend.complex_dtypes:
        check_floating(function, argument, value)
        refuse_complex(function, argument, value)


def check_integer(function: str, argument: str, value: Any) -> None:
    """Raise if an array's data is not integers.

    Raises
    ------
    TypeError
        Naming the function and the argument.
    """
    if kind_of(function, argument, value) != "integer":
        raise TypeError(
            f"{function}: {argument} has the type {value.dtype}; needed are integers. Convert it, for instance with "
            f"{argument}.astype('int64')."
        )


def check_indices(
    function: str, argument: str, xp: Namespace, indices: Any, count: int, meaning: str
) -> None:
    """Raise if one of raw signed integers is not in [0, count).

    Raises
    ------
    IndexError
        Naming the function, the argument and the first such integer, and saying what they mean.
    """
    flat = xp.reshape(indices, (-1,))
    wrong = (flat < 0) | (flat >= count)
    if bool(xp.any(wrong)):
        first = int(flat[int(xp.argmax(xp.astype(wrong, xp.int8)))])
        raise IndexError(
            f"{function}: {argument} holds {first}; needed are {meaning}, in [0, {count})."
        )


def with_axis(function: str, x: Any, dim: int) -> Any:
    """Give `x`, a number as a vector of one, which is how PyTorch counts it; raise if `dim` is no axis of that.

    Raises
    ------
    TypeError, ValueError
        If `x` is no array, or `dim` out of range, naming the function.
    """
    backend_of_argument(function, "x", x)
    ndim = len(x.shape)
    if not ndim and dim in (-1, 0):
        return ops.reshape(x, (1,))
    if not -ndim <= dim < ndim:
        raise ValueError(
            f"{function}: dim is {dim}; needed is one of the {ndim} axes of x, which has shape {tuple(x.shape)}."
        )
    return x


def shaped_like(out: Any, x: Any) -> Any:
    """Give a result of `with_axis` in the shape that `x` had before."""
    return out if len(out.shape) == len(x.shape) else ops.reshape(out, tuple(x.shape))


def check_shape(
    function: str, argument: str, value: Any, needed: Shape, meaning: str, x: Any
) -> None:
    """Raise if an argument does not have the shape that it must have beside `x`.

    Raises
    ------
    TypeError, ValueError
        If it is no array, or has another shape, naming the function and the argument, and saying what that means.
    """
    backend_of_argument(function, argument, value)
    if tuple(value.shape) != tuple(needed):
        raise ValueError(
            f"{function}: {argument} is a {describe(value)}; needed is the shape {tuple(needed)}, {meaning}, because "
            f"x has shape {tuple(x.shape)}."
        )


def refuse_non_arrays(function: str, **arguments: Any) -> NoReturn:
    """Raise for the first argument that is neither a Variable nor an array.

    Raises
    ------
    TypeError
        Naming the function and the argument.
    """
    for argument, value in arguments.items():
        backend_of_argument(function, argument, value)
    raise AssertionError("unreachable: one of the arguments is no array")


def raw_option(function: str, argument: str, value: Any, backend: Backend) -> Any:
    """Give the raw array of an argument that is a setting, not something to differentiate.

    Raises
    ------
    TypeError
        If it requires grad, is no array, or is an array of another backend.
    """
    found = backend_of_argument(function, argument, value)
    if found is not backend and not backend.takes_arrays_of(found):
        raise TypeError(
            f"{function}: {argument} is on backend {found.name!r}; needed is {backend.name!r}, where the other "
            f"arguments are."
        )
    if isinstance(value, Variable):
        if value.requires_grad:
            raise TypeError(
                f"{function}: {argument} requires grad, but no gradient flows to it. Pass {argument}.detach()."
            )
        value = value.data
    return value
