"""``StrictBackend``: array-api-strict as a backend, to prove that only the standard is spoken.

array-api-strict refuses whatever the standard does not promise (NumPy's mixing of kinds, its
indexing, its extra functions), on any machine. ``conftest.py`` registers it under
``--backend=strict``.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import array_api_strict
import numpy as np

from simple_autograd.backends import Backend, NumPyBackend

# The version of the standard that the library is written in; array-api-strict's own default moves
# on.
array_api_strict.set_array_api_strict_flags(api_version="2024.12")


class StrictBackend(Backend):
    """The strictest reading of the standard, on the CPU.

    Its arrays wrap NumPy's, in ``_array``; questions about memory are NumPy's to answer.
    """

    def __init__(self) -> None:
        super().__init__("strict", array_api_strict, type(array_api_strict.asarray(0)))
        self._numpy = NumPyBackend()

    def to_numpy(self, array: Any) -> np.ndarray:
        return array._array

    def is_view(self, array: Any) -> bool:
        return self._numpy.is_view(array._array)

    def memory_key(self, array: Any) -> Hashable:
        return self._numpy.memory_key(array._array)

    def is_writeable(self, array: Any) -> bool:
        return self._numpy.is_writeable(array._array)
