"""Losses that want a distance kept: see ``functional/margin_loss.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...types import Array
from ..functional import (
    cosine_embedding_loss,
    hinge_embedding_loss,
    margin_ranking_loss,
    multi_margin_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    soft_margin_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)
from ..functional.reduction import Reduction
from ..module import Module
from .distance import PairwiseDistance

__all__ = [
    "CosineEmbeddingLoss",
    "HingeEmbeddingLoss",
    "MarginRankingLoss",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "SoftMarginLoss",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
]


class CosineEmbeddingLoss(Module):
    """``1 - cos`` for vectors that belong together, ``max(0, cos - margin)`` for those that do not.

    Parameters
    ----------
    margin
        The cosine up to which the latter cost nothing.
    reduction
        ``"mean"``, ``"sum"`` or ``"none"``.
    """

    def __init__(self, margin: float = 0.0, *, reduction: Reduction = "mean") -> None:
        super().__init__()
        self.margin = margin
        self.reduction = reduction

    def forward(self, x1: Array, x2: Array, target: Array) -> Any:
        """Compare vectors, (N, D) or (D,), with signs, (N,) or ()."""
        return cosine_embedding_loss(x1, x2, target, margin=self.margin, reduction=self.reduction)


class MarginRankingLoss(Module):
    """``max(0, margin - target * (x1 - x2))``.

    Parameters
    ----------
    margin
        By how much one score should be higher.
    reduction
        ``"mean"``, ``"sum"`` or ``"none"``.
    """

    def __init__(self, margin: float = 0.0, *, reduction: Reduction = "mean") -> None:
        super().__init__()
        self.margin = margin
        self.reduction = reduction

    def forward(self, x1: Array, x2: Array, target: Array) -> Any:
        """Compare scores with signs of the same shape."""
        return margin_ranking_loss(x1, x2, target, margin=self.margin, reduction=self.reduction)


class HingeEmbeddingLoss(Module):
    """`x`, a distance, where the target is 1, and ``max(0, margin - x)`` where it is -1.

    Parameters
    ----------
    margin
        The distance from which on what is apart costs nothing.
    reduction
        ``"mean"``, ``"sum"`` or ``"none"``.
    """

    def __init__(self, margin: float = 1.0, *, reduction: Reduction = "mean") -> None:
        super().__init__()
        self.margin = margin
        self.reduction = reduction

    def forward(self, x: Array, target: Array) -> Any:
        """Compare distances with signs of the same shape."""
        return hinge_embedding_loss(x, target, margin=self.margin, reduction=self.reduction)


class SoftMarginLoss(Module):
    """``log(1 + exp(-target * x))``.

    Parameters
    ----------
    reduction
        ``"mean"``, ``"sum"`` or ``"none"``.
    """

    def __init__(self, *, reduction: Reduction = "mean") -> None:
        super().__init__()
        self.reduction = reduction

    def forward(self, x: Array, target: Array) -> Any:
        """Compare scores with signs of the same shape."""
        return soft_margin_loss(x, target, reduction=self.reduction)


class MultiLabelSoftMarginLoss(Module):
    """The binary cross-entropy of logits, averaged over the classes.

    Parameters
    ----------
    weight
        (C,), a factor for each class. It is a buffer, so the layer's ``state_dict`` holds it.
    reduction
        ``"mean"``, ``"sum"`` or ``"none"``.
    """

    weight: Any

    def __init__(self, weight: Array | None = None, *, reduction: Reduction = "mean") -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.reduction = reduction

    def forward(self, x: Array, target: Array) -> Any:
        """Compare logits, (N, C) or (C,), with targets of the same shape."""
        return multilabel_soft_margin_loss(x, target, weight=self.weight, reduction=self.reduction)


class MultiMarginLoss(Module):
    """``max(0, margin - x[target] + x[j]) ** p``, summed over all other classes j and divided by C.

    Parameters
    ----------
    p
        1 or 2.
    margin
        By how much the target's score should be the highest.
    weight
        (C,), a factor for each target class. It is a buffer, so the layer's ``state_dict`` holds it.
    reduction
        ``"mean"``, ``"sum"`` or ``"none"``.
    """

    weight: Any

    def __init__(
        self,
        p: int = 1,
        margin: float = 1.0,
        weight: Array | None = None,
        *,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__()
        self.p = p
        self.margin = margin
        self.register_buffer("weight", weight)
        self.reduction = reduction

    def forward(self, x: Array, target: Array) -> Any:
        """Compare scores, (N, C) or (C,), with classes, (N,) or ()."""
        return multi_margin_loss(
            x, target, p=self.p, margin=self.margin, weight=self.weight, reduction=self.reduction
        )


class MultiLabelMarginLoss(Module):
    """``max(0, 1 - x[i] + x[j])``, summed over classes i that apply and j that do not, divided by C.

    Parameters
    ----------
    reduction
        ``"mean"``, ``"sum"`` or ``"none"``.
    """

    def __init__(self, *, reduction: Reduction = "mean") -> None:
        super().__init__()
        self.reduction = reduction

    def forward(self, x: Array, target: Array) -> Any:
        """Compare scores, (N, C) or (C,), with classes that end at a -1."""
        return multilabel_margin_loss(x, target, reduction=self.reduction)


class TripletMarginLoss(Module):
    """``max(0, d(anchor, positive) - d(anchor, negative) + margin)``, d being `PairwiseDistance`.

    Parameters
    ----------
    margin
        By how much the negative should be farther away.
    p, eps
        As for `PairwiseDistance`.
    swap
        Whether the negative's distance from the positive counts instead, where it is smaller.
    reduction
        ``"mean"``, ``"sum"`` or ``"none"``.
    """

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        *,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__()
        self.margin = margin
        self.p = p
        self.eps = eps
        self.swap = swap
        self.reduction = reduction

    def forward(self, anchor: Array, positive: Array, negative: Array) -> Any:
        """Compare vectors, (N, D) or (D,)."""
        return triplet_margin_loss(
            anchor,
            positive,
            negative,
            margin=self.margin,
            p=self.p,
            eps=self.eps,
            swap=self.swap,
            reduction=self.reduction,
        )


class TripletMarginWithDistanceLoss(Module):
    """`TripletMarginLoss` with a distance of one's own.

    Parameters
    ----------
    distance_function
        Of two arrays, gives one number for each pair; by default `PairwiseDistance`.
    margin
        By how much the negative should be farther away.
    swap
        As for `TripletMarginLoss`.
    reduction
        ``"mean"``, ``"sum"`` or ``"none"``.
    """

    def __init__(
        self,
        *,
        distance_function: Callable[[Any, Any], Any] | None = None,
        margin: float = 1.0,
        swap: bool = False,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__()
        self.distance_function = (
            PairwiseDistance() if distance_function is None else distance_function
        )
        self.margin = margin
        self.swap = swap
        self.reduction = reduction

    def forward(self, anchor: Array, positive: Array, negative: Array) -> Any:
        """Compare arrays that the distance takes."""
        return triplet_margin_with_distance_loss(
            anchor,
            positive,
            negative,
            distance_function=self.distance_function,
            margin=self.margin,
            swap=self.swap,
            reduction=self.reduction,
        )
