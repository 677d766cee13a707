"""``use_deterministic_algorithms``: whether sums may depend on the order in which the GPU's threads happen to run.

Of the kernels, those that add at positions (the gradients of embeddings and of indexing) depend on it by default: they
add with atomic operations. Nothing here imports CuPy.
"""

from __future__ import annotations

__all__ = ["are_deterministic_algorithms_enabled", "use_deterministic_algorithms"]

_enabled: list[bool] = [False]


def use_deterministic_algorithms(mode: bool) -> None:
    """Have every result be the same, bit for bit, each time a program runs.

    Parameters
    ----------
    mode
        True sorts positions before values are added there, which takes longer; False, the default, does not.
    """
    _enabled[0] = bool(mode)


def are_deterministic_algorithms_enabled() -> bool:
    """Say what `use_deterministic_algorithms` was last told."""
    return _enabled[0]
