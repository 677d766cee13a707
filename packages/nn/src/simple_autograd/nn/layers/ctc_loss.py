"""Connectionist temporal classification: see ``functional/ctc_loss.py``."""

from __future__ import annotations

from typing import Any

from ...types import Array
from ..functional import ctc_loss
from ..functional.ctc_loss import Lengths
from ..functional.reduction import Reduction
from ..module import Module

__all__ = ["CTCLoss"]


class CTCLoss(Module):
    """Minus the log-probability of target sequences, summed over all their alignments with the input.

    Parameters
    ----------
    blank
        The class that stands for no label.
    zero_infinity
        Whether targets too long for their input, whose loss is infinite, cost nothing.
    reduction
        ``"mean"``, ``"sum"`` or ``"none"``.
    """

    def __init__(
        self, blank: int = 0, reduction: Reduction = "mean", zero_infinity: bool = False
    ) -> None:
        super().__init__()
        self.blank = blank
        self.reduction = reduction
        self.zero_infinity = zero_infinity

    def forward(
        self, log_probs: Array, targets: Array, input_lengths: Lengths, target_lengths: Lengths
    ) -> Any:
        """Compare (T, N, C) with (N, S), or (T, C) with (S,) (see `simple_autograd.nn.functional.ctc_loss`)."""
        return ctc_loss(
            log_probs,
            targets,
            input_lengths,
            target_lengths,
            blank=self.blank,
            reduction=self.reduction,
            zero_infinity=self.zero_infinity,
        )
