"""``ReduceLROnPlateau``: a schedule that follows a measurement."""

from __future__ import annotations

import math
from typing import Any, Literal

from ....variable import Variable
from ..optimizer import Optimizer
from .base import LRScheduler, per_group

__all__ = ["ReduceLROnPlateau"]


class ReduceLROnPlateau(LRScheduler):
    """Multiply the rate by `factor` when a measurement, such as the loss on held-out data, gets no better.

    Parameters
    ----------
    optimizer
        Whose learning rates to set.
    mode
        Whether better means less, ``"min"``, or more, ``"max"``.
    factor
        Below 1.
    patience
        How many measurements in a row may be no better without consequence.
    threshold, threshold_mode
        By how much a better one must be better: by this share of the best so far, ``"rel"``, or by this number,
        ``"abs"``.
    cooldown
        For how many measurements after a change none is counted.
    min_lr
        The lowest rate, or a list of those of each group.
    eps
        A change smaller than this is left out.

    Examples
    --------
    >>> from simple_autograd import Variable, nn
    >>> optimizer = nn.optim.SGD([Variable(1.0)], lr=1.0)
    >>> scheduler = nn.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for loss in (1.0, 1.0, 1.0):
    ...     scheduler.step(loss)
    >>> scheduler.get_last_lr()
    [0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: Literal["min", "max"] = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: Literal["rel", "abs"] = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0,
        eps: float = 1e-8,
    ) -> None:
        if factor >= 1:
            raise ValueError(f"ReduceLROnPlateau: factor is {factor}; needed is less than 1.")
        if mode not in ("min", "max"):
            raise ValueError(f"ReduceLROnPlateau: mode is {mode!r}; needed is 'min' or 'max'.")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(
                f"ReduceLROnPlateau: threshold_mode is {threshold_mode!r}; needed is 'rel' or 'abs'."
            )
        self.optimizer = self._checked(optimizer)
        self.factor = factor
        self.min_lrs: list[float] = per_group(self._name, "min_lr", optimizer, min_lr)
        self.patience = patience
        self.cooldown = cooldown
        self.eps = eps
        self.mode = mode
        self.threshold = threshold
        self.threshold_mode = threshold_mode
        self.last_epoch = 0
        self.best = math.inf if mode == "min" else -math.inf
        self.cooldown_counter = 0
        self.num_bad_epochs = 0
        self._last_lr = self._rates()

    @property
    def in_cooldown(self) -> bool:
        """Whether a change was made so lately that measurements are not counted."""
        return self.cooldown_counter > 0

    def step(self, metrics: Any) -> None:  # type: ignore[override] # that is what this one is about
        """Look at a measurement, a number or a Variable of one element, and set the rates."""
        value: Any = metrics.item() if isinstance(metrics, Variable) else metrics
        current = float(value)
        self.last_epoch += 1
        if self._is_better(current):
            self.best = current
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0
        self._last_lr = self._rates()

    def _is_better(self, current: float) -> bool:
        sign = 1 if self.mode == "max" else -1
        if self.threshold_mode == "rel":
            bound = self.best * (1 + sign * self.threshold)
        else:
            bound = self.best + sign * self.threshold
        return current > bound if self.mode == "max" else current < bound

    def _reduce(self) -> None:
        groups = self.optimizer.param_groups
        if len(groups) != len(self.min_lrs):
            raise RuntimeError(
                f"ReduceLROnPlateau: the optimizer has {len(groups)} groups, and had {len(self.min_lrs)}. Add the new "
                f"groups' lowest rates to min_lrs."
            )
        for group, lowest in zip(groups, self.min_lrs, strict=True):
            rate = max(group["lr"] * self.factor, lowest)
            if group["lr"] - rate > self.eps:
                group["lr"] = rate
