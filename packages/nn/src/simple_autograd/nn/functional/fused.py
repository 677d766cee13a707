"""``fused``: a computation inside gradient rules that a backend may replace as a whole.

The rule of a large operation (attention, a recurrence) is a computation of many steps. On raw arrays a backend may have
a kernel for it; on Variables (``create_graph=True``) it runs as it is written, operation by operation, and so every
higher order follows.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ...backends import backend_of, kernel
from ...types import Array, Namespace
from ...variable import Variable

__all__ = ["fused"]


def fused(body: Callable[..., Any], /) -> Callable[..., Any]:
    """Make a function that runs a backend's kernel of the body's name where there is one, and else the body.

    Parameters
    ----------
    body
        ``(xp, first, *arrays, **options)``: `first` is an array, others may be None or tuples of arrays. Kernels are
        called without ``xp``.
    """
    run = kernel(body)

    @functools.wraps(body)
    def call(xp: Namespace, first: Array, /, *args: Any, **options: Any) -> Any:
        if isinstance(first, Variable):
            return body(xp, first, *args, **options)
        backend = backend_of(first)
        assert backend is not None  # rules are called with arrays
        return run(backend, first, *args, **options)

    return call
