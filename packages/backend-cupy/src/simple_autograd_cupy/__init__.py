"""The CuPy backend of simple_autograd, found by the entry point ``simple_autograd.backends``.

Importing this package imports neither CuPy nor anything that looks for a GPU; making a
``CupyBackend`` does. Its caller is core's registry, on ``simple_autograd.set_backend("cupy")``.
"""

from __future__ import annotations

from .backend import CupyBackend

__all__ = ["CupyBackend"]
