"""``@kernel``: a function that backends may replace, but that is no op: it writes in place and has no gradient.

Optimizer steps are kernels. Like an op's, the body is portable, takes the namespace first, and is found under its name
in every backend's table (`Backend.bodies`); a backend replaces it with `Backend.register_kernels`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from ..types import Namespace
from .base import Backend

__all__ = ["kernel"]

P = ParamSpec("P")
T = TypeVar("T")


def kernel(body: Callable[Concatenate[Namespace, P], T], /) -> Callable[Concatenate[Backend, P], T]:
    """Make a function ``(backend, ...)`` of a portable body ``(xp, ...)``; a backend's own goes first."""
    name = body.__name__
    Backend.portable[name] = body

    @functools.wraps(body)
    def call(backend: Backend, /, *args: P.args, **options: P.kwargs) -> Any:
        return backend.body(name)(*args, **options)

    return call
