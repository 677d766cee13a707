"""Schedules that multiply the rate by a number now and then: in steps, along a line, a power, an exponential."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ..optimizer import Optimizer
from .base import LRScheduler

__all__ = ["ConstantLR", "ExponentialLR", "LinearLR", "MultiStepLR", "PolynomialLR", "StepLR"]


class StepLR(LRScheduler):
    """Multiply the rate by `gamma` every `step_size` steps.

    Parameters
    ----------
    optimizer
        Whose learning rates to set.
    step_size
        The steps from one change to the next.
    gamma
        The factor.
    last_epoch
        The last step made, where a run resumes.

    Examples
    --------
    >>> from simple_autograd import Variable, nn
    >>> optimizer = nn.optim.SGD([Variable(1.0)], lr=1.0)
    >>> scheduler = nn.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for _ in range(4):
    ...     optimizer.step()
    ...     scheduler.step()
    ...     print(scheduler.get_last_lr())
    [1.0]
    [0.5]
    [0.5]
    [0.25]
    """

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        if step_size < 1:
            raise ValueError(f"StepLR: step_size is {step_size}; needed is at least 1.")
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Compute the rates of this step."""
        due = self.last_epoch > 0 and self.last_epoch % self.step_size == 0
        return self._scaled(self.gamma) if due else self._rates()

    def first_factor(self) -> float:
        """Begin with the initial rates."""
        return 1.0


class MultiStepLR(LRScheduler):
    """Multiply the rate by `gamma` at certain steps.

    Parameters
    ----------
    optimizer
        Whose learning rates to set.
    milestones
        The steps; one that stands there twice multiplies twice.
    gamma
        The factor.
    last_epoch
        The last step made, where a run resumes.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Iterable[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        self.milestones = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Compute the rates of this step."""
        times = self.milestones[self.last_epoch]
        return self._scaled(self.gamma**times) if times else self._rates()

    def first_factor(self) -> float:
        """Begin with the initial rates, past the milestones that lie at 0."""
        return self.gamma ** bisect_right(sorted(self.milestones.elements()), 0)

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave."""
        super().load_state_dict(state_dict)
        # JSON, which checkpoints are made of, makes strings of keys.
        self.milestones = Counter({int(step): n for step, n in self.milestones.items()})


class ConstantLR(LRScheduler):
    """Multiply the rate by `factor` for the first `total_iters` steps.

    Parameters
    ----------
    optimizer
        Whose learning rates to set.
    factor
        In (0, 1].
    total_iters
        After how many steps the rate is what it was.
    last_epoch
        The last step made, where a run resumes.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 1.0 / 3,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 < factor <= 1:
            raise ValueError(f"ConstantLR: factor is {factor}; needed is a number in (0, 1].")
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Compute the rates of this step."""
        if self.last_epoch == 0:
            return self._scaled(self.factor)
        return (
            self._scaled(1 / self.factor) if self.last_epoch == self.total_iters else self._rates()
        )

    def first_factor(self) -> float:
        """Begin with `factor`, if there are steps for it."""
        return self.factor if self.total_iters > 0 else 1.0


class LinearLR(LRScheduler):
    """Multiply the rate by a number that goes along a line from `start_factor` to `end_factor`: a warm-up.

    Parameters
    ----------
    optimizer
        Whose learning rates to set.
    start_factor
        In (0, 1].
    end_factor
        In [0, 1].
    total_iters
        After how many steps the line ends.
    last_epoch
        The last step made, where a run resumes.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 < start_factor <= 1:
            raise ValueError(
                f"LinearLR: start_factor is {start_factor}; needed is a number in (0, 1]."
            )
        if not 0 <= end_factor <= 1:
            raise ValueError(f"LinearLR: end_factor is {end_factor}; needed is a number in [0, 1].")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Compute the rates of this step."""
        if self.last_epoch == 0:
            return self._scaled(self.start_factor)
        if self._is_initial or self.last_epoch > self.total_iters:
            return self._rates()
        rise = self.end_factor - self.start_factor
        before = self.total_iters * self.start_factor + (self.last_epoch - 1) * rise
        return self._scaled(1.0 + rise / before)

    def first_factor(self) -> float:
        """Begin with `start_factor`."""
        return self.start_factor


class ExponentialLR(LRScheduler):
    """Multiply the rate by `gamma` at every step.

    Parameters
    ----------
    optimizer
        Whose learning rates to set.
    gamma
        The factor.
    last_epoch
        The last step made, where a run resumes.
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Compute the rates of this step."""
        return self._rates() if self._is_initial else self._scaled(self.gamma)

    def first_factor(self) -> float:
        """Begin with the initial rates."""
        return 1.0


class PolynomialLR(LRScheduler):
    """Multiply the rate by ``(1 - step / total_iters) ** power``, down to 0.

    Parameters
    ----------
    optimizer
        Whose learning rates to set.
    total_iters
        After how many steps the rate is 0.
    power
        The exponent.
    last_epoch
        The last step made, where a run resumes.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        total_iters: int = 5,
        power: float = 1.0,
        last_epoch: int = -1,
    ) -> None:
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Compute the rates of this step."""
        if self._is_initial or self.last_epoch > self.total_iters:
            return self._rates()
        left = 1.0 - self.last_epoch / self.total_iters
        return self._scaled((left / (1.0 - (self.last_epoch - 1) / self.total_iters)) ** self.power)

    def first_factor(self) -> float:
        """Begin with the initial rates."""
        return 1.0
