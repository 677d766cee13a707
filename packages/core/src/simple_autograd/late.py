"""Functions whose code is compiled when they are first called."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

__all__ = ["compiled_later"]


def compiled_later(name: str, compile_into: Callable[[FunctionType], None]) -> Any:
    """Make a function that at its first call lets `compile_into` give it its code, and then runs that.

    The function stays the same object, so it may be imported, bound and kept in tables before; and later calls cost
    nothing more. Its globals are a scope of its own, where `compile_into` puts what the code names.
    """
    scope: dict[str, Any] = {"__name__": __name__, "__builtins__": __builtins__}
    call = FunctionType(_first_call.__code__, scope, name)
    call.__qualname__ = name
    scope["compile_call"] = lambda: compile_into(call)
    scope["call"] = call
    return call


def _first_call(*args, **options):  # type: ignore[no-untyped-def] # its code runs in the scope of a function made above
    compile_call()  # type: ignore[name-defined] # noqa: F821
    return call(*args, **options)  # type: ignore[name-defined] # noqa: F821
