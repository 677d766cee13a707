"""``Rprop``: steps that ask the gradient for its sign only (Riedmiller and Braun, 1993)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...types import Array, Namespace
from .blocks import Block
from .elementwise import elementwise_step
from .optimizer import Group, Optimizer

__all__ = ["Rprop"]


class Rprop(Optimizer):
    """Resilient propagation: each element has a step size of its own, for gradients of whole data sets.

    While the gradient keeps its sign the size grows; when the sign turns it shrinks, and the step is left out.

    Parameters
    ----------
    params
        Variables, pairs of a name and a Variable, or groups (see `Optimizer`).
    lr
        The size of the first step.
    etas
        By what the step sizes shrink, and by what they grow.
    step_sizes
        The smallest and the largest step size.
    maximize
        Step along the gradient, to a maximum.

    Raises
    ------
    ValueError
        If a setting makes no sense, or `params` do not.
    """

    state_names = ("prev", "step_size")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {"lr": lr, "etas": etas, "step_sizes": step_sizes, "maximize": maximize}
        super().__init__(params, defaults)

    def check(self, group: Group) -> None:
        """Raise if a group's settings make no sense."""
        self.require(group, "lr")
        for name in ("etas", "step_sizes"):
            self.require_pair(group, name)
        less, more = group["etas"]
        if not 0 < less < 1 < more:
            raise ValueError(
                f"Rprop: etas is {group['etas']}; needed are a number between 0 and 1 and one above 1."
            )
        self.refuse_complex(group)

    def update(self, block: Block, gradients: list[Array], group: Group) -> None:
        """Update a block."""
        block.step += 1
        elementwise_step(
            block.backend,
            rprop_rule,
            block.stored,
            gradients,
            (block.zeros("prev"), block.filled("step_size", group["lr"])),
            {"etas": group["etas"], "step_sizes": group["step_sizes"]},
            maximize=group["maximize"],
        )


def rprop_rule(
    xp: Namespace,
    parameter: Array,
    gradient: Array,
    previous: Array,
    step_size: Array,
    *,
    etas: tuple[float, float],
    step_sizes: tuple[float, float],
) -> Array:
    """Update elements: ``step_size * sign(g)``, or nothing where the sign has turned."""
    agreement = gradient * previous
    turned = agreement < 0
    factor = xp.where(agreement > 0, etas[1], xp.ones_like(step_size))
    step_size[...] = xp.clip(step_size * xp.where(turned, etas[0], factor), *step_sizes)
    previous[...] = xp.where(turned, 0, gradient)
    return xp.sign(previous) * step_size
