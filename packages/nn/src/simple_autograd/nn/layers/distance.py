"""Layers that compare vectors: see ``functional/distance.py``."""

from __future__ import annotations

from typing import Any

from ...types import Array
from ..functional import cosine_similarity, pairwise_distance
from ..module import Module

__all__ = ["CosineSimilarity", "PairwiseDistance"]


class CosineSimilarity(Module):
    """The cosine of the angle between vectors along an axis.

    Parameters
    ----------
    dim
        The axis along which the vectors lie.
    eps
        What smaller norms count as.
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim = dim
        self.eps = eps

    def forward(self, x1: Array, x2: Array) -> Any:
        """Compare arrays of shapes that broadcast."""
        return cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Module):
    """The norm of ``x1 - x2 + eps`` along the last axis.

    Parameters
    ----------
    p
        The order of the norm.
    eps
        Added to every difference, so that equal vectors have a gradient.
    keepdim
        Keep the last axis with length one.
    """

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.norm = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1: Array, x2: Array) -> Any:
        """Map (N, D) twice to (N,)."""
        return pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)
