"""``NAdam``: `Adam` with Nesterov's momentum (Dozat, 2016)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...types import Array, Namespace
from .blocks import Block
from .elementwise import elementwise_step
from .optimizer import Group, Optimizer

__all__ = ["NAdam"]


class NAdam(Optimizer):
    """Adam whose step looks ahead: the mean of the gradient is mixed with the gradient at hand.

    The momentum grows from ``betas[0] / 2`` to ``betas[0]`` along a schedule.

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
    momentum_decay
        How fast the momentum grows to its last value.
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
    number_names = ("mu_product",)

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def check(self, group: Group) -> None:
        """Raise if a group's settings make no sense."""
        for name in ("lr", "eps", "weight_decay", "momentum_decay"):
            self.require(group, name)
        self.require_pair(group, "betas", high=1.0)
        self.refuse_complex(group)

    def update(self, block: Block, gradients: list[Array], group: Group) -> None:
        """Update a block."""
        block.step += 1
        beta1, beta2 = group["betas"]
        decay = 0.96 ** group["momentum_decay"]
        momentum = beta1 * (1 - 0.5 * decay**block.step)
        next_momentum = beta1 * (1 - 0.5 * decay ** (block.step + 1))
        product = block.numbers.get("mu_product", 1.0) * momentum
        block.numbers["mu_product"] = product
        decoupled = group["decoupled_weight_decay"]
        elementwise_step(
            block.backend,
            nadam_rule,
            block.stored,
            gradients,
            (block.zeros("exp_avg"), block.zeros("exp_avg_sq")),
            {
                "beta1": beta1,
                "beta2": beta2,
                "eps": group["eps"],
                "correction": 1 - beta2**block.step,
                "of_gradient": group["lr"] * (1 - momentum) / (1 - product),
                "of_mean": group["lr"] * next_momentum / (1 - product * next_momentum),
            },
            weight_decay=0 if decoupled else group["weight_decay"],
            shrinkage=group["lr"] * group["weight_decay"] if decoupled else 0,
            maximize=group["maximize"],
        )


def nadam_rule(
    xp: Namespace,
    parameter: Array,
    gradient: Array,
    exp_avg: Array,
    exp_avg_sq: Array,
    *,
    beta1: float,
    beta2: float,
    eps: float,
    correction: float,
    of_gradient: float,
    of_mean: float,
) -> Array:
    """Update elements: ``(of_gradient * g + of_mean * m) / (sqrt(v) + eps)``."""
    exp_avg *= beta1
    exp_avg += (1 - beta1) * gradient
    exp_avg_sq *= beta2
    exp_avg_sq += (1 - beta2) * gradient * gradient
    deviation = xp.sqrt(exp_avg_sq / correction) + eps
    return (of_gradient * gradient + of_mean * exp_avg) / deviation
