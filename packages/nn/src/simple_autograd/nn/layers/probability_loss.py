"""Losses of probabilities: see ``functional/probability_loss.py``."""

from __future__ import annotations

from typing import Any, Literal

from ...types import Array
from ..functional import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    kl_div,
)
from ..functional.reduction import Reduction
from ..module import Module

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "KLDivLoss",
]


class BCELoss(Module):
    """The cross-entropy of probabilities of two classes, in nats.

    Parameters
    ----------
    weight
        Factors for the losses. They are a buffer, so the layer's ``state_dict`` holds them.
    reduction
        ``"mean"``, ``"sum"`` or ``"none"``.
    """

    weight: Any

    def __init__(self, weight: Array | None = None, *, reduction: Reduction = "mean") -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.reduction = reduction

    def forward(self, x: Array, target: Array) -> Any:
        """Compare probabilities with targets of the same shape."""
        return binary_cross_entropy(x, target, weight=self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(Module):
    """`BCELoss` of the sigmoid of logits, without overflow or loss.

    Parameters
    ----------
    weight
        Factors for the losses. They are a buffer, so the layer's ``state_dict`` holds them.
    pos_weight
        Factors for the part of the positive class; a buffer too.
    reduction
        ``"mean"``, ``"sum"`` or ``"none"``.
    """

    weight: Any
    pos_weight: Any

    def __init__(
        self,
        weight: Array | None = None,
        *,
        reduction: Reduction = "mean",
        pos_weight: Array | None = None,
    ) -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.reduction = reduction
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, x: Array, target: Array) -> Any:
        """Compare logits with targets of the same shape."""
        return binary_cross_entropy_with_logits(
            x, target, weight=self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )


class KLDivLoss(Module):
    """The Kullback-Leibler divergence, in nats.

    Parameters
    ----------
    log_target
        Whether the targets are logarithms.
    reduction
        ``"batchmean"``, which is the divergence, ``"mean"``, ``"sum"`` or ``"none"``.
    """

    def __init__(
        self, *, reduction: Reduction | Literal["batchmean"] = "mean", log_target: bool = False
    ) -> None:
        super().__init__()
        self.reduction = reduction
        self.log_target = log_target

    def forward(self, x: Array, target: Array) -> Any:
        """Compare log-probabilities with targets of the same shape."""
        return kl_div(x, target, reduction=self.reduction, log_target=self.log_target)
