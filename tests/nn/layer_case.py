"""``LayerCase``: what the generic tests need to know of one layer, and data for the cases of ``cases/``.

The same expression makes the layer from ``simple_autograd.nn`` and from ``torch.nn``; the tests in
``test_layers.py`` copy the weights over and compare.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

RNG = np.random.default_rng(7)


def draw(*shape: int) -> np.ndarray:
    """Draw float64 data."""
    return RNG.normal(size=shape)


def classes(count: int, *shape: int) -> np.ndarray:
    """Draw class indices."""
    return RNG.integers(0, count, shape)


def distributions(*shape: int) -> np.ndarray:
    """Draw probabilities over the axis of classes."""
    axis = 0 if len(shape) == 1 else 1
    drawn = RNG.random(shape)
    return drawn / drawn.sum(axis=axis, keepdims=True)


@dataclass(frozen=True)
class LayerCase:
    """One layer with one choice of settings.

    Attributes
    ----------
    text
        The expression that makes it, where ``nn`` is ours or PyTorch's.
    calls
        The arguments of calls, NumPy arrays; gradients are asked for the floating ones.
    settings
        Arrays among the settings, by the names they have in `text`.
    order
        How often PyTorch can differentiate it.
    """

    text: str
    calls: Sequence[tuple[np.ndarray, ...]]
    settings: dict[str, np.ndarray] = field(default_factory=dict)
    order: int = 2

    def __str__(self) -> str:
        return self.text

    def make(self, nn: Any, convert: Callable[[np.ndarray], Any]) -> Any:
        """Make the layer from a library, into whose arrays `convert` turns NumPy's."""
        names = {name: convert(value) for name, value in self.settings.items()}
        return eval(self.text, {"nn": nn, **names})  # - from the table below


SHAPES = [(draw(4, 3),), (draw(3),), (draw(2, 5, 3),), (draw(0, 3),)]
"""Inputs that every layer over three features takes."""
