"""NumPy's kernels: the same results as the portable bodies, with fewer calls and fewer passes over memory.

Each stands here because it was measured to pay. What decides: at small sizes the number of calls; at large ones the
number of arrays that a pass reads and writes, and whether they stay in the cache.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .activation import relu, relu_backward
from .attention import attention, attention_backward
from .linear import linear, linear_backward_weight
from .loss import cross_entropy, cross_entropy_backward
from .normalization import standardize, standardize_backward
from .optim import adam_step, elementwise_step, flat_zeros, sgd_step, stored_transposed
from .recurrent import recurrence, recurrence_backward

__all__ = ["KERNELS"]

KERNELS: dict[str, Callable[..., Any]] = {
    "adam_step": adam_step,
    "attention": attention,
    "attention_backward": attention_backward,
    "cross_entropy": cross_entropy,
    "cross_entropy_backward": cross_entropy_backward,
    "elementwise_step": elementwise_step,
    "flat_zeros": flat_zeros,
    "linear": linear,
    "linear_backward_weight": linear_backward_weight,
    "recurrence": recurrence,
    "recurrence_backward": recurrence_backward,
    "relu": relu,
    "relu_backward": relu_backward,
    "sgd_step": sgd_step,
    "standardize": standardize,
    "standardize_backward": standardize_backward,
    "stored_transposed": stored_transposed,
}
"""The kernels by the names under which they are looked up."""
