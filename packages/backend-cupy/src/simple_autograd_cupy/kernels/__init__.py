"""Kernels for CuPy: what runs on the GPU in place of the portable bodies, where that pays.

One file per family, with the names of the operations that it has kernels for; CUDA sources lie beside the files. A
kernel has the arguments of the operation of its name, and gives ``NotImplemented`` where it does not cover a case: the
portable body then does it. Families, the operations of nn among them, are loaded when one of their operations is first
called, and nothing here imports nn. Its caller is ``CupyBackend``.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from simple_autograd import lazy
from simple_autograd.backends import Backend

__all__ = ["kernel_of"]

_HOMES = lazy.homes_of(
    {
        "activation": (
            "elu gelu gelu_backward gelu_tanh gelu_tanh_backward hardsigmoid hardswish leaky_relu logsigmoid mish "
            "relu relu_backward sigmoid silu silu_backward softplus"
        ),
        "attention": "attention attention_backward join_heads split_heads",
        "convolution": (
            "convolution convolution_backward_bias convolution_backward_weight convolution_backward_x"
        ),
        "linear": "linear linear_backward_bias",
        "normalization": "standardize standardize_backward",
        "optim": "adam_step sgd_step stored_transposed",
        "random": "dropout",
        "scatter": "put_add",
        "softmax": "cross_entropy cross_entropy_backward log_softmax softmax",
        "windows": "fold_windows max_pool place_winners spread_sums sum_pool unfold_windows",
    }
)


def kernel_of(name: str, xp: Any) -> Callable[..., Any] | None:
    """Give the kernel for an operation of that name, with the portable body behind it; None if there is none.

    Parameters
    ----------
    name
        The operation's.
    xp
        The namespace that the portable body runs in.
    """
    if name not in _HOMES:
        return None
    portable = Backend.portable[name]
    if not portable.__module__.startswith("simple_autograd."):
        return None  # a user's operation that has the same name
    kernel = getattr(import_module(f".{_HOMES[name]}", __name__), name)

    def run(*args: Any, **options: Any) -> Any:
        out = kernel(*args, **options)
        return portable(xp, *args, **options) if out is NotImplemented else out

    return run
