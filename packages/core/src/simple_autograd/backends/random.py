"""Random numbers for initialisation, dropout and shuffling: one seeded generator per backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..replay import each_time
from ..types import Array, Shape

if TYPE_CHECKING:
    from .base import Backend

__all__ = ["Generator"]


class Generator:
    """A seeded random generator that gives arrays of a backend.

    It draws with NumPy's PCG64 and hands the result over, so that a seed gives the same numbers on every backend.
    A backend whose device draws faster may give its own with the same methods.

    Parameters
    ----------
    backend
        Whose arrays to give.
    seed
        None draws the seed from the operating system.
    """

    def __init__(self, backend: Backend, seed: int | None = None) -> None:
        self._backend = backend
        self._numpy = np.random.Generator(np.random.PCG64(seed))

    @each_time
    def uniform(
        self, shape: Shape, low: float = 0.0, high: float = 1.0, dtype: Any = "float32"
    ) -> Array:
        """Draw from the uniform distribution on [low, high)."""
        draws = self._numpy.random(shape, dtype=np.float32 if dtype == "float32" else np.float64)
        draws *= high - low
        draws += low
        return self._backend.asarray(draws, dtype=dtype)

    @each_time
    def normal(
        self, shape: Shape, mean: float = 0.0, std: float = 1.0, dtype: Any = "float32"
    ) -> Array:
        """Draw from the normal distribution."""
        draws = self._numpy.standard_normal(
            shape, dtype=np.float32 if dtype == "float32" else np.float64
        )
        draws *= std
        draws += mean
        return self._backend.asarray(draws, dtype=dtype)

    @each_time
    def permutation(self, length: int) -> Array:
        """Draw an order of ``range(length)``."""
        return self._backend.asarray(self._numpy.permutation(length))

    @property
    def state(self) -> dict[str, Any]:
        """What `state` may later be set to, to draw the same numbers again: nested dicts, integers, strings."""
        return dict(self._numpy.bit_generator.state)

    @state.setter
    def state(self, state: dict[str, Any]) -> None:
        self._numpy.bit_generator.state = state
