"""Losses of numbers against numbers: see ``functional/regression_loss.py``."""

from __future__ import annotations

from typing import Any

from ...types import Array
from ..functional import (
    gaussian_nll_loss,
    huber_loss,
    l1_loss,
    mse_loss,
    poisson_nll_loss,
    smooth_l1_loss,
)
from ..functional.reduction import Reduction
from ..module import Module

__all__ = [
    "GaussianNLLLoss",
    "HuberLoss",
    "L1Loss",
    "MSELoss",
    "PoissonNLLLoss",
    "SmoothL1Loss",
]


class MSELoss(Module):
    """The squared error.

    Parameters
    ----------
    reduction
        ``"mean"``, ``"sum"`` or ``"none"``.
    """

    def __init__(self, *, reduction: Reduction = "mean") -> None:
        super().__init__()
        self.reduction = reduction

    def forward(self, x: Array, target: Array) -> Any:
        """Compare arrays of one shape."""
        return mse_loss(x, target, reduction=self.reduction)


class L1Loss(Module):
    """The absolute error.

    Parameters
    ----------
    reduction
        ``"mean"``, ``"sum"`` or ``"none"``.
    """

    def __init__(self, *, reduction: Reduction = "mean") -> None:
        super().__init__()
        self.reduction = reduction

    def forward(self, x: Array, target: Array) -> Any:
        """Compare arrays of one shape."""
        return l1_loss(x, target, reduction=self.reduction)


class SmoothL1Loss(Module):
    """The absolute error, but where it is below `beta`, the squared error divided by ``2 * beta``.

    Parameters
    ----------
    beta
        At least 0.
    reduction
        ``"mean"``, ``"sum"`` or ``"none"``.
    """

    def __init__(self, *, reduction: Reduction = "mean", beta: float = 1.0) -> None:
        super().__init__()
        self.reduction = reduction
        self.beta = beta

    def forward(self, x: Array, target: Array) -> Any:
        """Compare arrays of one shape."""
        return smooth_l1_loss(x, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(Module):
    """Half the squared error, but where the absolute error is above `delta`, a line.

    Parameters
    ----------
    delta
        More than 0.
    reduction
        ``"mean"``, ``"sum"`` or ``"none"``.
    """

    def __init__(self, reduction: Reduction = "mean", delta: float = 1.0) -> None:
        super().__init__()
        self.reduction = reduction
        self.delta = delta

    def forward(self, x: Array, target: Array) -> Any:
        """Compare arrays of one shape."""
        return huber_loss(x, target, reduction=self.reduction, delta=self.delta)


class GaussianNLLLoss(Module):
    """Minus the logarithm of the normal density at the targets.

    Parameters
    ----------
    full
        Whether to add the constant, ``log(2 * pi) / 2``.
    eps
        What smaller variances count as.
    reduction
        ``"mean"``, ``"sum"`` or ``"none"``.
    """

    def __init__(
        self, *, full: bool = False, eps: float = 1e-6, reduction: Reduction = "mean"
    ) -> None:
        super().__init__()
        self.full = full
        self.eps = eps
        self.reduction = reduction

    def forward(self, x: Array, target: Array, var: Array | float) -> Any:
        """Compare expected values and variances with targets."""
        return gaussian_nll_loss(
            x, target, var, full=self.full, eps=self.eps, reduction=self.reduction
        )


class PoissonNLLLoss(Module):
    """Minus the logarithm of the Poisson distribution's probability of the targets.

    Parameters
    ----------
    log_input
        Whether the layer is given the logarithms of expected numbers.
    full
        Whether to add Stirling's approximation of ``log(target!)``.
    eps
        Added to expected numbers before their logarithm is taken.
    reduction
        ``"mean"``, ``"sum"`` or ``"none"``.
    """

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        *,
        eps: float = 1e-8,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__()
        self.log_input = log_input
        self.full = full
        self.eps = eps
        self.reduction = reduction

    def forward(self, x: Array, target: Array) -> Any:
        """Compare expected numbers with targets."""
        return poisson_nll_loss(
            x,
            target,
            log_input=self.log_input,
            full=self.full,
            eps=self.eps,
            reduction=self.reduction,
        )
