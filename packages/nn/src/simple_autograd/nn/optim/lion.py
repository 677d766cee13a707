"""``Lion``: the sign of a momentum, found by a search among programs (Chen and others, 2023)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...types import Array, Namespace
from .blocks import Block
from .elementwise import elementwise_step
from .optimizer import Group, Optimizer

__all__ = ["Lion"]


class Lion(Optimizer):
    """``p`` becomes ``p - lr * (sign(c) + weight_decay * p)``: every element moves by the same amount.

    ``c`` is ``betas[0] * m + (1 - betas[0]) * g``, and after it the momentum ``m`` becomes
    ``betas[1] * m + (1 - betas[1]) * g``. Learning rates are three to ten times smaller than those of `AdamW`, weight
    decays as many times larger.

    Parameters
    ----------
    params
        Variables, pairs of a name and a Variable, or groups (see `Optimizer`).
    lr
        The step size.
    betas
        The share of the momentum in the step, and the share of it that is kept.
    weight_decay
        The share of the parameters, in units of `lr`, that each step takes away.
    maximize
        Step along the gradient, to a maximum.

    Raises
    ------
    ValueError
        If a setting makes no sense, or `params` do not.
    """

    state_names = ("exp_avg",)

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {"lr": lr, "betas": betas, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(params, defaults)

    def check(self, group: Group) -> None:
        """Raise if a group's settings make no sense."""
        for name in ("lr", "weight_decay"):
            self.require(group, name)
        self.require_pair(group, "betas", high=1.0)
        self.refuse_complex(group)

    def update(self, block: Block, gradients: list[Array], group: Group) -> None:
        """Update a block."""
        elementwise_step(
            block.backend,
            lion_rule,
            block.stored,
            gradients,
            (block.zeros("exp_avg"),),
            {"lr": group["lr"], "betas": group["betas"]},
            shrinkage=group["lr"] * group["weight_decay"],
            maximize=group["maximize"],
        )


def lion_rule(
    xp: Namespace,
    parameter: Array,
    gradient: Array,
    exp_avg: Array,
    *,
    lr: float,
    betas: tuple[float, float],
) -> Array:
    """Update elements: ``lr * sign(c)``."""
    beta1, beta2 = betas
    direction = xp.sign(beta1 * exp_avg + (1 - beta1) * gradient)
    exp_avg *= beta2
    exp_avg += (1 - beta2) * gradient
    return lr * direction
