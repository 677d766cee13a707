"""Faster bodies for operations of ``functional`` and steps of ``optim``, one folder per backend that has any.

A kernel computes what the portable body of its name computes; both are under the same tests. Importing this package
registers them. Backends of other distributions register theirs in the same way.
"""

from __future__ import annotations

from ...backends import get_backend
from .numpy import KERNELS

__all__: list[str] = []

get_backend("numpy").register_kernels(KERNELS)
