"""``RMSprop``: steps divided by the recent size of the gradient (Hinton, 2012)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...types import Array, Namespace
from .blocks import Block
from .elementwise import elementwise_step
from .optimizer import Group, Optimizer

__all__ = ["RMSprop"]


class RMSprop(Optimizer):
    """``p`` becomes ``p - lr * g / (sqrt(v) + eps)``, where ``v`` is a running mean of the gradient's square.

    Parameters
    ----------
    params
        Variables, pairs of a name and a Variable, or groups (see `Optimizer`).
    lr
        The step size.
    alpha
        The share of ``v`` that is kept in each step.
    eps
        Keeps the division from failing.
    weight_decay
        ``weight_decay * p`` is added to the gradient.
    momentum
        The share of the last step that is added to this one.
    centered
        Take the square of the mean gradient from ``v``, which leaves the gradient's variance (Graves, 2013).
    maximize
        Step along the gradient, to a maximum.

    Raises
    ------
    ValueError
        If a setting makes no sense, or `params` do not.
    """

    state_names = ("square_avg", "momentum_buffer", "grad_avg")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def check(self, group: Group) -> None:
        """Raise if a group's settings make no sense."""
        for name in ("lr", "alpha", "eps", "weight_decay", "momentum"):
            self.require(group, name)
        self.refuse_complex(group)

    def update(self, block: Block, gradients: list[Array], group: Group) -> None:
        """Update a block."""
        block.step += 1
        names = ["square_avg"]
        if group["momentum"]:
            names.append("momentum_buffer")
        if group["centered"]:
            names.append("grad_avg")
        elementwise_step(
            block.backend,
            rmsprop_rule,
            block.stored,
            gradients,
            [block.zeros(name) for name in names],
            {name: group[name] for name in ("lr", "alpha", "eps", "momentum", "centered")},
            weight_decay=group["weight_decay"],
            maximize=group["maximize"],
        )


def rmsprop_rule(
    xp: Namespace,
    parameter: Array,
    gradient: Array,
    square_avg: Array,
    *buffers: Array,
    lr: float,
    alpha: float,
    eps: float,
    momentum: float,
    centered: bool,
) -> Array:
    """Update elements; the buffers are that of the momentum and the mean gradient, where they are asked for."""
    square_avg *= alpha
    square_avg += (1 - alpha) * gradient * gradient
    variance = square_avg
    if centered:
        grad_avg = buffers[-1]
        grad_avg *= alpha
        grad_avg += (1 - alpha) * gradient
        variance = square_avg - grad_avg * grad_avg
    step = gradient / (xp.sqrt(variance) + eps)
    if momentum:
        velocity = buffers[0]
        velocity *= momentum
        velocity += step
        step = velocity
    return lr * step
