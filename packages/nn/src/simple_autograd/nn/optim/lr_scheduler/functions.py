"""Schedules that a function of the step gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..optimizer import Optimizer
from .base import LRScheduler, load_functions, per_group, state_of_functions

__all__ = ["LambdaLR", "MultiplicativeLR"]

Factor = Callable[[int], float]


class LambdaLR(LRScheduler):
    """Give the groups the initial rate times a function of the step.

    Parameters
    ----------
    optimizer
        Whose learning rates to set.
    lr_lambda
        The function, or one for each group. Of callable objects ``state_dict`` holds what they hold; of functions,
        nothing.
    last_epoch
        The last step made, where a run resumes.

    Examples
    --------
    >>> from simple_autograd import Variable, nn
    >>> optimizer = nn.optim.SGD([Variable(1.0)], lr=2.0)
    >>> nn.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 / (step + 1)).get_last_lr()
    [2.0]
    """

    _unsaved = ("optimizer", "lr_lambdas")

    def __init__(
        self, optimizer: Optimizer, lr_lambda: Factor | Sequence[Factor], last_epoch: int = -1
    ) -> None:
        self._checked(optimizer)
        self.lr_lambdas: list[Factor] = per_group(self._name, "lr_lambda", optimizer, lr_lambda)
        for function in self.lr_lambdas:
            if not callable(function):
                raise TypeError(
                    f"{self._name}: lr_lambda is a {type(function).__name__}; needed is a function of the step."
                )
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Compute the rates of this step."""
        return [
            rate * function(self.last_epoch)
            for function, rate in zip(self.lr_lambdas, self.base_lrs, strict=True)
        ]

    def state_dict(self) -> dict[str, Any]:
        """Give all that a resumed run needs, of functions only what callable objects hold."""
        return {**super().state_dict(), "lr_lambdas": state_of_functions(self.lr_lambdas)}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave."""
        super().load_state_dict(state_dict)
        load_functions(self.lr_lambdas, state_dict["lr_lambdas"])


class MultiplicativeLR(LambdaLR):
    """Multiply the rate, at every step but the first, by a function of the step.

    Parameters
    ----------
    optimizer
        Whose learning rates to set.
    lr_lambda
        The function, or one for each group (see `LambdaLR`).
    last_epoch
        The last step made, where a run resumes.
    """

    def get_lr(self) -> list[float]:
        """Compute the rates of this step."""
        if self._is_initial:
            return self._rates()
        return [
            group["lr"] * function(self.last_epoch)
            for function, group in zip(self.lr_lambdas, self.optimizer.param_groups, strict=True)
        ]
