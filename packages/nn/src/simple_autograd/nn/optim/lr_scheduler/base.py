"""``LRScheduler``: what all schedulers of the learning rate share.

A scheduler sets ``lr`` of its optimizer's groups, when it is made and at each `LRScheduler.step`. Most of them are
*chainable*: they multiply the rates that they find, so several may act on one optimizer, and a rate that a user has
changed stays changed. The arithmetic is PyTorch's to the order of operations, so that rates agree to the bit.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any, ClassVar

from ....replay import each_time
from ..optimizer import Optimizer, plain_number

__all__ = ["LRScheduler", "load_functions", "per_group", "state_of_functions"]


class LRScheduler:
    """The base class of all schedulers.

    A subclass keeps its settings as attributes, calls ``super().__init__`` last, and defines `get_lr`.

    Parameters
    ----------
    optimizer
        Whose learning rates to set. The rates that it has become the initial ones.
    last_epoch
        The last step made, where a run resumes; -1 begins anew. The groups then have ``"initial_lr"`` already.

    Attributes
    ----------
    optimizer
        As above.
    base_lrs
        The initial rates of the groups.
    last_epoch
        How many steps were made.

    Raises
    ------
    TypeError
        If `optimizer` is none.
    KeyError
        If the groups of an optimizer to be resumed have no initial rate.
    """

    _unsaved: ClassVar[tuple[str, ...]] = ("optimizer",)

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = self._checked(optimizer)
        for index, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"{self._name}: last_epoch is {last_epoch}, but group {index} has no 'initial_lr'; needed is an "
                    f"optimizer that had a scheduler. Load its state_dict first, or leave last_epoch out."
                )
        self.base_lrs: list[float] = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._is_initial = False
        self._begin()

    @property
    def _name(self) -> str:
        return type(self).__name__

    def _checked(self, optimizer: Any) -> Optimizer:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(
                f"{self._name}: optimizer is a {type(optimizer).__name__}; needed is an Optimizer."
            )
        return optimizer

    def get_lr(self) -> list[float]:
        """Compute the rates of this step, by the groups as they are; a subclass says how."""
        raise NotImplementedError(f"{self._name}: it defines no get_lr.")

    def first_factor(self) -> float | None:
        """Give what the initial rates are multiplied by at step 0; None where `get_lr` says that as well."""
        return None

    def get_last_lr(self) -> list[float]:
        """Give the rates that were set last, one for each group."""
        return self._last_lr

    @each_time
    def step(self) -> None:
        """Go to the next step and set its rates; to be called after the optimizer's step."""
        if self._step_count == 1 and not self.optimizer.has_stepped:
            warnings.warn(
                f"{self._name}.step: it was called before the optimizer's first step, so the first learning rate of "
                f"the schedule is skipped. Call optimizer.step() first.",
                UserWarning,
                stacklevel=2,
            )
        self._step_count += 1
        self.last_epoch += 1
        self._set(self.get_lr())

    def _set(self, rates: Sequence[float]) -> None:
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = plain_number(rate)
        self._last_lr = self._rates()

    def _rates(self) -> list[float]:
        return [group["lr"] for group in self.optimizer.param_groups]

    def _scaled(self, factor: float) -> list[float]:
        """Give the rates of the groups times a number."""
        return [group["lr"] * factor for group in self.optimizer.param_groups]

    def _begin(self) -> None:
        """Make the step that sets the first rates."""
        self._step_count = 0
        self._is_initial = True
        self.step()
        self._is_initial = False

    def _restart(self) -> None:
        """Set the rates of step 0, at a milestone of `SequentialLR`."""
        self.last_epoch = 0
        factor = self.first_factor()
        self._set(self.get_lr() if factor is None else [rate * factor for rate in self.base_lrs])

    def _undo(self) -> None:
        """Take back the step that `_begin` has counted."""
        self.last_epoch -= 1

    def state_dict(self) -> dict[str, Any]:
        """Give all that a resumed run needs: everything but the optimizer, whose state has the rates."""
        return {name: value for name, value in vars(self).items() if name not in self._unsaved}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave, here or in PyTorch.

        Raises
        ------
        KeyError
            If something is missing: it was saved by another kind of scheduler.
        """
        own = LRScheduler.state_dict(self)
        missing = [name for name in own if name not in state_dict]
        if missing:
            raise KeyError(
                f"{self._name}.load_state_dict: {', '.join(missing)} is missing; needed is the state of a {self._name}."
            )
        vars(self).update({name: state_dict[name] for name in own})


def per_group(scheduler: str, name: str, optimizer: Optimizer, value: Any) -> list[Any]:
    """Give a setting for each group: those given, or the one given for all.

    Raises
    ------
    ValueError
        If the number of those given is not that of the groups.
    """
    count = len(optimizer.param_groups)
    if not isinstance(value, list | tuple):
        return [value] * count
    if len(value) != count:
        raise ValueError(
            f"{scheduler}: {name} has {len(value)} values; needed is one, or one for each of the optimizer's {count} "
            f"groups."
        )
    return list(value)


def state_of_functions(functions: Sequence[Callable[..., Any]]) -> list[dict[str, Any] | None]:
    """Give what callable objects hold, which can be saved; of functions, None."""
    return [
        None if isinstance(function, FunctionType) else dict(getattr(function, "__dict__", {}))
        for function in functions
    ]


def load_functions(
    functions: Sequence[Callable[..., Any]], state: Sequence[Mapping[str, Any] | None]
) -> None:
    """Give callable objects back what they held."""
    for function, held in zip(functions, state, strict=True):
        if held:
            vars(function).update(held)
