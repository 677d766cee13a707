"""``RAdam``: `Adam` that waits for its mean of squares to be known (Liu and others, 2020)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ...types import Array, Namespace
from .blocks import Block
from .elementwise import elementwise_step
from .optimizer import Group, Optimizer

__all__ = ["RAdam"]


class RAdam(Optimizer):
    """Rectified Adam: the first steps follow the mean of the gradient, the later ones Adam, weighted in slowly.

    Parameters
    ----------
    params
        Variables, pairs of a name and a Variable, or groups (see `Optimizer`).
    lr
        The step size.
    betas
        The shares of the running means of the gradient and of its square that are kept in each step.
    eps
        Keeps the division from failing.
    weight_decay
        ``weight_decay * p`` is added to the gradient.
    decoupled_weight_decay
        Take ``lr * weight_decay * p`` from ``p`` instead, as `AdamW` does.
    maximize
        Step along the gradient, to a maximum.

    Raises
    ------
    ValueError
        If a setting makes no sense, or `params` do not.
    """

    state_names = ("exp_avg", "exp_avg_sq")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "decoupled_weight_decay": decoupled_weight_decay,
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
        kept = beta2**block.step
        # The length of the average of squares: of a long one, and of the one so far.
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * block.step * kept / (1 - kept)
        size = group["lr"] / (1 - beta1**block.step)
        adaptive = length > 5
        if adaptive:
            rectified = (length - 4) * (length - 2) * longest
            rectified /= (longest - 4) * (longest - 2) * length
            size *= math.sqrt(rectified * (1 - kept))
        decoupled = group["decoupled_weight_decay"]
        elementwise_step(
            block.backend,
            radam_rule,
            block.stored,
            gradients,
            (block.zeros("exp_avg"), block.zeros("exp_avg_sq")),
            {
                "beta1": beta1,
                "beta2": beta2,
                "eps": group["eps"],
                "size": size,
                "adaptive": adaptive,
            },
            weight_decay=0 if decoupled else group["weight_decay"],
            shrinkage=group["lr"] * group["weight_decay"] if decoupled else 0,
            maximize=group["maximize"],
        )


def radam_rule(
    xp: Namespace,
    parameter: Array,
    gradient: Array,
    exp_avg: Array,
    exp_avg_sq: Array,
    *,
    beta1: float,
    beta2: float,
    eps: float,
    size: float,
    adaptive: bool,
) -> Array:
    """Update elements: ``size * m``, divided by ``sqrt(v) + eps`` once that is `adaptive`."""
    exp_avg *= beta1
    exp_avg += (1 - beta1) * gradient
    exp_avg_sq *= beta2
    exp_avg_sq += (1 - beta2) * gradient * gradient
    update = size * exp_avg
    return update / (xp.sqrt(exp_avg_sq) + eps) if adaptive else update
