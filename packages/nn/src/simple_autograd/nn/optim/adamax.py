"""``Adamax``: `Adam` with the largest gradient in place of the mean of squares (Kingma and Ba, 2015)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...types import Array, Namespace
from .blocks import Block
from .elementwise import elementwise_step
from .optimizer import Group, Optimizer

__all__ = ["Adamax"]


class Adamax(Optimizer):
    """``p`` becomes ``p - lr * m / u``: ``m`` is a running mean of the gradient, ``u`` its largest size, fading.

    Parameters
    ----------
    params
        Variables, pairs of a name and a Variable, or groups (see `Optimizer`).
    lr
        The step size.
    betas
        The share of ``m`` that is kept in each step, and that of ``u``.
    eps
        Is added to the size of the gradient, and keeps the division from failing.
    weight_decay
        ``weight_decay * p`` is added to the gradient.
    maximize
        Step along the gradient, to a maximum.

    Raises
    ------
    ValueError
        If a setting makes no sense, or `params` do not.
    """

    state_names = ("exp_avg", "exp_inf")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def check(self, group: Group) -> None:
        """Raise if a group's settings make no sense."""
        for name in ("lr", "eps", "weight_decay"):
            self.require(group, name)
        self.require_pair(group, "betas", high=1.0)
        self.refuse_complex(group)

    def update(self, block: Block, gradients: list[Array], group: Group) -> None:
        """Update a block."""
        block.step += 1
        beta1, beta2 = group["betas"]
        elementwise_step(
            block.backend,
            adamax_rule,
            block.stored,
            gradients,
            (block.zeros("exp_avg"), block.zeros("exp_inf")),
            {
                "beta1": beta1,
                "beta2": beta2,
                "eps": group["eps"],
                "size": group["lr"] / (1 - beta1**block.step),
            },
            weight_decay=group["weight_decay"],
            maximize=group["maximize"],
        )


def adamax_rule(
    xp: Namespace,
    parameter: Array,
    gradient: Array,
    exp_avg: Array,
    exp_inf: Array,
    *,
    beta1: float,
    beta2: float,
    eps: float,
    size: float,
) -> Array:
    """Update elements: ``size * m / u``."""
    exp_avg *= beta1
    exp_avg += (1 - beta1) * gradient
    exp_inf[...] = xp.maximum(beta2 * exp_inf, xp.abs(gradient) + eps)
    return size * exp_avg / exp_inf
