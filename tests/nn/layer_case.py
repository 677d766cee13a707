"""``LayerCase``: what the generic tests need to know of one layer, and the table of all of them.

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

CASES = [
    LayerCase("nn.Linear(3, 5)", SHAPES),
    LayerCase("nn.Linear(3, 5, bias=False)", SHAPES),
    LayerCase("nn.Linear(3, 1)", SHAPES),
    LayerCase("nn.Identity()", SHAPES),
    LayerCase("nn.Identity(7, unused=True)", SHAPES[:1]),
    LayerCase("nn.ReLU()", [*SHAPES, (np.array([-1.0, 0.0, 2.0]),)]),
    LayerCase("nn.ReLU(inplace=True)", SHAPES[:1]),
    LayerCase("nn.Sigmoid()", SHAPES),
    LayerCase("nn.Tanh()", SHAPES),
    LayerCase("nn.Softmax(dim=-1)", SHAPES[:3]),
    LayerCase("nn.Softmax(dim=0)", SHAPES[:3]),
    LayerCase("nn.LogSoftmax(dim=-1)", SHAPES[:3]),
    LayerCase("nn.LogSoftmax(1)", SHAPES[2:3]),
    LayerCase("nn.Flatten()", [(draw(4, 3, 2),), (draw(4, 3),)]),
    LayerCase("nn.Flatten(0)", [(draw(4, 3, 2),), (draw(4),)]),
    LayerCase("nn.Flatten(start_dim=1, end_dim=2)", [(draw(4, 3, 2, 5),)]),
    LayerCase("nn.Flatten(-3, -2)", [(draw(4, 3, 2, 5),)]),
    LayerCase("nn.Sequential()", SHAPES[:1]),
    LayerCase("nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))", SHAPES),
    LayerCase(
        "nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(6, 4), nn.Tanh()), nn.Linear(4, 2))",
        [(draw(4, 3, 2),)],
    ),
]

LOGITS = [
    (draw(6, 4), classes(4, 6)),
    (draw(4), classes(4)),
    (draw(2, 4, 3, 2), classes(4, 2, 3, 2)),
]
PROBABILITIES = [
    (draw(6, 4), distributions(6, 4)),
    (draw(4), distributions(4)),
    (draw(2, 4, 3), distributions(2, 4, 3)),
]
IGNORED = [
    (draw(6, 4), np.array([0, -100, 3, 1, -100, 2])),
    (draw(2, 4, 3), np.array([[1, -100, 2], [3, 0, -100]])),
]
WEIGHT = {"weight": np.array([0.5, 2.0, 0.0, 1.5])}

for reduction in ("mean", "sum", "none"):
    reduced = f"reduction={reduction!r}"
    CASES += [
        LayerCase(f"nn.CrossEntropyLoss({reduced})", [*LOGITS, *PROBABILITIES, *IGNORED]),
        LayerCase(
            f"nn.CrossEntropyLoss(weight, {reduced})", [*LOGITS, *PROBABILITIES, *IGNORED], WEIGHT
        ),
        LayerCase(
            f"nn.CrossEntropyLoss({reduced}, label_smoothing=0.2)",
            [*LOGITS, *PROBABILITIES, *IGNORED],
        ),
        LayerCase(
            f"nn.CrossEntropyLoss(weight, {reduced}, label_smoothing=1.0)",
            [*LOGITS, *PROBABILITIES, *IGNORED],
            WEIGHT,
        ),
        LayerCase(
            f"nn.CrossEntropyLoss(weight, ignore_index=2, {reduced}, label_smoothing=0.1)",
            LOGITS,
            WEIGHT,
        ),
        LayerCase(f"nn.CrossEntropyLoss(ignore_index=1, {reduced})", LOGITS),
    ]
