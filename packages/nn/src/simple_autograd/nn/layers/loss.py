"""Loss layers: see ``functional/loss.py``."""

from __future__ import annotations

from typing import Any

from ...types import Array
from ..functional import cross_entropy, nll_loss
from ..functional.reduction import Reduction
from ..module import Module

__all__ = ["CrossEntropyLoss", "NLLLoss"]


class CrossEntropyLoss(Module):
    """The cross-entropy of the softmax of logits, against classes or probabilities, in nats.

    Parameters
    ----------
    weight
        (C,), a factor for each class. It is a buffer, so the layer's ``state_dict`` holds it.
    ignore_index
        Samples with this class index count for nothing.
    reduction
        ``"mean"``, ``"sum"`` or ``"none"``.
    label_smoothing
        The share, in [0, 1], of the target that is spread evenly over all classes.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd import nn
    >>> loss = nn.CrossEntropyLoss()
    >>> loss(np.zeros((2, 4)), np.array([3, 0]))
    array(1.38629436)
    """

    weight: Any

    def __init__(
        self,
        weight: Array | None = None,
        *,
        ignore_index: int = -100,
        reduction: Reduction = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index
        self.reduction = reduction
        self.label_smoothing = label_smoothing

    def forward(self, x: Array, targets: Array) -> Any:
        """Compare logits with targets (see `simple_autograd.nn.functional.cross_entropy`)."""
        return cross_entropy(
            x,
            targets,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class NLLLoss(Module):
    """Minus the log-probabilities of the targets' classes: `CrossEntropyLoss` without the softmax.

    Parameters
    ----------
    weight
        (C,), a factor for each class. It is a buffer, so the layer's ``state_dict`` holds it.
    ignore_index
        Samples with this class index count for nothing.
    reduction
        ``"mean"``, ``"sum"`` or ``"none"``.
    """

    weight: Any

    def __init__(
        self,
        weight: Array | None = None,
        *,
        ignore_index: int = -100,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index
        self.reduction = reduction

    def forward(self, x: Array, target: Array) -> Any:
        """Compare log-probabilities with classes (see `simple_autograd.nn.functional.nll_loss`)."""
        return nll_loss(
            x,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
        )
