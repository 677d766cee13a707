"""The CuPy backend of simple_autograd, found by the entry point ``simple_autograd.backends``.

Importing this package imports neither CuPy nor anything that looks for a GPU; making a
``CupyBackend`` does. Its caller is core's registry, on ``simple_autograd.set_backend("cupy")``.
"""

from __future__ import annotations

from .backend import CupyBackend
from .determinism import are_deterministic_algorithms_enabled, use_deterministic_algorithms
from .precision import get_float32_matmul_precision, set_float32_matmul_precision

__all__ = [
    "CupyBackend",
    "are_deterministic_algorithms_enabled",
    "get_float32_matmul_precision",
    "set_float32_matmul_precision",
    "use_deterministic_algorithms",
]
