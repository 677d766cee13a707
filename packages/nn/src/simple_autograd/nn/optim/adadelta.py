"""``Adadelta``: steps in the units of the parameters, without a learning rate to choose (Zeiler, 2012)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...types import Array, Namespace
from .blocks import Block
from .elementwise import elementwise_step
from .optimizer import Group, Optimizer

__all__ = ["Adadelta"]


class Adadelta(Optimizer):
    """``p`` becomes ``p - lr * d``, where ``d`` is the gradient times the typical step over the typical gradient.

    Both are roots of running means of squares.

    Parameters
    ----------
    params
        Variables, pairs of a name and a Variable, or groups (see `Optimizer`).
    lr
        A factor on the steps.
    rho
        The share of the running means that is kept in each step.
    eps
        Is added under the roots: it makes the first steps, and keeps the division from failing.
    weight_decay
        ``weight_decay * p`` is added to the gradient.
    maximize
        Step along the gradient, to a maximum.

    Raises
    ------
    ValueError
        If a setting makes no sense, or `params` do not.
    """

    state_names = ("square_avg", "acc_delta")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def check(self, group: Group) -> None:
        """Raise if a group's settings make no sense."""
        for name in ("lr", "rho", "eps", "weight_decay"):
            self.require(group, name)
        if group["rho"] > 1:
            raise ValueError(f"Adadelta: rho is {group['rho']}; needed is in [0, 1].")
        self.refuse_complex(group)

    def update(self, block: Block, gradients: list[Array], group: Group) -> None:
        """Update a block."""
        block.step += 1
        elementwise_step(
            block.backend,
            adadelta_rule,
            block.stored,
            gradients,
            (block.zeros("square_avg"), block.zeros("acc_delta")),
            {"lr": group["lr"], "rho": group["rho"], "eps": group["eps"]},
            weight_decay=group["weight_decay"],
            maximize=group["maximize"],
        )


def adadelta_rule(
    xp: Namespace,
    parameter: Array,
    gradient: Array,
    square_avg: Array,
    acc_delta: Array,
    *,
    lr: float,
    rho: float,
    eps: float,
) -> Array:
    """Update elements: ``lr * g * sqrt(mean of d**2 + eps) / sqrt(mean of g**2 + eps)``."""
    square_avg *= rho
    square_avg += (1 - rho) * gradient * gradient
    delta = xp.sqrt(acc_delta + eps) / xp.sqrt(square_avg + eps) * gradient
    acc_delta *= rho
    acc_delta += (1 - rho) * delta * delta
    return lr * delta
