"""``Adagrad``: steps divided by the gradients of all steps so far (Duchi and others, 2011)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...types import Array, Namespace
from .blocks import Block
from .elementwise import elementwise_step
from .optimizer import Group, Optimizer

__all__ = ["Adagrad"]


class Adagrad(Optimizer):
    """``p`` becomes ``p - lr * g / (sqrt(s) + eps)``, where ``s`` is the sum of the squares of all gradients.

    Parameters
    ----------
    params
        Variables, pairs of a name and a Variable, or groups (see `Optimizer`).
    lr
        The step size.
    lr_decay
        Step ``t`` has the size ``lr / (1 + (t - 1) * lr_decay)``.
    weight_decay
        ``weight_decay * p`` is added to the gradient.
    initial_accumulator_value
        Where ``s`` begins.
    eps
        Keeps the division from failing.
    maximize
        Step along the gradient, to a maximum.

    Raises
    ------
    ValueError
        If a setting makes no sense, or `params` do not.
    """

    state_names = ("sum",)

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def check(self, group: Group) -> None:
        """Raise if a group's settings make no sense."""
        for name in ("lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps"):
            self.require(group, name)
        self.refuse_complex(group)

    def update(self, block: Block, gradients: list[Array], group: Group) -> None:
        """Update a block."""
        block.step += 1
        elementwise_step(
            block.backend,
            adagrad_rule,
            block.stored,
            gradients,
            (block.filled("sum", group["initial_accumulator_value"]),),
            {
                "lr": group["lr"] / (1 + (block.step - 1) * group["lr_decay"]),
                "eps": group["eps"],
            },
            weight_decay=group["weight_decay"],
            maximize=group["maximize"],
        )


def adagrad_rule(
    xp: Namespace, parameter: Array, gradient: Array, total: Array, *, lr: float, eps: float
) -> Array:
    """Update elements: ``lr * g / (sqrt(s) + eps)``."""
    total += gradient * gradient
    return lr * gradient / (xp.sqrt(total) + eps)
