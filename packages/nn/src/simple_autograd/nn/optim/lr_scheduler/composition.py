"""Schedules made of schedules: one after the other, or all at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from ....replay import each_time
from ..optimizer import Optimizer
from .base import LRScheduler
from .plateau import ReduceLROnPlateau

__all__ = ["ChainedScheduler", "SequentialLR"]


class _Composition(LRScheduler):
    """What both share: schedulers of one optimizer, and their state."""

    _unsaved = ("optimizer", "_schedulers")

    def _hold(self, optimizer: Optimizer | None, schedulers: Sequence[LRScheduler]) -> None:
        """Take the schedulers; raise if they do not go together."""
        if not schedulers:
            raise ValueError(f"{self._name}: schedulers is empty; needed is at least one.")
        for index, scheduler in enumerate(schedulers):
            if not isinstance(scheduler, LRScheduler) or isinstance(scheduler, ReduceLROnPlateau):
                raise TypeError(
                    f"{self._name}: scheduler {index} is a {type(scheduler).__name__}; needed is an LRScheduler whose "
                    f"step takes no measurement."
                )
            optimizer = optimizer or scheduler.optimizer
            if scheduler.optimizer is not optimizer:
                raise ValueError(
                    f"{self._name}: scheduler {index} is for another optimizer; needed is one for all of them."
                )
        assert optimizer is not None  # there is at least one scheduler
        self.optimizer = optimizer
        self._schedulers = list(schedulers)

    def _undo(self) -> None:
        for scheduler in self._schedulers:
            scheduler._undo()

    def state_dict(self) -> dict[str, Any]:
        """Give all that a resumed run needs, with the states of the schedulers."""
        inner = [scheduler.state_dict() for scheduler in self._schedulers]
        return {**super().state_dict(), "_schedulers": inner}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave."""
        super().load_state_dict(state_dict)
        for scheduler, state in zip(self._schedulers, state_dict["_schedulers"], strict=True):
            scheduler.load_state_dict(state)


class SequentialLR(_Composition):
    """Follow one schedule up to a step, then the next one from its beginning, and so on.

    Parameters
    ----------
    optimizer
        Whose learning rates to set.
    schedulers
        The schedules, in order; of this optimizer.
    milestones
        The steps at which the second, the third, … begins.
    last_epoch
        The last step made, where a run resumes.

    Examples
    --------
    >>> from simple_autograd import Variable, nn
    >>> from simple_autograd.nn.optim import lr_scheduler
    >>> optimizer = nn.optim.SGD([Variable(1.0)], lr=1.0)
    >>> warm_up = lr_scheduler.LinearLR(optimizer, 0.5, total_iters=2)
    >>> decay = lr_scheduler.ExponentialLR(optimizer, 0.9)
    >>> scheduler = lr_scheduler.SequentialLR(optimizer, [warm_up, decay], milestones=[2])
    >>> scheduler.get_last_lr()
    [0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: Sequence[LRScheduler],
        milestones: Sequence[int],
        last_epoch: int = -1,
    ) -> None:
        self._hold(self._checked(optimizer), schedulers)
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                f"SequentialLR: there are {len(milestones)} milestones and {len(schedulers)} schedulers; needed is one "
                f"milestone less than schedulers."
            )
        self._milestones = list(milestones)
        self.last_epoch = last_epoch + 1
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        # Making the schedulers has set rates, each for itself; only the first one's count.
        for scheduler in self._schedulers:
            scheduler._undo()
        first = self._schedulers[bisect_right(self._milestones, 0)]
        first._begin()
        self._last_lr = first.get_last_lr()

    @each_time
    def step(self) -> None:
        """Go to the next step, of the schedule whose turn it is."""
        self.last_epoch += 1
        index = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[index]
        if index > 0 and self._milestones[index - 1] == self.last_epoch:
            scheduler._restart()
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()

    def _begin(self) -> None:
        self._schedulers[0]._begin()
        self._last_lr = self._schedulers[0].get_last_lr()

    def _restart(self) -> None:
        self.last_epoch = 0
        self._schedulers[0]._restart()
        self._last_lr = self._schedulers[0].get_last_lr()


class ChainedScheduler(_Composition):
    """Follow several schedules at once: each changes the rates that the one before has left.

    Parameters
    ----------
    schedulers
        The schedules, in order; of one optimizer.
    optimizer
        That optimizer; may be left out.
    """

    def __init__(
        self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None
    ) -> None:
        self._hold(optimizer, schedulers)
        self._last_lr = self._rates()

    @each_time
    def step(self) -> None:
        """Go to the next step of each."""
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = self._rates()

    def _begin(self) -> None:
        for scheduler in self._schedulers:
            scheduler._begin()
        self._last_lr = self._rates()

    def _restart(self) -> None:
        raise NotImplementedError(
            "SequentialLR: a ChainedScheduler cannot begin at a milestone, as it does not know its first rates. Put it "
            "first, or chain several SequentialLR."
        )
