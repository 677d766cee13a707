"""Backends: the array libraries that carry the data, and the choice between them."""

from __future__ import annotations

from .base import Backend
from .kernels import kernel
from .numpy import NumPyBackend
from .random import Generator
from .registry import (
    any_has_several_devices,
    backend_for,
    backend_of,
    backend_of_scalar,
    define_body,
    get_backend,
    known_as,
    register_backend,
    set_backend,
    use_backend,
)

__all__ = [
    "Backend",
    "Generator",
    "NumPyBackend",
    "any_has_several_devices",
    "backend_for",
    "backend_of",
    "backend_of_scalar",
    "define_body",
    "get_backend",
    "kernel",
    "known_as",
    "register_backend",
    "set_backend",
    "use_backend",
]

register_backend(NumPyBackend())
