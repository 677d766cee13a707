"""The state of an optimizer's block as what it is called, whatever a kernel has put off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

SCALES = {"exp_avg": 0.4, "exp_avg_sq": 0.6}
"""Scales to begin with; steps that follow put off more, and catch up with it."""


def settle(args: Sequence[Any], options: dict[str, Any]) -> None:
    """Multiply the means that `adam_step` was called with by their scales."""
    if "scales" in options:
        for mean, scale in zip(args[2:4], options["scales"].values(), strict=True):
            mean *= scale
