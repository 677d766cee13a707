"""What a call of a ufunc means: ``np.add(v, w)``, its keywords, and its methods (``np.add.reduce(v)``).

The tables of adapters are filled by ``ufuncs.py`` and ``ufunc_methods.py``. Here it is decided whether an adapter does
a call, or NumPy itself on the raw arrays because no gradient can be lost, or nobody. On the tape the keywords mean:

- ``dtype``, ``signature``, ``casting``: the operands are cast to the types that NumPy's loop would compute in.
- ``where``: refused, since what it leaves out has no value without ``out``. Reductions take it.
- ``out``: refused.
- ``order``, ``subok``: nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import ops, special
from ..backends import Backend
from ..errors import NotDifferentiableError
from ..variable import Variable
from ..writes import written
from .dispatch import UFUNC_METHODS, UFUNCS, call_on_raw, raw_of, type_of, variables_in

__all__ = ["call_ufunc"]

_TYPES = {"dtype", "signature", "sig", "casting"}
_DEFAULTS = {"where": True, "casting": "same_kind", "dtype": None, "signature": None, "sig": None}


def call_ufunc(ufunc: Any, method: str, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Answer ``__array_ufunc__``.

    Raises
    ------
    NotDifferentiableError
        If the result could not keep a gradient.
    """
    op = _op_of(ufunc)
    if op is not None and method == "__call__" and not options:
        return op(*_operands(inputs))  # nearly every call
    name = ufunc.__name__
    if getattr(np, name, None) is ufunc:
        name = f"np.{name}"
    if method != "__call__":
        name += f".{method}"
    function = ufunc if method == "__call__" else getattr(ufunc, method)
    options = {key: value for key, value in options.items() if _says_something(key, value)}
    recorded = any(variable._node is not None for variable in variables_in((inputs, options)))
    if method == "at":
        return _write_at(name, function, inputs, recorded)
    constant = op is not None and hasattr(op, "op") and not op.op.differentiable
    if recorded and "out" in options and not constant:
        raise NotDifferentiableError(
            f"{name} with out: a result cannot be written into an array and stay on the tape. Use what the call gives "
            f"(a = a + v in place of a += v), or v.detach()."
        )
    adapter = op if method in ("__call__", "outer") else UFUNC_METHODS.get((ufunc, method))
    if adapter is None or "out" in options:
        return call_on_raw(name, function, inputs, options, safe=constant)
    if adapter is not op:
        return adapter(*inputs, **options)
    if options and (constant or not recorded):
        return call_on_raw(name, function, inputs, options, safe=True)
    if "where" in options:
        raise NotDifferentiableError(
            f"{name} with where: what it leaves out has no value, and so no gradient. Use "
            f"np.where(mask, {name}(...), other)."
        )
    place = {"axis": options.pop("axis")} if "axis" in options else {}  # of generalised ufuncs
    if not options.keys() <= _TYPES:
        return call_on_raw(name, function, inputs, options)
    types = _loop_types(ufunc, inputs, **options) if options else ()
    operands = _operands(inputs, types)
    return adapter(*operands, **place) if method == "__call__" else _outer(adapter, *operands)


def _says_something(key: str, value: Any) -> bool:
    """Say whether a keyword has another value than its default, and a meaning."""
    if key in ("order", "subok"):
        return False
    if key == "out":
        return value is not None and any(item is not None for item in value)
    return key not in _DEFAULTS or value is not _DEFAULTS[key]


def _op_of(ufunc: Any) -> Callable[..., Any] | None:
    """Give what stands for a ufunc: from the table, or for one of SciPy's, the special function of its name."""
    found = UFUNCS.get(ufunc)
    if found is None and (
        scipy := sys.modules.get("scipy.special")
    ):  # imported by whoever has one of its ufuncs
        name = ufunc.__name__
        return getattr(special, name, None) if getattr(scipy, name, None) is ufunc else None
    return found


def _loop_types(
    ufunc: Any,
    inputs: Sequence[Any],
    dtype: Any = None,
    signature: Any = None,
    sig: Any = None,
    casting: str = "same_kind",
) -> tuple[Any, ...]:
    """Give the data types in which NumPy would compute; raise as it does where `casting` forbids that."""
    signature = sig if signature is None else signature
    if isinstance(signature, str):
        signature = tuple(np.dtype(code) for code in signature.replace("->", ""))
    elif dtype is not None:
        signature = (None,) * ufunc.nin + (np.dtype(dtype),) * ufunc.nout
    given = [type_of(value) for value in inputs]
    resolved = ufunc.resolve_dtypes(
        (*given, *(None,) * ufunc.nout), signature=signature, casting=casting
    )
    return tuple(resolved[: ufunc.nin])


def _operands(inputs: Sequence[Any], types: Sequence[Any] = ()) -> Sequence[Any]:
    """Give the operands as ops take them: lists as arrays, and all in the given data types."""
    if not types and not any([isinstance(value, list | tuple) for value in inputs]):
        return inputs
    backend = next(variables_in(inputs))._backend
    operands = [
        backend.asarray(value) if isinstance(value, list | tuple) else value for value in inputs
    ]
    if not types:
        return operands
    return [_cast(backend, value, dtype) for value, dtype in zip(operands, types, strict=True)]


def _cast(backend: Backend, value: Any, dtype: Any) -> Any:
    if isinstance(value, Variable):
        return ops.astype(value, dtype.name, copy=False)
    return backend.asarray(value, dtype=dtype.name)


def _outer(op: Callable[..., Any], x1: Any, x2: Any) -> Any:
    """Give ``ufunc.outer``: the op on every pair of elements."""
    ones = (1,) * len(getattr(x2, "shape", ()))
    return op(ops.reshape(x1, (*x1.shape, *ones)) if ones and hasattr(x1, "shape") else x1, x2)


def _write_at(name: str, function: Any, inputs: Sequence[Any], recorded: bool) -> None:
    """Give ``ufunc.at``, which writes into its first operand."""
    if recorded:
        raise NotDifferentiableError(
            f"{name}: a write in place cannot stay on the tape. Use simple_autograd.index_add, or v.detach()."
        )
    function(*raw_of(tuple(inputs)))
    if isinstance(target := inputs[0], Variable):
        written(target._backend, target._raw, name)
