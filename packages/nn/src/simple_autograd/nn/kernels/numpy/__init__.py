"""NumPy's kernels: the same results as the portable bodies, with fewer calls and fewer passes over memory.

Each stands here because it was measured to pay. What decides: at small sizes the number of calls; at large ones the
number of arrays that a pass reads and writes, and whether they stay in the cache.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .activation import ACTIVATIONS, relu, relu_backward, resample
from .attention import attention, attention_backward, join_heads
from .clip_grad import total_norm
from .convolution import (
    convolution,
    convolution_backward_bias,
    convolution_backward_weight,
    convolution_backward_x,
)
from .linear import linear, linear_backward_bias, linear_backward_weight
from .loss import cross_entropy, cross_entropy_backward
from .memory import flat_zeros
from .optim import adam_step, elementwise_step, sgd_step, stored_transposed
from .pooling import max_pool, place_winners, spread_sums, sum_pool
from .rectifiers import RECTIFIERS
from .recurrent import recurrent, recurrent_backward
from .standardization import standardize, standardize_backward

__all__ = ["KERNELS"]

KERNELS: dict[str, Callable[..., Any]] = {
    "adam_step": adam_step,
    "attention": attention,
    "attention_backward": attention_backward,
    "convolution": convolution,
    "convolution_backward_bias": convolution_backward_bias,
    "convolution_backward_weight": convolution_backward_weight,
    "convolution_backward_x": convolution_backward_x,
    "cross_entropy": cross_entropy,
    "cross_entropy_backward": cross_entropy_backward,
    "elementwise_step": elementwise_step,
    "flat_zeros": flat_zeros,
    "join_heads": join_heads,
    "linear": linear,
    "linear_backward_bias": linear_backward_bias,
    "linear_backward_weight": linear_backward_weight,
    "max_pool": max_pool,
    "place_winners": place_winners,
    "recurrent": recurrent,
    "recurrent_backward": recurrent_backward,
    "relu": relu,
    "relu_backward": relu_backward,
    "resample": resample,
    "sgd_step": sgd_step,
    "spread_sums": spread_sums,
    "standardize": standardize,
    "standardize_backward": standardize_backward,
    "stored_transposed": stored_transposed,
    "sum_pool": sum_pool,
    "total_norm": total_norm,
    **ACTIVATIONS,
    **RECTIFIERS,
}
"""The kernels by the names under which they are looked up."""
