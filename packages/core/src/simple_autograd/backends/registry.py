"""Which backends there are, and which one is the default.

A backend is registered by ``register_backend``, or found on first use: through the entry point group
``simple_autograd.backends``, or, on a path where nothing is installed, by its name (``simple_autograd_NAME``). So core
imports no array library but NumPy. Callers: users (``set_backend``), the ops (``backend_of``), and ``Variable``'s
constructor.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import BackendUnavailableError
from .base import Backend

__all__ = [
    "any_has_several_devices",
    "backend_for",
    "backend_of",
    "backend_of_scalar",
    "define_body",
    "get_backend",
    "known_as",
    "register_backend",
    "set_backend",
    "use_backend",
]

_ENTRY_POINTS = "simple_autograd.backends"
_CURES = {
    "cupy": 'Install it: pip install "simple-autograd-backend-cupy[cuda13]"  (or [cuda12])',
    "cpu": "What is called 'cpu' elsewhere is 'numpy' here.",
    "cuda": "What is called 'cuda' elsewhere is 'cupy' here.",
}

_by_name: dict[str, Backend] = {}
_by_array_type: dict[type, Backend] = {}
_by_library: dict[type, Backend] = {}
"""Of libraries with several devices, any backend by the array type; which one holds an array, it can tell."""


class _Choice(threading.local):
    """The default backend: one for the process, which a thread's ``use_backend`` covers for a while."""

    here: Backend | None = None


_process_default: list[Backend] = []
_choice = _Choice()


def register_backend(backend: Backend) -> None:
    """Make `backend` known under its name and its array type; the first one registered is the default."""
    _by_name[backend.name] = backend
    known = _by_library if backend.several_devices else _by_array_type
    known[backend.array_type] = backend
    if not _process_default:
        _process_default.append(backend)


def get_backend(name: str | Backend | None = None) -> Backend:
    """Give the default backend, or the one of that name.

    Parameters
    ----------
    name
        ``"numpy"``; or with the number of a device ``"cupy:1"``; None gives the default backend.

    Raises
    ------
    BackendUnavailableError
        If there is no such backend, or it lacks something on this machine.
    """
    if name is None:
        return _choice.here or _process_default[0]
    if isinstance(name, Backend):
        return name
    if name not in _by_name:
        library, _, device = name.partition(":")
        backend = get_backend(library).on_device(device) if device else _load(name)
        register_backend(backend)
        _by_name[name] = backend
    return _by_name[name]


def set_backend(name: str | Backend) -> None:
    """Make the backend `name` the default: the one on which arrays are created, in every thread.

    Operations follow their operands; those that exist already stay where they are.

    Raises
    ------
    BackendUnavailableError
        If there is no such backend, or it lacks something on this machine.
    """
    _process_default[:] = [get_backend(name)]


@contextmanager
def use_backend(name: str | Backend) -> Iterator[Backend]:
    """Make the backend `name` the default within a ``with`` block, in this thread."""
    backend = get_backend(name)
    before, _choice.here = _choice.here, backend
    try:
        yield backend
    finally:
        _choice.here = before


def backend_of(array: Any) -> Backend | None:
    """Give the backend that `array` belongs to, or None if it is of no registered backend's type."""
    backend = _by_array_type.get(type(array))
    if backend is None and type(array) in _by_library:
        return _by_library[type(array)].holder_of(array)
    return backend


@contextmanager
def known_as(name: str, backend: Backend) -> Iterator[None]:
    """Let arrays of its type, and its scalars, belong to a backend within a ``with`` block, in all threads.

    The name is one by which it is not asked for.
    """
    before = _by_array_type.get(backend.array_type), _by_name.get(name)
    _by_array_type[backend.array_type] = _by_name[name] = backend
    try:
        yield
    finally:
        _put_back(_by_array_type, backend.array_type, before[0])
        _put_back(_by_name, name, before[1])


def _put_back(table: dict[Any, Backend], key: Any, before: Backend | None) -> None:
    if before is None:
        del table[key]
    else:
        table[key] = before


def any_has_several_devices() -> bool:
    """Say whether a backend in use is one of several, each for a device of its own."""
    return bool(_by_library)


def define_body(name: str, body: Callable[..., Any]) -> None:
    """Make `body` the portable function of an op; what backends have bound under that name before is forgotten."""
    if name in Backend.portable:
        for backend in _by_name.values():
            backend.bodies.pop(name, None)
    Backend.portable[name] = body


def backend_of_scalar(value: Any) -> Backend | None:
    """Give the backend whose namespace gives `value` where the standard has a zero-dimensional array."""
    found = (backend for backend in _by_name.values() if isinstance(value, backend.scalar_types))
    return next(found, None)


def backend_for(obj: Any) -> Backend:
    """Give the backend on which `obj` becomes a Variable's array.

    Arrays of a device stay where they are; NumPy's arrays, lists and numbers go to the default backend.
    """
    backend = backend_of(obj)
    return get_backend() if backend is None or backend.is_host else backend


def _load(name: str) -> Backend:
    from importlib.metadata import entry_points  # slow to import, and few programs get here

    found = entry_points(group=_ENTRY_POINTS)
    for entry_point in found:
        if entry_point.name == name:
            return entry_point.load()()
    make = _on_the_path(name)
    if make is not None:
        return make()
    known = sorted({*_by_name, *(entry_point.name for entry_point in found)})
    cure = _CURES.get(name, "Register your own with register_backend.")
    raise BackendUnavailableError(f"there is no backend {name!r}; there are {known}. {cure}")


def _on_the_path(name: str) -> Callable[[], Backend] | None:
    """Give the class of a backend that is not installed: ``NameBackend`` of the package ``simple_autograd_name``."""
    from importlib import import_module
    from importlib.util import find_spec

    package = f"simple_autograd_{name}"
    if not name.isidentifier() or find_spec(package) is None:
        return None
    return getattr(import_module(package), f"{name.capitalize()}Backend", None)
