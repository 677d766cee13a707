"""The decision what happens when a NumPy function meets a Variable.

A function that has an adapter here stays on the tape. One that has none runs on the raw arrays if no gradient can be
lost (no Variable among its arguments requires grad, or its result never has a gradient), and its arrays come back as
Variables; otherwise it raises. So no function ever drops a gradient silently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .. import ops
from ..backends import Backend, backend_of, get_backend
from ..errors import NotDifferentiableError
from ..variable import Variable, wrap
from ..writes import written

__all__ = [
    "FUNCTIONS",
    "INSTEAD",
    "NOT_DIFFERENTIABLE",
    "UFUNCS",
    "UFUNC_METHODS",
    "alike",
    "arrays",
    "call_function",
    "call_on_raw",
    "host",
    "implements",
    "no_out",
    "no_variable",
    "operands",
    "raw_of",
    "type_of",
    "variables_in",
]

UFUNCS: dict[Any, Callable[..., Any]] = {}
"""NumPy's ufuncs and the ops that they mean."""

UFUNC_METHODS: dict[tuple[Any, str], Callable[..., Any]] = {}
"""Adapters for methods of ufuncs, such as ``np.add.reduce``."""

FUNCTIONS: dict[Any, Callable[..., Any]] = {}
"""NumPy's functions and their adapters."""

NOT_DIFFERENTIABLE: set[Any] = set()
"""NumPy's functions whose results never have a gradient: they run on the raw arrays."""

INSTEAD: dict[Any, str] = {}
"""What to use in the place of functions of NumPy's that cannot stay on the tape, for the message."""


def implements(*functions: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the adapter for functions of NumPy."""

    def register(adapter: Callable[..., Any]) -> Callable[..., Any]:
        # What Python calls it, where it has no such argument.
        adapter.__qualname__ = _name(functions[0])
        FUNCTIONS.update(dict.fromkeys(functions, adapter))
        return adapter

    return register


def no_out(out: Any) -> None:
    """Refuse an ``out`` that was given by position; `call_function` lets none through that was given by name."""
    if out is not None:
        raise TypeError(
            "out: a result cannot be written into an array and stay on the tape. Leave it out."
        )


def no_variable(function: str, argument: str, value: Any) -> Any:
    """Refuse a Variable that requires grad for an argument that has no gradient; give any other as NumPy's."""
    if isinstance(value, Variable) and value._node is not None:
        raise NotDifferentiableError(
            f"{function}: there is no gradient for {argument}, and it requires grad. Use {argument}.detach() to say "
            f"that none is meant."
        )
    return host(value)


def operands(*values: Any) -> list[Any]:
    """Give the operands as ops take them: lists and tuples of numbers as arrays, beside a Variable on its backend."""
    backend = _backend_of(values)
    return [
        backend.asarray(value) if isinstance(value, list | tuple) else value for value in values
    ]


def arrays(*values: Any) -> list[Variable]:
    """Give all operands as Variables, numbers too, which then have a data type of their own as in ``np.asarray``."""
    backend = _backend_of(values)
    return [
        value if isinstance(value, Variable) else wrap(backend.asarray(value), backend, None)
        for value in values
    ]


def alike(*values: Any) -> list[Variable]:
    """Give all operands as Variables of their common data type, to which Python's numbers yield."""
    common = np.result_type(
        *[value if isinstance(value, int | float | complex) else type_of(value) for value in values]
    ).name
    return [ops.astype(value, common, copy=False) for value in arrays(*values)]


def _backend_of(values: Any) -> Backend:
    found = next(variables_in(values), None)
    return get_backend() if found is None else found._backend


def call_function(function: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Answer ``__array_function__``.

    Raises
    ------
    NotDifferentiableError
        If the result could not keep a gradient.
    """
    if function in FUNCTIONS and options.get("out") is None:
        options.pop("out", None)
        return FUNCTIONS[function](*args, **options)
    return call_on_raw(
        _name(function), function, args, options, safe=function in NOT_DIFFERENTIABLE
    )


def _name(function: Any) -> str:
    return f"{function.__module__.replace('numpy', 'np')}.{function.__name__}"


def call_on_raw(
    name: str,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    options: dict[str, Any],
    *,
    safe: bool = False,
) -> Any:
    """Run a function of NumPy's on the raw arrays behind Variables, if that loses no gradient.

    What is given as ``out`` is written into and given back; if it is a Variable, the tape is told.
    """
    targets = options.get("out")
    targets = targets if isinstance(targets, tuple) else (targets,)
    kept = targets if safe else (args, options)
    if any(variable._node is not None for variable in variables_in(kept)):
        given = f" with {', '.join(sorted(options))}" if options else ""
        instead = INSTEAD.get(
            function,
            "Compute it from operations of simple_autograd, which follow the array API standard",
        )
        raise NotDifferentiableError(
            f"{name}{given}: there is no gradient for it, and an argument requires grad. {instead}, or use v.detach() "
            f"to say that no gradient is meant."
        )
    result = function(*raw_of(args), **raw_of(options))
    for target in variables_in(targets):
        written(target._backend, target._raw, f"{name} with out")
    if not any([target is None for target in targets]):
        return targets[0] if len(targets) == 1 else targets
    return result if safe and isinstance(result, np.generic) else _wrapped(result)


def variables_in(value: Any) -> Iterator[Variable]:
    """Find the Variables in nested arguments."""
    if isinstance(value, Variable):
        yield value
    elif isinstance(value, dict):
        yield from variables_in(list(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from variables_in(item)


def host(value: Any) -> Any:
    """Give a Variable's or raw array's values as a NumPy array, for what has no gradient: positions, conditions."""
    if isinstance(value, Variable):
        return value._backend.to_numpy(value._raw)
    backend = backend_of(value)
    return value if backend is None else backend.to_numpy(value)


def type_of(value: Any) -> Any:
    """Give NumPy's data type of an operand; of a Python number its own type, which yields to the others."""
    if type(value) in (int, float, complex):
        return type(value)
    backend = value._backend if isinstance(value, Variable) else backend_of(value)
    if backend is not None:
        return np.dtype(backend.dtype_name(value.dtype))
    return np.asarray(value).dtype


def raw_of(value: Any) -> Any:
    """Put the raw arrays in the place of Variables."""
    if isinstance(value, Variable):
        return value._raw
    if isinstance(value, dict):
        return {key: raw_of(item) for key, item in value.items()}
    return _rebuilt(value, raw_of)


def _wrapped(value: Any) -> Any:
    """Put Variables in the place of raw arrays and of NumPy's scalars; other results stay."""
    if isinstance(value, np.generic):
        value = np.asarray(value)
    backend = backend_of(value)
    if backend is not None:
        return wrap(value, backend, None)
    return _rebuilt(value, _wrapped)


def _rebuilt(value: Any, change: Callable[[Any], Any]) -> Any:
    """Change the items of a list, tuple or namedtuple; anything else stays."""
    if type(value) in (list, tuple):
        return type(value)(change(item) for item in value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(change, value))
    return value
