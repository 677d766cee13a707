"""Schedules along a cosine, once or over and over (Loshchilov and Hutter, 2017)."""

from __future__ import annotations

import math

from ....replay import each_time
from ..optimizer import Optimizer
from .base import LRScheduler

__all__ = ["CosineAnnealingLR", "CosineAnnealingWarmRestarts"]


class CosineAnnealingLR(LRScheduler):
    """Take the rate from its initial value to `eta_min` along half a cosine, and back again after that.

    Parameters
    ----------
    optimizer
        Whose learning rates to set.
    T_max
        After how many steps the rate is lowest.
    eta_min
        The lowest rate.
    last_epoch
        The last step made, where a run resumes.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_max: int,  # noqa: N803 - PyTorch's name
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        if T_max < 1:
            raise ValueError(f"CosineAnnealingLR: T_max is {T_max}; needed is at least 1.")
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Compute the rates of this step."""
        if self._is_initial:
            return self._rates()
        step, length, low = self.last_epoch, self.T_max, self.eta_min
        groups = self.optimizer.param_groups
        if self._step_count == 1 and step > 0:
            # A run resumed, whose step to come is the first: the rate itself, not its ratio to the last one.
            share = (1 + math.cos(step * math.pi / length)) / 2
            return [low + (rate - low) * share for rate in self.base_lrs]
        if (step - 1 - length) % (2 * length) == 0:
            # The last rate was the lowest, and a ratio to it says nothing.
            rise = 1 - math.cos(math.pi / length)
            return [
                group["lr"] + (rate - low) * rise / 2
                for rate, group in zip(self.base_lrs, groups, strict=True)
            ]
        ratio = (1 + math.cos(math.pi * step / length)) / (
            1 + math.cos(math.pi * (step - 1) / length)
        )
        return [ratio * (group["lr"] - low) + low for group in groups]

    def first_factor(self) -> float:
        """Begin with the initial rates."""
        return 1.0


class CosineAnnealingWarmRestarts(LRScheduler):
    """Take the rate from its initial value to `eta_min` along half a cosine, then begin anew.

    Parameters
    ----------
    optimizer
        Whose learning rates to set.
    T_0
        The length of the first round in steps.
    T_mult
        By what each round is longer than the one before.
    eta_min
        The lowest rate.
    last_epoch
        The last step made, where a run resumes.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,  # noqa: N803 - PyTorch's name
        T_mult: int = 1,  # noqa: N803 - PyTorch's name
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        for name, value in (("T_0", T_0), ("T_mult", T_mult)):
            if not isinstance(value, int) or value < 1:
                raise ValueError(
                    f"CosineAnnealingWarmRestarts: {name} is {value}; needed is an integer of at least 1."
                )
        self.T_0 = T_0
        self.T_i = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Compute the rates of this step."""
        share = 1 + math.cos(math.pi * self.T_cur / self.T_i)
        return [self.eta_min + (rate - self.eta_min) * share / 2 for rate in self.base_lrs]

    @each_time
    def step(self) -> None:
        """Go to the next step, and to the next round if this one is over."""
        self.T_cur += 1
        if self.T_cur >= self.T_i:
            self.T_cur %= self.T_i
            self.T_i *= self.T_mult
        super().step()

    def _restart(self) -> None:
        self.T_cur, self.T_i = 0, self.T_0
        super()._restart()

    def _undo(self) -> None:
        self.T_cur -= 1
        super()._undo()
