"""Schedules that raise and lower the rate, and the momentum against it (Smith, 2017; Smith and Topin, 2019)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal

from ..optimizer import Group, Optimizer
from .base import LRScheduler, load_functions, per_group, state_of_functions

__all__ = ["CyclicLR", "OneCycleLR"]


class _MomentumCycle(LRScheduler):
    """What both share: a momentum that falls while the rate rises."""

    def _cycle_momentum(
        self, optimizer: Optimizer, low: Any, high: Any, last_epoch: int
    ) -> tuple[list[float], list[float]]:
        """Find the setting that is the momentum; give its bounds for each group, in which a new run begins high."""
        if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
            raise ValueError(
                f"{self._name}: cycle_momentum is set, but a {type(optimizer).__name__} has neither momentum nor "
                f"betas. Pass cycle_momentum=False."
            )
        self.use_beta1 = "betas" in optimizer.defaults
        lows = per_group(self._name, "base_momentum", optimizer, low)
        highs = per_group(self._name, "max_momentum", optimizer, high)
        if last_epoch == -1:
            for group, base, largest in zip(optimizer.param_groups, lows, highs, strict=True):
                self._set_momentum(group, largest)
                group["max_momentum"] = largest
                group["base_momentum"] = base
        return lows, highs

    def _set_momentum(self, group: Group, momentum: float) -> None:
        if self.use_beta1:
            group["betas"] = (momentum, *group["betas"][1:])
        else:
            group["momentum"] = momentum


class CyclicLR(_MomentumCycle):
    """Let the rate rise and fall between two bounds, over and over, along straight lines.

    Parameters
    ----------
    optimizer
        Whose learning rates to set.
    base_lr, max_lr
        The bounds, or lists of those of each group.
    step_size_up, step_size_down
        How many steps the rise and the fall take; the fall by default as many as the rise.
    mode
        ``"triangular"``; ``"triangular2"``, where each cycle is half as high as the one before; ``"exp_range"``, where
        the height is ``gamma ** step``.
    gamma
        See `mode`.
    scale_fn
        A function that gives the height, in place of `mode`.
    scale_mode
        Whether `scale_fn` is given the number of the ``"cycle"``, from 1, or of the step: ``"iterations"``.
    cycle_momentum
        Let the momentum, or the first of ``betas``, fall and rise against the rate.
    base_momentum, max_momentum
        Its bounds, or lists of those of each group.
    last_epoch
        The last step made, where a run resumes.
    """

    _unsaved = ("optimizer", "_scale_fn_custom")

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: Literal["triangular", "triangular2", "exp_range"] = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: Literal["cycle", "iterations"] = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.8,
        max_momentum: float | list[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        self._checked(optimizer)
        if scale_fn is None and mode not in ("triangular", "triangular2", "exp_range"):
            raise ValueError(
                f"CyclicLR: mode is {mode!r}; needed is 'triangular', 'triangular2' or 'exp_range', or a scale_fn."
            )
        low_rates = per_group(self._name, "base_lr", optimizer, base_lr)
        if last_epoch == -1:
            for rate, group in zip(low_rates, optimizer.param_groups, strict=True):
                group["lr"] = rate
        self.max_lrs = per_group(self._name, "max_lr", optimizer, max_lr)
        up = float(step_size_up)
        down = up if step_size_down is None else float(step_size_down)
        self.total_size = up + down
        self.step_ratio = up / self.total_size
        self.mode = mode
        self.gamma = gamma
        self._scale_fn_custom = scale_fn
        if scale_fn is None:
            scale_mode = "iterations" if mode == "exp_range" else "cycle"
        self.scale_mode = scale_mode
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self.base_momentums, self.max_momentums = self._cycle_momentum(
                optimizer, base_momentum, max_momentum, last_epoch
            )
        super().__init__(optimizer, last_epoch)
        self.base_lrs = low_rates

    def scale_fn(self, x: float) -> float:
        """Give the height of a cycle, by its number or that of the step."""
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(x)
        if self.mode == "triangular":
            return 1.0
        return 1 / 2.0 ** (x - 1) if self.mode == "triangular2" else self.gamma**x

    def get_lr(self) -> list[float]:
        """Compute the rates of this step, and set the momentum."""
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1.0 + self.last_epoch / self.total_size - cycle
        height = x / self.step_ratio if x <= self.step_ratio else (x - 1) / (self.step_ratio - 1)
        scale = self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            bounds = zip(self.base_momentums, self.max_momentums, strict=True)
            for group, (low, high) in zip(self.optimizer.param_groups, bounds, strict=True):
                self._set_momentum(group, high - (high - low) * height * scale)
        return [
            low + (high - low) * height * scale
            for low, high in zip(self.base_lrs, self.max_lrs, strict=True)
        ]

    def state_dict(self) -> dict[str, Any]:
        """Give all that a resumed run needs, of `scale_fn` only what a callable object holds."""
        (held,) = state_of_functions([self._scale_fn_custom]) if self._scale_fn_custom else [None]
        return {**super().state_dict(), "_scale_fn_custom": held}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave."""
        super().load_state_dict(state_dict)
        if self._scale_fn_custom is not None:
            load_functions([self._scale_fn_custom], [state_dict["_scale_fn_custom"]])


