"""``AdamW``: `Adam` with weight decay apart from the gradient (Loshchilov and Hutter, 2019)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .adam import Adam

__all__ = ["AdamW"]


class AdamW(Adam):
    """Adam whose weight decay takes ``lr * weight_decay * p`` from ``p``, and leaves the gradient as it is.

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
        The share of the parameters, in units of `lr`, that each step takes away.
    amsgrad
        Divide by the largest mean of squares so far.
    maximize
        Step along the gradient, to a maximum.

    Raises
    ------
    ValueError
        If a setting makes no sense, or `params` do not.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            maximize=maximize,
            decoupled_weight_decay=True,
        )

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over a state (see `Optimizer.load_state_dict`); the weight decay stays decoupled."""
        super().load_state_dict(state_dict)
        for group in self.param_groups:
            group["decoupled_weight_decay"] = True
