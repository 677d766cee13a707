"""Packages whose names are loaded, with the module they are in, when they are first asked for (PEP 562)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["homes_of", "load_later"]


def homes_of(*tables: Mapping[str, str]) -> dict[str, str]:
    """Turn tables from a module to its names, separated by spaces, into one from a name to its module."""
    return {
        name: module
        for table in tables
        for module, names in table.items()
        for name in names.split()
    }


def load_later(
    scope: dict[str, Any], homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make a package's ``__getattr__`` and ``__dir__``.

    Parameters
    ----------
    scope
        The package's ``globals()``; a name is kept there once it is loaded, and found directly from then on.
    homes
        The module, relative to the package, of every name. A name that is its own home is a module.
    """
    package = scope["__name__"]

    def load(name: str) -> Any:
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = import_module(f".{home}", package)
        value = scope[name] = module if home == name else getattr(module, name)
        return value

    def names() -> list[str]:
        return [*scope, *homes]

    return load, names
