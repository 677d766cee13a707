"""The type names that the whole library shares.

They are aliases and not classes: an ``Array`` is whatever a backend's namespace makes (a NumPy array, an
array on a GPU, …), a ``Namespace`` whatever module speaks the array API standard.
"""

from __future__ import annotations

from typing import Any, TypeAlias

Array: TypeAlias = Any
"""A raw array of some backend, or where a public function says so, a ``Variable``."""

Namespace: TypeAlias = Any
"""A module of functions of the Python array API standard, 2024.12."""

DType: TypeAlias = Any
"""A data type of some namespace."""

Shape: TypeAlias = tuple[int, ...]
"""The lengths of an array's axes."""

Axis: TypeAlias = int | tuple[int, ...] | None
"""One axis, several, or None for all of them."""
