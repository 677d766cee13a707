"""``elementwise_step``: the step of any optimizer whose update of an element depends on that element alone.

Such an optimizer gives a *rule*, ``(xp, parameter, gradient, *state, **settings)`` on flat arrays of a piece of the
parameters: it writes the new state and gives what is subtracted from the parameters. How the pieces are cut, gathered
and written back is said here once; the files of the optimizers hold their rules and what their settings mean.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...backends import kernel
from ...types import Array, Namespace
from .blocks import flat, subtract

__all__ = ["Rule", "elementwise_step"]

Rule = Callable[..., Array]
"""``(xp, parameter, gradient, *state, **settings)``: writes into the state, gives what is to be subtracted."""


@kernel
def elementwise_step(
    xp: Namespace,
    rule: Rule,
    parameters: Sequence[Array],
    gradients: Sequence[Array],
    state: Sequence[Array],
    settings: Mapping[str, Any],
    *,
    weight_decay: float = 0,
    shrinkage: float = 0,
    maximize: bool = False,
) -> None:
    """Make one step, writing into the parameters and the flat state.

    Parameters
    ----------
    rule
        The update of elements.
    parameters, gradients
        Arrays in the same order, as `Block.stored` has them.
    state
        Flat arrays over all parameters.
    settings
        Numbers that the rule takes by name.
    weight_decay
        So much of the parameters is added to the gradient.
    shrinkage
        So much of the parameters is subtracted from them as well.
    maximize
        Step along the gradient.
    """
    parameter, gradient = flat(xp, parameters), flat(xp, gradients)
    if maximize:
        gradient = -gradient
    if weight_decay:
        gradient = gradient + weight_decay * parameter
    update = rule(xp, parameter, gradient, *state, **settings)
    if shrinkage:
        update = update + shrinkage * parameter
    subtract(xp, parameters, update)
