"""``SGD``: steps along the negative gradient, with momentum."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ...backends import kernel
from ...types import Array, Namespace
from .blocks import Block, flat, subtract
from .optimizer import Group, Optimizer

__all__ = ["SGD"]


class SGD(Optimizer):
    """Stochastic gradient descent: ``p`` becomes ``p - lr * b``.

    The velocity ``b`` becomes ``momentum * b + (1 - dampening) * g`` before, where ``g`` is the gradient.

    Parameters
    ----------
    params
        Variables, pairs of a name and a Variable, or groups (see `Optimizer`).
    lr
        The step size.
    momentum
        The share of the velocity that is kept; with 0 the velocity is the gradient.
    dampening
        What is taken from the gradient's weight; the first step takes nothing.
    weight_decay
        ``weight_decay * p`` is added to the gradient.
    nesterov
        Step along ``g + momentum * b`` instead.
    maximize
        Step along the gradient, to a maximum.

    Raises
    ------
    ValueError
        If a setting makes no sense, or `params` do not.

    Examples
    --------
    >>> from simple_autograd import Variable, nn
    >>> p = Variable([2.0])
    >>> optimizer = nn.optim.SGD([p], lr=0.5)
    >>> (p * p).sum().backward()
    >>> optimizer.step()
    >>> p.data
    array([0.])
    """

    state_names = ("momentum_buffer",)

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def check(self, group: Group) -> None:
        """Raise if a group's settings make no sense."""
        for name in ("lr", "momentum", "weight_decay"):
            self.require(group, name)
        self.require(group, "dampening", low=float("-inf"))
        if group["nesterov"] and (group["momentum"] <= 0 or group["dampening"] != 0):
            raise ValueError(
                f"SGD: nesterov is set with momentum {group['momentum']} and dampening {group['dampening']}; needed "
                f"are a momentum above 0 and a dampening of 0."
            )

    def update(self, block: Block, gradients: list[Array], group: Group) -> None:
        """Update a block."""
        buffer, dampening = None, group["dampening"]
        if group["momentum"]:
            if "momentum_buffer" not in block.state:
                dampening = 0
            buffer = block.zeros("momentum_buffer")
        sgd_step(
            block.backend,
            block.stored,
            gradients,
            buffer,
            lr=group["lr"],
            momentum=group["momentum"],
            dampening=dampening,
            weight_decay=group["weight_decay"],
            nesterov=group["nesterov"],
            maximize=group["maximize"],
        )


@kernel
def sgd_step(
    xp: Namespace,
    parameters: Sequence[Array],
    gradients: Sequence[Array],
    momentum_buffer: Array | None,
    *,
    lr: float,
    momentum: float,
    dampening: float,
    weight_decay: float,
    nesterov: bool,
    maximize: bool,
) -> None:
    """Make one step of `SGD`, writing into the parameters and the flat momentum buffer."""
    gradient = flat(xp, gradients)
    if maximize:
        gradient = -gradient
    if weight_decay:
        gradient = gradient + weight_decay * flat(xp, parameters)
    if momentum_buffer is not None:
        momentum_buffer[...] = momentum * momentum_buffer + (1 - dampening) * gradient
        gradient = gradient + momentum * momentum_buffer if nesterov else momentum_buffer
    subtract(xp, parameters, lr * gradient)
