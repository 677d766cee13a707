"""``Adam``: steps whose size adapts to each parameter's own gradients (Kingma and Ba, 2015)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ...backends import kernel
from ...types import Array, Namespace
from .blocks import Block, flat, shrink, subtract
from .optimizer import Group, Optimizer

__all__ = ["Adam"]


class Adam(Optimizer):
    """Adam: ``p`` becomes ``p - lr * m / (sqrt(v) + eps)``.

    ``m`` and ``v`` are running means of the gradient and of its square, freed of their bias towards 0.

    Parameters
    ----------
    params
        Variables, pairs of a name and a Variable, or groups (see `Optimizer`).
    lr
        The step size.
    betas
        The shares of ``m`` and of ``v`` that are kept in each step.
    eps
        Keeps the division from failing.
    weight_decay
        ``weight_decay * p`` is added to the gradient.
    amsgrad
        Divide by the largest ``v`` so far (Reddi and others, 2018).
    maximize
        Step along the gradient, to a maximum.
    decoupled_weight_decay
        Take ``lr * weight_decay * p`` from ``p`` instead, as `AdamW` does.

    Raises
    ------
    ValueError
        If a setting makes no sense, or `params` do not.

    Examples
    --------
    >>> from simple_autograd import Variable, nn
    >>> p = Variable([2.0])
    >>> optimizer = nn.optim.Adam([p], lr=0.5)
    >>> (p * p).sum().backward()
    >>> optimizer.step()
    >>> p.data
    array([1.5])
    """

    state_names = ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
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
        weight_decay, shrinkage = group["weight_decay"], 0.0
        if group["decoupled_weight_decay"]:
            weight_decay, shrinkage = 0.0, group["lr"] * weight_decay
        adam_step(
            block.backend,
            block.stored,
            gradients,
            block.zeros("exp_avg"),
            block.zeros("exp_avg_sq"),
            block.zeros("max_exp_avg_sq") if group["amsgrad"] else None,
            scales=block.scales,
            step=block.step,
            lr=group["lr"],
            betas=group["betas"],
            eps=group["eps"],
            weight_decay=weight_decay,
            shrinkage=shrinkage,
            maximize=group["maximize"],
        )


@kernel
def adam_step(
    xp: Namespace,
    parameters: Sequence[Array],
    gradients: Sequence[Array],
    exp_avg: Array,
    exp_avg_sq: Array,
    max_exp_avg_sq: Array | None,
    *,
    scales: dict[str, float],
    step: int,
    lr: float,
    betas: tuple[float, float],
    eps: float,
    weight_decay: float,
    shrinkage: float,
    maximize: bool,
) -> None:
    """Make step number `step` of `Adam`, writing into the parameters and the flat state.

    The parameters lose the share `shrinkage`: weight decay apart from the gradient, in place of `weight_decay`. The
    two means are the arrays times their `scales`, by which a kernel may put off a multiplication.
    """
    if shrinkage:
        shrink(parameters, 1 - shrinkage)
    gradient = flat(xp, gradients)
    if maximize:
        gradient = -gradient
    if weight_decay:
        gradient = gradient + weight_decay * flat(xp, parameters)
    beta1, beta2 = betas
    exp_avg[...] = beta1 * scales["exp_avg"] * exp_avg + (1 - beta1) * gradient
    exp_avg_sq[...] = beta2 * scales["exp_avg_sq"] * exp_avg_sq + (1 - beta2) * gradient * gradient
    scales.update(exp_avg=1.0, exp_avg_sq=1.0)
    second = exp_avg_sq
    if max_exp_avg_sq is not None:
        max_exp_avg_sq[...] = second = xp.maximum(max_exp_avg_sq, exp_avg_sq)
    mean = exp_avg / (1 - beta1**step)
    deviation = xp.sqrt(second / (1 - beta2**step))
    subtract(xp, parameters, lr * mean / (deviation + eps))
