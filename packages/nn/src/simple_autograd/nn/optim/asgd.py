"""``ASGD``: gradient descent that keeps the mean of its parameters (Polyak and Juditsky, 1992)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...types import Array, Namespace
from .blocks import Block
from .elementwise import elementwise_step
from .optimizer import Group, Optimizer

__all__ = ["ASGD"]


class ASGD(Optimizer):
    """Averaged stochastic gradient descent. The state ``"ax"`` is the mean of the parameters since step `t0`.

    Parameters
    ----------
    params
        Variables, pairs of a name and a Variable, or groups (see `Optimizer`).
    lr
        The size of the first step.
    lambd
        The share of the parameters, in units of the step size, that each step takes away.
    alpha
        Step ``t`` has the size ``lr / (1 + lambd * lr * t) ** alpha``.
    t0
        The step at which averaging starts.
    weight_decay
        ``weight_decay * p`` is added to the gradient.
    maximize
        Step along the gradient, to a maximum.

    Raises
    ------
    ValueError
        If a setting makes no sense, or `params` do not.
    """

    state_names = ("ax",)
    number_names = ("eta", "mu")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def check(self, group: Group) -> None:
        """Raise if a group's settings make no sense."""
        for name in ("lr", "weight_decay"):
            self.require(group, name)
        for name in ("lambd", "alpha", "t0"):
            self.require(group, name, low=float("-inf"))
        self.refuse_complex(group)

    def update(self, block: Block, gradients: list[Array], group: Group) -> None:
        """Update a block."""
        block.step += 1
        lr, lambd = group["lr"], group["lambd"]
        elementwise_step(
            block.backend,
            asgd_rule,
            block.stored,
            gradients,
            (block.zeros("ax"),),
            {
                "eta": block.numbers.get("eta", float(lr)),
                "mu": block.numbers.get("mu", 1.0),
                "lambd": lambd,
            },
            weight_decay=group["weight_decay"],
            maximize=group["maximize"],
        )
        # What the next step takes, as in PyTorch: a learning rate that is changed shows one step later.
        block.numbers["eta"] = lr / (1 + lambd * lr * block.step) ** group["alpha"]
        block.numbers["mu"] = 1 / max(1, block.step - group["t0"])


def asgd_rule(
    xp: Namespace,
    parameter: Array,
    gradient: Array,
    average: Array,
    *,
    eta: float,
    mu: float,
    lambd: float,
) -> Array:
    """Update elements: ``eta * (g + lambd * p)``, and move the average towards the new parameter."""
    update = eta * gradient + lambd * eta * parameter
    average += mu * (parameter - update - average)
    return update
