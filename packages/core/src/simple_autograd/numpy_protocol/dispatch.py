"""The decision what happens when a NumPy function meets a Variable.

A function that has an adapter here stays on the tape. One that has none runs on the raw arrays if no gradient can be
lost (no Variable among its arguments requires grad, or its result never has a gradient), and its arrays come back as
Variables; otherwise it raises. So no function ever drops a gradient silently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..backends import backend_of
from ..errors import NotDifferentiableError
from ..variable import Variable, wrap

__all__ = ["FUNCTIONS", "NOT_DIFFERENTIABLE", "UFUNCS", "call_function", "call_ufunc", "implements"]

UFUNCS: dict[Any, Callable[..., Any]] = {}
"""NumPy's ufuncs and the ops that they mean."""

UFUNC_METHODS: dict[tuple[Any, str], Callable[..., Any]] = {}
"""Adapters for methods of ufuncs, such as ``np.add.reduce``."""

FUNCTIONS: dict[Any, Callable[..., Any]] = {}
"""NumPy's functions and their adapters."""

NOT_DIFFERENTIABLE: set[Any] = set()
"""NumPy's functions whose results never have a gradient: they run on the raw arrays."""


def implements(*functions: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the adapter for functions of NumPy."""

    def register(adapter: Callable[..., Any]) -> Callable[..., Any]:
        FUNCTIONS.update(dict.fromkeys(functions, adapter))
        return adapter

    return register


def call_ufunc(ufunc: Any, method: str, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Answer ``__array_ufunc__``.

    Raises
    ------
    NotDifferentiableError
        If the result could not keep a gradient.
    """
    name = f"np.{ufunc.__name__}" if method == "__call__" else f"np.{ufunc.__name__}.{method}"
    adapter = UFUNCS.get(ufunc) if method == "__call__" else UFUNC_METHODS.get((ufunc, method))
    if adapter is not None and not options.get("out"):
        if method != "__call__":
            return adapter(*inputs, **options)
        if not options:
            return adapter(*inputs)
    if method == "outer" and ufunc in UFUNCS and not options:
        return _outer(UFUNCS[ufunc], *inputs)
    return _call_on_raw(
        name, ufunc if method == "__call__" else getattr(ufunc, method), inputs, options
    )


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
    name = f"{function.__module__.replace('numpy', 'np')}.{function.__name__}"
    return _call_on_raw(name, function, args, options, safe=function in NOT_DIFFERENTIABLE)


def _outer(op: Callable[..., Any], x1: Any, x2: Any) -> Any:
    """Give ``ufunc.outer``: the op on every pair of elements."""
    from ..ops import reshape

    return op(reshape(x1, (*x1.shape, *(1 for _ in x2.shape))), x2)


def _call_on_raw(
    name: str,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    options: dict[str, Any],
    *,
    safe: bool = False,
) -> Any:
    """Run a function of NumPy's on the raw arrays behind Variables, if that loses no gradient."""
    if not safe and any(variable._node is not None for variable in _variables((args, options))):
        given = f" with {', '.join(sorted(options))}" if options else ""
        raise NotDifferentiableError(
            f"{name}{given}: there is no gradient for it, and an argument requires grad. Use v.detach() to say that "
            f"none is meant, or compute it from operations of simple_autograd, which follow the array API standard."
        )
    result = function(*_raw(args), **_raw(options))
    return result if safe and isinstance(result, np.generic) else _wrapped(result)


def _variables(value: Any) -> Iterator[Variable]:
    """Find the Variables in nested arguments."""
    if isinstance(value, Variable):
        yield value
    elif isinstance(value, dict):
        yield from _variables(list(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _variables(item)


def _raw(value: Any) -> Any:
    """Put the raw arrays in the place of Variables."""
    if isinstance(value, Variable):
        return value._raw
    if isinstance(value, dict):
        return {key: _raw(item) for key, item in value.items()}
    return type(value)(_raw(item) for item in value) if type(value) in (list, tuple) else value


def _wrapped(value: Any) -> Any:
    """Put Variables in the place of raw arrays and of NumPy's scalars; other results stay."""
    if isinstance(value, np.generic):
        value = np.asarray(value)
    backend = backend_of(value)
    if backend is not None:
        return wrap(value, backend, None)
    return type(value)(_wrapped(item) for item in value) if type(value) in (list, tuple) else value