class OneCycleLR(_MomentumCycle):
    """Let the rate rise once to `max_lr`, and fall far below where it began; for steps over batches, not epochs.

    Parameters
    ----------
    optimizer
        Whose learning rates to set.
    max_lr
        The highest rate, or a list of those of each group.
    total_steps
        How many steps there are; or leave it to `epochs` times `steps_per_epoch`.
    epochs, steps_per_epoch
        See `total_steps`.
    pct_start
        The share of the steps that rise.
    anneal_strategy
        ``"cos"`` or ``"linear"``.
    cycle_momentum
        Let the momentum, or the first of ``betas``, fall and rise against the rate.
    base_momentum, max_momentum
        Its bounds, or lists of those of each group.
    div_factor
        The first rate is ``max_lr / div_factor``.
    final_div_factor
        The last rate is the first over this.
    three_phase
        Fall to the first rate as fast as it rose, and then to the last.
    last_epoch
        The last step made, where a run resumes.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        self._checked(optimizer)
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError(
                    "OneCycleLR: total_steps is missing; needed is total_steps, or epochs and steps_per_epoch."
                )
            total_steps = epochs * steps_per_epoch
        if not isinstance(total_steps, int) or total_steps < 1:
            raise ValueError(
                f"OneCycleLR: there are {total_steps} steps; needed is an integer of at least 1."
            )
        if not 0 <= pct_start <= 1:
            raise ValueError(f"OneCycleLR: pct_start is {pct_start}; needed is a number in [0, 1].")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"OneCycleLR: anneal_strategy is {anneal_strategy!r}; needed is 'cos' or 'linear'."
            )
        self.total_steps = total_steps
        rise = ("initial_lr", "max_lr", "max_momentum", "base_momentum")
        fall = ("max_lr", "initial_lr", "base_momentum", "max_momentum")
        end = total_steps - 1
        if three_phase:
            phases = [
                (float(pct_start * total_steps) - 1, *rise),
                (float(2 * pct_start * total_steps) - 2, *fall),
                (end, "initial_lr", "min_lr", "max_momentum", "max_momentum"),
            ]
        else:
            phases = [
                (float(pct_start * total_steps) - 1, *rise),
                (end, "max_lr", "min_lr", "base_momentum", "max_momentum"),
            ]
        keys = ("end_step", "start_lr", "end_lr", "start_momentum", "end_momentum")
        self._schedule_phases: list[dict[str, Any]] = [
            dict(zip(keys, phase, strict=True)) for phase in phases
        ]
        self._anneal_func_type = anneal_strategy
        highest = per_group(self._name, "max_lr", optimizer, max_lr)
        if last_epoch == -1:
            for rate, group in zip(highest, optimizer.param_groups, strict=True):
                group["initial_lr"] = rate / div_factor
                group["max_lr"] = rate
                group["min_lr"] = group["initial_lr"] / final_div_factor
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self._cycle_momentum(optimizer, base_momentum, max_momentum, last_epoch)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Compute the rates of this step, and set the momentum.

        Raises
        ------
        ValueError
            If there are no steps left.
        """
        step = self.last_epoch
        if step > self.total_steps:
            raise ValueError(
                f"OneCycleLR.step: this is step {step}; needed are at most the {self.total_steps} that it was made for."
            )
        start: float = 0.0
        for phase in self._schedule_phases:
            if step <= phase["end_step"] or phase is self._schedule_phases[-1]:
                break
            start = phase["end_step"]
        length = phase["end_step"] - start
        share = (step - start) / length if length else 1.0  # a rise of no steps is over at once
        rates = []
        for group in self.optimizer.param_groups:
            rates.append(self._between(group[phase["start_lr"]], group[phase["end_lr"]], share))
            if self.cycle_momentum:
                bounds = group[phase["start_momentum"]], group[phase["end_momentum"]]
                self._set_momentum(group, self._between(*bounds, share))
        return rates

    def _between(self, start: float, end: float, share: float) -> float:
        """Give the number that lies some share of the way from `start` to `end`."""
        if self._anneal_func_type == "linear":
            return (end - start) * share + start
        return end + (start - end) / 2.0 * (math.cos(math.pi * share) + 1)
