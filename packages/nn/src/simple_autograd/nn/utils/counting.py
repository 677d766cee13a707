"""How many numbers a module learns."""

from __future__ import annotations

from ..module import Module

__all__ = ["count_parameters"]


def count_parameters(module: Module, trainable: bool = False) -> int:
    """Give how many numbers a module learns.

    Parameters
    ----------
    module
        Its parameters are counted with those of all modules below it, a shared one once.
    trainable
        Leave out parameters that do not require grad.
    """
    return sum(
        parameter.size
        for parameter in module.parameters()
        if parameter.requires_grad or not trainable
    )
